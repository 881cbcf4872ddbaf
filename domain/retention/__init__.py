"""Retention: whether members keep their tiers, by the clock and by staff.

Owns no rows: what is at stake, what was lost and what staff put underneath is part of a member's
standing (domain/tiers); here are the verbs that the clock and staff call. Whatever happens to a
member does the same first, so a late night changes no result.

Words: a *warning* says that the tier is at stake; in the *grace* make-up tasks are offered; a tier
that was lost can be *recovered* for a while; a *floor* is a tier below which staff let nobody see.
"""
