"""What is content worth, to whom, and what becomes of it when it is hidden, deleted or restored?"""

from datetime import timedelta

import pytest

from domain.community import operations, views
from domain.community.rules import likeness_percent, why_unpaid
from domain.ledger.operations import audit
from domain.members.operations import resume, suspend
from domain.programme.model import Quality
from domain.rewards.operations import redeem
from domain.tasks.operations import claim
from tests.support.missions import a_task, progress
from tests.support.programmes import in_force
from tests.support.talking import (
    BODY,
    answer,
    community,
    earned,
    like,
    say,
    subject,
    voiced,
)
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, nothing_changed

LATER = NOW + timedelta(minutes=5)
TEXTS = (
    BODY,
    "周末去了山里的茶园，跟着茶农学了一天采茶和炒茶，手都烫红了。",
    "新买的陶瓷杯保温效果不错，就是杯盖有点松，倒水的时候要小心。",
    "请教大家一个问题：隔夜的绿茶还能不能喝，网上的说法差别很大。",
)


async def _points(member) -> tuple[int, int, int]:
    """Points available less debt, GROWTH, COMMUNITY less debt."""
    points = await wallet(member.member_id)
    growth = await wallet(member.member_id, "GROWTH")
    found = await wallet(member.member_id, "COMMUNITY")
    return points.available + points.debt, growth.available, found.available + found.debt


def test_likeness_is_of_runs_of_three_letters():
    assert likeness_percent("abcd", "abce") == 33
    assert likeness_percent("A, b-c d!", "abcd") == 100
    assert likeness_percent("好茶", "好茶") == 100
    assert likeness_percent(TEXTS[0], TEXTS[1]) < 10
    assert likeness_percent(BODY, BODY + "真的") >= 60


ENGLISH = "This tea is really fragrant, it lasts three infusions, so I recommend it."


@pytest.mark.parametrize(
    "again",
    [
        "\u200b".join(BODY),
        "\u3164".join(BODY),
        "\ufe0f🍵".join(BODY),
        "  \n".join(BODY),
        "\u0301".join(ENGLISH),
        "\u0323".join(ENGLISH),
        "".join(chr(ord(letter) + 0xFEE0) if letter > " " else letter for letter in ENGLISH),
        ENGLISH.translate(
            str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")
        ),
    ],
)
def test_a_text_in_another_dress_is_the_same(again):
    before = [BODY, ENGLISH]
    assert why_unpaid(again, before, Quality(), length_min=15) == "SIMILAR"
    assert why_unpaid(again, [], Quality(), length_min=15) is None


@pytest.mark.parametrize(
    ("text", "before", "reason"),
    [
        ("好" * 30, [], "TOO_SHORT"),
        ("强烈推荐！" * 8, [], "TOO_SHORT"),
        ("好茶\u3164\u115f" * 4 + "a\u0301" * 20, [], "TOO_SHORT"),
        ("一二三四五，六七八九十！一二三四", [], "TOO_SHORT"),
        ("一二三四五，六七八九十！一二三四五", [], None),
        (BODY, [TEXTS[1], BODY + "真的"], "SIMILAR"),
        (BODY, TEXTS[1:], None),
    ],
)
def test_a_text_is_worth_points_if_it_is_long_and_new(text, before, reason):
    assert why_unpaid(text, before, Quality(), length_min=15) == reason


async def test_a_post_gives_points_and_growth_three_times_a_day(ming):
    for text in TEXTS:
        await say(ming, text)
    assert await _points(ming) == (15, 15, 0)
    assert sorted(await earned(ming)) == [
        ("POST", "PAID", None, 5),
        ("POST", "PAID", None, 5),
        ("POST", "PAID", None, 5),
        ("POST", "UNPAID", "DAILY_LIMIT", 0),
    ]
    await say(ming, "第二天的新帖子：早上用山泉水泡了一壶白茶。", at=NOW + timedelta(days=1))
    assert await _points(ming) == (20, 20, 0)
    await work(NOW + timedelta(days=1))
    assert (await audit(now=NOW + timedelta(days=1))).breaches == []


async def test_short_and_repeated_posts_give_nothing_and_say_why(ming):
    await say(ming, "签到打卡")
    await say(ming)
    await say(ming, BODY + "真的！")
    assert await earned(ming) == [
        ("POST", "UNPAID", "TOO_SHORT", 0),
        ("POST", "PAID", None, 5),
        ("POST", "UNPAID", "SIMILAR", 0),
    ]
    assert await _points(ming) == (5, 5, 0)


async def test_short_posts_in_between_make_a_repeated_one_no_new_one(ming):
    await say(ming)
    for number in range(Quality().compare_last):
        await say(ming, f"第 {number} 天打卡")
    await say(ming, at=LATER)
    assert (await earned(ming))[-1] == ("POST", "UNPAID", "SIMILAR", 0)
    assert await _points(ming) == (5, 5, 0)


async def test_comments_and_likes_give_community_points_and_growth(ming, hua):
    post = await say(hua)
    await answer(ming, post)
    await answer(hua, post)
    await like(ming, post)
    assert await _points(ming) == (0, 3, 3)
    assert await earned(hua) == [
        ("POST", "PAID", None, 5),
        ("COMMENT", "UNPAID", "OWN_POST", 0),
    ]
    await like(ming, post, is_on=False)
    assert await _points(ming) == (0, 2, 2)
    await like(ming, post)
    assert await _points(ming) == (0, 3, 3)
    assert (await audit(now=NOW)).breaches == []


async def test_likes_received_count_by_voices_once_each_up_to_a_limit(ming):
    await in_force(
        since=NOW, points={"interactions": {"like_received": {"points": 1, "per_day": 2}}}
    )
    post = await say(ming)
    fans = [await voiced() for _ in range(3)]
    for fan in fans:
        await like(fan, post)
        await work(NOW)
    assert await _points(ming) == (7, 7, 0)
    reasons = [entry[2] for entry in await earned(ming) if entry[0] == "LIKE_RECEIVED"]
    assert reasons == [None, None, "DAILY_LIMIT"]
    await like(fans[0], post, is_on=False)
    await work(NOW)
    assert await _points(ming) == (6, 6, 0)
    await like(fans[0], post)
    await work(NOW)
    assert await _points(ming) == (7, 7, 0)
    assert (await audit(now=NOW)).breaches == []


async def test_what_is_hidden_gives_all_back_and_restored_gets_it_again(ming):
    post = await say(ming)
    fan = await voiced()
    await like(fan, post)
    await operations.pick(ming.member_id, post.id, reason="好文", actor="ada", now=NOW)
    await work(NOW)
    assert await _points(ming) == (56, 56, 0)
    await operations.hide(subject(post), reason="误操作", actor="ada", now=LATER)
    await work(LATER)
    assert await _points(ming) == (0, 0, 0)
    assert {entry[1:3] for entry in await earned(ming)} == {("TAKEN_BACK", "HIDDEN")}
    await like(fan, post, is_on=False, at=LATER)
    await work(LATER)
    await operations.restore(subject(post), reason="恢复", actor="ada", now=LATER)
    await work(LATER)
    assert await _points(ming) == (55, 55, 0)
    assert sorted(await earned(ming)) == [
        ("LIKE_RECEIVED", "TAKEN_BACK", "WITHDRAWN", 1),
        ("POST", "PAID", None, 5),
        ("STAFF_PICK", "PAID", None, 50),
    ]
    for _ in range(2):
        await operations.hide(subject(post), reason="r", actor="ada", now=LATER)
        await operations.restore(subject(post), reason="r", actor="ada", now=LATER)
    assert await _points(ming) == (55, 55, 0)
    assert (await audit(now=LATER)).breaches == []


async def test_what_waits_for_the_staff_is_paid_when_it_is_seen(ming):
    post = await say(ming, BODY + "需要的加微信")
    assert await _points(ming) == (0, 0, 0)
    assert await earned(ming) == [("POST", "UNPAID", "HELD", 0)]
    await operations.restore(subject(post), reason="ok", actor="ada", now=LATER)
    assert await _points(ming) == (5, 5, 0)


async def test_a_pick_is_paid_once_and_only_of_what_is_seen(ming):
    post = await say(ming)

    def verb():
        return operations.pick(ming.member_id, post.id, reason="好", actor="ada", now=NOW)

    await verb()
    async with nothing_changed():
        assert (await verb()).picked_at == NOW
    assert await _points(ming) == (55, 55, 0)


async def test_community_spent_before_it_is_taken_back_is_a_debt(ming, hua):
    tea = {
        "code": "TEA_TIME",
        "kind": "BUNDLE",
        "title": {"zh-CN": "茶券", "en": "Tea"},
        "price_community": 2,
        "gives": {"points": 10},
    }
    await in_force(since=NOW, rewards=[tea])
    post = await say(hua)
    comment = await answer(ming, post)
    await redeem(ming.member_id, "TEA_TIME", 1, idempotency_key="k", now=NOW)
    assert await community(ming) == (2, 0, 0)
    await operations.delete_comment(ming.member_id, comment.id, now=LATER)
    assert await community(ming) == (0, 0, -2)
    other = await say(hua, TEXTS[1])
    await answer(ming, other, "我也想去茶园看看，请问在哪里？", at=LATER)
    await like(ming, other, at=LATER)
    assert await community(ming) == (3, 1, 0)
    assert (await audit(now=LATER)).breaches == []


async def test_posts_count_for_tasks_and_go_with_what_is_deleted(ming):
    await in_force(since=NOW, tasks=[a_task(kind="posts", target=2, claim="member")])
    await say(ming, "太短")
    first = await say(ming)
    await work(NOW)
    assert await progress(ming) == {}
    await say(ming, TEXTS[1])
    await work(NOW)
    assert await progress(ming) == {("T", "once"): ("CLAIMABLE", 2, 0)}
    await claim(ming.member_id, "T", now=NOW)
    assert await _points(ming) == (110, 110, 0)
    await operations.delete_post(ming.member_id, first.id, now=LATER)
    await work(LATER)
    assert await _points(ming) == (5, 5, 0)


async def test_a_level_is_reached_by_what_is_earned(ming, hua):
    await in_force(
        since=NOW,
        community={
            "levels": [
                {"code": "A", "name": {"zh-CN": "甲", "en": "A"}, "earned": 0},
                {"code": "B", "name": {"zh-CN": "乙", "en": "B"}, "earned": 2},
            ]
        },
    )
    assert (await views.mine(ming.member_id, now=NOW)).level.code == "A"
    post = await say(hua)
    comment = await answer(ming, post)
    part = await views.mine(ming.member_id, now=NOW)
    assert (part.level.code, part.earned, part.available) == ("B", 2, 2)
    await operations.delete_comment(ming.member_id, comment.id, now=NOW)
    assert (await views.mine(ming.member_id, now=NOW)).level.code == "A"


async def test_a_suspended_author_gets_what_likes_give_when_they_are_back(ming):
    post = await say(ming)
    fan = await voiced()
    await suspend(ming.member_id, actor="ada", reason="r", now=NOW)
    await like(fan, post)
    await work(NOW)
    points = await wallet(ming.member_id)
    assert (points.pending, points.available) == (1, 5)
    await resume(ming.member_id, actor="ada", reason="r", now=LATER)
    await say(ming, TEXTS[1], at=LATER)
    assert await _points(ming) == (11, 11, 0)


async def test_a_like_that_is_counted_while_the_post_is_hidden_pays_only_while_it_stands(ming):
    post = await say(ming)
    fan = await voiced()
    await like(fan, post)
    await operations.hide(subject(post), reason="r", actor="ada", now=NOW)
    await work(NOW)
    await like(fan, post, is_on=False)
    await work(NOW)
    await operations.restore(subject(post), reason="r", actor="ada", now=NOW)
    assert ("LIKE_RECEIVED", "UNPAID", "WITHDRAWN", 0) in await earned(ming)
    assert await _points(ming) == (5, 5, 0)
    await like(fan, post)
    await work(NOW)
    assert await _points(ming) == (6, 6, 0)
    await like(fan, post, is_on=False)
    await work(NOW)
    assert await _points(ming) == (5, 5, 0)
    assert (await audit(now=NOW)).breaches == []
