"""Does a friend's order count, and what do both sides get for it? Once, whatever is tried again.

All is dated when the order's return window was over, so that a late worker changes no result. Each
side is a job and a transaction of its own; what happened before is in its row: an invitation
that is BOUND is paid, a referral that is QUALIFIED is, and none twice.
"""

from dataclasses import replace
from datetime import datetime

from db import jobs
from db.changes import Changes
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries import referrals as queries
from db.signals import JOBS
from domain.effects.model import Effect, GrantPoints, IssueCoupon
from domain.ledger.model import Decision
from domain.ledger.steps import Desk, open_desk, post
from domain.members.steps import lock
from domain.points.rules import expires_at, inactive_at
from domain.programme.model import Programme
from domain.programme.views import Versions, versions
from domain.referrals import rules, steps, undoing
from domain.referrals.looking import may_pay, review_of, verdict_on
from domain.referrals.model import (
    AwardDecision,
    InvitationRow,
    InviterRecord,
    OrderState,
    ReferralRow,
    ReviewFacts,
    SettledOrder,
)
from domain.rewards.steps import issue_all
from domain.webhooks.steps import write
from kit.ids import new_id

AWARD_INVITER = steps.AWARD_INVITER
AWARD_INVITEE = steps.AWARD_INVITEE


@transactional
async def qualify(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "referral.qualify" jobs: an order's window is over, so look whether it counts.

    Where it does, both awards follow, unless staff have to look first. A binding that a payment
    preceded or that goes in a circle lapses; one of two who are the same person is rejected.
    """
    await lock(tx, claim.member_id)
    referral = await steps.referral_of(tx, claim.member_id)
    if referral is None or referral.state != "BOUND":
        await jobs.finish(tx, claim, now=now)
        return
    order = await steps.order_of(tx, claim)
    if order.settles_at > now:
        await jobs.postpone(tx, claim, order.settles_at)
        tx.wake(JOBS)
        return
    changes = Changes()
    early = rules.was_paid_before(order.first_paid_at, referral.bound_at)
    if early or not await _stands(tx, referral):
        changes.put("referral", replace(referral, state="LAPSED"))
    elif _counts(referral, order, await versions(tx)):
        await _judged(tx, changes, referral, order, now)
        tx.wake(JOBS)
    await write(tx, changes, now=now)
    await jobs.finish(tx, claim, now=now)


async def _stands(tx: Tx, referral: ReferralRow) -> bool:
    return rules.stands(referral, await steps.bindings_above(tx, referral.inviter_id))


def _counts(referral: ReferralRow, order: OrderState, published: Versions) -> bool:
    policy = published.numbered(order.programme_version).programme.points
    cancelled = (
        order.completed_at is None
        and policy.completion == "completed_only"
        and policy.silence == "cancel"
    )
    left_minor = 0 if cancelled else rules.left_when_settled(order)
    programme = published.numbered(referral.programme_version).programme
    return rules.qualifies(referral.bound_at, SettledOrder(order.paid_at, left_minor), programme)


async def _judged(
    tx: Tx, changes: Changes, referral: ReferralRow, order: OrderState, now: datetime
) -> None:
    """What is known of both by now decides: to be paid, to be looked at, or rejected."""
    verdict = await verdict_on(tx, referral, (await versions(tx)).at(now).programme)
    known, facts = await review_of(tx, referral), ReviewFacts(referral, new_id(), now)
    if verdict.refused is not None:
        steps.end(changes, referral, "REJECTED", now)
        changes.put("referral_review", rules.refused_by_rules(known, verdict.refused, facts))
        return
    row = replace(referral, state="QUALIFIED", qualified_at=order.settles_at, purchase_id=order.id)
    if undoing.is_due(row, order, await versions(tx)):
        steps.end(changes, row, "REVERSED", now)  # sent back after the window, before this job
        return
    changes.put("referral", row)
    review = rules.with_found(known, verdict.suspicions, facts)
    if review is not None:
        changes.put("referral_review", review)
    if review is None or review.state == "APPROVED":
        steps.to_be_awarded(changes, row, now)


@transactional
async def award_inviter(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "referral.award_inviter" jobs: points and milestones, within the monthly cap.

    Nothing while staff have to look at it: their word writes the job again. Nothing where the
    invitation was awarded or reversed before. A suspended inviter's points wait.
    """
    published = await versions(tx)
    desk = await open_desk(tx, claim.member_id, now)
    referral = await steps.referral_for(tx, claim)
    if referral is not None and referral.state in {"QUALIFIED", "REWARDED"}:
        invitation = await steps.invitation_with(tx, referral, claim.member_id)
        is_due = invitation.state == "BOUND" and await may_pay(tx, referral)
        if is_due and await _stands(tx, referral):
            await _pay_inviter(tx, desk, referral, invitation, published)
            await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


async def _pay_inviter(
    tx: Tx, desk: Desk, referral: ReferralRow, invitation: InvitationRow, published: Versions
) -> None:
    programme = published.numbered(referral.programme_version).programme
    at = _awarded_at(referral)
    award = rules.award(await _record(tx, invitation, at, programme), at, programme)
    decision = desk.decide(
        f"{steps.PAID_BY}{referral.bound_as}",
        "referral",
        referral.programme_version,
        inputs=award.inviter_inputs,
        outcome=award.inviter_outcome,
        occurred_at=at,
    )
    source_id = str(referral.bound_as)
    await _give(
        tx, desk, decision, programme, award.inviter_points, source=(steps.SOURCE, source_id)
    )
    for milestone in award.milestones:
        source = (steps.MILESTONE, str(milestone.count))
        await _give(tx, desk, decision, programme, milestone.points, source=source)
    desk.changes.put("invitation", _paid(invitation, award, at))


async def _record(
    tx: Tx, invitation: InvitationRow, at: datetime, programme: Programme
) -> InviterRecord:
    found = await queries.record_of(
        tx,
        invitation.member_id,
        month=rules.month_of(at, programme),
    )
    paid = await steps.standing_milestones(tx, invitation.member_id)
    return InviterRecord(
        net_invitees=found["net_invitees"],
        awarded_this_month=found["awarded_this_month"],
        milestones_paid=frozenset(milestone.count for milestone in paid),
    )


def _paid(invitation: InvitationRow, award: AwardDecision, at: datetime) -> InvitationRow:
    points = award.inviter_points + sum(milestone.points for milestone in award.milestones)
    return replace(
        invitation,
        state="CAPPED" if award.is_capped else "REWARDED",
        points=points,
        qualified_at=at,
        rewarded_at=None if award.is_capped else at,
    )


@transactional
async def award_invitee(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "referral.award_invitee" jobs: points and a coupon for who was invited.

    Nothing while staff have to look at it, as above. Nothing where they were given or the referral
    was reversed before.
    """
    published = await versions(tx)
    desk = await open_desk(tx, claim.member_id, now)
    referral = await steps.referral_of(tx, claim.member_id)
    if referral is not None and referral.state == "QUALIFIED" and await may_pay(tx, referral):
        await _pay_invitee(tx, desk, referral, published)
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


async def _pay_invitee(tx: Tx, desk: Desk, referral: ReferralRow, published: Versions) -> None:
    programme = published.numbered(referral.programme_version).programme
    at = _awarded_at(referral)
    # What the inviter did before changes nothing on this side.
    award = rules.award(InviterRecord(net_invitees=0, awarded_this_month=0), at, programme)
    decision = desk.decide(
        _invitee_key(referral),
        "referral",
        referral.programme_version,
        inputs=award.invitee_inputs,
        outcome=award.invitee_outcome,
        occurred_at=at,
    )
    coupon = award.invitee_coupon
    await _give(
        tx,
        desk,
        decision,
        programme,
        award.invitee_points,
        source=(steps.SOURCE, str(referral.bound_as)),
        coupons=() if coupon is None else (coupon,),
    )
    desk.changes.put("referral", replace(referral, state="REWARDED", rewarded_at=at))


def _invitee_key(referral: ReferralRow) -> str:
    """A member may have been invited, and be one with another who was, too."""
    own = referral.bound_as == referral.member_id
    return "referral.invitee" if own else f"{steps.PAID_TO}{referral.bound_as}"


async def _give(  # noqa: PLR0913  what is given, and on what it is decided
    tx: Tx,
    desk: Desk,
    decision: Decision,
    programme: Programme,
    points: int,
    *,
    source: tuple[str, str],
    coupons: tuple[str, ...] = (),
) -> None:
    at = decision.occurred_at
    active_until = inactive_at(desk.now, programme)
    effects: list[Effect] = [IssueCoupon(template) for template in coupons]
    if points:
        ends = expires_at(at, programme) or active_until
        effects.append(GrantPoints(points, source[0], None, ends))
    source_type, source_id = source
    await issue_all(
        tx,
        desk,
        decision,
        effects,
        programme=programme,
        source_type=source_type,
        source_id=source_id,
        occurred_at=at,
    )
    if active_until is not None:
        desk.points.extend(active_until)


def _awarded_at(referral: ReferralRow) -> datetime:
    assert referral.qualified_at is not None, referral.state
    return referral.qualified_at
