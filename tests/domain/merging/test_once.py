"""Is what a member gets once not given again, and what both did counted together?"""

from datetime import date, timedelta

import pytest

from db.connection import reader
from domain.checkins.errors import AlreadyCheckedIn
from domain.checkins.operations import check_in
from domain.gifts.operations import give_birthdays
from domain.referrals.views import summary
from domain.tasks.operations import tag
from tests.domain.gifts.conftest import sections
from tests.support import shop
from tests.support.merging import balance, column, merged, parted, sound
from tests.support.missions import a_task, of_tasks, progress, tasks_in_force
from tests.support.programmes import in_force
from tests.support.referring import (
    SETTLED,
    a_friend,
    bind,
    coupons,
    enrol_by,
    entries,
    pay,
    refund,
    two_friends,
)
from tests.support.value import kinds
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def two():
    await published()
    return await a_member(), await a_member()


async def days(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT day, streak_days FROM check_in WHERE member_id = $1 ORDER BY day",
            member.member_id,
        )
    return [(row["day"].day, row["streak_days"]) for row in rows]


async def check_in_on(member, *numbers):
    for number in numbers:
        await check_in(member.member_id, now=NOW + number * DAY)


async def test_days_of_check_in_add_up_and_none_is_used_twice():
    ming, hong = await two()
    await check_in_on(ming, 0, 1, 4)
    await check_in_on(hong, 1, 2, 3)
    at = NOW + 4 * DAY
    outcome = await merged(ming, hong, at=at)
    assert outcome.check_in_days == 2
    assert await days(ming) == [(2, 1), (3, 2), (4, 3), (5, 4), (6, 5)]
    with pytest.raises(AlreadyCheckedIn):
        await check_in(ming.member_id, now=at)
    assert await balance(ming) == (0, 60, 0)
    assert (await check_in(ming.member_id, now=NOW + 5 * DAY)).streak_days == 6
    await parted(ming, hong, at=NOW + 5 * DAY)
    assert await days(ming) == [(2, 1), (3, 2), (6, 1), (7, 2)]
    assert await days(hong) == [(3, 1), (4, 2), (5, 3)]
    await check_in(hong.member_id, now=NOW + 5 * DAY)


async def test_a_milestone_that_both_were_paid_is_not_paid_again():
    ming, hong = await two()
    for member in (ming, hong):
        await check_in_on(member, *range(7))
    at = NOW + 6 * DAY
    await merged(ming, hong, at=at)
    assert await balance(ming) == (0, 180, 0)
    found = await check_in(ming.member_id, now=at + DAY)
    assert (found.streak_days, found.points_awarded) == (8, 10)


async def test_counts_of_limits_add_up():
    ming, hong = await two()
    told = [shop.reviewed(hong, f"h{n}") for n in range(2)]
    await shop.done(*told, shop.reviewed(ming, "m"))
    await merged(ming, hong)
    await shop.done(shop.reviewed(ming, "m2"), shop.reviewed(hong, "h3"))
    assert await balance(ming) == (0, 60, 0)
    await parted(ming, hong)
    assert await balance(hong) == (0, 40, 0)
    await shop.done(shop.reviewed(ming, "m3"))
    assert await balance(ming) == (0, 40, 0)


async def test_a_task_that_both_completed_is_not_paid_again_and_not_taken_back():
    await tasks_in_force(a_task(target=1))
    ming, hong = await a_member(), await a_member()
    await shop.done(shop.paid(ming, "A", 5_000), shop.paid(hong, "B", 5_000))
    assert [await of_tasks(one) for one in (ming, hong)] == [[100], [100]]
    await merged(ming, hong)
    await work(NOW)
    await shop.done(shop.paid(hong, "C", 5_000, at=NOW + DAY), now=NOW + DAY)
    assert await of_tasks(ming) == [100]
    assert await balance(ming) == (350, 0, 0)
    assert await progress(ming) == {("T", "once"): ("REWARDED", 1, 1)}
    await sound(NOW + DAY)


async def test_a_task_that_one_completed_is_done_and_goes_back_with_its_orders():
    await tasks_in_force(a_task(target=1))
    ming, hong = await a_member(), await a_member()
    await shop.done(shop.paid(hong, "B", 5_000))
    await merged(ming, hong)
    await shop.done(shop.paid(ming, "A", 5_000, at=NOW + DAY), now=NOW + DAY)
    assert await of_tasks(ming) == []
    await shop.done(
        *(
            shop.refunded(member, order, "r", at=NOW + DAY)
            for member, order in ((ming, "A"), (hong, "B"))
        ),
        now=NOW + DAY,
    )
    assert (await balance(ming), await progress(ming)) == (
        (0, 0, 0),
        {("T", "once"): ("OPEN", 0, 1)},
    )
    await sound(NOW + DAY)


async def test_what_both_did_together_counts_and_stands_when_they_are_parted():
    await tasks_in_force(a_task(target=2, recurrence="monthly"))
    ming, hong = await a_member(), await a_member()
    await shop.done(
        *(shop.paid(ming, "A", 5_000), shop.completed(ming, "A", at=NOW)),
        *(shop.paid(hong, "B", 5_000), shop.completed(hong, "B", at=NOW)),
    )
    await merged(ming, hong)
    await work(NOW)
    assert await balance(ming) == (0, 200, 0)
    await parted(ming, hong)
    await work(NOW)
    at = NOW + DAY
    await shop.done(shop.refunded(ming, "A", "r", at=at), now=at)
    assert await of_tasks(ming) == [100]
    assert await balance(ming) == (0, 100, 0)
    assert await balance(hong) == (0, 50, 0)
    await sound(at)


async def test_a_claimable_target_of_one_is_not_claimed_where_the_other_was_paid():
    await tasks_in_force(a_task(target=1, claim="member"))
    ming, hong = await a_member(), await a_member()
    await shop.done(shop.paid(ming, "A", 5_000), shop.paid(hong, "B", 5_000))
    assert [await progress(one) for one in (ming, hong)] == [
        {("T", "once"): ("CLAIMABLE", 1, 0)}
    ] * 2
    await merged(ming, hong)
    await work(NOW)
    assert await progress(ming) == {("T", "once"): ("CLAIMABLE", 1, 0)}


async def test_gifts_are_given_once_and_of_two_unused_coupons_one_is_revoked():
    await in_force(**sections())
    ming = (await enrol_by(None)).member
    await work(NOW)
    hong = (await enrol_by(None, now=NOW + DAY)).member
    await work(NOW + DAY)
    assert [await coupons(one) for one in (ming, hong)] == [[("TEA_5", "ISSUED")]] * 2
    outcome = await merged(ming, hong, at=NOW + DAY)
    assert outcome.coupons_revoked == 1
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT state, expires_at FROM coupon WHERE member_id = $1 ORDER BY expires_at",
            ming.member_id,
        )
    assert [tuple(row) for row in rows] == [
        ("REVOKED", NOW + 30 * DAY),
        ("ISSUED", NOW + 31 * DAY),
    ]
    await work(NOW + DAY)
    assert (await balance(ming))[1] == 200


async def test_a_tier_whose_gifts_one_was_given_gives_none_again():
    await in_force(**sections())
    ming, hong = await a_member(), await a_member()
    await shop.done(shop.paid(hong, "A", 990_000), shop.completed(hong, "A", at=NOW))
    assert ("tier", "GOLD") in [tuple(row) for row in await gifts_of(hong)]
    await merged(ming, hong)
    before = await kinds(ming.member_id)
    await shop.done(shop.paid(ming, "B", 100_000), shop.completed(ming, "B", at=NOW))
    given = [amount for kind, amount in (await kinds(ming.member_id))[len(before) :]]
    assert 250 not in given
    assert 200 not in given
    await sound(NOW)


async def gifts_of(member):
    async with reader() as tx:
        return await tx.fetch("SELECT kind, code FROM gift WHERE member_id = $1", member.member_id)


async def test_a_birthday_gift_of_one_is_the_gift_of_the_year():
    await in_force(**sections())
    born = date(1990, 3, 2)
    early = NOW - 60 * DAY
    ming = await a_member(birthday=born, now=early)
    hong = await a_member(birthday=born, now=early)
    await give_birthdays(as_of=NOW, limit=1)
    await merged(hong, ming)
    await give_birthdays(as_of=NOW)
    await work(NOW)
    birthdays = await column("SELECT member_id FROM gift WHERE kind = 'birthday'")
    assert birthdays == [hong.member_id]


async def test_a_referral_between_the_two_is_reversed_on_both_sides():
    await published()
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    assert [await entries(one) for one in (inviter, friend)] == [
        [("earn", "referral", 500)],
        [("earn", "referral", 200)],
    ]
    outcome = await merged(inviter, friend, at=SETTLED)
    assert outcome.referral_reversed
    assert await balance(inviter) == (0, 100, 0)
    assert await coupons(inviter) == [("NEW_MEMBER_20", "REVOKED")]
    assert (await summary(inviter.member_id)).points_earned == 0
    await work(SETTLED)
    await sound(SETTLED)


async def test_a_binding_between_the_two_that_has_not_counted_ends():
    await published()
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await merged(friend, inviter)
    await work(SETTLED)
    assert await balance(friend) == (0, 100, 0)
    assert await column("SELECT state FROM referral") == ["REVERSED"]


async def test_the_binding_of_the_absorbed_goes_on_with_the_survivor():
    await published()
    inviter, friend = await two_friends()
    ming = await a_member()
    await merged(ming, friend)
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    assert await balance(inviter) == (0, 500, 0)
    assert await balance(ming) == (0, 300, 0)
    assert (await summary(inviter.member_id)).rewarded == 1
    at = SETTLED + DAY
    await refund(friend, "o1", at=at)
    await work(at)
    assert [await balance(one) for one in (inviter, ming)] == [(0, 0, 0)] * 2
    await sound(at)


async def test_what_was_awarded_before_the_merge_is_reversed_after_it_once():
    await published()
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    ming = await a_member()
    await merged(ming, friend, at=SETTLED)
    await work(SETTLED)
    assert await balance(inviter) == (0, 500, 0)
    at = SETTLED + DAY
    await refund(friend, "o1", at=at)
    await work(at)
    assert [await balance(one) for one in (inviter, ming)] == [(0, 0, 0)] * 2


async def test_of_two_bindings_the_earlier_stands_and_the_other_gives_nothing():
    await published()
    first, early = await two_friends()
    second, late = await a_member(), await a_member(now=NOW + DAY)
    await bind(late.member_id, second.referral_code, now=NOW + DAY)
    await work(NOW + DAY)
    await merged(late, early, at=NOW + DAY)
    await pay(late, "o1", at=NOW + DAY)
    await work(NOW + DAY)
    await work(SETTLED + DAY)
    assert [await balance(one) for one in (first, second)] == [(0, 500, 0), (0, 0, 0)]
    assert (await summary(second.member_id)).rewarded == 0
    await sound(SETTLED + DAY)
    await parted(late, early, at=SETTLED + DAY)
    bound = await column("SELECT bound_as = member_id FROM referral")
    assert bound == [True, True]


async def test_invitations_of_both_count_together_and_milestones_come_once():
    await published()
    ming, hong = await two_friends()
    gang = await a_member()
    friends = [await a_friend(one) for one in (hong, hong, gang)]
    for number, friend in enumerate(friends[:2]):
        await pay(friend, f"o{number}")
    await work(NOW)
    await work(SETTLED)
    assert (await summary(hong.member_id)).rewarded == 2
    await merged(gang, hong, at=SETTLED)
    await pay(friends[2], "o9", at=SETTLED)
    await work(SETTLED)
    await work(SETTLED + 16 * DAY)
    found = await summary(gang.member_id)
    assert (found.bound, found.rewarded) == (3, 3)
    milestone = [row for row in await entries(gang) if row[1] == "referral_milestone"]
    assert len(milestone) == 1
    await sound(SETTLED + 16 * DAY)
    assert (await summary(ming.member_id)).bound == 1


async def tags(member):
    return await column(
        "SELECT tag FROM member_tag WHERE member_id = $1 ORDER BY tag", member.member_id
    )


async def test_tags_and_messages_are_the_survivors_and_a_message_is_told_once():
    ming, hong = await two()
    await tag(ming.member_id, "vip", actor="s", now=NOW)
    await tag(hong.member_id, "vip", actor="s", now=NOW)
    await tag(hong.member_id, "baker", actor="s", now=NOW)
    await merged(ming, hong)
    assert await tags(ming) == ["baker", "vip"]
    await work(NOW)
    told = await column("SELECT template FROM notification WHERE member_id = $1", ming.member_id)
    assert told == ["members_merged"]
    await parted(ming, hong)
    assert [await tags(one) for one in (ming, hong)] == [["vip"], ["baker", "vip"]]


async def test_who_invited_the_absorbed_is_their_inviter_though_the_absorbed_invited_the_survivor():
    await published()
    first, friend = await two_friends()
    ming = await a_friend(friend)
    await merged(ming, friend)
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    assert [await balance(one) for one in (first, ming)] == [(0, 500, 0), (0, 300, 0)]
    await parted(ming, friend, at=SETTLED)
    states = await column("SELECT state FROM referral ORDER BY bound_at, member_id")
    assert sorted(states) == ["REVERSED", "REWARDED"]
    bound = await column("SELECT bound_as = member_id FROM referral")
    assert bound == [True, True]
