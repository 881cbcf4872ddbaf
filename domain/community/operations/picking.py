"""What does the staff find worth reading?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import writing
from domain.community import steps
from domain.community.model import Action, Kind, MeritKind, Post, State
from domain.ledger.steps import post
from domain.rewards.rules import check_reason
from kit.errors import NotFound


@transactional
async def pick(
    tx: Tx, member_id: UUID, post_id: UUID, *, reason: str, actor: str, now: datetime
) -> Post:
    """Mark a post as the staff's pick, which gives its author points; once, again changes nothing.

    Refuses INVALID_INPUT, NOT_FOUND.
    """
    check_reason(reason, ["reason"])
    desk = await steps.enter(tx, member_id, now)
    rows = await writing.content(tx, Kind.POST, [(member_id, post_id)])
    if not rows or rows[0]["state"] != State.VISIBLE:
        raise NotFound("post")
    found = Post(**rows[0])
    if found.picked_at is not None:
        return found
    picked = replace(found, picked_at=now, changed_at=now)
    steps.put(desk.changes, picked)
    steps.note_content(desk.changes, picked, Action.PICKED, actor=actor, reason=reason)
    await steps.earn(tx, await steps.at_desk(tx, desk), MeritKind.STAFF_PICK, subject_id=post_id)
    await post(tx, desk)
    return picked
