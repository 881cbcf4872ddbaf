"""What does a ticket win, and does every part of it stand where it should?"""

from datetime import timedelta

import orjson
import pytest

from db.connection import reader
from domain.ledger.operations import audit
from domain.lottery import views
from domain.lottery.errors import LotteryClosed
from domain.lottery.model import State
from domain.lottery.operations import close_round, turn
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.points.words import Unit
from domain.rewards.errors import NotCancellable, WrongKind, WrongState
from domain.rewards.operations import (
    cancel,
    deliver_prize,
    fail_prize,
    redeem,
    ship_prize,
)
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from kit.ids import new_id
from tests.support.lotteries import (
    NOTHING,
    a_player,
    draw,
    draws,
    in_play,
    prize,
    rounds,
    spent_minor,
)
from tests.support.value import kinds, wallet
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
STAFF = {"staff": "ada", "now": NOW}
LAMP = prize(
    "LAMP",
    1,
    value="20",
    stock=100,
    delivered=True,
    gives={"points": 500, "coupons": ["COUPON_10"]},
)
SURE = prize("SURE", 1, gives={"points": 40, "coupons": ["COUPON_10"], "badges": ["CHECKIN_30"]})
NEVER = prize("NOTHING", 0)


async def test_a_ticket_is_paid_for_and_what_it_wins_is_given_at_once():
    await in_play(SURE, NEVER)
    member_id = await a_player(100)
    (made,) = await draw(member_id, client_seed="luck")
    found = made.draw
    assert (found.named, found.given, found.replaced, found.state) == (
        *("SURE", "SURE", None),
        State.GIVEN,
    )
    assert (found.nonce, found.roll, found.client_seed, found.points) == (1, 0, "luck", 40)
    async with reader() as tx:
        codes = [row["code"] for row in await tx.fetch("SELECT code FROM coupon")]
        badges = await tx.fetchval("SELECT count(*) FROM badge WHERE code = 'CHECKIN_30'")
    assert (codes, badges) == (found.coupon_codes, 1)
    assert await kinds(member_id) == [("earn", 100), ("spend", 100), ("earn", 40)]


async def test_points_won_come_from_the_lottery_and_are_neither_earned_nor_growth():
    await in_play(SURE, NEVER)
    member_id = await a_player(100)
    await draw(member_id)
    async with reader() as tx:
        won = await tx.fetch("SELECT * FROM transfer WHERE debit_account = 'lottery'")
    assert [(row["amount"], row["credit_account"], row["reason"]) for row in won] == [
        (40, "available", "draw")
    ]
    points = await wallet(member_id)
    assert (points.available, points.lifetime_earned) == (40, 100)
    assert (await wallet(member_id, "GROWTH")).available == 0


async def test_tickets_bought_together_are_drawn_one_after_the_other():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    member_id = await a_player()
    first = await draw(member_id, 3, client_seed="a")
    second = await draw(member_id, 2)
    assert [one.draw.nonce for one in (*first, *second)] == [1, 2, 3, 4, 5]
    assert {one.draw.client_seed for one in first} == {"a"}
    assert len({one.draw.redemption_id for one in first}) == 1
    other = await draw(await a_player())
    assert [one.draw.nonce for one in other] == [1]


async def test_the_same_request_is_drawn_once_and_with_another_seed_refused():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    member_id = await a_player()
    once = {"idempotency_key": "k", "now": NOW}
    made = await redeem(member_id, "TICKET", 2, **once, client_seed="a")
    async with nothing_changed():
        assert await redeem(member_id, "TICKET", 2, **once, client_seed="a") == made
        with pytest.raises(IdempotencyKeyReused):
            await redeem(member_id, "TICKET", 2, **once, client_seed="b")
    assert len(await draws()) == 2


async def test_without_an_open_round_nothing_is_drawn_and_nothing_paid():
    await in_play(SURE, NEVER)
    await close_round("SPRING", **STAFF)
    member_id = await a_player()
    with pytest.raises(LotteryClosed) as refused:
        await redeem(member_id, "TICKET", 1, idempotency_key="k", now=NOW)
    assert refused.value.facts == {"lottery": "SPRING"}
    async with nothing_changed():
        with pytest.raises(LotteryClosed):
            await redeem(member_id, "TICKET", 1, idempotency_key="k", now=NOW)
    assert await kinds(member_id) == [("earn", 10_000)]
    assert await draws() == []


async def test_a_client_seed_that_is_none_is_refused_before_anything():
    await in_play(SURE, NEVER)
    member_id = await a_player()
    async with nothing_changed():
        with pytest.raises(InvalidInput):
            await redeem(
                *(member_id, "TICKET", 1), idempotency_key="k", now=NOW, client_seed="x" * 65
            )


async def test_a_ticket_is_never_cancelled():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    member_id = await a_player()
    made = await redeem(member_id, "TICKET", 1, idempotency_key="k", now=NOW)
    async with nothing_changed():
        for actor in ("member", "staff"):
            with pytest.raises(NotCancellable):
                await cancel(member_id, made.redemption.id, actor=actor, now=NOW)


async def test_the_last_one_is_given_once_and_then_the_consolation_as_published():
    await in_play(prize("ONE", 1, stock=1, value="3"), prize("NOTHING", 0, gives={"points": 7}))
    member_id = await a_player()
    first, second = await draw(member_id, 2)
    assert (first.draw.given, first.draw.replaced, first.draw.points) == ("ONE", None, 0)
    assert (second.draw.named, second.draw.given, second.draw.replaced) == (
        *("ONE", "NOTHING"),
        "EXHAUSTED",
    )
    assert second.draw.points == 7
    assert await spent_minor() == 300


async def test_a_prize_that_would_exceed_the_budget_becomes_the_consolation():
    await in_play(prize("COSTLY", 1, cost="6"), NEVER, budget="10")
    made = await draw(await a_player(), 3)
    assert [one.draw.replaced for one in made] == [None, "OVER_BUDGET", "OVER_BUDGET"]
    assert await spent_minor() == 600


async def test_a_new_round_has_its_own_stock_and_budget():
    await in_play(prize("ONE", 1, stock=1, cost="1"), NEVER, round="day")
    member_id = await a_player()
    await draw(member_id)
    await turn(as_of=NOW + DAY)
    (made,) = await draw(member_id, now=NOW + DAY)
    assert (made.draw.round, made.draw.replaced) == (2, None)
    assert [await spent_minor(number) for number in (1, 2)] == [100, 100]


async def test_a_thing_is_sent_as_a_redeemed_one_is():
    await in_play(LAMP, NEVER)
    member_id = await a_player()
    (made,) = await draw(member_id)
    assert (made.draw.state, made.draw.points, made.draw.resolved_at) == ("REQUESTED", 0, None)
    key = (member_id, made.draw.id)
    async with nothing_changed():
        with pytest.raises(WrongState):
            await deliver_prize(*key, **STAFF)
    assert (await ship_prize(*key, **STAFF)).draw.state == "SHIPPED"
    async with nothing_changed():
        assert (await ship_prize(*key, **STAFF)).draw.state == "SHIPPED"
    found = await deliver_prize(*key, **STAFF)
    assert (found.draw.state, found.draw.resolved_at) == ("DELIVERED", NOW)
    async with nothing_changed():
        with pytest.raises(WrongState):
            await fail_prize(*key, reason="lost", **STAFF)
    async with reader() as tx:
        rows = await tx.fetch("SELECT action FROM staff_action ORDER BY id")
    assert [row["action"] for row in rows] == ["prize.shipped", "prize.delivered"]


async def test_a_thing_that_can_not_be_delivered_gives_what_the_prize_says_instead_once():
    await in_play(LAMP, NEVER)
    member_id = await a_player(100)
    (made,) = await draw(member_id)
    await ship_prize(member_id, made.draw.id, **STAFF)
    found = await fail_prize(member_id, made.draw.id, reason="lost", **STAFF)
    assert (found.draw.state, found.draw.points) == ("FAILED", 500)
    assert len(found.draw.coupon_codes) == 1
    async with nothing_changed():
        again = await fail_prize(member_id, made.draw.id, reason="lost", **STAFF)
    assert again.draw == found.draw
    assert await kinds(member_id) == [("earn", 100), ("spend", 100), ("earn", 500)]
    assert await spent_minor() == 2_000
    points = await wallet(member_id)
    assert (points.available, points.lifetime_earned) == (500, 100)


async def test_what_was_given_at_once_is_not_sent_and_what_is_not_there_not_found():
    await in_play(SURE, NEVER)
    member_id = await a_player()
    (made,) = await draw(member_id)
    async with nothing_changed():
        for verb in (ship_prize, deliver_prize):
            with pytest.raises(WrongKind):
                await verb(member_id, made.draw.id, **STAFF)
        with pytest.raises(WrongKind):
            await fail_prize(member_id, made.draw.id, reason="lost", **STAFF)
        with pytest.raises(InvalidInput):
            await fail_prize(member_id, made.draw.id, reason="", **STAFF)
        with pytest.raises(NotFound):
            await ship_prize(member_id, new_id(), **STAFF)


async def test_a_draw_is_verified_from_what_is_stored_once_the_seed_is_told():
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    member_id = await a_player()
    (made,) = await draw(member_id, client_seed="luck")
    before = await views.verify(member_id, made.draw.id)
    assert (before.problems, before.is_revealed) == ([], False)
    await close_round("SPRING", **STAFF)
    after = await views.verify(member_id, made.draw.id)
    assert (after.problems, after.is_revealed) == ([], True)
    assert after.evidence.seed == (await rounds())[0]["seed"]
    with pytest.raises(NotFound):
        await views.verify(member_id, new_id())


async def test_an_entry_says_what_was_rolled_and_why_it_was_replaced():
    await in_play(
        prize("ONE", 1, stock=0),
        prize("NOTHING", 0, gives={"points": 7}),
        name={"zh-CN": "春", "en": "S"},
    )
    member_id = await a_player()
    await draw(member_id)
    async with reader() as tx:
        row = await tx.fetchrow("SELECT * FROM decision WHERE kind = 'draw'")
    assert row is not None
    inputs, outcome = orjson.loads(row["inputs"]), orjson.loads(row["outcome"])
    stored = StoredDecision(kind="draw", programme_version=1, inputs=inputs, outcome=outcome)
    assert explain("earn", 7, stored, locale="en") == (
        "Draw 1 in round 1 of “S” rolled 0 / 1, which is “ONE” (there were none left, so “NOTHING”"
        " was given): 7 points. (Programme version 1.)"
    )
    assert explain("earn", 7, stored, locale="zh-CN") == (
        "抽奖「春」第 1 轮第 1 次抽取，点数 0 / 1，对应「ONE」（该奖品已发完，故给予「NOTHING」）："
        "7 积分。（会员计划第 1 版）"
    )


async def test_a_red_packet_that_is_won_comes_from_the_lottery_and_is_told_in_money():
    cash = prize("CASH", 1, value="8.88", gives={"points": 40, "credit": "8.88"})
    await in_play(cash, NEVER)
    member_id = await a_player(100)
    await draw(member_id)
    won = await wallet(member_id, "CREDIT")
    assert (won.available, won.lifetime_earned) == (888, 0)
    assert await kinds(member_id) == [("earn", 100), ("spend", 100), ("earn", 40)]
    async with reader() as tx:
        row = await tx.fetchrow("SELECT * FROM decision WHERE kind = 'draw'")
    assert row is not None
    inputs, outcome = orjson.loads(row["inputs"]), orjson.loads(row["outcome"])
    decision = StoredDecision(kind="draw", programme_version=1, inputs=inputs, outcome=outcome)
    said = explain("earn", 888, decision, locale="en", unit=Unit("CREDIT", "CNY"))
    assert said.endswith(": CN¥8.88. (Programme version 1.)")
    assert (await audit(now=NOW)).breaches == []
