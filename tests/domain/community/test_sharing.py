"""What is a link worth that others open?"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db.connection import reader
from domain.community import operations
from domain.community.views import shared
from domain.ledger.operations import audit
from kit.errors import InvalidInput, NotFound, Refusal
from tests.support.missions import a_task, progress
from tests.support.programmes import in_force
from tests.support.talking import earned, say
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

LATER = NOW + timedelta(minutes=5)


async def _opens(share) -> int:
    async with reader() as tx:
        return await tx.fetchval("SELECT open_count FROM community_share WHERE id = $1", share.id)


async def test_a_link_counts_once_for_each_member_who_opens_it(ming, hua):
    post = await say(hua)
    link = await operations.share(ming.member_id, of=(post.member_id, post.id), now=NOW)
    assert len(link.token) == 16
    async with nothing_changed():
        again = await operations.share(ming.member_id, of=(post.member_id, post.id), now=LATER)
    assert again == link
    for _ in range(2):
        await operations.open_share(hua.member_id, link.token, now=NOW)
    async with nothing_changed():
        await operations.open_share(ming.member_id, link.token, now=NOW)
    await work(NOW)
    assert await _opens(link) == 1
    assert (await wallet(ming.member_id)).available == 5
    for _ in range(5):
        await operations.open_share((await a_member()).member_id, link.token, now=NOW)
    await work(NOW)
    assert await _opens(link) == 6
    assert (await wallet(ming.member_id)).available == 25
    assert ("SHARE_OPENED", "UNPAID", "DAILY_LIMIT", 0) in await earned(ming)
    assert (await audit(now=NOW)).breaches == []


async def test_opened_links_count_for_tasks(ming, hua):
    await in_force(since=NOW, tasks=[a_task(kind="shares", claim="member")])
    link = await operations.share(ming.member_id, sku="tea", now=NOW)
    await operations.open_share(hua.member_id, link.token, now=NOW)
    await work(NOW)
    assert await progress(ming) == {("T", "once"): ("CLAIMABLE", 1, 0)}


async def test_twenty_opens_at_once_are_one(ming, hua):
    link = await operations.share(ming.member_id, sku="tea", now=NOW)
    await asyncio.gather(
        *(operations.open_share(hua.member_id, link.token, now=NOW) for _ in range(20)),
        *(work(NOW) for _ in range(2)),
    )
    await work(NOW)
    assert (await _opens(link), (await wallet(ming.member_id)).available) == (1, 5)


async def test_what_is_not_there_is_not_shared(ming, hua):
    post = await say(hua)
    await operations.delete_post(hua.member_id, post.id, now=NOW)
    asked: list[tuple[type[Refusal], dict[str, Any]]] = [
        (NotFound, {"of": (post.member_id, post.id)}),
        (InvalidInput, {}),
        (InvalidInput, {"of": (post.member_id, post.id), "sku": "tea"}),
        (InvalidInput, {"sku": "x" * 129}),
    ]
    for error, facts in asked:
        async with nothing_changed():
            with pytest.raises(error):
                await operations.share(ming.member_id, **facts, now=NOW)
    async with nothing_changed():
        with pytest.raises(NotFound):
            await operations.open_share(ming.member_id, "nothing", now=NOW)
    assert await shared("nothing") is None
