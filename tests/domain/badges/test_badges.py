"""Who is awarded a badge, by which decision, and what are they called?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.activity.model import BoughtLine, Deed
from domain.badges import operations, rules, views
from domain.badges.errors import TitleNotHeld
from domain.checkins import operations as checkins
from domain.effects.model import AwardBadge
from domain.members import operations as members
from kit.errors import MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.programmes import changed
from tests.support.shop import done, line, paid, refunded, reviewed
from tests.support.value import issue_to
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

DAY = timedelta(days=1)
CATEGORIES = ("fresh", "drinks", "home", "clothing", "beauty")


async def badges_of(member, now=NOW):
    return [found.badge.code for found in await views.held(member.member_id, now=now)]


def basket(*categories):
    return [line(5_00, str(n), category=name) for n, name in enumerate(categories, start=1)]


async def test_who_has_bought_from_every_category_is_awarded_by_the_decision_on_it():
    ann = await a_member()
    await done(paid(ann, "A", *basket(*CATEGORIES[:4])))
    assert await badges_of(ann) == []
    await done(paid(ann, "B", *basket("beauty"), at=NOW + DAY))
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT d.key, d.kind, d.inputs->'categories' AS bought, b.awarded_at, n.facts->'badge'"
            " AS told FROM badge b JOIN decision d ON d.member_id = b.member_id"
            " AND d.id = b.decision_id JOIN notification n ON n.member_id = b.member_id"
            " AND n.template = 'badge_awarded' WHERE b.member_id = $1",
            ann.member_id,
        )
    assert row is not None
    assert (row["key"], row["kind"], row["awarded_at"]) == (
        *("badge:ALL_CATEGORIES", "badge", NOW + DAY),
    )
    assert row["bought"] == '["beauty", "clothing", "drinks", "fresh", "home"]'
    assert row["told"] == '{"en": "Bought from every category", "zh-CN": "全品类买家"}'


async def test_a_badge_stays_when_what_it_was_for_is_sent_back():
    ann = await a_member()
    await done(paid(ann, "A", *basket(*CATEGORIES)))
    await done(refunded(ann, "A", "R", at=NOW + DAY))
    assert await badges_of(ann) == ["ALL_CATEGORIES"]
    await done(paid(ann, "B", *basket(*CATEGORIES), at=NOW + 2 * DAY))
    async with reader() as tx:
        awards = await tx.fetchval("SELECT count(*) FROM decision WHERE kind = 'badge'")
    assert awards == 1


async def test_ten_reviews_on_several_days_make_a_reviewer():
    ann = await a_member()
    for number in range(9):
        await done(reviewed(ann, f"R{number}", at=NOW + number * DAY))
    assert await badges_of(ann) == []
    await done(reviewed(ann, "R9", at=NOW + 9 * DAY))
    assert await badges_of(ann) == ["REVIEWER_10"]


async def test_thirty_days_in_a_row_earn_the_badge_of_the_milestone():
    ann = await a_member(timezone="Asia/Shanghai")
    for day in range(30):
        await checkins.check_in(ann.member_id, now=NOW + day * DAY)
    await work(NOW + 29 * DAY)
    assert await badges_of(ann, NOW + 29 * DAY) == ["CHECKIN_30"]


@pytest.mark.parametrize(
    ("rule", "is_earned"),
    [
        ({"metric": "orders", "count": 2}, True),
        ({"metric": "orders", "count": 3}, False),
        ({"metric": "spend", "count": 60}, True),
        ({"metric": "spend", "count": 61}, False),
        ({"metric": "check_in_streak", "count": 7}, True),
        ({"metric": "check_in_streak", "count": 8}, False),
        ({"metric": "invites", "count": 1}, True),
        ({"metric": "posts", "count": 1}, False),
    ],
)
def test_a_rule_is_reached_by_what_stands(rule, is_earned):
    name = {"zh-CN": "徽章", "en": "Badge"}
    programme = changed(badges=[{"code": "ONE", "name": name, "rule": rule}])
    bought = BoughtLine("tea", None, None, 30_00, 30_00)
    deeds = [
        Deed(kind="order", at=NOW, reference="1", lines=(bought,)),
        Deed(kind="order", at=NOW + DAY, reference="2", lines=(bought,)),
        Deed(kind="check_in", at=NOW, reference="3", streak_days=7),
        Deed(kind="check_in", at=NOW, reference="4", streak_days=1),
        Deed(kind="invite", at=NOW, reference="5"),
    ]
    found = rules.earned(deeds, (), programme)
    assert [one.badge.code for one in found] == (["ONE"] if is_earned else [])
    assert rules.earned(deeds, {"ONE"}, programme) == []


async def test_a_member_goes_by_the_title_of_a_badge_that_they_have():
    ann = await a_member()
    await done(paid(ann, "A", *basket(*CATEGORIES)))
    await operations.choose_title(ann.member_id, "ALL_CATEGORIES", now=NOW)
    (held,) = await views.held(ann.member_id, now=NOW)
    assert held.is_title
    await operations.choose_title(ann.member_id, None, now=NOW)
    (held,) = await views.held(ann.member_id, now=NOW)
    assert not held.is_title


async def test_a_title_is_refused_that_is_not_the_member_s():
    ann = await a_member()
    for code in ("ALL_CATEGORIES", "NO_SUCH"):
        async with nothing_changed():
            with pytest.raises(TitleNotHeld):
                await operations.choose_title(ann.member_id, code, now=NOW)
    async with nothing_changed():
        with pytest.raises(NotFound):
            await operations.choose_title(new_id(), None, now=NOW)
    await members.suspend(ann.member_id, actor="ada", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await operations.choose_title(ann.member_id, None, now=NOW)


async def test_a_badge_that_the_programme_has_no_more_still_has_its_code():
    ann = await a_member()
    await issue_to(ann.member_id, [AwardBadge("OLD")])
    (held,) = await views.held(ann.member_id, now=NOW)
    assert (held.badge.code, held.badge.name.en, held.badge.title) == ("OLD", "OLD", None)
