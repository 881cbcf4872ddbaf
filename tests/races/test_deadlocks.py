"""Is everything that can be done to members at the same moment done, and in no deadlock?"""

import asyncio
from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from app.worker import HANDLERS
from db.connection import reader
from domain.checkins.errors import AlreadyCheckedIn
from domain.checkins.operations import check_in
from domain.intake.operations import record
from domain.ledger import operations as ledger
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust, cancel, redeem
from kit import clock
from tests.faults.shopping import expected, shopping
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.value import give
from tests.support.world import a_member, programme, published
from workers.runner import Runner

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
CUSTOMERS = 6
EVENTS = 240
GIVEN_POINTS = 50_000
CHECK_IN_POINTS = 10
ROUNDS = 8
WORKERS = 2
SEED = 20_260_302
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_DUE = """
SELECT kind, member_id, id FROM job
WHERE state = 'ready' AND run_at <= $1 ORDER BY random() LIMIT 20
"""


class Workers:
    """Two that answer doorbells in any order, as fast as they can, until they are told to stop."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()

    async def run(self) -> None:
        await asyncio.gather(*(self._work(Runner(HANDLERS, concurrency=4)) for _ in range(WORKERS)))

    async def _work(self, runner: Runner) -> None:
        while True:
            is_last = self.stop.is_set()
            async with reader() as tx:
                found = await tx.fetch(_DUE, clock.now())
            await asyncio.gather(
                *(runner.answer(row["kind"], row["member_id"], row["id"]) for row in found)
            )
            if is_last and not found:
                return


class Customer:
    """A member who does everything at once; counts what comes of it."""

    def __init__(self, subject: str, member_id) -> None:
        self.subject = subject
        self.points = GIVEN_POINTS
        self.checked_in = 0
        self._member_id = member_id

    def verbs(self):
        for number in range(ROUNDS):
            yield self._check_in()
            yield self._buy_and_return(number)
            yield self._buy(number)
            yield self._correct(number)
            yield self._set_aside(number)

    async def _check_in(self) -> None:
        try:
            await check_in(self._member_id, now=clock.now())
        except AlreadyCheckedIn:
            return
        self.checked_in += 1
        self.points += CHECK_IN_POINTS

    async def _buy(self, number: int) -> None:
        key = f"kept {number}"
        made = await redeem(self._member_id, "COUPON_10", 1, idempotency_key=key, now=clock.now())
        self.points -= made.redemption.price_points

    async def _buy_and_return(self, number: int) -> None:
        key = f"returned {number}"
        made = await redeem(self._member_id, "MUG", 1, idempotency_key=key, now=clock.now())
        await cancel(self._member_id, made.redemption.id, actor="member", now=clock.now())

    async def _correct(self, number: int) -> None:
        amount = (-1) ** number * (number + 1)
        key = f"{self.subject} {number}"
        await adjust("staff", Adjustment(self._member_id, amount, "test", key), now=clock.now())
        self.points += amount

    async def _set_aside(self, number: int) -> None:
        now = clock.now()
        source, until = ledger.Source("race", f"{number}"), now + timedelta(hours=1)
        held = await ledger.hold(self._member_id, 100, source=source, expires_at=until, now=now)
        if number % 2:
            await ledger.release(self._member_id, held.id, now=clock.now())
        else:
            await ledger.commit(self._member_id, held.id, now=clock.now())
            self.points -= 100


async def test_members_who_do_everything_at_once_end_as_the_model_says():
    await published()
    customers = [await a_customer(number) for number in range(CUSTOMERS)]
    chance = Random(SEED)  # noqa: S311  a repeatable one
    facts = shopping(chance, [customer.subject for customer in customers], EVENTS, clock.now())
    deadlocks = await deadlocks_so_far()
    workers = Workers()
    working = asyncio.create_task(workers.run())
    verbs = [verb for customer in customers for verb in customer.verbs()]
    chance.shuffle(verbs)
    await asyncio.gather(tell(facts), at_most(20, verbs))
    workers.stop.set()
    await working
    assert await deadlocks_so_far() == deadlocks
    assert [customer.checked_in for customer in customers] == [1] * CUSTOMERS
    await require_nothing_set_aside()
    now = clock.now()
    model = expected(facts, programme())
    for customer in customers:
        model[customer.subject].besides_points += customer.points
        model[customer.subject].besides_growth += CHECK_IN_POINTS
    await require_as_modelled(model, now)
    await require_sound_books(now)


async def test_calls_with_the_same_events_in_opposite_orders_block_nobody():
    await published()
    customers = [await a_customer(number) for number in range(CUSTOMERS)]
    chance = Random(SEED)  # noqa: S311  a repeatable one
    facts = shopping(chance, [customer.subject for customer in customers], EVENTS, clock.now())
    deadlocks = await deadlocks_so_far()
    calls = [record(facts[::way], now=clock.now()) for way in (1, -1) * 5]
    answers = await asyncio.gather(*calls)
    told = Counter(fact.id for fact in facts)
    duplicates = sum(answer.duplicates for answer in answers)
    accepted = sum(answer.accepted for answer in answers)
    assert [answer.refused for answer in answers] == [()] * len(calls)
    assert accepted + duplicates == 10 * len(told)
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM inbox") == accepted
    assert await deadlocks_so_far() == deadlocks


async def a_customer(number: int) -> Customer:
    member = await a_member(external_id=f"customer-{number}")
    await give(member.member_id, GIVEN_POINTS, now=clock.now())
    return Customer(f"customer-{number}", member.member_id)


async def tell(facts) -> None:
    for start in range(0, len(facts), 8):
        await record(facts[start : start + 8], now=clock.now())


async def at_most(count: int, verbs) -> None:
    gate = asyncio.Semaphore(count)

    async def one(verb) -> None:
        async with gate:
            await verb

    await asyncio.gather(*map(one, verbs))


async def deadlocks_so_far() -> int:
    async with reader() as tx:
        return await tx.fetchval(_DEADLOCKS)
