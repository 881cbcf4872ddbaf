"""What do the rules need to know of a member's check-ins, from the rows that were read?"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from domain.checkins.model import CheckInState, LastCheckIn, MemberDays, Streak
from domain.checkins.rules import numbered
from domain.members.model import Member
from domain.members.rules import zone_change
from domain.programme.model import Programme


def days_of(member: Member, programme: Programme) -> MemberDays:
    """How this member's days are counted."""
    hour = programme.day_start_hour
    change = zone_change(member, day_start_hour=hour)
    return MemberDays(zone=member.timezone, day_start_hour=hour, change=change)


def state_of(member: Member, found: Mapping[str, Any], programme: Programme) -> CheckInState:
    """`found`: `streak` (day, number), `last` (day, instant, number, points), `badges`, as JSON."""
    streak = last = None
    if found["streak"] is not None:
        day, streak_days = found["streak"]
        streak = Streak(date.fromisoformat(day), streak_days)
    if found["last"] is not None:
        day, at, streak_days, points = found["last"]
        last = LastCheckIn(date.fromisoformat(day), datetime.fromisoformat(at), streak_days, points)
    return CheckInState(
        days=days_of(member, programme),
        streak=streak,
        last=last,
        badges=frozenset(found.get("badges") or ()),
    )


def renumbered(
    found: Iterable[tuple[date, int]], member: Member, programme: Programme
) -> dict[date, int]:
    """Of days, in order and with the numbers that they have, those that need another one."""
    before = dict(found)
    numbers = numbered(before, days_of(member, programme).skipped)
    return {day: number for day, number in numbers.items() if number != before[day]}
