"""Who gets a seat, who waits for one, and who comes in?"""

import asyncio
from datetime import timedelta

import pytest

from db.connection import reader, watched
from domain.community import operations as community
from domain.ledger.operations import audit
from domain.meetups import operations, views
from domain.meetups.model import SignUp, State
from domain.members.operations import suspend
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.rewards.errors import (
    CommunityBanned,
    Ended,
    LevelTooLow,
    NotStarted,
    TierTooLow,
    WrongState,
)
from kit.errors import InvalidInput, MemberSuspended, NotFound
from tests.support.merging import merged
from tests.support.programmes import in_force
from tests.support.talking import told
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
NAME = {"zh-CN": "春茶品鉴会", "en": "Spring tasting"}
BEGINS = NOW + timedelta(days=7)
DOOR = BEGINS - timedelta(hours=1)
STARTS = BEGINS.isoformat()


def meetup(code="TASTING", **facts):
    return {
        "code": code,
        "name": NAME,
        "place": {"zh-CN": "杭州店", "en": "Hangzhou"},
        "starts_at": BEGINS.isoformat(),
        "ends_at": (BEGINS + timedelta(hours=2)).isoformat(),
        "capacity": 2,
        "gives": {"points": 30},
        **facts,
    }


async def held(*meetups, since=None):
    await in_force(since=since, community={"meetups": list(meetups) or [meetup()]})


def sign_up(member, code="TASTING", *, at=NOW):
    return operations.sign_up(member.member_id, code, now=at)


def cancel(member, *, at=NOW):
    return operations.cancel(member.member_id, "TASTING", now=at)


def door(found: SignUp, *, at=DOOR):
    return operations.check_in(found.ticket, actor="ada", now=at)


async def state(member) -> str:
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT state FROM meetup_sign_up WHERE member_id = $1", member.member_id
        )


async def tally() -> tuple[int, int]:
    """Seats taken and wanted, which must be what the sign-ups say."""
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT taken, waiting, (SELECT count(*) FROM meetup_sign_up s"
            " WHERE s.meetup = t.meetup AND state IN ('SEATED', 'ATTENDED')) AS seated,"
            " (SELECT count(*) FROM meetup_sign_up s WHERE s.meetup = t.meetup"
            " AND state = 'WAITING') AS in_line FROM meetup_tally t WHERE meetup = 'TASTING'"
        )
    assert row is not None
    assert (row["taken"], row["waiting"]) == (row["seated"], row["in_line"])
    return row["taken"], row["waiting"]


async def _refused(error, verb):
    async with nothing_changed():
        with pytest.raises(error) as found:
            await verb
    return found.value


async def test_seats_go_in_the_order_of_asking_and_the_rest_stands_in_line():
    await held()
    crowd = [await a_member() for _ in range(4)]
    found = [await sign_up(member) for member in crowd]
    assert [one.state for one in found] == ["SEATED", "SEATED", "WAITING", "WAITING"]
    async with nothing_changed():
        assert await sign_up(crowd[0]) == found[0]
    (shown,) = await views.meetups(crowd[3].member_id, now=NOW)
    assert (shown.taken, shown.waiting, shown.place) == (2, 2, 2)
    await cancel(crowd[0])
    late = await a_member()
    assert (await sign_up(late)).state == "WAITING"
    await work(NOW)
    assert [await state(member) for member in (*crowd, late)] == [
        *("CANCELLED", "SEATED", "SEATED", "WAITING", "WAITING")
    ]
    assert await tally() == (2, 2)
    assert [template for template, _ in await told(crowd[2].member_id)] == ["meetup_seat"]
    again = await sign_up(crowd[0])
    assert (again.state, again.ticket) == ("WAITING", found[0].ticket)
    await cancel(crowd[3])
    assert await tally() == (2, 2)


async def test_who_comes_is_let_in_once_and_given_what_the_meetup_gives():
    await held()
    member = await a_member()
    found = await sign_up(member)
    inside = await door(found)
    assert (inside.state, inside.checked_in_by, inside.attended_at) == ("ATTENDED", "ada", DOOR)
    assert (await wallet(member.member_id)).available == 30
    assert (await wallet(member.member_id, "GROWTH")).available == 30
    refused = await _refused(WrongState, door(found))
    assert refused.facts == {"state": "ATTENDED", "required": "SEATED"}
    await _refused(WrongState, cancel(member, at=DOOR))
    await work(DOOR)
    assert (await audit(now=DOOR)).breaches == []


async def test_nobody_comes_in_without_a_seat_or_out_of_time():
    await held(meetup(capacity=1))
    first, second = await a_member(), await a_member()
    seated, waiting = await sign_up(first), await sign_up(second)
    await _refused(WrongState, door(waiting))
    early = BEGINS - timedelta(hours=2, seconds=1)
    await _refused(NotStarted, door(seated, at=early))
    await _refused(Ended, door(seated, at=BEGINS + timedelta(hours=2)))
    await _refused(NotFound, operations.check_in("no ticket", actor="ada", now=DOOR))
    await cancel(first)
    await _refused(WrongState, door(seated))


async def test_what_is_refused_takes_no_seat():
    await held(
        meetup(),
        meetup("GOLD", access={"tier_min": "GOLD"}),
        meetup("HIGH", access={"level_min": "LV2"}),
        meetup("SOON", sign_up_until=NOW.isoformat()),
    )
    member = await a_member()
    await _refused(NotFound, sign_up(member, "NOTHING"))
    await _refused(TierTooLow, sign_up(member, "GOLD"))
    await _refused(LevelTooLow, sign_up(member, "HIGH"))
    await _refused(Ended, sign_up(member, "SOON"))
    await _refused(Ended, sign_up(member, at=BEGINS))
    await _refused(NotFound, cancel(member))
    await community.ban(member.member_id, ends_at=None, reason="r", actor="ada", now=NOW)
    await _refused(CommunityBanned, sign_up(member))
    other = await a_member()
    await sign_up(other)
    await suspend(other.member_id, actor="ada", reason="r", now=NOW)
    await _refused(MemberSuspended, sign_up(await _suspended()))
    assert (await cancel(other)).state == "CANCELLED"
    await _refused(WrongState, cancel(other))


async def _suspended():
    member = await a_member()
    await suspend(member.member_id, actor="ada", reason="r", now=NOW)
    return member


async def test_more_seats_of_a_new_version_are_given_by_the_clock():
    await held(meetup(capacity=1))
    crowd = [await a_member() for _ in range(3)]
    for member in crowd:
        await sign_up(member)
    await held(meetup(capacity=2), since=NOW)
    assert await operations.fill_all(as_of=NOW) == 1
    assert [await state(member) for member in crowd] == ["SEATED", "SEATED", "WAITING"]
    assert await operations.fill_all(as_of=NOW) == 0


WHY = {"zh-CN": "场地关闭", "en": "The venue is closed"}


async def test_who_signed_up_for_what_is_called_off_is_told_and_gets_nothing():
    await held()
    crowd = [await a_member() for _ in range(4)]
    found = [await sign_up(member) for member in crowd]
    await door(found[0])
    await held(meetup(called_off=WHY), since=DOOR)
    await _refused(WrongState, sign_up(await a_member(), at=DOOR))
    refused = await _refused(WrongState, door(found[1]))
    assert refused.facts == {"state": "CALLED_OFF", "required": "TAKES_PLACE"}
    assert await operations.call_off_all(as_of=DOOR, limit=2) == 2
    assert await operations.call_off_all(as_of=DOOR, limit=2) == 1
    async with nothing_changed():
        assert await operations.call_off_all(as_of=DOOR, limit=2) == 0
        assert await operations.fill_all(as_of=DOOR) == 0
    assert [await state(member) for member in crowd] == [
        *("ATTENDED", "CANCELLED", "CANCELLED", "CANCELLED")
    ]
    assert await tally() == (1, 0)
    assert [await told(member.member_id) for member in crowd] == [
        [],
        *([["meetup_called_off", {"meetup": NAME, "starts_at": STARTS, "reason": WHY}]],) * 3,
    ]
    assert [(await wallet(member.member_id)).available for member in crowd] == [30, 0, 0, 0]
    await _refused(WrongState, cancel(crowd[1], at=DOOR))
    await work(DOOR)
    assert (await audit(now=DOOR)).breaches == []


@pytest.mark.race
async def test_what_is_called_off_while_some_come_and_some_cancel_ends_once_for_each():
    await held(meetup(capacity=10))
    crowd = [await a_member() for _ in range(12)]
    found = [await sign_up(member) for member in crowd]
    await held(meetup(capacity=10, called_off=WHY), since=DOOR)
    before = DOOR - timedelta(minutes=1)
    await asyncio.gather(
        *(door(one, at=before) for one in found[:5]),
        *(cancel(member, at=before) for member in crowd[3:8]),
        *(operations.call_off_all(as_of=DOOR, limit=20) for _ in range(2)),
        return_exceptions=True,
    )
    await operations.call_off_all(as_of=DOOR, limit=20)
    await work(DOOR)
    taken, waiting = await tally()
    states = [await state(member) for member in crowd]
    assert (taken, waiting) == (states.count("ATTENDED"), 0)
    assert set(states) <= {"ATTENDED", "CANCELLED"}
    assert sum([(await wallet(one.member_id)).available for one in crowd]) == 30 * taken
    assert max([len(await told(member.member_id)) for member in crowd]) == 1


@pytest.mark.race
async def test_thirty_at_once_take_two_seats_and_cancels_seat_those_in_line():
    await held()
    crowd = [await a_member() for _ in range(30)]
    found = await asyncio.gather(*(sign_up(member) for member in crowd))
    assert [one.state for one in found].count(State.SEATED) == 2
    assert await tally() == (2, 28)
    leaving = [member for member, one in zip(crowd, found, strict=True) if one.position <= 12]
    await asyncio.gather(
        *(cancel(member) for member in leaving), operations.fill("TASTING", now=NOW)
    )
    await asyncio.gather(work(NOW), operations.fill("TASTING", now=NOW))
    await work(NOW)
    assert await tally() == (2, 16)
    seated = [
        one.position
        for member, one in zip(crowd, found, strict=True)
        if await state(member) == State.SEATED
    ]
    assert sorted(seated) == [13, 14]


async def test_who_is_merged_has_one_seat():
    await held(meetup(capacity=3))
    ming, hong, other = await a_member(), await a_member(), await a_member()
    for member in (ming, hong):
        await sign_up(member)
    theirs = await sign_up(other)
    await merged(ming, hong)
    assert await tally() == (2, 0)
    lan = await a_member()
    await merged(lan, other)
    assert (await door(theirs)).member_id == lan.member_id
    assert (await wallet(lan.member_id)).available == 30


async def test_staff_pages_who_comes_and_a_list_of_meetups_is_one_statement():
    await held(meetup(), meetup("OTHER"))
    crowd = [await a_member(nickname=f"会员{number}") for number in range(3)]
    for member in crowd:
        await sign_up(member)
    page = await views.attendees("TASTING", first=2, now=NOW)
    assert [one.nickname for one in page.items] == ["会员0", "会员1"]
    rest = await views.attendees("TASTING", first=2, after=page.cursors[-1], now=NOW)
    assert ([one.sign_up.state for one in rest.items], rest.has_next) == (["WAITING"], False)
    for after in ("x", "WyJhIl0"):
        with pytest.raises(InvalidInput):
            await views.attendees("TASTING", after=after, now=NOW)
    with pytest.raises(NotFound):
        await views.attendees("NOTHING", now=NOW)
    statements: list[str] = []
    async with watched(statements.append):
        shown = await views.meetups(crowd[0].member_id, now=NOW)
    assert ([one.taken for one in shown], len(statements)) == ([2, 0], 1)
    assert await views.meetups(None, now=BEGINS + timedelta(hours=2)) == []


def test_an_entry_tells_which_meetup_it_is_for():
    decision = StoredDecision(
        kind="meetup", programme_version=3, inputs={"name": NAME}, outcome={"points": 30}
    )
    assert explain("earn", 30, decision, locale="zh-CN").startswith("参加「春茶品鉴会」：30 积分。")
    found = explain("earn", 30, decision, locale="en")
    assert found.startswith("You came to “Spring tasting”: 30 points.")
