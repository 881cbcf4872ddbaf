"""Activity: what a member did that counts, read from what is stored.

Owns no rows. Words: a *deed* is one thing that a member did and that still stands: an order that is
sent back, a review that is taken down are deeds no more.
"""
