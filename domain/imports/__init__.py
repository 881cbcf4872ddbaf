"""Imports: members of another programme come in with what they own, and go out the same way.

Owns the form of a row and what is booked for it; the batch that it belongs to is `batches`', the
value the ledger's. A *row* is a line of the file: a customer, and at most one thing of theirs (a
balance, a tier, a coupon) under a *reference*. Invariants: a row is booked once ever, known by its
customer and reference; what another system says is never put over what is known here; a balance
that comes in is no earning: it makes no GROWTH, no tier score, no gift and no message.

A tier comes in as the *earned* one, confirmed, with its own period: from then on it is kept, lost
and recovered like any other. A floor would hide from members what they have to do to keep it, and
floors are staff's. Its period opens when the other programme says; a warning that is due by then
is dated by the night that gives it, and moves the judgement to 30 days after.
"""
