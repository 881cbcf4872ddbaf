"""Check-ins: one a day, what a streak of them gives, and how a missed day is restored.

Owns the check-ins of a member and their streak. The member's days, their zones and how a move
between zones is counted are those of `kit.calendar.ZoneChange`.

Words: a *streak* is a run of days without a missed one; a day that a zone change skipped is
neither missed nor used. A *milestone* pays on its days of a streak; several on one day add up. A
*made-up* day belongs to a streak and is never paid itself.

Invariants: at most one check-in per member and day; a milestone is paid for a day that the member
really checked in on, once; a badge is awarded once.
"""
