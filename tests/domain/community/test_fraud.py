"""Does farming the community end with nothing gained, for a reason that has a name?"""

from collections import Counter
from datetime import timedelta

from db.connection import transactional
from domain.community import operations
from domain.ledger.operations import audit
from domain.members.model import NewMember
from domain.members.steps import create
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit.ids import new_id
from tests.support.talking import BODY, answer, earned, like, say
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, programme

LATER = NOW + timedelta(minutes=1)


@transactional
async def _on(tx, device_hash):
    """A member of long standing who registered on this device."""
    newcomer = NewMember(
        nickname="小机",
        email=f"{new_id()}@example.com",
        phone=None,
        timezone="Asia/Shanghai",
        locale="zh-CN",
        joined_at=NOW - timedelta(days=90),
        device_hash=device_hash,
    )
    return await create(tx, newcomer, now=NOW, programme=programme())


async def _gained(member) -> int:
    points = await wallet(member.member_id)
    return points.pending + points.available + points.debt


async def test_likes_of_fresh_accounts_give_an_author_nothing(ming):
    post = await say(ming, "短")
    for _ in range(10):
        await like(await a_member(), post)
    for _ in range(10):
        old = await a_member(joined_at=NOW - timedelta(days=90))
        await like(old, post)
    await work(NOW)
    assert await _gained(ming) == 0
    reasons = [entry[2] for entry in await earned(ming) if entry[0] == "LIKE_RECEIVED"]
    assert Counter(reasons) == {"NEW_MEMBER": 10, "NOT_TIERED": 10}
    assert (await audit(now=NOW)).breaches == []


async def test_a_like_from_the_author_s_own_device_gives_nothing(square):  # noqa: ARG001
    author = await _on("phone")
    post = await say(author, "短")
    fan = await _on("phone")
    await like(fan, post)
    await work(NOW)
    assert await _gained(author) == 0
    assert ("LIKE_RECEIVED", "UNPAID", "SAME_DEVICE", 0) in await earned(author)


async def test_a_post_that_is_deleted_at_once_gives_nothing(ming):
    for number in range(5):
        post = await say(
            ming, f"{BODY}第 {number} 次发帖，内容完全不同：{'茶咖水酒奶'[number] * 2}"
        )
        await operations.delete_post(ming.member_id, post.id, now=NOW)
    await work(NOW)
    assert await _gained(ming) == 0
    reasons = {entry[2] for entry in await earned(ming)}
    assert reasons <= {"DELETED", "SIMILAR", "DAILY_LIMIT"}
    assert "DELETED" in reasons
    assert (await audit(now=NOW)).breaches == []


async def test_points_of_a_deleted_post_that_were_spent_are_owed(ming):
    post = await say(ming)
    assert await _gained(ming) == 5
    taken = Adjustment(ming.member_id, -5, "spent", "k")
    await adjust("ada", taken, now=NOW)
    await operations.delete_post(ming.member_id, post.id, now=LATER)
    points = await wallet(ming.member_id)
    assert (points.available, points.debt) == (0, -5)


async def test_the_same_text_over_and_over_gives_once(ming, hua):
    for _ in range(5):
        await say(ming)
    assert await _gained(ming) == 5
    post = await say(hua)
    for _ in range(5):
        await answer(ming, post)
    found = await wallet(ming.member_id, "COMMUNITY")
    assert found.available == 2
    reasons = [entry[2] for entry in await earned(ming) if entry[0] == "COMMENT"]
    assert reasons == [None, "SIMILAR", "SIMILAR", "SIMILAR", "SIMILAR"]


async def test_liking_and_unliking_gives_once(ming, hua):
    post = await say(hua)
    for turn in range(7):
        await like(ming, post, is_on=turn % 2 == 0)
    found = await wallet(ming.member_id, "COMMUNITY")
    assert found.available == 1
    await like(ming, post, is_on=False)
    found = await wallet(ming.member_id, "COMMUNITY")
    assert found.available == 0
