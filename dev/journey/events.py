"""How does a basket look as a fact from the shop?"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dev.journey.calendar import SHOP_ZONE, Shift
from dev.journey.purchases import Basket, Household, Line

SOURCE = "journey"
CURRENCY = "USD"
_ID_PREFIX = "journey:basket:"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent: of `households` the baskets `wanted`; `known` ones were sent before."""

    households: tuple[Household, ...]
    shift: Shift
    wanted: frozenset[int]
    known: int


def plan(
    households: list[Household], shift: Shift, *, known: frozenset[str], until: date | None
) -> Plan:
    """Leave out events `known` by id, and baskets after the day `until` (of the shop's zone)."""
    asked = {
        basket_id
        for household in households
        for basket_id, paid_at in household.paid_at.items()
        if until is None or shift.apply(paid_at).astimezone(SHOP_ZONE).date() <= until
    }
    wanted = frozenset(number for number in asked if event_id(number) not in known)
    return Plan(tuple(households), shift, wanted, len(asked) - len(wanted))


def event_id(basket_id: int) -> str:
    """The same at every import, so that a basket counts once."""
    return f"{_ID_PREFIX}{basket_id}"


def basket_id_of(known_event_id: str) -> int:
    return int(known_event_id.removeprefix(_ID_PREFIX))


def subject(household_id: int) -> str:
    """The household's id as the shop's customer."""
    return f"household-{household_id}"


def enrolment(household: Household, shift: Shift) -> dict[str, Any]:
    """Input of `enrolMember`: a member since the first basket."""
    return {
        "externalId": subject(household.household_id),
        "nickname": f"Household {household.household_id}",
        "timezone": SHOP_ZONE.key,
        "joinedAt": _text(shift.apply(household.first_paid_at)),
    }


def order_paid(basket: Basket, shift: Shift) -> dict[str, Any]:
    """An event as `recordEvents` takes it."""
    paid_at = _text(shift.apply(basket.paid_at))
    return {
        "id": event_id(basket.basket_id),
        "source": SOURCE,
        "type": "order.paid",
        "time": paid_at,
        "subject": subject(basket.household_id),
        "data": {
            "orderId": str(basket.basket_id),
            "paidAt": paid_at,
            "currency": CURRENCY,
            "channel": "store",
            "lines": [_line(line) for line in basket.lines],
        },
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "lineId": str(line.product_id),
        "sku": str(line.product_id),
        "category": line.category,
        "brand": line.brand,
        "quantity": line.quantity,
        "amountMinor": line.amount_minor,
        "discountMinor": line.discount_minor,
    }


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
