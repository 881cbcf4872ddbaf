"""How does a member check in, restore a missed day, and get reminded of it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import checkins as queries
from db.rows import read
from domain.checkins.model import DayRecord, MakeUpDecision, MakeUpState, MemberDays
from domain.checkins.rules import REMIND_WITHIN_HOURS, days_now, hours_now, is_reminder_due, status
from domain.checkins.rules import check_in as decide_check_in
from domain.checkins.rules import make_up as decide_make_up
from domain.checkins.steps import days_of, state_of
from domain.devices import steps as devices
from domain.devices.model import Visit
from domain.effects.model import AwardBadge, Effect, GrantGrowth, GrantPoints, IssueCoupon
from domain.ledger.model import Cause, Currency, Decision
from domain.ledger.steps import Desk, open_desk, post
from domain.members.model import Member
from domain.members.rules import zone_at
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.points.rules import expires_at, inactive_at
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.rewards.steps import issue_all
from domain.tiers.steps import assess_job
from domain.webhooks.steps import write
from kit.calendar import ONE_DAY, day_start, trailing_start

_SOURCE = "check_in"
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A check-in: the member's day, its number in the streak, the points it gave."""

    day: date
    streak_days: int
    points_awarded: int


@transactional
async def check_in(tx: Tx, member_id: UUID, *, now: datetime) -> CheckedIn:
    """Check the member in on their day.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, ALREADY_CHECKED_IN (with the first one's result),
    CHECK_IN_TOO_SOON.
    """
    published = (await versions(tx)).at(now)
    programme = published.programme
    state = queries.state(_window_start(programme, now))
    desk = await open_desk(tx, member_id, now, also=state)
    desk.require_standing()
    found = desk.also
    decided = decide_check_in(state_of(desk.member, found, programme), now, programme)
    decision = desk.decide(
        f"check-in:{decided.day}",
        "check_in",
        published.version,
        inputs=decided.inputs,
        outcome=decided.outcome,
        occurred_at=now,
    )
    effects: list[Effect] = []
    if decided.growth:
        effects.append(GrantGrowth(decided.growth, "interaction"))
    effects += [AwardBadge(code) for code in decided.badges]
    effects += [IssueCoupon(template) for template in decided.coupons]
    await _give(tx, desk, decision, programme, points=decided.points_awarded, effects=effects)
    checked_in = CheckedIn(decided.day, decided.streak_days, decided.points_awarded)
    _put(desk, decision, checked_in, made_up=False)
    if _score_moves(programme, found["interaction"], decided.growth):
        desk.changes.put("job", assess_job(member_id, now, now))
    await post(tx, desk)
    return checked_in


@transactional
async def make_up(
    tx: Tx, member_id: UUID, missed: date, *, visit: Visit | None = None, now: datetime
) -> CheckedIn:
    """Restore a missed day with a make-up card (补签), paid in points; natural key: the day.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, DAY_NOT_MISSED, MAKE_UP_TOO_LATE, MAKE_UP_LIMIT_REACHED,
    INSUFFICIENT_POINTS; where it is the member who asks (`visit`) NEW_DEVICE_LIMIT.
    """
    published = (await versions(tx)).at(now)
    programme = published.programme
    desk = await open_desk(tx, member_id, now, also=queries.state(now))
    desk.require_standing()
    days = days_of(desk.member, programme)
    days_back = programme.check_in.makeup.days_back + 1 + len(days.skipped)
    oldest = days.day_of(now) - timedelta(days=days_back)
    recorded = await queries.days_since(tx, member_id, oldest)
    state = await _make_up_state(tx, desk, days, recorded, now)
    decided = decide_make_up(state, missed, now, programme=programme)
    decision = desk.decide(
        f"make-up:{missed}",
        "make_up",
        published.version,
        inputs=decided.inputs,
        outcome=decided.outcome,
        occurred_at=now,
    )
    cause = Cause(decision, "make_up", _SOURCE, missed.isoformat(), now)
    desk.points.spend(decided.price_points, cause)
    if visit is not None:
        door = await devices.look(tx, member_id, visit, now)
        await devices.guard(tx, desk, door, {Currency.POINTS: decided.price_points})
    effects: list[Effect] = [AwardBadge(code) for code in decided.badges]
    effects += [IssueCoupon(template) for template in decided.coupons]
    await _give(tx, desk, decision, programme, points=decided.points_awarded, effects=effects)
    checked_in = CheckedIn(missed, dict(decided.streaks)[missed], decided.points_awarded)
    _put(desk, decision, checked_in, made_up=True)
    _renumber(desk, recorded, decided)
    await post(tx, desk)
    return checked_in


async def _make_up_state(
    tx: Tx, desk: Desk, days: MemberDays, recorded: Sequence[dict[str, Any]], now: datetime
) -> MakeUpState:
    member = desk.member
    today = days.day_of(now)
    month = today.replace(day=1)
    zone = days.change.zone if days.change and now >= days.change.starts_at else days.zone
    made_up = await queries.made_up_between(
        tx, member.member_id, day_start(month, zone, days.day_start_hour), now + ONE_DAY
    )
    return MakeUpState(
        days=days,
        joined_on=days.day_of(member.joined_at),
        records=tuple(map(_record, recorded)),
        made_up_this_month=made_up,
        badges=frozenset(desk.also["badges"] or ()),
    )


def _record(row: dict[str, Any]) -> DayRecord:
    outcome = orjson.loads(row["outcome"])
    bonuses = outcome.get("bonuses", ())
    gave = outcome["points"] if row["made_up"] else sum(bonus["points"] for bonus in bonuses)
    return DayRecord(
        day=row["day"],
        streak_days=row["streak_days"],
        milestone_points=gave,
        coupons=tuple(outcome.get("coupons", ())),
        made_up=row["made_up"],
    )


async def _give(
    tx: Tx,
    desk: Desk,
    decision: Decision,
    programme: Programme,
    *,
    points: int,
    effects: list[Effect],
) -> None:
    at = decision.occurred_at
    active_until = inactive_at(at, programme)
    if points:
        ends = expires_at(at, programme) or active_until
        effects = [GrantPoints(points, decision.kind, None, ends), *effects]
    await issue_all(
        tx,
        desk,
        decision,
        effects,
        programme=programme,
        source_type=_SOURCE,
        source_id=str(decision.inputs["day"]),
        occurred_at=at,
    )
    if active_until is not None:
        desk.points.extend(active_until)


def _put(desk: Desk, decision: Decision, checked_in: CheckedIn, *, made_up: bool) -> None:
    desk.changes.put(
        "check_in",
        {
            "member_id": desk.member.member_id,
            "day": checked_in.day,
            "streak_days": checked_in.streak_days,
            "points_awarded": checked_in.points_awarded,
            "made_up": made_up,
            "occurred_at": decision.occurred_at,
            "decision_id": decision.id,
        },
    )


def _renumber(desk: Desk, recorded: Sequence[dict[str, Any]], decided: MakeUpDecision) -> None:
    """Days after the restored one count on from it."""
    numbers = dict(decided.streaks)
    for row in recorded:
        if row["day"] in numbers and row["streak_days"] != numbers[row["day"]]:
            kept = {name: value for name, value in row.items() if name != "outcome"}
            kept |= {"member_id": desk.member.member_id, "streak_days": numbers[row["day"]]}
            desk.changes.put("check_in", kept)


@transactional
async def remind(
    tx: Tx, *, as_of: datetime, after: UUID | None = None, limit: int = 200
) -> UUID | None:
    """Remind up to `limit` members who haven't checked in today; where to go on, None at the end.

    At the hour that they chose, in their zone, once a day, and not later than 3 hours after it.
    """
    programme = (await versions(tx)).at(as_of).programme
    rows = await queries.to_remind(
        tx,
        hours_now(as_of),
        within_hours=REMIND_WITHIN_HOURS,
        after=after or _FIRST,
        limit=limit,
        causes=[f"check_in:{day}" for day in days_now(as_of)],
    )
    changes = Changes()
    for row in rows:
        _remind(changes, row, as_of, programme)
    await write(tx, changes, now=as_of)
    return UUID(rows[-1]["member"]["member_id"]) if len(rows) == limit else None


def _remind(changes: Changes, row: dict[str, Any], now: datetime, programme: Programme) -> None:
    member = read(Member, row["member"])
    found = status(state_of(member, row, programme), now)
    zone = zone_at(member, now, day_start_hour=programme.day_start_hour)
    cause = f"check_in:{found.day}"
    if (
        found.checked_in_today
        or cause in row["told"]
        or not is_reminder_due(row["check_in_hour"], now, zone)
    ):
        return
    notify(
        *(changes, member.member_id, Template.CHECK_IN_REMINDER, cause),
        {"streak_days": found.streak_days},
        occurred_at=now,
        now=now,
    )


def _window_start(programme: Programme, now: datetime) -> datetime:
    return trailing_start(
        now,
        programme.tiers.window_months,
        programme.zone,
        day_start_hour=programme.day_start_hour,
    )


def _score_moves(programme: Programme, before: int, growth: int) -> bool:
    """Whether this GROWTH of class interaction can change the tier score."""
    if programme.tiers.basis == "growth":
        return growth > 0
    policy = programme.tiers.score
    per_point = policy.interaction_growth_per_point
    return min(before // per_point, policy.interaction_cap) < min(
        (before + growth) // per_point, policy.interaction_cap
    )
