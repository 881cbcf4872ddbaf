"""Challenges: contests for places on a leaderboard, in a window of time.

Owns entries, results and the name under which a member is shown. Words: an *entry* is a member's
part in a challenge; the *board* is all entries that have a place, in order; a challenge is *closed*
once its ranks are fixed.

Invariants: a score is a function of what the member did in the window and still stands; equal
scores stand in the order in which they were reached; ranks are fixed once, and each prize and each
milestone is paid once. PostgreSQL is the truth; the board in Valkey is a cache that may be lost.
"""
