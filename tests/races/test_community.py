"""Are counts exact when many like, unlike, comment and delete at the same moment?"""

import asyncio

import pytest

from db.connection import reader
from domain.community import operations
from domain.ledger.operations import audit
from kit.errors import NotFound
from tests.support.programmes import in_force
from tests.support.talking import answer, counts_of, like, say
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]


async def _really(post) -> tuple[int, int]:
    async with reader() as tx:
        likes = await tx.fetchval(
            "SELECT count(*) FROM community_like WHERE subject_id = $1 AND is_on", post.id
        )
        comments = await tx.fetchval(
            "SELECT count(*) FROM community_comment WHERE post_id = $1 AND state = 'VISIBLE'",
            post.id,
        )
    return likes, comments


async def test_a_hundred_likes_unlikes_and_deletes_at_once_are_counted_right():
    await in_force()
    author = await a_member()
    fans = [await a_member() for _ in range(10)]
    post, doomed = await say(author), await say(author)

    async def fan(member, place):
        made = await answer(member, post)
        for turn in range(5):
            await like(member, post, is_on=turn % 2 == 0)
        if place % 2:
            await like(member, post, is_on=False)
            await operations.delete_comment(member.member_id, made.id, now=NOW)
        try:
            await like(member, doomed)
        except NotFound:
            return 0
        return 1

    answers = await asyncio.gather(
        *(fan(member, place) for place, member in enumerate(fans)),
        *(work(NOW) for _ in range(3)),
        operations.delete_post(author.member_id, doomed.id, now=NOW),
        return_exceptions=True,
    )
    unexpected = [found for found in answers if isinstance(found, BaseException)]
    assert unexpected == []
    await work(NOW)
    assert await counts_of(post) == await _really(post) == (5, 5)
    assert await counts_of(doomed) == await _really(doomed)
    assert (await audit(now=NOW)).breaches == []


async def test_a_hundred_likes_at_once_are_a_hundred():
    await in_force()
    author = await a_member()
    post = await say(author)
    fans = [await a_member() for _ in range(100)]
    await asyncio.gather(*(like(fan, post) for fan in fans), work(NOW))
    await asyncio.gather(*(work(NOW) for _ in range(3)))
    await work(NOW)
    assert await counts_of(post) == (100, 0)
    await asyncio.gather(*(like(fan, post, is_on=False) for fan in fans[:60]), work(NOW))
    await work(NOW)
    assert await counts_of(post) == await _really(post) == (40, 0)


async def test_the_same_like_twenty_times_at_once_is_one():
    await in_force()
    author, fan = await a_member(), await a_member()
    post = await say(author)
    answers = await asyncio.gather(*(like(fan, post) for _ in range(20)))
    assert sum(answers) == 1
    await work(NOW)
    assert await counts_of(post) == (1, 0)
