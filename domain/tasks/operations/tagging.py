"""What do staff call a member? Tags, for which audiences of tasks may ask."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import tasks as queries
from db.signals import JOBS
from domain.activity.model import TASKS_ASSESS
from domain.activity.steps import assess_job
from domain.members.steps import lock
from domain.programme.model import Tag
from domain.webhooks.steps import write
from kit.errors import InvalidInput
from kit.ids import new_id

_TAG = TypeAdapter[str](Tag)


@transactional
async def tag(tx: Tx, member_id: UUID, name: str, *, actor: str, now: datetime) -> UUID:
    """Put a tag on a member; one that is there stays. Refuses INVALID_INPUT, NOT_FOUND."""
    _require_tag(name)
    await lock(tx, member_id)
    if name not in await queries.tags(tx, member_id):
        changes = Changes()
        row = {"member_id": member_id, "tag": name, "tagged_by": actor, "tagged_at": now}
        changes.put("member_tag", row)
        changes.put("staff_action", _action(member_id, "tag", name, actor=actor, now=now))
        await _write(tx, changes, member_id, now)
    return member_id


@transactional
async def untag(tx: Tx, member_id: UUID, name: str, *, actor: str, now: datetime) -> UUID:
    """Take a tag off a member; one that isn't there changes nothing. Refuses NOT_FOUND."""
    await lock(tx, member_id)
    if await queries.untag(tx, member_id, name):
        changes = Changes()
        changes.put("staff_action", _action(member_id, "untag", name, actor=actor, now=now))
        await _write(tx, changes, member_id, now)
    return member_id


def _require_tag(name: str) -> None:
    try:
        _TAG.validate_python(name)
    except ValidationError:
        raise InvalidInput(
            ["tag"],
            "1 to 40 small letters, digits, - and _, a letter or digit first",
            "须为 1 至 40 个小写字母、数字、- 或 _，以字母或数字开头",
        ) from None


def _action(
    member_id: UUID, action: str, name: str, *, actor: str, now: datetime
) -> dict[str, object]:
    return {
        "member_id": member_id,
        "id": new_id(),
        "actor": actor,
        "action": action,
        "reason": name,
        "recorded_at": now,
    }


async def _write(tx: Tx, changes: Changes, member_id: UUID, now: datetime) -> None:
    """What was reached before may count now: have tasks look."""
    changes.put("job", assess_job(member_id, TASKS_ASSESS, now))
    tx.wake(JOBS)
    await write(tx, changes, now=now)
