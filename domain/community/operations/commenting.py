"""How does a member answer what another one said?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.idempotency import input_hash
from db.queries.community import writing as queries
from domain.community import rules, steps
from domain.community.errors import ReplyTooDeep
from domain.community.model import Comment, HeldFor, Kind, Post, State
from domain.ledger.steps import Desk, post
from domain.programme.views import versions
from kit.errors import NotFound
from kit.ids import new_id
from kit.keys import check_key

WRITE_COMMENT = "writeComment"
Ref = tuple[UUID, UUID]
"""Content's member id and id."""


@transactional
async def write_comment(  # noqa: PLR0913  what is said, and to what
    tx: Tx,
    member_id: UUID,
    of: Ref,
    body: str,
    *,
    parent: Ref | None = None,
    key: str,
    now: datetime,
) -> Comment:
    """Comment on a post, or with `parent` answer one of its comments; once for each key.

    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED, IDEMPOTENCY_KEY_REUSED,
    WORDS_REFUSED, TOO_MANY_LINKS, REPLY_TOO_DEEP, TIER_TOO_LOW and LEVEL_TOO_LOW (who may not write
    in the post's topic).
    """
    check_key(key)
    published = (await versions(tx)).at(now)
    programme = published.programme
    rules.check_comment(body, programme.community)
    desk = await steps.enter(tx, member_id, now, operation=WRITE_COMMENT, key=key)
    asked = input_hash({"of": of, "parent": parent, "body": body})
    first = steps.first_answer(desk, asked)
    if first is not None:
        return await _own(tx, member_id, UUID(first["comment"]))
    held_for = rules.judge_text(body, desk.member, programme.community, now=now)
    guest = steps.guest_of(desk, programme)
    found = await steps.standing_post(tx, guest, *of, programme)
    steps.readable_topic(guest, found.topic, programme, writes=True)
    if parent is not None:
        await _check_parent(tx, found, parent)
    await steps.require_unblocked(tx, member_id, found.member_id, *(parent or ())[:1])
    made = _comment(desk, found, body, parent, held_for)
    steps.put_new(desk, made)
    await steps.earn_for(tx, steps.earner_of(desk, published), made)
    answer = {"comment": str(made.id)}
    steps.kept(desk, operation=WRITE_COMMENT, key=key, asked=asked, answer=answer)
    await post(tx, desk)
    return made


async def _check_parent(tx: Tx, of: Post, parent: Ref) -> None:
    rows = await queries.content(tx, Kind.COMMENT, [parent])
    if not rows or rows[0]["post_id"] != of.id or rows[0]["state"] != State.VISIBLE:
        raise NotFound("comment")
    if rows[0]["parent_id"] is not None:
        raise ReplyTooDeep


def _comment(
    desk: Desk, of: Post, body: str, parent: Ref | None, held_for: HeldFor | None
) -> Comment:
    parent_member_id, parent_id = parent or (None, None)
    return Comment(
        member_id=desk.member.member_id,
        id=new_id(),
        post_member_id=of.member_id,
        post_id=of.id,
        parent_member_id=parent_member_id,
        parent_id=parent_id,
        body=body.strip(),
        state=State.VISIBLE if held_for is None else State.HELD,
        like_count=0,
        published_at=desk.now,
        changed_at=desk.now,
        held_for=held_for,
        report_count=0,
        reviewed_at=None,
    )


@transactional
async def delete_comment(tx: Tx, member_id: UUID, comment_id: UUID, *, now: datetime) -> Comment:
    """Take one's own comment away, for good; what it gave is taken back.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED.
    """
    desk = await steps.enter(tx, member_id, now)
    found = await _own(tx, member_id, comment_id)
    steps.require_welcome(desk)
    gone = steps.move(desk, found, State.DELETED)
    await steps.follow_content(tx, await steps.at_desk(tx, desk), gone)
    await post(tx, desk)
    return gone


async def _own(tx: Tx, member_id: UUID, comment_id: UUID) -> Comment:
    rows = await queries.content(tx, Kind.COMMENT, [(member_id, comment_id)])
    if not rows or rows[0]["state"] == State.DELETED:
        raise NotFound("comment")
    return Comment(**rows[0])
