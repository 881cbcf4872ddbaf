"""May this member check in now, what does it give, and what does restoring a missed day change?"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from domain.checkins.errors import (
    AlreadyCheckedIn,
    CheckInTooSoon,
    DayNotMissed,
    MakeUpLimitReached,
    MakeUpTooLate,
)
from domain.checkins.model import (
    Bonus,
    CheckInDecision,
    CheckInState,
    CheckInStatus,
    DayRecord,
    LastCheckIn,
    MakeUpDecision,
    MakeUpState,
    MemberDays,
    Streak,
)
from domain.programme.model import CheckIn, Milestone, Programme
from kit.calendar import ONE_DAY, add_months, days_between

REMIND_WITHIN_HOURS = 3


def check_in(state: CheckInState, now: datetime, programme: Programme) -> CheckInDecision:
    """What the check-in of this member day gives.

    Refuses ALREADY_CHECKED_IN, then CHECK_IN_TOO_SOON for the first after a change of zone.
    """
    policy = programme.check_in
    today = state.days.day_of(now)
    if state.last is not None:
        _require_unused(state.last, today)
        _require_rest_after_zone_change(state.days, state.last, now, hours=policy.zone_change_hours)
    streak_days = _streak_before(state, today) + 1
    due = _due(policy, streak_days)
    bonuses = tuple(Bonus(milestone.every_days, milestone.points) for milestone in due)
    points = policy.points + sum(bonus.points for bonus in bonuses)
    badges = _new_badges(due, state.badges)
    coupons = tuple(milestone.coupon for milestone in due if milestone.coupon)
    return CheckInDecision(
        day=today,
        streak_days=streak_days,
        points_awarded=points,
        growth=points,
        bonuses=bonuses,
        badges=badges,
        coupons=coupons,
        inputs={"day": today.isoformat(), "points": policy.points, "streak_days": streak_days},
        outcome={
            "points": points,
            "bonuses": [
                {"every_days": bonus.every_days, "points": bonus.points} for bonus in bonuses
            ],
            "badges": list(badges),
            "coupons": list(coupons),
        },
    )


def status(state: CheckInState, now: datetime) -> CheckInStatus:
    today = state.days.day_of(now)
    return CheckInStatus(
        day=today,
        checked_in_today=state.last is not None and state.last.day >= today,
        streak_days=_streak_before(state, today),
    )


def hours_now(now: datetime) -> dict[str, int]:
    """What the clock shows in each time zone, in whole hours."""
    return {zone: now.astimezone(ZoneInfo(zone)).hour for zone in _zones()}


def days_now(now: datetime) -> list[date]:
    """Every day that it can be for some member."""
    return [now.date() + timedelta(days=ahead) for ahead in (-2, -1, 0, 1)]


def is_reminder_due(chosen_hour: int, now: datetime, zone: str) -> bool:
    """Whether the hour that a member chose came in the last 3 hours of the same date.

    Later a reminder that was held up would come in the night or for a day that is over.
    """
    return 0 <= now.astimezone(ZoneInfo(zone)).hour - chosen_hour < REMIND_WITHIN_HOURS


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def make_up(
    state: MakeUpState, missed: date, now: datetime, *, programme: Programme
) -> MakeUpDecision:
    """Restore a missed day and re-derive the streak of the days after it.

    Pays max(0, what milestones are due on the days really checked in - what they paid), never the
    missed day itself: with days 1 to 4 and 6 to 8 used, restoring 5 makes day 7 the seventh, and
    its 20 points are paid now. Refuses DAY_NOT_MISSED, MAKE_UP_TOO_LATE, MAKE_UP_LIMIT_REACHED.
    """
    policy = programme.check_in
    _require_missed(state, missed, now)
    _require_makeup_allowed(state, missed, now, policy=policy)
    streaks = _rederived(state, missed)
    later = [record for record in state.records if record.day in streaks and record.day > missed]
    due = [
        milestone
        for record in later
        if not record.made_up
        for milestone in _due(policy, streaks[record.day])
    ]
    paid_points = sum(record.milestone_points for record in later)
    points = max(0, sum(milestone.points for milestone in due) - paid_points)
    issued = Counter(coupon for record in later for coupon in record.coupons)
    coupons = Counter(milestone.coupon for milestone in due if milestone.coupon) - issued
    badges = _new_badges(due, state.badges)
    streak = Streak(max(streaks), streaks[max(streaks)])
    return MakeUpDecision(
        day=missed,
        price_points=policy.makeup.price_points,
        streak=streak,
        streaks=tuple(sorted(streaks.items())),
        points_awarded=points,
        badges=badges,
        coupons=tuple(sorted(coupons.elements())),
        inputs={
            "day": missed.isoformat(),
            "price_points": policy.makeup.price_points,
            "paid_points": paid_points,
        },
        outcome={
            "points": points,
            "streak_days": streak.days,
            "badges": list(badges),
            "coupons": sorted(coupons.elements()),
        },
    )


def numbered(days: Iterable[date], skipped: frozenset[date]) -> dict[date, int]:
    """The number of each day in its streak, of days in order: 1 after a day that was missed."""
    numbers: dict[date, int] = {}
    last: date | None = None
    for day in days:
        follows = last is not None and _previous_day(day, skipped) <= last
        numbers[day] = numbers[last] + 1 if follows and last is not None else 1
        last = day
    return numbers


def _require_unused(last: LastCheckIn, today: date) -> None:
    if last.day >= today:
        raise AlreadyCheckedIn(
            day=last.day, streak_days=last.streak_days, points_awarded=last.points_awarded
        )


def _require_rest_after_zone_change(
    days: MemberDays, last: LastCheckIn, now: datetime, *, hours: int
) -> None:
    change = days.change
    if change is None or not last.at < change.starts_at <= now:
        return
    available_at = last.at + timedelta(hours=hours)
    if now < available_at:
        raise CheckInTooSoon(hours=hours, available_at=available_at.isoformat())


def _streak_before(state: CheckInState, today: date) -> int:
    """The streak up to today that hasn't been broken; 0 once a day was missed."""
    if state.streak is None:
        return 0
    between = days_between(state.streak.ends_on, today)
    is_unbroken = all(day in state.days.skipped for day in between)
    return state.streak.days if is_unbroken else 0


def _due(policy: CheckIn, streak_days: int) -> list[Milestone]:
    return [
        milestone
        for milestone in policy.milestones
        if streak_days == milestone.every_days
        or (not milestone.once and streak_days % milestone.every_days == 0)
    ]


def _new_badges(due: Iterable[Milestone], has: frozenset[str]) -> tuple[str, ...]:
    found = {milestone.badge for milestone in due if milestone.badge}
    return tuple(sorted(found - has))


def _require_missed(state: MakeUpState, missed: date, now: datetime) -> None:
    used = {record.day for record in state.records}
    is_past = state.joined_on <= missed < state.days.day_of(now)
    if not is_past or missed in used or missed in state.days.skipped:
        raise DayNotMissed(day=missed)


def _require_makeup_allowed(
    state: MakeUpState, missed: date, now: datetime, *, policy: CheckIn
) -> None:
    today = state.days.day_of(now)
    card = policy.makeup
    if missed < today - timedelta(days=card.days_back):
        raise MakeUpTooLate(day=missed, days_back=card.days_back)
    if state.made_up_this_month >= card.per_month:
        next_month = add_months(today.replace(day=1), 1)
        raise MakeUpLimitReached(limit=card.per_month, resets_on=next_month)


def _rederived(state: MakeUpState, missed: date) -> dict[date, int]:
    """The number of `missed` and of each day after it, as far as no other day was missed."""
    by_day: dict[date, DayRecord] = {record.day: record for record in state.records}
    before = _previous_day(missed, state.days.skipped)
    number = by_day[before].streak_days if before in by_day else 0
    streaks: dict[date, int] = {}
    day = missed
    while day == missed or day in by_day or day in state.days.skipped:
        if day not in state.days.skipped:
            number += 1
            streaks[day] = number
        day += ONE_DAY
    return streaks


def _previous_day(day: date, skipped: frozenset[date]) -> date:
    day -= ONE_DAY
    while day in skipped:
        day -= ONE_DAY
    return day
