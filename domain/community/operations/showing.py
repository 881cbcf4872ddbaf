"""What of their honours does a member show to others?"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries.community import honours as queries
from domain.community.honours import Shown
from domain.members.steps import lock
from domain.webhooks.steps import write
from kit.errors import MemberSuspended


@transactional
async def show_honours(
    tx: Tx, member_id: UUID, changed: Mapping[str, bool], *, now: datetime
) -> Shown:
    """Show these to others, or show them no more; what isn't named stays as it is.

    `changed`: fields of `Shown`. Refuses NOT_FOUND, MEMBER_SUSPENDED.
    """
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    row = await queries.shown(tx, member_id)
    before = Shown(member_id) if row is None else Shown(**row)
    after = replace(before, **changed)
    if after == before:
        return before
    kept = replace(after, changed_at=now)
    changes = Changes()
    changes.put("honour_setting", asdict(kept))
    await write(tx, changes, now=now)
    return kept
