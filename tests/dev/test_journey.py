"""Are the real purchases read exactly, and do they keep their ids and days at every import?"""

from datetime import UTC, date, datetime

import pytest

from dev.journey.calendar import SHOP_ZONE, Shift
from dev.journey.events import enrolment, event_id, order_paid, plan
from dev.journey.purchases import Basket, Household, Line, Purchases
from domain.intake.model import Fact, OrderPaid
from domain.intake.rules import judge
from tests.support.world import programme

LAST_BASKET = datetime(2018, 1, 1, 4, 1, 20, tzinfo=UTC)
WINTER = datetime(2026, 11, 21, 12, tzinfo=UTC)
SUMMER = datetime(2027, 6, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def purchases() -> Purchases:
    return Purchases()


@pytest.fixture(scope="module")
def households(purchases: Purchases) -> list[Household]:
    return purchases.households()


@pytest.fixture(scope="module")
def baskets(purchases: Purchases, households: list[Household]) -> list[Basket]:
    """Those of the first five households."""
    return list(purchases.baskets([household.household_id for household in households[:5]]))


def test_the_package_has_a_year_of_2469_households(households):
    assert len(households) == 2_469
    assert sum(len(household.paid_at) for household in households) == 155_848
    assert max(max(household.paid_at.values()) for household in households) == LAST_BASKET


def test_baskets_come_by_household_and_in_the_order_of_time(baskets):
    keys = [(basket.household_id, basket.paid_at, basket.basket_id) for basket in baskets]
    assert keys == sorted(keys)
    assert len({basket.basket_id for basket in baskets}) == len(baskets)


def test_every_basket_of_a_household_is_read(baskets, households):
    read = {basket.basket_id: basket.paid_at for basket in baskets}
    assert read == {k: v for household in households[:5] for k, v in household.paid_at.items()}


def test_amounts_are_exact_cents_and_a_discount_is_never_more_than_its_amount(purchases):
    (basket,) = [b for b in purchases.baskets([900]) if b.basket_id == 31198570047]
    assert basket.lines == (Line(9878513, "GROCERY", "Private", 1, 109, 10),)


def test_the_last_basket_of_all_was_paid_yesterday_in_winter_and_in_summer():
    for now, yesterday in ((WINTER, date(2026, 11, 20)), (SUMMER, date(2027, 6, 20))):
        moved = Shift.ending_yesterday(now).apply(LAST_BASKET)
        assert moved.astimezone(SHOP_ZONE).date() == yesterday
        assert moved.astimezone(SHOP_ZONE).time() == LAST_BASKET.astimezone(SHOP_ZONE).time()


def test_a_later_import_finds_the_days_of_the_first_one(baskets):
    shift = Shift.ending_yesterday(SUMMER)
    assert {Shift.between(b.paid_at, shift.apply(b.paid_at)) for b in baskets} == {shift}


def test_an_import_leaves_out_what_is_known_and_what_was_bought_later(households):
    shift = Shift.ending_yesterday(WINTER)
    few = households[:5]
    everything = plan(few, shift, known=frozenset(), until=None)
    first = min(everything.wanted)
    known = frozenset([event_id(first)])
    half = plan(few, shift, known=known, until=date(2026, 5, 31))
    assert first not in half.wanted
    assert half.known == 1
    assert 0 < len(half.wanted) < len(everything.wanted) - 1
    days = {
        shift.apply(household.paid_at[number]).astimezone(SHOP_ZONE).date()
        for household in few
        for number in half.wanted & household.paid_at.keys()
    }
    assert max(days) <= date(2026, 5, 31)


def test_every_basket_is_an_event_that_the_intake_takes(baskets):
    shift = Shift.ending_yesterday(WINTER)
    for basket in baskets:
        sent = order_paid(basket, shift)
        at = datetime.fromisoformat(sent["time"])
        fact = Fact(**{**sent, "time": at})
        payload = judge(fact, now=WINTER, programme=programme("grocery"))
        assert isinstance(payload, OrderPaid)
        net = sum(line.amount_minor - line.discount_minor for line in payload.lines)
        assert net >= 0
        assert sent["id"] == f"journey:basket:{basket.basket_id}"


def test_a_household_is_a_member_since_its_first_basket(households):
    shift = Shift.ending_yesterday(WINTER)
    first = households[0]
    asked = enrolment(first, shift)
    assert asked["externalId"] == f"household-{first.household_id}"
    assert datetime.fromisoformat(asked["joinedAt"]) == shift.apply(first.first_paid_at)
