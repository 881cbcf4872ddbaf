"""How does a client see that a rule said no? As a typed refusal with the rule's facts."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from domain.pricing import model
from kit import errors
from schema.carts import Priced, RefusedCoupon
from schema.checkins import CheckIn
from schema.refusals.types import (
    TYPES,
    AlreadyCheckedIn,
    GenericRefusal,
    InvalidInput,
    NotApplicable,
    PriceChanged,
    Refusal,
)

if TYPE_CHECKING:
    from domain.checkouts.model import Quote

__all__ = ["REFUSAL_TYPES", "Refusal", "refusal_of", "refusal_or_none"]


class _Facts:
    """A refusal's facts as attributes."""

    def __init__(self, refusal: errors.Refusal) -> None:
        self.__dict__.update(refusal.facts)


def _already_checked_in(refusal: errors.Refusal, said: dict[str, str], _: str) -> Refusal:
    return AlreadyCheckedIn(**said, check_in=CheckIn.of(cast("Any", _Facts(refusal))))


def _price_changed(refusal: errors.Refusal, said: dict[str, str], locale: str) -> Refusal:
    found = cast("Quote", refusal.facts["quote"])
    priced = Priced(found.price, found.member_id, found.currency, locale)
    return PriceChanged(**said, quote=priced.shown())


def _not_applicable(refusal: errors.Refusal, said: dict[str, str], locale: str) -> Refusal:
    facts = cast("dict[str, Any]", refusal.facts)
    reasons = [
        RefusedCoupon.of(
            facts["member_id"],
            model.RefusedCoupon(one["coupon_id"], one["reason"], one["facts"]),
            facts["currency"],
            locale,
        )
        for one in facts["reasons"]
    ]
    return NotApplicable(**said, reasons=reasons)


def _invalid_input(refusal: errors.Refusal, said: dict[str, str], _: str) -> Refusal:
    assert isinstance(refusal, errors.InvalidInput)
    return InvalidInput(**said, path=refusal.path)


_MADE: dict[str, Callable[[errors.Refusal, dict[str, str], str], Refusal]] = {
    "PRICE_CHANGED": _price_changed,
    "NOT_APPLICABLE": _not_applicable,
    "ALREADY_CHECKED_IN": _already_checked_in,
    "INVALID_INPUT": _invalid_input,
}
REFUSAL_TYPES = (
    *(GenericRefusal, InvalidInput, AlreadyCheckedIn, PriceChanged, NotApplicable),
    *TYPES.values(),
)


def refusal_of(refusal: errors.Refusal, locale: str) -> Refusal:
    """The refusal of the domain as the most telling type."""
    said = {"code": refusal.code, "message": refusal.message(locale)}
    made = _MADE.get(refusal.code)
    if made is not None:
        return made(refusal, said, locale)
    kind = TYPES.get(refusal.code)
    if kind is None:
        return GenericRefusal(**said)
    own = [name for name in kind.__annotations__ if name in refusal.facts]
    return kind(**said, **{name: cast("Any", refusal.facts[name]) for name in own})


def refusal_or_none(refusal: errors.Refusal | None, locale: str) -> Refusal | None:
    return None if refusal is None else refusal_of(refusal, locale)
