"""How does who asked say which answer helped?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import writing as queries
from domain.community import rules, steps
from domain.community.errors import OwnContent
from domain.community.model import Comment, Kind, Post, PostKind, Received, State
from domain.ledger.steps import Desk, post
from domain.rewards.errors import WrongKind, WrongState
from kit.errors import NotFound

Ref = tuple[UUID, UUID]


@transactional
async def accept_answer(
    tx: Tx, member_id: UUID, post_id: UUID, answer: Ref | None, *, now: datetime
) -> Post:
    """Mark a comment on one's own question as the answer that helped; None: none any more.

    Who answered is paid by a job, and who had been accepted before is paid no more. Refuses
    NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED, WRONG_KIND (it is no question), WRONG_STATE (it
    isn't seen), OWN_CONTENT.
    """
    desk = await steps.enter(tx, member_id, now)
    rows = await queries.content(tx, Kind.POST, [(member_id, post_id)])
    if not rows or rows[0]["state"] == State.DELETED:
        raise NotFound("post")
    question = Post(**rows[0])
    steps.require_welcome(desk)
    if question.kind != PostKind.QUESTION:
        raise WrongKind(question.kind, PostKind.QUESTION)
    if answer is not None and question.state != State.VISIBLE:
        raise WrongState(question.state, State.VISIBLE)
    accepted = None if answer is None else await _answer(tx, question, answer)
    if question.accepted_id == (accepted and accepted.id):
        return question
    decided = await _decided(tx, desk, question, accepted)
    for comment in (question, decided):
        _tell(desk, comment)
    desk.changes.put("community_post", decided)
    await post(tx, desk)
    return decided


async def _answer(tx: Tx, question: Post, answer: Ref) -> Comment:
    rows = await queries.content(tx, Kind.COMMENT, [answer])
    if not rows or rows[0]["post_id"] != question.id or rows[0]["state"] != State.VISIBLE:
        raise NotFound("comment")
    if rows[0]["member_id"] == question.member_id:
        raise OwnContent
    return Comment(**rows[0])


async def _decided(tx: Tx, desk: Desk, question: Post, accepted: Comment | None) -> Post:
    """With why the voice of who asks doesn't count: an answer to such a question is not paid."""
    earner = await steps.at_desk(tx, desk)
    silent_for = rules.why_no_voice(
        earner.tier_code, desk.member.joined_at, earner.programme, now=desk.now
    )
    return replace(
        question,
        accepted_id=accepted and accepted.id,
        accepted_member_id=accepted and accepted.member_id,
        accepted_silent_for=accepted and silent_for,
        changed_at=desk.now,
    )


def _tell(desk: Desk, question: Post) -> None:
    """Who answered hears that they were accepted, or are no more."""
    if question.accepted_id is None or question.accepted_member_id is None:
        return
    job = steps.receive_job(
        question.accepted_member_id,
        Received.ACCEPT,
        subject_id=question.accepted_id,
        source_id=question.id,
        from_member_id=question.member_id,
        now=desk.now,
    )
    desk.changes.put("job", job)
