"""What has a member read?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries import notifications as queries
from db.signals import of_member
from domain.members.steps import lock
from kit.errors import InvalidInput, MemberSuspended, NotFound

IDS_MAX = 100


@transactional
async def mark_read(
    tx: Tx,
    member_id: UUID,
    ids: Sequence[UUID] = (),
    *,
    up_to: UUID | None = None,
    now: datetime,
) -> int:
    """How many were marked as read now: `ids`, or `up_to` and all before it.

    What was read before keeps its instant. Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED.
    """
    if bool(ids) == (up_to is not None) or len(ids) > IDS_MAX:
        raise InvalidInput(
            ["ids"],
            f"1 to {IDS_MAX} ids, or upTo, one of them",
            f"须提供 1 至 {IDS_MAX} 个 ids，或 upTo，二者之一",
        )
    wanted = set(ids) if up_to is None else {up_to}
    if await queries.known(tx, member_id, list(wanted)) != len(wanted):
        raise NotFound("notification")
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    tx.wake(of_member(member_id, "notifications"))
    return await queries.mark_read(tx, member_id, list(ids), up_to=up_to, now=now)
