"""How does a test have members talk: posts, comments, likes, and what became of the counts?"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from db.connection import reader
from domain.community import operations
from domain.community.model import Comment, Draft, Kind, Post, Subject
from domain.members.model import Member
from kit.ids import new_id
from tests.support.shop import done, paid
from tests.support.value import wallet
from tests.support.world import NOW, a_member

BODY = "今天收到的茶叶很香，泡了三次味道还在，推荐给喜欢清淡口味的朋友们。"


async def say(member: Member, body: str = BODY, *, at: datetime = NOW, **draft: Any) -> Post:
    return await operations.create_post(
        member.member_id, Draft(body, **draft), key=str(new_id()), now=at
    )


async def answer(
    member: Member,
    post: Post,
    body: str = "好的，谢谢分享，下次也去试试看。",
    *,
    to: Comment | None = None,
    at: datetime = NOW,
) -> Comment:
    return await operations.write_comment(
        member.member_id,
        (post.member_id, post.id),
        body,
        parent=to and (to.member_id, to.id),
        key=str(new_id()),
        now=at,
    )


def subject(found: Post | Comment) -> Subject:
    kind = Kind.POST if isinstance(found, Post) else Kind.COMMENT
    return Subject(found.member_id, found.id, kind)


async def like(
    member: Member, found: Post | Comment, *, is_on: bool = True, at: datetime = NOW
) -> bool:
    return await operations.set_like(member.member_id, subject(found), is_on=is_on, now=at)


async def follow(member: Member, other: Member, *, is_on: bool = True, at: datetime = NOW) -> bool:
    return await operations.set_follow(member.member_id, other.member_id, is_on=is_on, now=at)


async def counts_of(found: Post | Comment) -> tuple[int, ...]:
    """Likes, and of a post comments, as they are stored."""
    async with reader() as tx:
        if isinstance(found, Post):
            row = await tx.fetchrow(
                "SELECT like_count, comment_count FROM community_post WHERE id = $1", found.id
            )
        else:
            row = await tx.fetchrow(
                "SELECT like_count FROM community_comment WHERE id = $1", found.id
            )
    assert row is not None
    return tuple(row)


async def followers(member_id: UUID) -> int:
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT follower_count FROM community_profile WHERE member_id = $1", member_id
        )


async def voiced(nickname: str = "老客", *, at: datetime = NOW, **facts: Any) -> Member:
    """A member whose likes and reports count: here for long, above the lowest tier."""
    member = await a_member(nickname=nickname, joined_at=at - timedelta(days=90), **facts)
    await done(paid(member, f"of {member.member_id}", 500_000, at=at))
    return member


async def told(member_id: UUID) -> list[list[Any]]:
    """Template and facts of each message to the member, in order."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT template, facts FROM notification WHERE member_id = $1 ORDER BY id", member_id
        )
    return [[row["template"], orjson.loads(row["facts"])] for row in rows]


async def earned(member: Member) -> list[tuple[str, str, str | None, int]]:
    """Kind, state, reason and amount of each merit, in order."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, state, reason, amount FROM community_merit WHERE member_id = $1"
            " ORDER BY happened_at, subject_id, source_id",
            member.member_id,
        )
    return [(row["kind"], row["state"], row["reason"], row["amount"]) for row in rows]


async def community(member: Member) -> tuple[int, int, int]:
    """COMMUNITY earned, available and owed."""
    found = await wallet(member.member_id, "COMMUNITY")
    return found.lifetime_earned, found.available, found.debt
