"""When the order that counted is refunded, how do both sides' awards come back?

The invitee's transaction decides; the inviter's side follows as a job.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries import referrals as queries
from db.signals import JOBS
from domain.coupons.steps import revoke_of_source
from domain.effects.model import Effect, TakeBackPoints
from domain.ledger.steps import Desk, load_lots, open_desk, post
from domain.programme.views import Versions, versions
from domain.referrals import rules, steps
from domain.referrals.model import InvitationRow, OrderState, ReferralRow, StandingMilestone
from domain.rewards.steps import issue

REVERSE_INVITER = steps.REVERSE_INVITER
_REASON = "referral_reversal"


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
    await _take_back(tx, desk, referral, published, "invitee")
    await revoke_of_source(tx, desk, steps.SOURCE, str(referral.member_id))
    desk.changes.put("referral", referral)
    follows = steps.job(referral.inviter_id, REVERSE_INVITER, referral.member_id, desk.now)
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
    referral = await steps.referral_of(tx, steps.invitee_of(claim))
    assert referral is not None, "the job was written with it"
    invitation = await steps.invitation_with(tx, referral)
    if invitation.state != "REVERSED":
        taken = await _take_back(tx, desk, referral, published, "inviter")
        row = replace(invitation, state="REVERSED", points=invitation.points - taken)
        desk.changes.put("invitation", row)
        await _take_back_milestones(tx, desk, row, was=invitation.state, published=published)
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


async def _take_back_milestones(
    tx: Tx, desk: Desk, ended: InvitationRow, *, was: str, published: Versions
) -> None:
    """Each by a decision of its own; its points are off the invitation that reached it."""
    standing = await steps.standing_milestones(tx, ended.member_id)
    net = await queries.net_invitees(tx, ended.member_id) - (was in {"REWARDED", "CAPPED"})
    lost = rules.milestones_lost(net, (milestone.count for milestone in standing))
    undone = [milestone for milestone in standing if milestone.count in lost]
    await load_lots(tx, desk.points, [milestone.id for milestone in undone])
    less = Counter[UUID]()
    for milestone in undone:
        _take_back_milestone(desk, milestone, net, published)
        less[milestone.invitee_id] += milestone.granted
    for invitee_id, points in less.items():
        row = ended
        if invitee_id != ended.invitee_id:
            found = await queries.invitation(tx, ended.member_id, invitee_id)
            assert found is not None, "it was paid for"
            row = InvitationRow(**found)
        desk.changes.put("invitation", replace(row, points=row.points - points))


def _take_back_milestone(
    desk: Desk, milestone: StandingMilestone, net_invitees: int, published: Versions
) -> None:
    lot = desk.points.lots[milestone.id]
    decision = desk.decide(
        f"{steps.MILESTONE_UNDONE_BY}{milestone.id}",
        "referral_milestone_undone",
        lot.programme_version,
        inputs={"count": milestone.count, "net_invitees": net_invitees},
        outcome={"points": milestone.granted},
        occurred_at=desk.now,
    )
    issue(
        desk,
        decision,
        [TakeBackPoints(lot.id, lot.granted, _REASON)],
        programme=published.numbered(lot.programme_version).programme,
        source_type=steps.MILESTONE,
        source_id=str(milestone.count),
        occurred_at=desk.now,
    )


async def _take_back(
    tx: Tx, desk: Desk, referral: ReferralRow, published: Versions, side: str
) -> int:
    """Points that the desk's member got for this referral, now taken back."""
    source_id = str(referral.member_id)
    lot_ids = await queries.lots_of_source(tx, desk.member.member_id, steps.SOURCE, source_id)
    await load_lots(tx, desk.points, lot_ids)
    granted = {lot_id: desk.points.lots[lot_id].granted for lot_id in lot_ids}
    points = sum(granted.values())
    kind = "referral_rejection" if referral.state == "REJECTED" else "referral_reversal"
    decision = desk.decide(
        f"referral.reversal:{source_id}",
        kind,
        referral.programme_version,
        inputs={"side": side, "purchase": str(referral.purchase_id)},
        outcome={"points": points},
        occurred_at=desk.now,
    )
    effects: list[Effect] = [
        TakeBackPoints(lot_id, amount, _REASON) for lot_id, amount in granted.items()
    ]
    issue(
        desk,
        decision,
        effects,
        programme=published.numbered(referral.programme_version).programme,
        source_type=steps.SOURCE,
        source_id=source_id,
        occurred_at=desk.now,
    )
    return points
