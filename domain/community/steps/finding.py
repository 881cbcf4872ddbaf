"""Which content does a member mean, and is it there for them?"""

from uuid import UUID

from db.connection import Tx
from db.queries.community import blocks
from db.queries.community import writing as queries
from domain.community.errors import InteractionRefused
from domain.community.model import Comment, Guest, Kind, Post, State, Subject
from domain.community.rules import unreadable
from domain.programme.model import Programme
from domain.programme.views import versions
from kit.errors import NotFound


async def standing_post(
    tx: Tx, guest: Guest, member_id: UUID, post_id: UUID, programme: Programme
) -> Post:
    """A post that the guest may read. Refuses NOT_FOUND."""
    rows = await queries.content(tx, Kind.POST, [(member_id, post_id)])
    post = Post(**rows[0]) if rows else None
    if post is None or post.state != State.VISIBLE:
        raise NotFound("post")
    if post.topic in unreadable(guest, programme, (await versions(tx)).topics):
        raise NotFound("post")
    return post


async def standing_comment(
    tx: Tx, guest: Guest, member_id: UUID, comment_id: UUID, programme: Programme
) -> Comment:
    """A comment on a post that the guest may read. Refuses NOT_FOUND."""
    rows = await queries.content(tx, Kind.COMMENT, [(member_id, comment_id)])
    comment = Comment(**rows[0]) if rows else None
    if comment is None or comment.state != State.VISIBLE:
        raise NotFound("comment")
    await standing_post(tx, guest, comment.post_member_id, comment.post_id, programme)
    return comment


async def standing_subject(
    tx: Tx, guest: Guest, subject: Subject, programme: Programme
) -> Post | Comment:
    """Content that the guest may read. Refuses NOT_FOUND."""
    find = standing_post if subject.kind == Kind.POST else standing_comment
    return await find(tx, guest, subject.member_id, subject.id, programme)


async def require_unblocked(tx: Tx, member_id: UUID, *authors: UUID) -> None:
    """Refuses INTERACTION_REFUSED where one of these has blocked the member."""
    if await blocks.is_blocked_by(tx, member_id, authors):
        raise InteractionRefused
