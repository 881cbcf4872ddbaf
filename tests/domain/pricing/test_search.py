"""Does the search rule out nothing that is better? Against every combination, on larger wallets."""

import os
from random import Random

import pytest

from domain.pricing.rules import searching
from domain.pricing.rules.offering import Offer, offers_of
from domain.pricing.rules.searching import Key, Search
from domain.pricing.rules.taking import Left, Taken, take
from domain.pricing.rules.worlds import World, with_tier
from tests.support.carts import cart, held, line, no_discount, off, percent, priced, template
from tests.support.random_carts import case

CARTS = int(os.environ.get("PRICING_CARTS", "150"))


@pytest.mark.parametrize("has_points", [False, True])
def test_the_search_finds_what_trying_every_combination_finds(has_points):
    for seed in range(CARTS):
        world, offers = wallet(seed, has_points=has_points)
        bits = {offer.coupon.id: 1 << place for place, offer in enumerate(offers)}
        search = Search(world, offers, bits, 4)
        search.run()
        assert search.is_exact
        assert (seed, search.best) == (seed, least(world, offers, bits))


def wallet(seed: int, *, has_points: bool) -> tuple[World, list[Offer]]:
    """Nine coupons of their own, much alike in what they are worth, on six lines by chance."""
    chance = Random(seed)  # noqa: S311  the same for a seed
    asked = case(seed, lines=6)
    wish = asked.wish
    who = no_discount(available_points=chance.randint(0, 9_000) if has_points else 0)
    lines = tuple(
        line(f"l{number}", chance.randint(1, 200), sku=chance.choice("ABCD"), quantity=2)
        for number in range(6)
    )
    if has_points:
        lines = (*lines, line("l9", 400, sku="A", eligible=False))
    faces = [_face(chance, number) for number in range(9)]
    coupons = [held(number + 1, face) for number, face in enumerate(faces)]
    points = type(wish)(points_max=True)
    world = with_tier(cart(*lines, shipping=9), who, asked.programme, points)
    return world, offers_of(coupons, world)


def _face(chance: Random, number: int):
    pick = chance.choice(({}, {}, {"include": {"sku": tuple(chance.sample("ABCD", 2))}}))
    usual = {
        "scope": pick,
        "priority": chance.choice((1, 2, 3)),
        "threshold": str(chance.choice((0, 0, 50, 300))),
    }
    code = f"C{number}"
    return chance.choice(
        (
            off(code, chance.choice((5, 6, 20)), **usual),
            off(code, chance.choice((5, 6, 20)), **usual),
            percent(code, chance.choice((5, 6, 20)), **usual),
            percent(code, chance.choice((5, 20)), amount_off_max="20", **usual),
            template(code, kind="FREE_SHIPPING", **usual),
            template(code, kind="EXCHANGE", exchange={"sku": "A", "price": "1"}, **usual),
            template(code, kind="GIFT", gift={"sku": "G", "value": "6"}, **usual),
        )
    )


def least(world: World, offers: list[Offer], bits: dict) -> Key:
    found: list[Key] = []

    def grow(left: Left, rest: list[Offer], chosen: tuple[Offer, ...], value: int) -> None:
        offset = world.payer.offset(world.eligible(left.amounts))
        used = -sum(bits[one.coupon.id] for one in chosen)
        key = (world.payable(left), world.payer.points(offset), -value, len(chosen), used)
        found.append(key)
        if len(chosen) == 4:
            return
        for place, offer in enumerate(rest):
            taken = take(offer.terms, left)
            if isinstance(taken, Taken):
                more = value + taken.value_minor
                grow(taken.left, rest[place + 1 :], (*chosen, offer), more)

    grow(world.left, offers, (), 0)
    return min(found)


def test_a_search_that_is_cut_short_says_so(monkeypatch):
    monkeypatch.setattr(searching, "STEPS_MAX", 3)
    coupons = [held(number, off(f"C{number}", number)) for number in range(1, 8)]
    found = priced(cart(line("a", 100)), no_discount(), *coupons)
    assert not found.is_best
    assert found.payable_minor == 10_000 - 700 - 600 - 500 - 400 - 300
