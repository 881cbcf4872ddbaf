"""How does a member object, and what comes of it?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import moderation as queries
from db.queries.community import writing
from domain.community import rules, steps
from domain.community.errors import AlreadyAppealed, NothingToAppeal
from domain.community.model import (
    BAN,
    Action,
    Appeal,
    AppealState,
    Ban,
    Comment,
    Kind,
    Post,
    State,
)
from domain.community.operations.moderating import lifted_by, restored_by
from domain.ledger.steps import Desk, post
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.rewards.errors import WrongState
from domain.rewards.rules import check_reason
from kit.errors import NotFound
from kit.ids import new_id

_APPEALABLE = (State.HELD, State.HIDDEN)


@transactional
async def appeal(
    tx: Tx, member_id: UUID, subject_kind: str, subject_id: UUID, *, text: str, now: datetime
) -> Appeal:
    """Object to one's own content being held or hidden, or to one's ban; the banned may, too.

    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED, NOTHING_TO_APPEAL, ALREADY_APPEALED.
    """
    rules.check_appeal(text)
    desk = await steps.enter(tx, member_id, now)
    desk.require_standing()
    await _require_cause(tx, desk, subject_kind, subject_id)
    last = await queries.last_appeal(tx, member_id, subject_id)
    if last is not None and last["state"] != AppealState.ACCEPTED:
        raise AlreadyAppealed(last["state"])
    made = Appeal(member_id, new_id(), subject_kind, subject_id, text.strip(), "OPEN", now)
    desk.changes.put("community_appeal", made)
    _note(desk, made, Action.APPEALED, actor=steps.MEMBER, reason=made.text)
    await post(tx, desk)
    return made


async def _require_cause(tx: Tx, desk: Desk, subject_kind: str, subject_id: UUID) -> None:
    member_id = desk.member.member_id
    if subject_kind == BAN:
        bans = await queries.bans(tx, member_id, desk.now)
        if subject_id not in [row["id"] for row in bans]:
            raise NothingToAppeal
        return
    rows = await writing.content(tx, subject_kind, [(member_id, subject_id)])
    if not rows or rows[0]["state"] == State.DELETED:
        raise NotFound("post" if subject_kind == Kind.POST else "comment")
    if rows[0]["state"] not in _APPEALABLE:
        raise NothingToAppeal


@transactional
async def decide_appeal(  # noqa: PLR0913  which, how, by whom
    tx: Tx,
    member_id: UUID,
    appeal_id: UUID,
    *,
    accept: bool,
    answer: str,
    actor: str,
    now: datetime,
) -> Appeal:
    """Say yes (the content is seen again, the ban ends) or no; the member is told.

    Refuses INVALID_INPUT, NOT_FOUND, WRONG_STATE (it is decided already).
    """
    check_reason(answer, ["answer"])
    desk = await steps.enter(tx, member_id, now)
    row = await queries.appeal(tx, member_id, appeal_id)
    if row is None:
        raise NotFound("appeal")
    found = Appeal(**row)
    if found.state != AppealState.OPEN:
        raise WrongState(found.state, AppealState.OPEN)
    state = AppealState.ACCEPTED if accept else AppealState.DISMISSED
    decided = replace(found, state=state, decided_at=now, decided_by=actor, answer=answer)
    desk.changes.put("community_appeal", decided)
    action = Action.APPEAL_ACCEPTED if accept else Action.APPEAL_DISMISSED
    _note(desk, decided, action, actor=actor, reason=answer)
    if accept:
        await _undo(tx, desk, found, answer=answer, actor=actor)
    facts = {"accepted": int(accept), "answer": answer}
    cause = str(found.id)
    notify(
        *(desk.changes, member_id, Template.APPEAL_DECIDED, cause, facts), occurred_at=now, now=now
    )
    await post(tx, desk)
    return decided


async def _undo(tx: Tx, desk: Desk, found: Appeal, *, answer: str, actor: str) -> None:
    """What has been deleted or lifted meanwhile stays so."""
    member_id = desk.member.member_id
    if found.subject_kind == BAN:
        for row in await queries.bans(tx, member_id, desk.now):
            if row["id"] == found.subject_id:
                lifted_by(desk, Ban(**row), reason=answer, actor=actor)
        return
    rows = await writing.content(tx, found.subject_kind, [(member_id, found.subject_id)])
    content = Post(**rows[0]) if found.subject_kind == Kind.POST else Comment(**rows[0])
    if content.state in _APPEALABLE:
        await restored_by(tx, desk, content, reason=answer, actor=actor)


def _note(desk: Desk, found: Appeal, action: Action, *, actor: str, reason: str) -> None:
    steps.note(
        desk.changes,
        found.member_id,
        action,
        actor=actor,
        subject_kind=found.subject_kind,
        subject_id=found.subject_id,
        reason=reason,
        now=desk.now,
    )
