"""Does each name in a programme stand for one thing, and is that thing there?"""

from collections.abc import Iterator, Sequence

from domain.programme.model import Gives, Programme
from domain.programme.model.places import Finding, Path
from domain.programme.rules.expecting import closest_first


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
    """The coupons and badges that are given at `place` are the programme's."""
    coupons = [coupon.code for coupon in programme.coupons]
    badges = [badge.code for badge in programme.badges]
    for number, code in enumerate(found.coupons):
        yield from known(code, (*place, "coupons", number), coupons)
    for number, code in enumerate(found.badges):
        yield from known(code, (*place, "badges", number), badges)
