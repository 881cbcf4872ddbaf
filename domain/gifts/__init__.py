"""Gifts: what a member is given for joining, on a birthday, and for reaching a tier.

Owns the table `gift`. Invariants, held by its key: one welcome pack a member, one birthday gift a
calendar year, each tier's gifts once for ever. Words: a birthday *falls* on a day of the member's
own calendar, 29 February on the 28th in common years; its *notice* is how long before that day the
birthday must have been known.
"""
