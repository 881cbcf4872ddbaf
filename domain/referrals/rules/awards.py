"""Does an order qualify, what is awarded, and when is it undone?"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.points.model import PurchaseLine
from domain.programme.model import Programme
from domain.referrals.model import (
    AwardDecision,
    InviterRecord,
    MilestonePaid,
    OrderState,
    ReferralRow,
    Refunded,
    SettledOrder,
)
from kit.calendar import day_end, day_of, day_start, month_days, month_key


def qualifies(bound_at: datetime, order: SettledOrder, programme: Programme) -> bool:
    """Whether an order whose window is over makes the referral count.

    Paid within 60 days of binding, with ¥20 left. An order with less, such as a trial for ¥1,
    leaves the chance to the next one.
    """
    policy = programme.referral
    ends_at = bound_at + timedelta(days=policy.qualify_days)
    if was_paid_before(order.paid_at, bound_at):
        return False
    return order.paid_at < ends_at and order.left_minor >= policy.order_min_minor


def was_paid_before(paid_at: datetime, bound_at: datetime) -> bool:
    """Whether a payment preceded the binding; one in the same second didn't.

    Shops tell payments in whole seconds: of who registers and pays at once, 12:00:05 may stand for
    a payment after a binding at 12:00:05.3.
    """
    return paid_at < bound_at.replace(microsecond=0)


def stands(own: ReferralRow, above: Sequence[ReferralRow]) -> bool:
    """Whether a binding counts: in a circle, bound at one moment by its members, the first does.

    `above`: the bindings of the inviter, of who invited them, and so on.
    """
    if all(binding.inviter_id != own.member_id for binding in above):
        return True
    first = min([own, *above], key=lambda binding: (binding.bound_at, binding.member_id))
    return first.member_id == own.member_id


def lapses_after(programme: Programme) -> timedelta:
    """How long after its binding a referral can't qualify any more.

    An order on the last of 60 days still has its return window: 7 + 8 days more by default.
    """
    points = programme.points
    if points.completion == "completed_only":
        window_days = points.silence_days
    else:
        longest = max(tier.return_days for tier in programme.tiers.ladder)
        window_days = longest + points.delivery_days
    return timedelta(days=programme.referral.qualify_days + window_days)


def month_of(awarded_at: datetime, programme: Programme) -> tuple[datetime, datetime]:
    """Beginning and end of the month whose cap counts an award."""
    zone, hour = programme.zone, programme.day_start_hour
    first, last = month_days(month_key(day_of(awarded_at, zone, hour)))
    return day_start(first, zone, hour), day_end(last, zone, hour)


def award(inviter: InviterRecord, now: datetime, programme: Programme) -> AwardDecision:
    """What the award of this instant gives to both sides.

    Above the monthly cap (by the programme's month of the award) the inviter's side gets nothing;
    the invitee's does, and the invitee counts.
    """
    policy = programme.referral
    month = month_key(day_of(now, programme.zone, programme.day_start_hour))
    is_capped = inviter.awarded_this_month >= policy.monthly_cap
    net_invitees = inviter.net_invitees + 1
    milestones = () if is_capped else _milestones_due(inviter, net_invitees, programme)
    inviter_points = 0 if is_capped else policy.inviter_points
    return AwardDecision(
        inviter_points=inviter_points,
        invitee_points=policy.invitee_points,
        invitee_coupon=policy.invitee_coupon,
        milestones=milestones,
        is_capped=is_capped,
        net_invitees=net_invitees,
        month=month,
        inviter_inputs={
            "side": "inviter",
            "points": policy.inviter_points,
            "month": month,
            "awarded_this_month": inviter.awarded_this_month,
            "monthly_cap": policy.monthly_cap,
            "net_invitees": net_invitees,
        },
        inviter_outcome={
            "points": inviter_points,
            "is_capped": is_capped,
            "milestones": [
                {"count": milestone.count, "points": milestone.points} for milestone in milestones
            ],
        },
        invitee_inputs={"side": "invitee", "points": policy.invitee_points},
        invitee_outcome={"points": policy.invitee_points, "coupon": policy.invitee_coupon},
    )


def left_when_settled(order: OrderState) -> int:
    """Eligible net, in minor units, at the end of the return window, however late one looks."""
    if all(refund.at <= order.settles_at for refund in order.refunds):
        return order.eligible_left_minor
    lines = _unrefunded(order)
    for refund in order.refunds:
        if refund.at <= order.settles_at:
            lines = [_after(line, refund) for line in lines]
    return _eligible_left(lines)


def is_reversed(awarded_at: datetime, order: OrderState, programme: Programme) -> bool:
    """Whether what refunds left of the qualifying order undoes the award of both sides.

    Below ¥20 within 60 days of the award, by the refund that crossed the line, whatever is sent
    back after it.
    """
    policy = programme.referral
    crossed_at = _below_since(order, policy.order_min_minor)
    ends_at = awarded_at + timedelta(days=policy.reversal_days)
    return crossed_at is not None and crossed_at < ends_at


def _below_since(order: OrderState, least_minor: int) -> datetime | None:
    lines = _unrefunded(order)
    for refund in order.refunds:
        lines = [_after(line, refund) for line in lines]
        if _eligible_left(lines) < least_minor:
            return refund.at
    return None


def _unrefunded(order: OrderState) -> list[PurchaseLine]:
    return [replace(line, refunded_minor=0) for line in order.lines]


def _eligible_left(lines: Iterable[PurchaseLine]) -> int:
    return sum(line.kept(line.eligible_minor) for line in lines)


def _after(line: PurchaseLine, refund: Refunded) -> PurchaseLine:
    amount = refund.amounts.get(line.line_id, 0) if refund.amounts else line.left_minor
    return replace(line, refunded_minor=line.refunded_minor + amount)


def milestones_lost(net_invitees: int, standing: Iterable[int]) -> tuple[int, ...]:
    """Milestones (by their count) that so few invitees don't reach any more.

    Friends who send their orders back would otherwise leave what was paid for their number. Reached
    again, it is paid again: at most once of each stands.
    """
    return tuple(sorted(count for count in standing if count > net_invitees))


def _milestones_due(
    inviter: InviterRecord, net_invitees: int, programme: Programme
) -> tuple[MilestonePaid, ...]:
    return tuple(
        MilestonePaid(milestone.count, milestone.points)
        for milestone in programme.referral.milestones
        if milestone.count <= net_invitees and milestone.count not in inviter.milestones_paid
    )
