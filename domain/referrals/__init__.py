"""Referrals: who invited whom, when that counts, and what it gives to both.

Owns the binding of an invitee to an inviter, its qualification by an order and its award.

Words: an invitee is *bound* by a code; the binding *qualifies* by the first order with enough left
when its return window ends; then both sides are *awarded*, and a later refund may *reverse* that.
*Net* invitees are those awarded and not reversed.

Invariants: an invitee is bound once, and awarded once; a milestone is paid once ever; the monthly
cap limits the inviter's side only.
"""
