"""What may the staff do about content, and about who writes it?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import moderation as queries
from db.queries.community import writing
from domain.community import steps
from domain.community.errors import NothingToAppeal
from domain.community.model import (
    BAN,
    Action,
    Ban,
    Comment,
    Kind,
    Post,
    State,
    Subject,
)
from domain.ledger.steps import Desk, post
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.rewards.errors import WrongState
from domain.rewards.rules import check_reason
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id


@transactional
async def hide(
    tx: Tx, subject: Subject, *, reason: str, actor: str, now: datetime
) -> Post | Comment:
    """Take content down, and what it gave back; its author is told why.

    Refuses INVALID_INPUT, NOT_FOUND, WRONG_STATE.
    """
    check_reason(reason, ["reason"])
    desk = await steps.enter_content(tx, subject.member_id, now)
    found = await _content(tx, subject)
    if found.state == State.HIDDEN:
        raise WrongState(found.state, f"{State.VISIBLE}, {State.HELD}")
    reviewed = replace(found, reviewed_at=now)
    moved = steps.move(desk, reviewed, State.HIDDEN)
    await steps.follow_content(tx, await steps.at_desk(tx, desk), moved)
    steps.note_content(desk.changes, moved, Action.HIDDEN, actor=actor, reason=reason)
    _tell(desk, Template.CONTENT_HIDDEN, f"{subject.id}:{now.isoformat()}", {"reason": reason})
    await post(tx, desk)
    return moved


@transactional
async def restore(
    tx: Tx, subject: Subject, *, reason: str, actor: str, now: datetime
) -> Post | Comment:
    """Let content be seen; reports of it are settled. Refuses INVALID_INPUT, NOT_FOUND."""
    check_reason(reason, ["reason"])
    desk = await steps.enter_content(tx, subject.member_id, now)
    found = await _content(tx, subject)
    restored = await restored_by(tx, desk, found, reason=reason, actor=actor)
    await post(tx, desk)
    return restored


async def restored_by(
    tx: Tx, desk: Desk, found: Post | Comment, *, reason: str, actor: str
) -> Post | Comment:
    """The content as it is seen again, on its author's desk."""
    reviewed = replace(found, reviewed_at=desk.now)
    moved = steps.move(desk, reviewed, State.VISIBLE)
    await steps.follow_content(tx, await steps.at_desk(tx, desk), moved)
    steps.note_content(desk.changes, moved, Action.RESTORED, actor=actor, reason=reason)
    return moved


@transactional
async def ban(
    tx: Tx, member_id: UUID, *, ends_at: datetime | None, reason: str, actor: str, now: datetime
) -> Ban:
    """Refuse all that the member would write here until `ends_at` (None: for good).

    What they read goes on, and what they wrote stands. Refuses INVALID_INPUT, NOT_FOUND.
    """
    check_reason(reason, ["reason"])
    if ends_at is not None and ends_at <= now:
        raise InvalidInput(["endsAt"], "it lies in the past", "结束时间已过")
    desk = await steps.enter(tx, member_id, now)
    made = Ban(member_id, new_id(), actor, reason, begins_at=now, ends_at=ends_at)
    desk.changes.put("community_ban", made)
    _note_ban(desk, made, Action.BANNED, actor=actor, reason=reason)
    facts = {"reason": reason, "ends_at": None if ends_at is None else ends_at.isoformat()}
    _tell(desk, Template.COMMUNITY_BANNED, str(made.id), facts)
    await post(tx, desk)
    return made


@transactional
async def lift_ban(tx: Tx, member_id: UUID, *, reason: str, actor: str, now: datetime) -> None:
    """End every ban of the member that is in force.

    Refuses INVALID_INPUT, NOT_FOUND, NOTHING_TO_APPEAL (there is none).
    """
    check_reason(reason, ["reason"])
    desk = await steps.enter(tx, member_id, now)
    bans = [Ban(**row) for row in await queries.bans(tx, member_id, now)]
    if not bans:
        raise NothingToAppeal
    for found in bans:
        lifted_by(desk, found, reason=reason, actor=actor)
    await post(tx, desk)


def lifted_by(desk: Desk, found: Ban, *, reason: str, actor: str) -> None:
    """End a ban, on the member's desk."""
    desk.changes.put("community_ban", replace(found, lifted_at=desk.now, lifted_by=actor))
    _note_ban(desk, found, Action.BAN_LIFTED, actor=actor, reason=reason)


async def _content(tx: Tx, subject: Subject) -> Post | Comment:
    rows = await writing.content(tx, subject.kind, [(subject.member_id, subject.id)])
    if not rows or rows[0]["state"] == State.DELETED:
        raise NotFound("post" if subject.kind == Kind.POST else "comment")
    return Post(**rows[0]) if subject.kind == Kind.POST else Comment(**rows[0])


def _note_ban(desk: Desk, found: Ban, action: Action, *, actor: str, reason: str) -> None:
    steps.note(
        desk.changes,
        found.member_id,
        action,
        actor=actor,
        subject_kind=BAN,
        subject_id=found.id,
        reason=reason,
        now=desk.now,
    )


def _tell(desk: Desk, template: Template, cause: str, facts: Mapping[str, object]) -> None:
    member_id, now = desk.member.member_id, desk.now
    if desk.member.erased_at is not None:
        return
    notify(desk.changes, member_id, template, cause, dict(facts), occurred_at=now, now=now)
