"""What may a member or staff change, and what is left when it is refused?"""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from db.connection import reader, transactional
from domain.ledger.model import Cause
from domain.ledger.steps import open_desk, post
from domain.members import operations, rules, views
from domain.members.errors import BirthdayChangedRecently, TimezoneChangedRecently
from kit.errors import InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("programme")

LATER = NOW + timedelta(days=1)
UPDATE = partial(operations.update_profile, now=NOW)
BORN = date(1990, 5, 20)
BY_STAFF = {"actor": "staff-1", "reason": "card fraud"}


async def staff_actions() -> list[tuple]:
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT member_id, actor, action, reason, recorded_at FROM staff_action ORDER BY id"
        )
    return [tuple(row) for row in rows]


async def test_staff_suspend_and_resume_a_member_and_each_is_on_record():
    member = await a_member()
    suspended = await operations.suspend(member.member_id, **BY_STAFF, now=NOW)
    assert suspended == replace(member, suspended_at=NOW)
    assert await views.member(member.member_id) == suspended
    resumed = await operations.resume(member.member_id, actor="staff-2", reason="ok", now=LATER)
    assert resumed == member
    assert await views.member(member.member_id) == member
    assert await staff_actions() == [
        (member.member_id, "staff-1", "suspend", "card fraud", NOW),
        (member.member_id, "staff-2", "resume", "ok", LATER),
    ]


async def test_a_second_suspension_and_a_second_resumption_change_nothing():
    member = await a_member()
    async with nothing_changed():
        assert await operations.resume(member.member_id, **BY_STAFF, now=NOW) == member
    first = await operations.suspend(member.member_id, **BY_STAFF, now=NOW)
    async with nothing_changed():
        assert await operations.suspend(member.member_id, **BY_STAFF, now=LATER) == first


@pytest.mark.race
async def test_ten_suspensions_at_once_are_one():
    member = await a_member()
    answers = await asyncio.gather(
        *(
            operations.suspend(member.member_id, **BY_STAFF, now=NOW + timedelta(seconds=n))
            for n in range(10)
        )
    )
    assert len({answer.suspended_at for answer in answers}) == 1
    assert await counts("staff_action") == [1]


@pytest.mark.parametrize("verb", [operations.suspend, operations.resume])
async def test_staff_need_a_member_and_a_reason(verb):
    member = await a_member()
    async with nothing_changed():
        with pytest.raises(NotFound):
            await verb(new_id(), **BY_STAFF, now=NOW)
        for reason in ("", " ", "x" * 501, "a\x00b"):
            with pytest.raises(InvalidInput) as refused:
                await verb(member.member_id, actor="staff-1", reason=reason, now=NOW)
            assert refused.value.path == ["input", "reason"]


@pytest.mark.usefixtures("programme")
async def test_what_became_due_during_a_suspension_is_posted_after_it():
    member = await a_member()
    activates_at = NOW + timedelta(days=8)

    @transactional
    async def earn(tx):
        desk = await open_desk(tx, member.member_id, NOW)
        decision = desk.decide("k", "test", 1, inputs={}, outcome={}, occurred_at=NOW)
        desk.points.open_lot(
            new_id(),
            50,
            Cause(decision, "purchase", "order", "o-1", NOW),
            activates_at=activates_at,
            expires_at=None,
        )
        await post(tx, desk)

    @transactional
    async def settled(tx, at):
        desk = await open_desk(tx, member.member_id, at)
        await post(tx, desk)
        return desk.points.wallet.pending, desk.points.wallet.available

    async def next_due_at():
        async with reader() as tx:
            return await tx.fetchval("SELECT next_due_at FROM wallet WHERE currency = 'POINTS'")

    await earn()
    await operations.suspend(member.member_id, **BY_STAFF, now=NOW)
    back_at = activates_at + timedelta(days=30)
    assert await settled(back_at) == (50, 0)
    await operations.resume(member.member_id, **BY_STAFF, now=back_at)
    assert await next_due_at() <= back_at
    assert await settled(back_at) == (0, 50)
    async with reader() as tx:
        assert await tx.fetchval("SELECT activated_at FROM lot") == activates_at
    assert await next_due_at() is None


async def test_a_member_moves_to_another_zone_once_in_thirty_days():
    member = await a_member()
    moved = await operations.change_timezone(member.member_id, "Asia/Tokyo", now=NOW)
    assert moved == replace(member, next_timezone="Asia/Tokyo", timezone_changed_at=NOW)
    assert await views.member(member.member_id) == moved
    async with nothing_changed():
        assert await operations.change_timezone(member.member_id, "Asia/Tokyo", now=LATER) == moved
        with pytest.raises(TimezoneChangedRecently):
            await operations.change_timezone(member.member_id, "Europe/Paris", now=LATER)
    next_at = NOW + timedelta(days=30)
    again = await operations.change_timezone(member.member_id, "Europe/Paris", now=next_at)
    assert rules.zone_at(again, next_at) == "Asia/Tokyo"
    assert rules.zone_at(again, next_at + timedelta(days=2)) == "Europe/Paris"
    assert await views.member(member.member_id) == again


async def test_the_zone_a_member_is_in_already_is_no_change():
    member = await a_member(timezone="Asia/Tokyo")
    async with nothing_changed():
        assert await operations.change_timezone(member.member_id, "Asia/Tokyo", now=NOW) == member


@pytest.mark.race
async def test_of_two_moves_at_once_one_is_refused():
    member = await a_member()
    answers = await asyncio.gather(
        *(
            operations.change_timezone(member.member_id, zone, now=NOW)
            for zone in ("Asia/Tokyo", "Europe/Paris")
        ),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers].count(TimezoneChangedRecently) == 1


async def test_a_member_changes_nickname_and_language():
    member = await a_member()
    changed = await operations.update_profile(
        member.member_id, nickname=" Ann ", locale="en", now=NOW
    )
    assert changed == replace(member, nickname="Ann", locale="en")
    assert await views.member(member.member_id) == changed
    async with nothing_changed():
        assert await operations.update_profile(member.member_id, now=NOW) == changed


@pytest.mark.parametrize(
    ("verb", "facts", "wrong", "path"),
    [
        (UPDATE, {"nickname": "x"}, {"nickname": ""}, "nickname"),
        (UPDATE, {"locale": "en"}, {"locale": "fr"}, "locale"),
        (UPDATE, {"birthday": BORN}, {"birthday": date(1899, 12, 31)}, "birthday"),
        (UPDATE, {"birthday": BORN}, {"birthday": date(2026, 3, 4)}, "birthday"),
        (
            operations.change_timezone,
            {"timezone": "Asia/Tokyo", "now": NOW},
            {"timezone": "Mars/Olympus", "now": NOW},
            "timezone",
        ),
    ],
)
async def test_wrong_input_an_unknown_and_a_suspended_member_are_refused_in_this_order(
    verb, facts, wrong, path
):
    member = await a_member()
    await operations.suspend(member.member_id, **BY_STAFF, now=NOW)
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await verb(new_id(), **wrong)
        assert refused.value.path == ["input", path]
        with pytest.raises(NotFound):
            await verb(new_id(), **facts)
        with pytest.raises(MemberSuspended):
            await verb(member.member_id, **facts)


async def test_the_first_birthday_may_be_changed_once_and_then_again_after_365_days():
    member = await a_member()
    stated = await UPDATE(member.member_id, birthday=BORN)
    assert stated == replace(member, birthday=BORN, birthday_set_at=NOW)
    changed = await operations.update_profile(
        member.member_id, birthday=date(1990, 5, 21), now=LATER
    )
    assert changed == replace(
        member, birthday=date(1990, 5, 21), birthday_set_at=LATER, birthday_changed_at=LATER
    )
    again_at = LATER + timedelta(days=365)
    async with nothing_changed():
        with pytest.raises(BirthdayChangedRecently) as refused:
            await operations.update_profile(
                member.member_id,
                nickname="Ann",
                birthday=BORN,
                now=again_at - timedelta(microseconds=1),
            )
        assert refused.value.facts == {"again_at": again_at}
        same = await operations.update_profile(member.member_id, birthday=changed.birthday, now=NOW)
        assert same == changed
    back = await operations.update_profile(member.member_id, birthday=BORN, now=again_at)
    assert (back.birthday, back.birthday_changed_at) == (BORN, again_at)
    assert await views.member(member.member_id) == back


@pytest.mark.race
async def test_of_ten_changes_of_a_birthday_at_once_one_counts():
    member = await a_member(birthday=BORN)
    answers = await asyncio.gather(
        *(UPDATE(member.member_id, birthday=date(1990, 6, day)) for day in range(1, 11)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers].count(BirthdayChangedRecently) == 9


async def test_staff_correct_a_birthday_and_the_members_own_change_stays_theirs():
    member = await a_member(birthday=BORN)
    await UPDATE(member.member_id, birthday=date(1990, 6, 1))
    await operations.suspend(member.member_id, **BY_STAFF, now=NOW)
    corrected = await operations.correct_birthday(member.member_id, BORN, **BY_STAFF, now=LATER)
    assert (corrected.birthday, corrected.birthday_set_at) == (BORN, LATER)
    assert corrected.birthday_changed_at == NOW
    assert (await staff_actions())[-1] == (
        *(member.member_id, "staff-1", "correct_birthday", "card fraud"),
        LATER,
    )
    async with nothing_changed():
        again = await operations.correct_birthday(member.member_id, BORN, **BY_STAFF, now=LATER)
        assert again == corrected
        with pytest.raises(NotFound):
            await operations.correct_birthday(new_id(), BORN, **BY_STAFF, now=LATER)
        with pytest.raises(InvalidInput):
            await operations.correct_birthday(
                member.member_id, date(2027, 1, 1), **BY_STAFF, now=LATER
            )


async def test_a_shop_states_its_customers_birthday_a_newborns_too():
    born = date(2026, 3, 2)
    member = await a_member(birthday=born)
    assert (member.birthday, member.birthday_set_at, member.birthday_changed_at) == (
        *(born, NOW),
        None,
    )
    with pytest.raises(InvalidInput):
        await a_member(birthday=date(2026, 3, 3))
