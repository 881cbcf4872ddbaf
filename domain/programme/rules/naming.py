"""Does each name in a programme stand for one thing, and is that thing there?

And may as much be given as is given?
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.programme.model import Gives, Programme, plain_decimal
from domain.programme.model.places import Finding, Path
from domain.programme.rules.expecting import closest_first
from kit.money import exponent


def unique(values: Sequence[object], place: Path, key: str) -> Iterator[Finding]:
    """Each entry of the list at `place` has a `key` of its own."""
    for index, value in enumerate(values):
        if value in values[:index]:
            first = values.index(value)
            at = (*place, index, key)
            yield Finding(at, f"{value} is that of entry {first} too", f"another {key}")


def known(code: str | None, place: Path, codes: Sequence[str]) -> Iterator[Finding]:
    """What `code` names, if it names anything, is one of `codes`."""
    if code is not None and code not in codes:
        choices = ", ".join(closest_first(code, codes))
        yield Finding(place, f"there is no {code}", f"one of {choices}" if codes else "none")


def known_gives(found: Gives, place: Path, programme: Programme) -> Iterator[Finding]:
    """The coupons and badges given at `place` are the programme's; a packet is not too large."""
    coupons = [coupon.code for coupon in programme.coupons]
    badges = [badge.code for badge in programme.badges]
    for number, code in enumerate(found.coupons):
        yield from known(code, (*place, "coupons", number), coupons)
    for number, code in enumerate(found.badges):
        yield from known(code, (*place, "badges", number), badges)
    most = programme.credit.packet_max_minor
    if found.credit_minor > most:
        message = f"{yuan(found.credit_minor, programme)} is above credit.packet_max"
        yield Finding((*place, "credit"), message, f"at most {yuan(most, programme)}")


def falling(days: Sequence[int], place: Path) -> Iterator[Finding]:
    """Each is less than the one before it."""
    for index in range(1, len(days)):
        if days[index] >= days[index - 1]:
            yield Finding(
                (*place, index),
                f"{days[index]} is not below the one before it ({days[index - 1]})",
                f"less than {days[index - 1]}",
            )


def yuan(amount_minor: int, programme: Programme) -> str:
    """An amount as the document writes it."""
    return plain_decimal(Decimal(amount_minor).scaleb(-exponent(programme.currency)))
