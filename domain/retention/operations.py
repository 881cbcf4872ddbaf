"""Which verbs keep and lose tiers: the night's review, and staff's floor?"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from db import jobs
from db.connection import UNAVAILABLE, Tx, reader, transactional
from db.each import each
from db.jobs import Claim, Job
from db.queries import retention as queries
from domain.ledger.steps import post
from domain.members.model import Member
from domain.members.rules import valid_reason
from domain.members.steps import lock_all
from domain.orders.dossiers import open_dossiers
from domain.orders.model import Dossier
from domain.orders.standing import change_floor, review
from domain.programme.views import versions
from domain.retention import rules
from domain.retention.errors import NoTierFloor
from domain.retention.model import FloorAsked
from domain.rewards.model import NOT_RAISED, Redeemed, State
from domain.rewards.rules import next_tier
from domain.rewards.steps import give_back, redeemed
from domain.tiers.model import TierFloor
from domain.tiers.rules import effective_tier
from domain.tiers.steps import assess_job
from kit.calendar import month_window
from kit.ids import new_id

MONTHS = 3
FIRST = UUID(int=0)
_TOGETHER = 50
_log = logging.getLogger(__name__)


async def review_due(
    *, as_of: datetime, after: UUID | None = None, limit: int = 500
) -> UUID | None:
    """Warn, judge and recover whoever it is time for; where to go on, None at the end.

    What was due earlier is dated when it was; doing it again changes nothing. Members go in
    transactions of fifty; where one fails, each goes alone, so that nobody holds up the others.
    """
    async with reader() as tx:
        members = await queries.members_due(tx, as_of, after or FIRST, limit=limit)
    for first in range(0, len(members), _TOGETHER):
        await _review_some(members[first : first + _TOGETHER], as_of)
    return members[-1] if len(members) == limit else None


async def _review_some(members: Sequence[UUID], as_of: datetime) -> None:
    try:
        await _review(members, as_of=as_of)
    except UNAVAILABLE:
        raise
    except Exception:  # noqa: BLE001  whatever one of them raises, the others go on
        _log.exception("a review of %s members failed; going on one by one", len(members))
        await each(members, partial(_review_one, as_of=as_of))


async def _review_one(member_id: UUID, *, as_of: datetime) -> None:
    await _review([member_id], as_of=as_of)


@transactional
async def _review(tx: Tx, members: Sequence[UUID], *, as_of: datetime) -> None:
    await post(tx, *(dossier.desk for dossier in await _reviewed(tx, members, as_of)))


async def _reviewed(tx: Tx, members: Sequence[UUID], now: datetime) -> list[Dossier]:
    """Locked, with everything that time has done by now."""
    locked = await lock_all(tx, members)
    dossiers, _ = await open_dossiers(tx, locked, await versions(tx), now, earliest=now)
    for dossier in dossiers.values():
        review(dossier, now)
    return list(dossiers.values())


@transactional
async def set_floor(
    tx: Tx, member_id: UUID, asked: FloorAsked, *, actor: str, reason: str, now: datetime
) -> Member:
    """Let the member have at least this tier until then, or until it is ended.

    It takes the place of the floor before; the same one again changes nothing. What they earn goes
    on underneath. Refuses INVALID_INPUT, NOT_FOUND.
    """
    reason = valid_reason(reason)
    floor = rules.floor((await versions(tx)).at(now).programme, asked, now)
    (dossier,) = await _reviewed(tx, [member_id], now)
    before = dossier.standing.floor
    if before is None or (before.tier_code, before.ends_at) != (
        asked.tier_code,
        asked.until,
    ):
        _change(dossier, floor, "set_tier_floor", actor=actor, reason=reason)
    if asked.until is not None:
        dossier.desk.changes.put("job", _floor_job(member_id, asked.until, now))
    await post(tx, dossier.desk)
    return dossier.desk.member


@transactional
async def end_floor(tx: Tx, member_id: UUID, *, actor: str, reason: str, now: datetime) -> Member:
    """Let the member have the tier that they earned.

    Refuses INVALID_INPUT, NOT_FOUND, NO_TIER_FLOOR.
    """
    reason = valid_reason(reason)
    (dossier,) = await _reviewed(tx, [member_id], now)
    if dossier.standing.floor is None:
        raise NoTierFloor
    _change(dossier, None, "end_tier_floor", actor=actor, reason=reason)
    await post(tx, dossier.desk)
    return dossier.desk.member


@transactional
async def raise_tier(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "rewards.raise_tier" jobs: the step up that a redemption has paid for.

    The tier above the earned one is a floor for the reward's months, 3 unless it says otherwise.
    Where nothing would lift the member any more, everything comes back, as after a failed delivery;
    nothing is done for a redemption that came back meanwhile.
    """
    redemption_id = UUID(claim.payload["redemption"])
    (dossier,) = await _reviewed(tx, [claim.member_id], now)
    found = await redeemed(tx, claim.member_id, redemption_id)
    if found.redemption.state == State.REQUESTED:
        await _raise(tx, dossier, found)
    await jobs.finish(tx, claim, now=now)


async def _raise(tx: Tx, dossier: Dossier, found: Redeemed) -> None:
    desk, standing = dossier.desk, dossier.standing
    published = dossier.versions.at(desk.now)
    programme = published.programme
    to_tier = next_tier(effective_tier(standing, programme), standing.tier_code, programme)
    if to_tier is None:
        await give_back(tx, desk, found, published=published, why=NOT_RAISED)
        return
    months, hour = found.reward.months or MONTHS, programme.day_start_hour
    ends_at = month_window(desk.now, months, programme.zone, day_start_hour=hour)
    floor = TierFloor(tier_code=to_tier, starts_at=desk.now, ends_at=ends_at)
    change_floor(dossier, floor, "tier_upgrade", f"tier_upgrade {found.redemption.id}")
    desk.changes.put("job", _floor_job(desk.member.member_id, ends_at, desk.now))
    found.redemption.state, found.redemption.resolved_at = State.DELIVERED, desk.now
    desk.changes.put("redemption", found.redemption)
    await post(tx, desk)


def _floor_job(member_id: UUID, ends_at: datetime, now: datetime) -> Job:
    """A job that looks again when a floor ends."""
    return replace(assess_job(member_id, ends_at, now), key=f"floor:{ends_at.isoformat()}")


def _change(
    dossier: Dossier, floor: TierFloor | None, action: str, *, actor: str, reason: str
) -> None:
    action_id = new_id()
    change_floor(dossier, floor, action, f"floor {action_id}")
    dossier.desk.changes.put(
        "staff_action",
        {
            "member_id": dossier.desk.member.member_id,
            "id": action_id,
            "actor": actor,
            "action": action,
            "reason": reason,
            "recorded_at": dossier.desk.now,
        },
    )
