"""Do others see of a member's honours what the member shows, and nothing else?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.connection import watched
from domain.badges.operations import choose_title
from domain.community.honours import NO_HONOURS, Shown
from domain.community.model import Feed, Scope
from domain.community.operations import show_honours
from domain.community.views import Thread, feed, profile, shown, threads
from domain.effects.model import AwardBadge, GrantGrowth
from domain.members.operations import suspend
from domain.privacy.model import Content
from kit.errors import MemberSuspended
from tests.support.forgetting import forgotten
from tests.support.merging import merged
from tests.support.programmes import in_force
from tests.support.talking import answer, say
from tests.support.value import issue_to
from tests.support.world import NOW, a_member, nothing_changed, programme

pytestmark = pytest.mark.usefixtures("database")
BADGE = {
    "code": "FRIEND",
    "name": {"zh-CN": "老友", "en": "Friend"},
    "title": {"zh-CN": "茶友", "en": "Friend of tea"},
}
ALL = {"shows_badges": True, "shows_title": True, "shows_tier": True, "shows_growth": True}


async def an_honoured_member():
    """With a badge whose title they go by, on the lowest tier, with 120 GROWTH."""
    badges = programme().document()["badges"]
    await in_force(badges=[*badges, BADGE])
    ming = await a_member()
    await issue_to(ming.member_id, [AwardBadge("FRIEND"), GrantGrowth(120, "purchase")])
    await choose_title(ming.member_id, "FRIEND", now=NOW)
    return ming


async def show(member, **changed):
    return await show_honours(member.member_id, changed, now=NOW)


async def seen(member, viewer_id=None):
    """Title, tier, badges and growth on the profile; the first two where they speak too."""
    found = await profile(viewer_id, member.member_id, now=NOW)
    assert found is not None
    whole = found.author.honours
    spoken = await spoken_by(member, viewer_id)
    assert spoken == [(whole.title, whole.tier_code)] * len(spoken)
    badges = [held.badge.code for held in whole.badges]
    return whole.title, whole.tier_code, badges, whole.growth


async def spoken_by(member, viewer_id):
    page = await feed(viewer_id, Feed(Scope.HOT), now=NOW)
    (thread,) = await threads(viewer_id, [Thread(page.items[0].post.id)]) if page.items else [None]
    authors = [item.author for item in page.items]
    authors += [item.author for item in thread.items] if thread else []
    found = [author for author in authors if author.member_id == member.member_id]
    return [(author.honours.title, author.honours.tier_code) for author in found]


async def test_at_first_all_is_shown_but_growth():
    ming = await an_honoured_member()
    assert await shown(ming.member_id) == Shown(ming.member_id)
    assert await seen(ming) == ("FRIEND", "NORMAL", ["FRIEND"], None)


@pytest.mark.parametrize("viewer", ["nobody", "another", "themselves"])
@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        ("shows_title", (None, "NORMAL", ["FRIEND"], 120)),
        ("shows_tier", ("FRIEND", None, ["FRIEND"], 120)),
        ("shows_badges", ("FRIEND", "NORMAL", [], 120)),
        ("shows_growth", ("FRIEND", "NORMAL", ["FRIEND"], None)),
    ],
)
async def test_each_is_shown_or_not_to_whoever_looks(viewer, hidden, expected):
    ming = await an_honoured_member()
    other = await a_member()
    viewer_id = {"nobody": None, "another": other.member_id, "themselves": ming.member_id}[viewer]
    said = await say(ming)
    await answer(ming, said)
    await show(ming, **ALL)
    growth = (await seen(ming, viewer_id))[3]
    assert await seen(ming, viewer_id) == ("FRIEND", "NORMAL", ["FRIEND"], growth)
    await show(ming, **{hidden: False})
    expected = (*expected[:3], expected[3] and growth)
    assert await seen(ming, viewer_id) == expected
    assert len(await spoken_by(ming, viewer_id)) == 2


async def test_what_is_not_named_stays_and_the_same_again_changes_nothing():
    ming = await an_honoured_member()
    await show(ming, shows_growth=True)
    later = NOW + timedelta(days=1)
    again = await show_honours(ming.member_id, {"shows_tier": False}, now=later)
    expected = replace(Shown(ming.member_id), shows_tier=False, shows_growth=True, changed_at=later)
    assert again == expected
    async with nothing_changed():
        assert await show(ming, shows_tier=False) == again
    await suspend(ming.member_id, actor="ada", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await show(ming, shows_tier=True)


async def test_honours_cost_a_feed_and_a_thread_no_statement():
    ming = await an_honoured_member()
    said = [await say(ming, f"第 {number} 篇，今天的茶叶泡了三次还很香") for number in range(3)]
    await answer(ming, said[0])
    for call in (
        lambda: feed(None, Feed(Scope.HOT), now=NOW),
        lambda: threads(None, [Thread(found.id) for found in said]),
    ):
        statements: list[str] = []
        async with watched(statements.append):
            await call()
        assert len(statements) == 1


async def test_nobody_behind_a_pseudonym_is_honoured():
    ming = await an_honoured_member()
    await show(ming, **ALL)
    await say(ming)
    await forgotten(ming, content=Content.KEEP)
    found = await profile(None, ming.member_id, now=NOW)
    assert found is not None
    assert found.author.honours == NO_HONOURS


async def test_who_takes_somebody_in_shows_what_they_said_themselves():
    ming, hong = await an_honoured_member(), await a_member()
    await show(hong, shows_tier=False)
    await merged(ming, hong)
    assert (await shown(ming.member_id)).shows_tier is False
    hua = await a_member()
    await show(hua, shows_tier=True, shows_growth=True)
    await merged(ming, hua)
    assert (await shown(ming.member_id)).shows_growth is False
