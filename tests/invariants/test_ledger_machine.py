"""Does the ledger do what a model in plain Python says, whatever is done to it in which order?"""

import asyncio
from dataclasses import fields
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from db.connection import reader, transactional
from domain.effects.model import TakeBackPoints
from domain.ledger import operations as ledger
from domain.ledger.chain import chain_hash
from domain.ledger.errors import InsufficientCredit, InsufficientPoints
from domain.ledger.model import (
    GENESIS,
    Account,
    Cause,
    Currency,
    Decision,
    Lot,
    Policy,
    Slice,
    Wallet,
)
from domain.ledger.rules import Book
from domain.ledger.steps import load_lots, open_desk, open_desks, post
from domain.programme import operations as programmes
from domain.programme.views import versions
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust, cancel, fail, redeem
from domain.rewards.steps import issue
from kit.ids import derived_id, new_id
from tests.domain.rewards.conftest import reward, with_rewards
from tests.invariants.machine import DAY, LedgerMachine
from tests.support.value import give
from tests.support.world import NOW, a_member

MEMBER = derived_id("member")


def balances(wallet: Wallet, lots: list[Lot]) -> dict:
    return {
        "available": wallet.available,
        "pending": wallet.pending,
        "held": wallet.held,
        "debt": wallet.debt,
        "lots": [
            (lot.remaining, lot.held, lot.spent, lot.expired, lot.taken, lot.forfeited)
            for lot in lots
        ],
    }


class BookDriver:
    """The pure rules: one book from the beginning to the end."""

    def __init__(self, currency: Currency = Currency.POINTS) -> None:
        wallet = Wallet(MEMBER, currency, 0, 0, 0, 0, 0, 0, GENESIS, None, None)
        self.book = Book(wallet, {}, NOW, Policy(money="CNY"))
        self.numbers = count(1)

    def insufficient(self, available, required):
        if self.book.wallet.currency == Currency.CREDIT:
            return InsufficientCredit(available, required, "CNY")
        return InsufficientPoints(available, required)

    def _cause(self) -> Cause:
        number = next(self.numbers)
        decision = Decision(
            member_id=MEMBER,
            id=derived_id("decision", number),
            key=str(number),
            kind="test",
            programme_version=1,
            inputs={},
            outcome={},
            occurred_at=self.book.now,
            recorded_at=self.book.now,
        )
        return Cause(decision, "test", "test", str(number), self.book.now)

    def earn(self, amount, activates_at, expires_at):
        return self.book.open_lot(
            new_id(), amount, self._cause(), activates_at=activates_at, expires_at=expires_at
        )

    def activate(self, lot, now):
        self.book.reschedule(lot, now, lot.expires_at)

    def spend(self, amount):
        return self.book.spend(amount, self._cause()), self.book.now

    def adjust_down(self, amount):
        self.book.spend(amount, self._cause(), credit=Account.ADJUSTMENT)

    def adjust_up(self, amount, expires_at):
        self.book.open_lot(
            new_id(),
            amount,
            self._cause(),
            activates_at=None,
            expires_at=expires_at,
            debit=Account.ADJUSTMENT,
        )

    def hold(self, amount):
        expires_at = self.book.now + 10_000 * DAY
        return self.book.hold(new_id(), amount, self._cause(), expires_at=expires_at)

    def _slices(self, seq: int) -> list[Slice]:
        return [Slice(move.lot_id, move.amount) for move in self.book.moves if move.seq == seq]

    def commit(self, hold):
        self.book.commit(hold, self._slices(hold.held_by), self._cause())

    def release(self, hold, *, shop_fault):
        slices = self._slices(hold.held_by)
        self.book.release(hold, slices, self._cause(), shop_fault=shop_fault)

    def cancel(self, spend, *, shop_fault):
        seq, spent_at = spend
        slices = self._slices(seq)
        self.book.restore(slices, self._cause(), spent_at=spent_at, shop_fault=shop_fault)

    def take_back(self, lot, amount):
        self.book.take_back(lot, amount, self._cause())

    def advance(self, now, *, settles):
        self.book.now = now
        if settles:
            self.book.settle()

    def balances(self):
        self.book.settle()
        return balances(self.book.wallet, list(self.book.lots.values()))

    def check(self):
        head = GENESIS
        totals = dict.fromkeys(Account, 0)
        for seq, made in enumerate(self.book.transfers, start=1):
            names = [field.name for field in fields(made)]
            content = tuple(getattr(made, name) for name in names[3:-1])
            head = chain_hash(head, MEMBER, self.book.wallet.currency, seq, content)
            assert (made.seq, made.hash) == (seq, head)
            totals[Account(made.debit_account)] -= made.amount
            totals[Account(made.credit_account)] += made.amount
        assert sum(totals.values()) == 0
        assert self.book.wallet.head == head


class BookMachine(LedgerMachine):
    def __init__(self):
        super().__init__()
        self.driver = BookDriver()


def test_the_rules_of_the_ledger_do_what_the_model_says():
    run_state_machine_as_test(
        BookMachine,
        settings=settings(max_examples=300, stateful_step_count=40, deadline=None),
    )


@transactional
async def reschedule(tx, member_id, lot_id, now):
    desk = await open_desk(tx, member_id, now)
    await load_lots(tx, desk.points, [lot_id])
    lot = desk.points.lots[lot_id]
    desk.points.reschedule(lot, now, lot.expires_at)
    await post(tx, desk)


@transactional
async def take_back(tx, member_id, lot_id, amount, now):
    programme = (await versions(tx)).at(now).programme
    desk = await open_desk(tx, member_id, now)
    await load_lots(tx, desk.points, [lot_id])
    decision = desk.decide(f"refund {new_id()}", "test", 1, inputs={}, outcome={}, occurred_at=now)
    issue(
        desk,
        decision,
        [TakeBackPoints(lot_id, amount, "refund")],
        programme=programme,
        source_type="test",
        source_id="refund",
        occurred_at=now,
    )
    await post(tx, desk)


class CreditMachine(LedgerMachine):
    def __init__(self):
        super().__init__()
        self.driver = BookDriver(Currency.CREDIT)


def test_credit_goes_by_the_same_rules():
    run_state_machine_as_test(
        CreditMachine,
        settings=settings(max_examples=40, stateful_step_count=30, deadline=None),
    )


class DatabaseDriver:
    """The verbs as the product runs them, each a transaction on PostgreSQL."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self.now = loop, NOW
        self.member = self._run(a_member())
        self.member_id = self.member.member_id
        self.numbers = count(1)

    def insufficient(self, available, required):
        return InsufficientPoints(available, required)

    def _run(self, verb):
        return asyncio.run_coroutine_threadsafe(verb, self.loop).result()

    def _key(self) -> str:
        return str(next(self.numbers))

    def earn(self, amount, activates_at, expires_at):
        lot = self._run(
            give(
                self.member_id,
                amount,
                now=self.now,
                activates_at=activates_at,
                expires_at=expires_at,
            )
        )
        return lot.id

    def activate(self, lot_id, now):
        self._run(reschedule(self.member_id, lot_id, now))

    def spend(self, amount):
        asked = redeem(self.member_id, "POINT", amount, idempotency_key=self._key(), now=self.now)
        return self._run(asked).redemption.id

    def cancel(self, redemption_id, *, shop_fault):
        if shop_fault:
            verb = fail(self.member_id, redemption_id, staff="s", reason="r", now=self.now)
        else:
            verb = cancel(self.member_id, redemption_id, actor="member", now=self.now)
        self._run(verb)

    def _adjust(self, amount, **facts):
        asked = Adjustment(self.member_id, amount, "test", self._key(), **facts)
        return self._run(adjust(f"staff:{self.member_id}", asked, now=self.now))

    def adjust_down(self, amount):
        self._adjust(-amount)

    def adjust_up(self, amount, expires_at):
        self._adjust(amount, expires_at=expires_at)

    def hold(self, amount):
        source = ledger.Source("test", self._key())
        until = self.now + 10_000 * DAY
        verb = ledger.hold(self.member_id, amount, source=source, expires_at=until, now=self.now)
        return self._run(verb).id

    def commit(self, hold_id):
        self._run(ledger.commit(self.member_id, hold_id, now=self.now))

    def release(self, hold_id, *, shop_fault):
        self._run(ledger.release(self.member_id, hold_id, shop_fault=shop_fault, now=self.now))

    def take_back(self, lot_id, amount):
        self._run(take_back(self.member_id, lot_id, amount, self.now))

    def advance(self, now, *, settles):
        self.now = now
        if settles:
            assert self._run(ledger.settle_members(as_of=now)) is None

    async def _read(self) -> tuple[Wallet, list[Lot]]:
        async with reader() as tx:
            (desk,) = await open_desks(tx, [self.member], self.now)
            rows = await tx.fetch("SELECT id FROM lot WHERE member_id = $1", self.member_id)
            await load_lots(tx, desk.points, [row["id"] for row in rows])
        return desk.points.wallet, sorted(desk.points.lots.values(), key=lambda lot: lot.id)

    def balances(self):
        wallet, lots = self._run(self._read())
        return balances(wallet, lots)

    def check(self):
        findings = self._run(ledger.audit(now=NOW))
        assert findings.breaches == []


@pytest.mark.usefixtures("database")
async def test_the_verbs_on_the_database_do_what_the_model_says():
    document = with_rewards(reward("POINT", price_points=1)).document()
    programme = type(with_rewards()).of(document)
    await programmes.publish(programme, now=NOW, published_by="tests")
    loop = asyncio.get_running_loop()

    class DatabaseMachine(LedgerMachine):
        def __init__(self):
            super().__init__()
            self.driver = DatabaseDriver(loop)

    await asyncio.to_thread(
        run_state_machine_as_test,
        DatabaseMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
