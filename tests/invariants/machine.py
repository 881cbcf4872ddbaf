"""Which histories can a wallet have? Every mix of verbs in any order, while the clock goes on.

A machine tells each verb to the model and to a driver, and compares all that can be seen.
"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from domain.ledger.errors import InsufficientCredit, InsufficientPoints
from tests.invariants.model import Model
from tests.support.world import NOW

DAY = timedelta(days=1)
amounts = st.integers(1, 30)
days = st.integers(1, 60)


class LedgerMachine(RuleBasedStateMachine):
    """Subclasses make a `driver`, whose verbs take and return handles of its own."""

    driver: Any
    lots = Bundle("lots")
    holds = Bundle("holds")
    spends = Bundle("spends")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(NOW)

    @rule(target=lots, amount=amounts, wait=st.none() | st.integers(-3, 20), life=days)
    def earn(self, amount, wait, life):
        activates_at = None if wait is None else self.model.now + wait * DAY
        expires_at = (activates_at or self.model.now) + life * DAY
        handle = self.driver.earn(amount, activates_at, expires_at)
        return handle, self.model.earn(amount, activates_at, expires_at)

    @rule(lot=lots)
    def activate(self, lot):
        handle, known = lot
        self.driver.activate(handle, self.model.now)
        if known.count("pending"):
            known.activates_at = self.model.now
        self.model.settle()

    @rule(target=spends, amount=amounts)
    def spend(self, amount):
        return self._debit(amount, self.driver.spend, "spent")

    @rule(target=holds, amount=amounts)
    def hold(self, amount):
        return self._debit(amount, self.driver.hold, "held")

    @rule(amount=amounts)
    def adjust_down(self, amount):
        self._debit(amount, self.driver.adjust_down, "spent")

    @rule(amount=amounts, life=days)
    def adjust_up(self, amount, life):
        expires_at = self.model.now + life * DAY
        self.driver.adjust_up(amount, expires_at)
        self.model.earn(amount, None, expires_at)

    def _debit(self, amount, verb, place):
        available = self.model.count("available")
        if amount > available:
            with pytest.raises((InsufficientPoints, InsufficientCredit)) as refused:
                verb(amount)
            expected = self.driver.insufficient(available, amount)
            assert (type(refused.value), refused.value.facts) == (type(expected), expected.facts)
            return multiple()
        return verb(amount), self.model.take(amount, place)

    @rule(hold=consumes(holds))
    def commit(self, hold):
        handle, taken = hold
        self.driver.commit(handle)
        self.model.put(taken, "spent")

    @rule(hold=consumes(holds), shop_fault=st.booleans())
    def release(self, hold, shop_fault):
        handle, taken = hold
        self.driver.release(handle, shop_fault=shop_fault)
        self.model.give_back(taken, shop_fault=shop_fault)

    @rule(spend=consumes(spends), shop_fault=st.booleans())
    def cancel(self, spend, shop_fault):
        handle, taken = spend
        self.driver.cancel(handle, shop_fault=shop_fault)
        self.model.give_back(taken, shop_fault=shop_fault)

    @rule(lot=lots, part=st.integers(1, 100))
    def refund(self, lot, part):
        handle, known = lot
        left = len(known.points) - known.undone
        if left:
            amount = max(1, left * part // 100)
            self.driver.take_back(handle, amount)
            self.model.take_back(known, amount)

    @rule(days_later=st.integers(0, 40), settles=st.booleans())
    def advance_clock(self, days_later, settles):
        """Whether a job settles in time or the next verb does must not matter."""
        self.model.now += days_later * DAY
        self.model.settle()
        self.driver.advance(self.model.now, settles=settles)

    @precondition(lambda self: self.model.lots)
    @invariant()
    def the_ledger_says_what_the_model_says(self):
        found = self.driver.balances()
        assert found == {
            "available": self.model.count("available"),
            "pending": self.model.count("pending"),
            "held": self.model.count("held"),
            "debt": -self.model.debt,
            "lots": [
                (
                    lot.count("pending", "available"),
                    lot.count("held"),
                    lot.count("spent"),
                    lot.count("expired", "forfeited"),
                    lot.count("taken"),
                    lot.count("forfeited"),
                )
                for lot in self.model.lots
            ],
        }
        assert self.model.debt == 0 or found["available"] == 0

    def teardown(self):
        self.driver.check()
