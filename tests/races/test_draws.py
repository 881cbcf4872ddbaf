"""Do draws hold when many are made at the same moment, or while their round is closed?"""

import asyncio
from collections import Counter

import pytest

from db.connection import reader, transaction
from db.queries import lottery as queries
from domain.ledger.operations import audit
from domain.lottery.errors import LotteryClosed
from domain.lottery.operations import close_round, turn
from domain.rewards.operations import redeem
from tests.support.lotteries import (
    NOTHING,
    a_player,
    draws,
    in_play,
    prize,
    rounds,
    spent_minor,
)
from tests.support.racing import together
from tests.support.world import NOW

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
WAIT_SECONDS_MAX = 10


def one_each(players):
    return [redeem(player, "TICKET", 1, idempotency_key="k", now=NOW) for player in players]


async def stock_given():
    async with reader() as tx:
        return await queries.given(tx, "SPRING", 1)


async def test_of_100_parallel_draws_of_a_prize_with_a_stock_of_7_exactly_7_win_it():
    await in_play(
        prize("PRIZE", 1, stock=7, value="1", gives={"points": 10}),
        prize("NOTHING", 0, gives={"points": 1}),
    )
    players = [await a_player(100) for _ in range(100)]
    await together(*one_each(players))
    found = await draws()
    assert Counter((one.given, one.replaced) for one in found) == {
        ("PRIZE", None): 7,
        ("NOTHING", "EXHAUSTED"): 93,
    }
    assert await stock_given() == {"PRIZE": 7}
    assert await spent_minor() == 700
    async with reader() as tx:
        assert await tx.fetchval("SELECT sum(available)::int FROM wallet") == 7 * 10 + 93


async def test_of_100_parallel_draws_no_more_are_won_than_the_budget_pays_for():
    await in_play(prize("COSTLY", 1, cost="3"), prize("NOTHING", 0), budget="20")
    await together(*one_each([await a_player(100) for _ in range(100)]))
    assert Counter(one.replaced for one in await draws()) == {None: 6, "OVER_BUDGET": 94}
    assert await spent_minor() == 1_800


async def test_two_scarce_prizes_drawn_in_any_order_keep_each_other_waiting_for_ever_never():
    await in_play(
        prize("A", 1, stock=20, cost="1"), prize("B", 1, stock=20, cost="1"), prize("NOTHING", 1)
    )
    players = [await a_player(500) for _ in range(40)]
    answers = await together(
        *(redeem(player, "TICKET", 5, idempotency_key="k", now=NOW) for player in players)
    )
    assert {type(answer).__name__ for answer in answers} == {"Redeemed"}
    found = await draws()
    given = Counter(one.given for one in found)
    assert (len(found), given["A"], given["B"]) == (200, 20, 20)
    assert await stock_given() == {"A": 20, "B": 20}
    findings = await audit(now=NOW)
    assert findings.breaches == []


async def test_50_sends_of_one_ticket_are_one_draw_and_each_of_a_member_s_has_its_number():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    player = await a_player(2_000)
    await together(*one_each([player] * 30))
    await together(
        *(redeem(player, "TICKET", 1, idempotency_key=f"k{n}", now=NOW) for n in range(19))
    )
    assert sorted(one.nonce for one in await draws()) == list(range(1, 21))


async def test_a_seed_is_told_only_after_the_draws_that_had_begun_have_ended():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    async with transaction() as drawing:
        held = await queries.open_round(drawing, "SPRING", NOW)
        assert held is not None
        closing = asyncio.create_task(close_round("SPRING", staff="ada", now=NOW))
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while (await rounds())[0]["closed_at"] is None:
                await asyncio.wait([closing], timeout=0.02)
        async with transaction() as later:
            assert await queries.open_round(later, "SPRING", NOW) is None
        assert (await rounds())[0]["revealed_at"] is None
        assert not closing.done()
    assert (await closing).revealed_at == NOW


async def test_draws_and_the_end_of_their_round_at_the_same_moment_agree_on_who_was_in_time():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    players = [await a_player(100) for _ in range(40)]
    answers = await together(
        *one_each(players[:20]),
        close_round("SPRING", staff="ada", now=NOW),
        *one_each(players[20:]),
    )
    refused = sum(isinstance(answer, LotteryClosed) for answer in answers)
    assert len(await draws()) == 40 - refused
    async with reader() as tx:
        assert await tx.fetchval("SELECT sum(available)::int FROM wallet") >= 100 * refused


async def test_processes_that_turn_the_rounds_at_the_same_moment_open_one():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    await close_round("SPRING", staff="ada", now=NOW)
    await together(*(turn(as_of=NOW) for _ in range(10)))
    assert [one["number"] for one in await rounds()] == [1, 2]
