"""When the order that counted is refunded, how do both sides' awards come back?

The invitee's transaction decides; the inviter's side follows as a job.
"""

from dataclasses import replace
from datetime import datetime

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from db.signals import JOBS
from domain.ledger.steps import Desk, open_desk, post
from domain.programme.views import Versions, versions
from domain.referrals import rules, steps, undoing
from domain.referrals.model import OrderState, ReferralRow

REVERSE_INVITER = steps.REVERSE_INVITER


@transactional
async def reverse(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "referral.reverse" jobs: the order that counted was refunded.

    Where too little is left of it, the invitee's points are taken back and their coupon is revoked;
    one in use goes when it comes back. An award that is under way is called off.
    """
    published = await versions(tx)
    desk = await open_desk(tx, claim.member_id, now)
    referral = await steps.referral_of(tx, claim.member_id)
    order = await steps.order_of(tx, claim)
    if referral is not None and _is_undone(referral, order, published):
        await undo(tx, desk, replace(referral, state="REVERSED"), published)
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


async def undo(tx: Tx, desk: Desk, referral: ReferralRow, published: Versions) -> None:
    """Take back what the invitee got; the inviter's side follows. `referral`: as it is from now on.

    The caller posts the desk.
    """
    await undoing.take_back_invitee(tx, desk, referral, published)
    desk.changes.put("referral", referral)
    follows = steps.job(referral.inviter_id, REVERSE_INVITER, referral.bound_as, desk.now)
    desk.changes.put("job", follows)
    tx.wake(JOBS)


def _is_undone(referral: ReferralRow, order: OrderState, published: Versions) -> bool:
    if referral.state not in {"QUALIFIED", "REWARDED"} or referral.purchase_id != order.id:
        return False
    assert referral.qualified_at is not None, referral.state
    programme = published.numbered(referral.programme_version).programme
    return rules.is_reversed(referral.qualified_at, order, programme)


@transactional
async def reverse_inviter(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "referral.reverse_inviter" jobs: what the inviter got is taken back.

    So are milestones that the friends who are left don't reach. An award that hasn't come yet then
    never does.
    """
    published = await versions(tx)
    desk = await open_desk(tx, claim.member_id, now)
    referral = await steps.referral_for(tx, claim)
    if referral is not None:
        invitation = await steps.invitation_with(tx, referral, claim.member_id)
        if invitation.state != "REVERSED":
            await undoing.take_back_inviter(tx, desk, referral, invitation, published)
            await post(tx, desk)
    await jobs.finish(tx, claim, now=now)
