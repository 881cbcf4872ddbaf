"""When the order that counted is refunded, how do both sides' awards come back?

The invitee's transaction decides; the inviter's side follows as a job.
"""

from datetime import datetime

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from db.signals import JOBS
from domain.ledger.steps import open_desk, post
from domain.programme.views import versions
from domain.referrals import steps, undoing

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
    if referral is not None and undoing.is_due(referral, order, published):
        await undoing.take_back_invitee(tx, desk, referral, published)
        steps.end(desk.changes, referral, "REVERSED", now)
        tx.wake(JOBS)
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


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
