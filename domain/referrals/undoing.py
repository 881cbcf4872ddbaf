"""What did the two sides of a referral get for it, and how is it taken back from each?"""

from collections import Counter
from dataclasses import replace
from uuid import UUID

from db.connection import Tx
from db.queries import referrals as queries
from domain.coupons.steps import revoke_of_source
from domain.effects.model import Effect, TakeBackPoints
from domain.ledger.steps import Desk, load_lots
from domain.programme.views import Versions
from domain.referrals import rules, steps
from domain.referrals.model import InvitationRow, OrderState, ReferralRow, StandingMilestone
from domain.rewards.steps import issue

_REASON = "referral_reversal"


def is_due(referral: ReferralRow, order: OrderState, published: Versions) -> bool:
    """Whether refunds of the order by which it qualified undo the referral."""
    if referral.state not in {"QUALIFIED", "REWARDED"} or referral.purchase_id != order.id:
        return False
    assert referral.qualified_at is not None, referral.state
    programme = published.numbered(referral.programme_version).programme
    return rules.is_reversed(referral.qualified_at, order, programme)


async def take_back_invitee(tx: Tx, desk: Desk, referral: ReferralRow, published: Versions) -> None:
    """The invitee's points, and their coupon; one in use goes when it comes back."""
    await _take_back(tx, desk, referral, published, "invitee")
    await revoke_of_source(tx, desk, steps.SOURCE, str(referral.bound_as))


async def take_back_inviter(
    tx: Tx, desk: Desk, referral: ReferralRow, invitation: InvitationRow, published: Versions
) -> None:
    """The inviter's points, and milestones that the friends who are left don't reach."""
    taken = await _take_back(tx, desk, referral, published, "inviter")
    row = replace(invitation, state="REVERSED", points=max(0, invitation.points - taken))
    desk.changes.put("invitation", row)
    await _take_back_milestones(tx, desk, row, was=invitation.state, published=published)


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
            if found is None:
                continue  # the friend is part of who invited them by now
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
    source_id = str(referral.bound_as)
    lot_ids = await queries.lots_of_source(tx, desk.member.member_id, steps.SOURCE, source_id)
    await load_lots(tx, desk.points, lot_ids)
    granted = {lot_id: desk.points.lots[lot_id].granted for lot_id in lot_ids}
    points = sum(granted.values())
    kind = "referral_rejection" if referral.state == "REJECTED" else "referral_reversal"
    decision = desk.decide(
        f"{steps.REVERSED_BY}{source_id}",
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
