"""How do COMMUNITY and GROWTH come and go, as a member reads it?"""

from datetime import timedelta

import pytest

from db.connection import watched
from domain.community import operations as talk
from domain.dashboard.model import Entry, Part
from domain.dashboard.views import member_view
from domain.rewards.operations import cancel, redeem
from kit.errors import InvalidInput
from kit.paging import Page
from tests.support.merging import merged
from tests.support.programmes import in_force
from tests.support.shop import done, paid, refunded
from tests.support.talking import answer, like, say
from tests.support.world import NOW, a_member

LATER = NOW + timedelta(hours=1)
TITLE = {"zh-CN": "茶", "en": "Tea"}
TEA = {"code": "TEA", "kind": "PHYSICAL", "title": TITLE, "price_community": 2}


@pytest.fixture(autouse=True)
async def _shop(database) -> None:  # noqa: ARG001  the rows go into it
    await in_force(since=NOW, rewards=[TEA])


async def history(member, name, *, first=20, after=None, locale="en") -> Page[Entry]:
    part = Part(name, (first, after, True))
    view = await member_view(member.member_id, [part], now=LATER, locale=locale)
    assert view is not None
    found = view.parts[part]
    assert isinstance(found, Page)
    return found


def told(entry: Entry) -> tuple[str, int, str]:
    return entry.kind, entry.amount, entry.explanation.partition(" (Programme")[0]


async def talked():
    """Commented, bought with it, brought back, bought again; then the comment was hidden."""
    ming, post = await a_member(), await say(await a_member())
    comment = await answer(ming, post)
    for key in "ab":
        made = await redeem(ming.member_id, "TEA", 1, idempotency_key=key, now=NOW)
        if key == "a":
            await cancel(ming.member_id, made.redemption.id, actor="member", now=NOW)
    await talk.delete_comment(ming.member_id, comment.id, now=LATER)
    await like(ming, post, at=LATER)
    return ming


async def test_every_way_in_which_community_came_and_went_is_told():
    ming = await talked()
    page = await history(ming, "community_history")
    assert [told(entry) for entry in page.items] == [
        ("earn", 1, "A like: 1 community point."),
        (
            "shortfall",
            -2,
            (
                "What is to be taken back had been spent, so 2 community points became a debt."
                " A comment in the community was deleted: what it gave is taken back."
            ),
        ),
        ("spend", -2, "Redeemed 1 × “Tea” at 2 community points: 2 community points."),
        ("restore", 2, "“Tea” was cancelled: the community points come back."),
        ("spend", -2, "Redeemed 1 × “Tea” at 2 community points: 2 community points."),
        ("earn", 2, "A comment in the community: 2 community points."),
    ]
    assert {entry.currency for entry in page.items} == {"COMMUNITY"}
    chinese = (await history(ming, "community_history", locale="zh-CN")).items
    assert chinese[-1].explanation == "社区评论：2 社区积分。（会员计划第 1 版）"
    assert chinese[1].explanation == (
        "应收回的社区积分已被使用，2 社区积分记为欠分。社区评论已被删除，所得收回。"
        "（会员计划第 1 版）"
    )


async def test_a_history_is_paged_by_key_and_read_by_one_statement():
    ming = await talked()
    statements: list[str] = []
    async with watched(statements.append):
        first = await history(ming, "community_history", first=4)
    assert len(statements) == 1
    rest = await history(ming, "community_history", first=4, after=first.cursors[-1])
    assert [entry.seq for entry in (*first.items, *rest.items)] == [6, 5, 4, 3, 2, 1]
    assert (first.has_next, rest.has_next, rest.has_previous) == (True, False, True)
    with pytest.raises(InvalidInput):
        await history(ming, "community_history", after="?")


async def test_growth_is_told_with_what_it_came_from():
    ming = await a_member()
    await done(paid(ming, "o1", 12_000), refunded(ming, "o1", "r1", at=NOW))
    await answer(ming, await say(await a_member()))
    comment, back, bought = (await history(ming, "growth_history")).items
    assert told(comment) == (
        "earn",
        2,
        "A comment in the community: 2 growth.",
    )
    assert (back.kind, back.amount) == ("take_back", -120)
    assert back.explanation.startswith("120 growth taken back. Refund r1 of order o1: ")
    assert (bought.kind, bought.amount) == ("earn", 120)
    assert bought.explanation.startswith("120 growth. Where from: Order o1: ")
    assert {entry.currency for entry in (comment, back, bought)} == {"GROWTH"}


async def test_what_a_merge_brought_is_told_in_both():
    ming, hong = await a_member(nickname="Ming"), await a_member(nickname="Hong")
    await answer(hong, await say(await a_member()))
    await merged(ming, hong)
    for name, what in (("community_history", "2 community points"), ("growth_history", "2 growth")):
        (entry,) = (await history(ming, name)).items
        assert told(entry) == (
            *("merge_in", 2),
            f"The membership was merged with that of Hong. {what} came over.",
        )
