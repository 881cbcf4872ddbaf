"""Where does a member stand, from what the dashboard has read?

Whoever has make-up tasks and asks how they stand costs a second statement: what was done for them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from db import rows
from db.connection import Tx
from domain.activity.steps import deeds
from domain.members.model import Member
from domain.orders.dossiers import counted_deeds
from domain.orders.standing import StandingRow
from domain.programme.model import Programme
from domain.tiers.model import CountedDeed, History, Standing
from domain.tiers.rules import passed


@dataclass(frozen=True, slots=True)
class _Order:
    paid_at: datetime
    day: date
    base_left_minor: int
    eligible_left_minor: int
    growth_left: int
    settles_at: datetime


async def deeds_done(tx: Tx, found: dict[str, Any], programme: Programme) -> list[CountedDeed]:
    """What may count for make-up tasks, where there are any and what counts was read."""
    standing = rows.read(StandingRow, found["standing"]).standing()
    warning = standing.warning
    if found["counted"] is None or warning is None or warning.tasks_from is None:
        return []
    member = rows.read(Member, found["member"])
    done = await deeds(tx, [member.member_id], warning.tasks_from)
    hour = programme.day_start_hour
    return counted_deeds(member, done[member.member_id], day_start_hour=hour)


def standing_at(
    found: dict[str, Any], done: list[CountedDeed], programme: Programme, now: datetime
) -> tuple[Standing, History]:
    """As time has left it by `now`, and what counts where it was read."""
    standing = rows.read(StandingRow, found["standing"]).standing()
    if found["counted"] is None:
        return standing, History()
    history = _history(found["counted"], done)
    return passed(standing, history, programme, now), history


def _history(counted: dict[str, Any], done: list[CountedDeed]) -> History:
    orders = [
        _Order(
            datetime.fromisoformat(paid_at),
            date.fromisoformat(day),
            base,
            eligible,
            growth,
            datetime.fromisoformat(settles_at),
        )
        for paid_at, day, base, eligible, growth, settles_at in counted["orders"] or ()
    ]
    interactions = [
        (datetime.fromisoformat(at), growth) for at, growth in counted["interactions"] or ()
    ]
    return History(orders, interactions, done)
