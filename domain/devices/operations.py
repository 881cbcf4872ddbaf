"""How does a member come in by a device, confirm it, and get rid of one?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import devices as queries
from db.signals import JOBS
from domain.devices import rules, steps
from domain.devices.errors import CodeWrong, DeviceNotTrusted
from domain.devices.model import CODE_FOR, Code, Device, Shown, Visit
from domain.members.model import Member
from domain.members.steps import lock
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.views import versions
from domain.webhooks.steps import write
from kit.errors import MemberSuspended, NotFound
from kit.ids import new_id


@transactional
async def arrive(tx: Tx, member_id: UUID, visit: Visit, *, now: datetime) -> None:
    """Note that a member is here, and tell them where it is from a new device or after long.

    Who was here today from a known device changes nothing. Refuses NOT_FOUND.
    """
    member = await lock(tx, member_id)
    policy = (await versions(tx)).at(now).programme.security
    door = await steps.look(tx, member_id, visit, now)
    changes = Changes()
    judgement = rules.judge(door, member, now, policy)
    steps.put(changes, member, door, judgement, policy=policy, now=now)
    await _write(tx, changes, now)


@transactional
async def ask_for_code(tx: Tx, member_id: UUID, visit: Visit, *, now: datetime) -> Code:
    """Send a code to the member's contacts, good for ten minutes on this device.

    It takes the place of one that was asked for before. How often is limited before, by the HTTP
    layer. Refuses NOT_FOUND, MEMBER_SUSPENDED, DEVICE_UNNAMED, NO_CONTACT.
    """
    member = await _in_good_standing(tx, member_id)
    policy = (await versions(tx)).at(now).programme.security
    door = await steps.look(tx, member_id, visit, now)
    judgement = rules.judge(door, member, now, policy)
    rules.check_may_ask(door, member, judgement.reason)
    changes = Changes()
    steps.put(changes, member, door, judgement, policy=policy, now=now)
    code = Code(member_id, new_id(), visit.device, now, now + CODE_FOR)
    changes.put("device_code", code)
    cause, facts = f"code:{code.id}", {"code_id": str(code.id)}
    notify(changes, member_id, Template.DEVICE_CODE, cause, facts, occurred_at=now, now=now)
    await _write(tx, changes, now)
    return code


async def confirm(
    member_id: UUID, visit: Visit, code: str, *, secret: bytes, now: datetime
) -> Device | None:
    """Trust the device that the code was asked for on; an account that wakes is limited no more.

    None: no device was named. A wrong code counts: five of them, and another must be asked for.
    Refuses NOT_FOUND, MEMBER_SUSPENDED, CODE_EXPIRED, CODE_WRONG.
    """
    found = await _confirm(member_id, visit, code, secret=secret, now=now)
    if isinstance(found, CodeWrong):
        raise found
    return found


@transactional
async def _confirm(
    tx: Tx, member_id: UUID, visit: Visit, given: str, *, secret: bytes, now: datetime
) -> Device | CodeWrong | None:
    member = await _in_good_standing(tx, member_id)
    row = await queries.code(tx, member_id)
    door = await steps.look(tx, member_id, visit, now)
    known = None if row is None else Code(**row)
    code, wrong = rules.tried(known, given, door, now, secret)
    changes = Changes()
    changes.put("device_code", code)
    device = None if wrong else rules.confirmed(door, member, now)
    if device is not None:
        changes.put("device", device)
    if wrong is None:
        changes.put("presence", replace(door.presence, active_at=now, confirmed_at=now))
    await _write(tx, changes, now)
    return wrong or device


@transactional
async def forget(
    tx: Tx, member_id: UUID, device_id: UUID, *, visit: Visit, was_not_me: bool, now: datetime
) -> Shown:
    """Trust a device of the member no more, until a code is entered on it.

    `was_not_me`: from now on nothing at all leaves from devices that no code confirmed, however
    long they are known. Only from a trusted device, so that no stranger shuts the member out.
    Forgetting it again changes nothing. Refuses NOT_FOUND, MEMBER_SUSPENDED, DEVICE_NOT_TRUSTED.
    """
    await _in_good_standing(tx, member_id)
    policy = (await versions(tx)).at(now).programme.security
    door = await steps.look(tx, member_id, visit, now)
    if door.device is None or not rules.is_trusted(door.device, door.presence, now, policy):
        raise DeviceNotTrusted
    row = await queries.device(tx, member_id, device_id)
    if row is None:
        raise NotFound("device")
    device, changes = Device(**row), Changes()
    if device.forgotten_at is None:
        device = replace(device, trusted_at=None, trusted_by=None, forgotten_at=now)
        changes.put("device", device)
    if was_not_me and door.presence.alarmed_at is None:
        changes.put("presence", replace(door.presence, alarmed_at=now))
    await _write(tx, changes, now)
    return Shown(device, is_trusted=False, is_current=device_id == visit.device)


async def _in_good_standing(tx: Tx, member_id: UUID) -> Member:
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    return member


async def _write(tx: Tx, changes: Changes, now: datetime) -> None:
    if changes.rows("job"):
        tx.wake(JOBS)
    await write(tx, changes, now=now)
