"""How does a member choose what to be called?"""

from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import badges as queries
from db.signals import of_member
from domain.badges.errors import TitleNotHeld
from domain.members.steps import lock
from domain.programme.views import versions
from domain.webhooks.steps import write
from kit.errors import MemberSuspended


@transactional
async def choose_title(tx: Tx, member_id: UUID, code: str | None, *, now: datetime) -> None:
    """Go by the title of a badge, or by none.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, TITLE_NOT_HELD.
    """
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    if code is None:
        await queries.forget_title(tx, member_id)
        tx.wake(of_member(member_id, "profile"))
        return
    badge = (await versions(tx)).at(now).programme.badge(code)
    if badge is None or badge.title is None or not await queries.has(tx, member_id, code):
        raise TitleNotHeld(code)
    changes = Changes()
    changes.put("chosen_title", {"member_id": member_id, "badge": code, "chosen_at": now})
    await write(tx, changes, now=now)
