"""When does a round open and close, and when is its secret told?"""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from domain.lottery import views
from domain.lottery.errors import LotteryClosed
from domain.lottery.operations import close_round, turn
from domain.programme import operations as programmes
from kit.errors import InvalidInput
from tests.support.lotteries import (
    NOTHING,
    a_lottery,
    a_player,
    draw,
    in_play,
    prize,
    rounds,
    with_lottery,
)
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TOMORROW = datetime(2026, 3, 2, 16, tzinfo=UTC)  # midnight in Shanghai
LAMP = prize("LAMP", 1, value="20", stock=3)


async def test_a_round_opens_with_the_hash_of_a_seed_that_nobody_is_told():
    await in_play(LAMP, NOTHING)
    (found,) = await rounds()
    hashed = hashlib.sha256(bytes.fromhex(found["seed"])).hexdigest()
    assert (found["number"], found["commitment"], found["opens_at"]) == (1, hashed, NOW)
    assert found["closes_at"] is found["closed_at"] is found["revealed_at"] is None
    (listed,) = await views.lotteries(NOW)
    assert listed.current is not None
    assert listed.current.round.told_seed is None
    assert listed.current.given == {"LAMP": 0}


async def test_looking_again_opens_no_second_round():
    await in_play(LAMP, NOTHING)
    async with nothing_changed():
        assert await turn(as_of=NOW + MINUTE) == 0


async def test_a_round_of_a_day_ends_with_the_day_and_its_seed_is_told_then():
    await in_play(LAMP, NOTHING, round="day")
    member = await a_player()
    await draw(member, now=TOMORROW - MINUTE)
    with pytest.raises(LotteryClosed):
        await draw(member, now=TOMORROW)
    assert await turn(as_of=TOMORROW) == 3
    first, second = await rounds()
    assert (first["closes_at"], first["closed_at"], first["closed_by"]) == (
        *(TOMORROW, TOMORROW),
        "schedule",
    )
    assert first["revealed_at"] == TOMORROW
    assert (second["number"], second["opens_at"], second["closes_at"]) == (
        *(2, TOMORROW),
        TOMORROW + DAY,
    )
    assert second["seed"] != first["seed"]
    (made,) = await draw(member, now=TOMORROW)
    assert (made.draw.round, made.draw.nonce) == (2, 1)
    page = await views.rounds("SPRING", first=1)
    assert [one.round.told_seed for one in page.items] == [None]
    older = await views.rounds("SPRING", after=page.cursors[-1])
    assert [one.round.told_seed for one in older.items] == [first["seed"]]


async def test_a_lottery_has_rounds_in_its_window_only():
    begin, end = NOW + DAY, NOW + DAY + 5 * MINUTE
    await in_play(
        *(LAMP, NOTHING), round="month", starts_at=begin.isoformat(), ends_at=end.isoformat()
    )
    assert await rounds() == []
    await turn(as_of=begin)
    assert [one["closes_at"] for one in await rounds()] == [end]
    await turn(as_of=end)
    assert [one["closed_at"] for one in await rounds()] == [end]


async def test_staff_ends_a_round_at_once_and_the_next_one_opens_by_the_clock():
    await in_play(LAMP, NOTHING)
    closed = await close_round("SPRING", staff="ada", now=NOW + MINUTE)
    assert (closed.closed_at, closed.closed_by) == (NOW + MINUTE, "ada")
    assert closed.told_seed == closed.seed
    async with nothing_changed():
        with pytest.raises(LotteryClosed):
            await close_round("SPRING", staff="ada", now=NOW + MINUTE)
        with pytest.raises(LotteryClosed):
            await close_round("NONE", staff="ada", now=NOW + MINUTE)
    assert await turn(as_of=NOW + 2 * MINUTE) == 1
    assert [one["number"] for one in await rounds()] == [1, 2]


async def test_other_odds_end_the_round_and_nobody_draws_until_the_next_one_is_open():
    await in_play(LAMP, NOTHING)
    member = await a_player()
    changed = with_lottery(a_lottery(prize("LAMP", 2, value="20", stock=3), NOTHING))
    await programmes.publish(changed, now=NOW + MINUTE, published_by="tests")
    with pytest.raises(LotteryClosed):
        await draw(member, now=NOW + MINUTE)
    assert await turn(as_of=NOW + MINUTE) == 3
    assert [one["closed_by"] for one in await rounds()] == ["programme", None]
    (made,) = await draw(member, now=NOW + MINUTE)
    assert made.lottery.weights == 52


async def test_another_version_with_the_same_odds_ends_nothing():
    await in_play(LAMP, NOTHING)
    same = with_lottery(a_lottery(LAMP, NOTHING), price=90)
    await programmes.publish(same, now=NOW + MINUTE, published_by="tests")
    async with nothing_changed():
        assert await turn(as_of=NOW + MINUTE) == 0


async def test_a_lottery_that_is_withdrawn_is_closed_and_told():
    await in_play(LAMP, NOTHING)
    without = with_lottery(a_lottery(LAMP, NOTHING, code="OTHER"))
    await programmes.publish(without, now=NOW + MINUTE, published_by="tests")
    await turn(as_of=NOW + MINUTE)
    assert [(one["lottery"], one["revealed_at"]) for one in await rounds()] == [
        ("SPRING", NOW + MINUTE),
        ("OTHER", None),
    ]


async def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(InvalidInput):
        await views.rounds("SPRING", after="W10=")
