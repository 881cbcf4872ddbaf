"""Tasks: what members set out to do, how far they are, and what they get for it.

Invariants: what a task gives is given once for each member, task and period that stands at its
target (`times_rewarded` numbers the decisions), and a target that is lost takes it back. How far
somebody is, is computed from deeds; only a target that was reached is a row (`task_progress`).

Words: a *period* is the day, week, month or window in which a target must be reached, named in the
member's own calendar ("2026-11-22", "2026-W47", "2026-11", "window", "once").
"""
