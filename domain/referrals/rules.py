"""May this code bind this member, does an order qualify, what is awarded, and when is it undone?"""

from datetime import datetime, timedelta

from domain.programme.model import Programme
from domain.referrals.errors import (
    AlreadyBound,
    BindingTooLate,
    CircularReferral,
    OwnCode,
    SameContact,
    SameDevice,
)
from domain.referrals.model import (
    AwardDecision,
    Invitee,
    Inviter,
    InviterRecord,
    MilestonePaid,
    SettledOrder,
)
from kit.calendar import day_of, month_key
from kit.errors import Refusal


def require_bindable(
    inviter: Inviter, invitee: Invitee, now: datetime, *, programme: Programme
) -> None:
    """Refuses, in order: OWN_CODE, CIRCULAR, ALREADY_BOUND, TOO_LATE, SAME_DEVICE, SAME_CONTACT.

    A check at the time of binding is advice where both sides can act at once; the award asks again.
    """
    refusal = (
        _refusal_by_relation(inviter, invitee)
        or _refusal_by_time(invitee, now, programme)
        or _refusal_by_identity(inviter, invitee)
    )
    if refusal is not None:
        raise refusal


def qualifies(bound_at: datetime, order: SettledOrder, programme: Programme) -> bool:
    """Whether an order whose window is over makes the referral count.

    Paid within 60 days of binding, with ¥20 left. An order with less, such as a trial for ¥1,
    leaves the chance to the next one.
    """
    policy = programme.referral
    ends_at = bound_at + timedelta(days=policy.qualify_days)
    return bound_at <= order.paid_at < ends_at and order.left_minor >= policy.order_min_minor


def lapses_at(bound_at: datetime, programme: Programme) -> datetime:
    """From when on an order is paid too late to qualify."""
    return bound_at + timedelta(days=programme.referral.qualify_days)


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


def is_reversed(
    awarded_at: datetime, left_minor: int, now: datetime, *, programme: Programme
) -> bool:
    """Whether what a refund at `now` left of the qualifying order undoes the award of both sides.

    Below ¥20 within 60 days of the award. Milestones stay: they are paid once ever.
    """
    policy = programme.referral
    ends_at = awarded_at + timedelta(days=policy.reversal_days)
    return now < ends_at and left_minor < policy.order_min_minor


def _refusal_by_relation(inviter: Inviter, invitee: Invitee) -> Refusal | None:
    if inviter.member_id == invitee.member_id:
        return OwnCode()
    if invitee.member_id in inviter.inviters:
        return CircularReferral()
    return None if invitee.inviter_id is None else AlreadyBound()


def _refusal_by_time(invitee: Invitee, now: datetime, programme: Programme) -> Refusal | None:
    days = programme.referral.bind_days
    is_late = now >= invitee.joined_at + timedelta(days=days) or invitee.first_paid_at is not None
    return BindingTooLate(days=days) if is_late else None


def _refusal_by_identity(inviter: Inviter, invitee: Invitee) -> Refusal | None:
    if inviter.devices & invitee.devices:
        return SameDevice()
    return SameContact() if inviter.contact_keys & invitee.contact_keys else None


def _milestones_due(
    inviter: InviterRecord, net_invitees: int, programme: Programme
) -> tuple[MilestonePaid, ...]:
    return tuple(
        MilestonePaid(milestone.count, milestone.points)
        for milestone in programme.referral.milestones
        if milestone.count <= net_invitees and milestone.count not in inviter.milestones_paid
    )
