"""How do other verbs mind from where value is taken, inside their own transaction?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.queries import devices as queries
from db.queries.ledger import Also
from db.rows import read
from domain.devices import rules
from domain.devices.model import DAY, SETTLED, Device, Door, Judgement, Presence, Taking, Visit
from domain.ledger.model import Currency
from domain.ledger.steps import Desk, open_desk
from domain.members.model import Member
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import Security
from domain.programme.views import versions
from kit.ids import new_id


async def open_door(
    tx: Tx, member_id: UUID, now: datetime, *, visit: Visit | None, also: Also
) -> tuple[Desk, Door | None]:
    """`open_desk`, with what `guard` has to know read by the same statement.

    Without a visit it isn't the member who asks, and nothing is guarded.
    """
    if visit is None:
        return await open_desk(tx, member_id, now, also=also), None
    asked = await _asked(tx, now)
    desk = await open_desk(tx, member_id, now, also=queries.beside(also, asked))
    found, desk.also = desk.also, desk.also["also"]
    return desk, door_of(member_id, visit, found["door"])


async def look(tx: Tx, member_id: UUID, visit: Visit, now: datetime) -> Door:
    """What is known of a visit of a locked member."""
    found = await queries.door(tx, member_id, await _asked(tx, now))
    return door_of(member_id, visit, found)


async def _asked(tx: Tx, now: datetime) -> queries.Asked:
    policy = (await versions(tx)).at(now).programme.security
    return queries.Asked(rules.awake_since(now, policy), now - SETTLED)


def door_of(member_id: UUID, visit: Visit, found: dict[str, Any]) -> Door:
    """From what `queries.door` reads."""
    devices, presence = found["devices"] or (), found["presence"]
    named = str(visit.device)
    return Door(
        visit=visit,
        device=next((read(Device, one) for one in devices if one["id"] == named), None),
        known=len(devices),
        strangers=sum(one["trusted_at"] is None for one in devices),
        presence=Presence(member_id) if presence is None else read(Presence, presence),
        was_here=found["was_here"],
    )


async def guard(tx: Tx, desk: Desk, door: Door | None, takes: Mapping[Currency, int]) -> None:
    """Let this much leave, be it spent or set aside; what is kept of it is put on the desk.

    Nothing that comes back later makes room again. Refuses NEW_DEVICE_LIMIT.
    """
    if door is None:
        return
    policy = (await versions(tx)).at(desk.now).programme.security
    judgement = rules.judge(door, desk.member, desk.now, policy)
    if judgement.reason is not None:
        await _take(tx, desk, door, judgement, takes, policy=policy)
    put(desk.changes, desk.member, door, judgement, policy=policy, now=desk.now)


def put(
    changes: Changes,
    member: Member,
    door: Door,
    judgement: Judgement,
    *,
    policy: Security,
    now: datetime,
) -> None:
    """Keep what has changed by a visit, and tell the member what they ought to know of it."""
    if judgement.device is not None and judgement.device != door.device:
        changes.put("device", judgement.device)
    if judgement.presence != door.presence:
        changes.put("presence", judgement.presence)
    for template in judgement.news:
        found = judgement.device if template == Template.NEW_DEVICE else None
        cause = f"woke:{now.isoformat()}" if found is None else f"device:{found.id}"
        facts = {"points": policy.points_per_day, "hours": policy.cool_off_hours}
        notify(changes, member.member_id, template, cause, facts, occurred_at=now, now=now)


async def _take(
    tx: Tx,
    desk: Desk,
    door: Door,
    judgement: Judgement,
    takes: Mapping[Currency, int],
    *,
    policy: Security,
) -> None:
    member_id, reason = desk.member.member_id, judgement.reason
    assert reason is not None
    taken = await queries.taken(tx, member_id, desk.now - DAY)
    for currency, amount in takes.items():
        if not amount:
            continue
        rules.check_room(reason, currency, amount, taken=taken.get(currency, 0), policy=policy)
        row = Taking(
            *(member_id, new_id(), currency.value, amount, reason.value),
            device_id=door.visit.device,
            taken_at=desk.now,
        )
        desk.changes.put("device_taking", row)
