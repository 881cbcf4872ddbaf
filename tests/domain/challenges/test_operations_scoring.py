"""What do a member's orders, check-ins and refunds do to their entry?"""

from datetime import timedelta

import pytest

from domain.activity.errors import NotInAudience
from domain.challenges import operations, views
from domain.challenges.model import Part, Shown, ShownPlace, State
from domain.checkins import operations as checkins
from domain.members import operations as members
from domain.rewards.errors import Ended
from kit.errors import MemberSuspended, NotFound
from tests.support.contests import ENDS, contest, entry, held
from tests.support.programmes import in_force
from tests.support.shop import done, paid, purchase, refunded
from tests.support.value import kinds, wallet
from tests.support.working import jobs_of, work
from tests.support.world import NOW, a_member, nothing_changed, published

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def board(code="SPRING", *, viewer=None, count=10):
    found = await views.leaderboard(code, count, viewer=viewer)
    return [(place.rank, place.name, place.score) for place in found]


async def place_of(member, code="SPRING"):
    found = await views.part(member.member_id, code)
    return found.rank, found.entry and found.entry.score


async def test_ranks_go_by_score_and_equal_ones_by_who_was_first():
    await held(contest())
    ann, bob, cleo, dan = [await a_member(nickname=name) for name in ("Ann", "Bob", "Cleo", "Dan")]
    await done(paid(ann, "A", 100_00, at=NOW + 2 * HOUR), now=NOW + 2 * HOUR)
    await done(paid(bob, "B", 100_00, at=NOW + HOUR), now=NOW + 3 * HOUR)
    await done(paid(cleo, "C", 150_00, at=NOW + 4 * HOUR))
    await done(paid(dan, "D", 99_99, at=NOW))
    assert await board() == [(1, "C***", 150), (2, "B**", 100), (3, "A**", 100), (4, "D**", 99)]
    assert [await place_of(member) for member in (ann, bob, cleo, dan)] == [
        *((3, 100), (2, 100), (1, 150), (4, 99)),
    ]


async def test_a_refund_lowers_the_score_to_when_the_rest_was_reached():
    await held(contest())
    ann, bob = await a_member(), await a_member()
    await done(paid(ann, "A", 80_00, 20_00, at=NOW), paid(bob, "B", 90_00, at=NOW))
    assert [(await place_of(ann))[0], (await place_of(bob))[0]] == [1, 2]
    await done(refunded(ann, "A", "R", ("2", 20_00), at=NOW + DAY))
    assert [await place_of(ann), await place_of(bob)] == [(2, 80), (1, 90)]
    found = await entry(ann.member_id)
    assert found is not None
    assert (found.reached_at, found.version) == (NOW, 2)
    assert found.settles_at == (await purchase(ann.member_id, "A")).settles_at


async def test_an_order_outside_the_window_makes_no_entry():
    await held(contest(), contest("CHECKS", metric="check_ins"))
    ann = await a_member()
    await done(paid(ann, "A", 100_00, at=ENDS))
    assert await entry(ann.member_id) is None
    assert await views.part(ann.member_id, "SPRING") == Part(None, None)


async def test_check_ins_score_by_their_own_contest_only():
    await held(contest(), contest("CHECKS", metric="check_ins"))
    ann = await a_member()
    await checkins.check_in(ann.member_id, now=NOW)
    await checkins.check_in(ann.member_id, now=NOW + DAY)
    await work(NOW + DAY)
    assert await place_of(ann, "CHECKS") == (1, 2)
    assert await entry(ann.member_id) is None


async def test_what_was_done_before_the_contest_was_published_counts_with_what_follows():
    await published()
    ann = await a_member()
    await done(paid(ann, "A", 30_00, at=NOW))
    await in_force(challenges=[contest()], since=NOW + HOUR, now=NOW + HOUR)
    await done(paid(ann, "B", 12_00, at=NOW + DAY))
    assert await place_of(ann) == (1, 42)


async def test_a_suspended_member_has_no_place_until_they_are_resumed():
    await held(contest())
    ann = await a_member()
    await done(paid(ann, "A", 50_00))
    await members.suspend(ann.member_id, actor="ada", reason="fraud", now=NOW + HOUR)
    await work(NOW + HOUR)
    assert await board() == []
    assert await place_of(ann) == (None, 50)
    await members.resume(ann.member_id, actor="ada", reason="an error", now=NOW + DAY)
    await work(NOW + DAY)
    assert await place_of(ann) == (1, 50)


async def test_whoever_has_to_join_ranks_from_then_on_with_all_of_the_window():
    await held(contest(entry="joined"))
    ann = await a_member()
    await done(paid(ann, "A", 50_00))
    assert await place_of(ann) == (None, 50)
    await operations.join(ann.member_id, "SPRING", now=NOW + HOUR)
    assert await place_of(ann) == (1, 50)
    async with nothing_changed():
        await operations.join(ann.member_id, "SPRING", now=NOW + DAY)


async def test_who_leaves_is_off_the_board_until_they_come_back():
    await held(contest())
    ann, bob = await a_member(nickname="Ann"), await a_member(nickname="Bob")
    await done(paid(ann, "A", 50_00), paid(bob, "B", 40_00))
    await operations.leave(ann.member_id, "SPRING", now=NOW + HOUR)
    assert await board() == [(1, "B**", 40)]
    async with nothing_changed():
        await operations.leave(ann.member_id, "SPRING", now=NOW + HOUR)
    await done(paid(ann, "C", 5_00, at=NOW + 2 * HOUR))
    assert await board() == [(1, "B**", 40)]
    await operations.join(ann.member_id, "SPRING", now=NOW + DAY)
    assert await board() == [(1, "A**", 55), (2, "B**", 40)]


async def test_one_may_leave_before_having_scored():
    await held(contest())
    ann = await a_member()
    await operations.leave(ann.member_id, "SPRING", now=NOW)
    await done(paid(ann, "A", 50_00))
    assert await place_of(ann) == (None, 50)


async def test_joining_and_leaving_are_refused_where_they_can_not_be():
    await held(contest(tiers=["GOLD"]), contest("OPEN_TO_ALL"))
    ann = await a_member()
    for verb in (operations.join, operations.leave):
        async with nothing_changed():
            with pytest.raises(NotFound):
                await verb(ann.member_id, "WINTER", now=NOW)
        async with nothing_changed():
            with pytest.raises(Ended):
                await verb(ann.member_id, "OPEN_TO_ALL", now=ENDS)
    async with nothing_changed():
        with pytest.raises(NotInAudience):
            await operations.join(ann.member_id, "SPRING", now=NOW)
    await members.suspend(ann.member_id, actor="ada", reason="fraud", now=NOW)
    for verb in (operations.join, operations.leave):
        async with nothing_changed():
            with pytest.raises(MemberSuspended):
                await verb(ann.member_id, "OPEN_TO_ALL", now=NOW)


async def test_who_has_entered_stays_in_when_a_purchase_lifts_them_out_of_the_audience():
    await held(contest(tiers=["NORMAL"]), contest("GOLD_ONLY", tiers=["GOLD"]))
    ann = await a_member()
    await done(paid(ann, "A", 50_00))
    await done(paid(ann, "B", 20_000_00, at=NOW + DAY))
    assert await place_of(ann) == (1, 20_050)


async def test_a_milestone_is_paid_when_what_reaches_it_has_settled_and_once():
    await held(
        contest(
            milestones=[
                {"score": 50, "gives": {"points": 5}},
                {"score": 100, "gives": {"points": 11, "coupons": ["COUPON_10"]}},
            ]
        )
    )
    ann = await a_member()
    await done(paid(ann, "A", 60_00, at=NOW), paid(ann, "B", 50_00, at=NOW + DAY))
    settles_at = NOW + timedelta(days=15)
    await work(settles_at - HOUR)
    found = await entry(ann.member_id)
    assert found is not None
    assert (found.score, found.milestone) == (110, 0)
    await work(settles_at)
    found = await entry(ann.member_id)
    assert found is not None
    assert found.milestone == 50
    await work(settles_at + DAY)
    await work(settles_at + 2 * DAY)
    found = await entry(ann.member_id)
    assert found is not None
    assert found.milestone == 100
    gifts = [amount for kind, amount in await kinds(ann.member_id) if amount in {5, 11}]
    assert gifts == [5, 11]
    assert ("challenges.assess", "ready") not in await jobs_of(ann.member_id)


async def test_a_milestone_whose_order_is_sent_back_in_time_is_never_paid():
    await held(contest(milestones=[{"score": 50, "gives": {"points": 500}}]))
    ann = await a_member()
    await done(paid(ann, "A", 60_00, at=NOW))
    await done(refunded(ann, "A", "R", at=NOW + DAY))
    await work(NOW + timedelta(days=40))
    found = await wallet(ann.member_id)
    assert (found.pending, found.available) == (0, 0)
    await done(paid(ann, "B", 60_00, at=NOW + 2 * DAY), now=NOW + timedelta(days=40))
    await work(NOW + timedelta(days=80))
    assert (await wallet(ann.member_id)).available == 560


async def test_others_see_the_name_that_was_chosen_and_oneself_is_marked():
    await held(contest())
    ann, bob = await a_member(nickname="Ann"), await a_member(nickname="Bob")
    await done(paid(ann, "A", 50_00), paid(bob, "B", 40_00))
    await operations.show_as(ann.member_id, Shown.NICKNAME, now=NOW)
    await operations.show_as(bob.member_id, Shown.ANONYMOUS, now=NOW)
    assert await views.leaderboard("SPRING", 10, viewer=bob.member_id) == [
        ShownPlace(1, "Ann", 50, is_viewer=False),
        ShownPlace(2, None, 40, is_viewer=True),
    ]
    await operations.show_as(ann.member_id, Shown.MASKED, now=NOW + DAY)
    assert await board(count=1) == [(1, "A**", 50)]
    assert await views.shown_as(ann.member_id) is Shown.MASKED


async def test_a_suspended_member_keeps_their_name():
    await held(contest())
    ann = await a_member()
    await members.suspend(ann.member_id, actor="ada", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await operations.show_as(ann.member_id, Shown.NICKNAME, now=NOW)


async def test_challenges_are_listed_with_the_next_to_end_first():
    await held(
        contest("LATER", ends_at=(ENDS + DAY).isoformat()),
        contest(),
        contest("OVER", ends_at=(NOW - HOUR).isoformat()),
        contest("TOMORROW", starts_at=(NOW + DAY).isoformat(), ends_at=(NOW + 2 * DAY).isoformat()),
    )
    found = await views.challenges(NOW)
    assert [(one.challenge.code, state) for one, state in found] == [
        ("TOMORROW", State.UPCOMING),
        ("SPRING", State.OPEN),
        ("LATER", State.OPEN),
        ("OVER", State.COUNTING),
    ]
