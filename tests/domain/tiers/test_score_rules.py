"""Is a score what the domain says, and the way to the next tier the shortest that suffices?"""

from datetime import UTC, date, datetime
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.programme.model import Programme
from domain.tiers.model import Standing, TierPeriod, WindowFacts
from domain.tiers.rules import orders_counted, progress, score, tier_for

DEFAULT = Programme()
GROWTH = Programme.of({"tiers": {"basis": "growth"}})


def scored(spend_yuan=0, orders=0, interaction=0, programme=DEFAULT):
    facts = WindowFacts(spend_yuan * 100, orders, spend_yuan, interaction)
    return score(facts, programme)


def standing(code="NORMAL") -> Standing:
    return Standing(period=TierPeriod(tier_code=code))


def parts_of(parts) -> tuple[int, int, int, int]:
    return parts.score, parts.spend_score, parts.frequency_score, parts.interaction_score


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((0, 0), (0, 0, 0, 0)),
        ((20_000, 0), (600, 600, 0, 0)),
        ((0, 50), (400, 0, 400, 0)),
        ((20_000, 50), (1_000, 600, 400, 0)),
        ((1_000_000, 5_000), (1_000, 600, 400, 0)),
        ((3_333, 3), (123, 99, 24, 0)),
        ((33, 1), (8, 0, 8, 0)),
        ((34, 1), (9, 1, 8, 0)),
        ((20_000, 50, 100_000), (1_050, 600, 400, 50)),
        ((0, 0, 199), (1, 0, 0, 1)),
        ((0, 0, 5_000), (50, 0, 0, 50)),
    ],
)
def test_the_score_weighs_spend_and_orders_and_adds_interaction_up_to_its_cap(given_, expected):
    assert parts_of(scored(*given_)) == expected


def test_spend_and_orders_round_down_together_and_the_rest_is_frequency():
    """0.9 of spend and 24.24 of orders are 25 points, all of them frequency."""
    programme = Programme.of({"tiers": {"score": {"orders_full": 33}}})
    parts = scored(30, 2, programme=programme)
    assert parts_of(parts) == (25, 0, 25, 0)


def test_under_the_other_basis_growth_is_what_counts():
    parts = scored(4_000, 40, 1_000, GROWTH)
    assert parts_of(parts) == (5_000, 4_000, 0, 1_000)
    assert tier_for(parts, GROWTH).code == "GOLD"


@given(st.integers(0, 3_000_000), st.integers(0, 80), st.integers(0, 9_000))
def test_the_parts_sum_to_the_score_and_the_score_to_the_formula(spend, orders, interaction):
    parts = score(WindowFacts(spend, orders, 0, interaction), DEFAULT)
    weighted = Fraction(6, 10) * min(1_000, Fraction(1_000 * spend, 2_000_000)) + Fraction(
        4, 10
    ) * min(1_000, Fraction(1_000 * orders, 50))
    assert parts.score == floor(weighted) + min(50, interaction // 100)
    assert min(parts_of(parts)) >= 0


def test_an_order_counts_from_20_yuan_and_once_a_day():
    monday, tuesday = date(2026, 11, 16), date(2026, 11, 17)
    orders = [(monday, 2_000), (monday, 9_000), (tuesday, 1_999), (tuesday, 0)]
    assert orders_counted(orders, DEFAULT) == 1
    assert orders_counted([*orders, (tuesday, 2_000)], DEFAULT) == 2


def test_a_programme_may_count_several_orders_of_a_day():
    twice = Programme.of({"tiers": {"score": {"orders_per_day": 2}}})
    assert orders_counted([(date(2026, 11, 16), 2_000)] * 3, twice) == 2


@pytest.mark.parametrize(
    ("spend_yuan", "orders", "code"),
    [
        (0, 0, "NORMAL"),
        (3_300, 0, "NORMAL"),
        (3_334, 0, "SILVER"),
        (10_000, 0, "GOLD"),
        (20_000, 0, "PLATINUM"),
        (20_000, 25, "DIAMOND"),
    ],
)
def test_the_tier_is_the_highest_whose_threshold_is_reached(spend_yuan, orders, code):
    assert tier_for(scored(spend_yuan, orders), DEFAULT).code == code


def test_a_ladder_may_begin_above_zero_and_still_has_a_lowest_tier():
    ladder = [{"code": "BASE", "name": {"zh-CN": "新手", "en": "Base"}, "threshold": 10}]
    assert tier_for(scored(), Programme.of({"tiers": {"ladder": ladder}})).code == "BASE"


def test_progress_says_what_alone_suffices():
    found = progress(standing(), scored(1_000, 1), DEFAULT)
    assert (found.tier.code, found.next_tier and found.next_tier.code) == ("NORMAL", "SILVER")
    assert (found.parts.score, found.score_to_next) == (38, 62)
    assert (found.yuan_to_next, found.orders_to_next) == (2_067, 8)
    assert (found.keep_score, found.period_ends_at, found.state) == (0, None, "ACTIVE")


def test_progress_says_none_where_neither_suffices():
    found = progress(standing("PLATINUM"), scored(0, 0), DEFAULT)
    assert (found.score_to_next, found.yuan_to_next, found.orders_to_next) == (800, None, None)
    assert found.keep_score == 440


def test_progress_may_need_either_all_the_orders_or_no_amount_at_all():
    found = progress(standing("SILVER"), scored(0, 0), DEFAULT)
    assert (found.yuan_to_next, found.orders_to_next) == (10_000, 38)
    only_orders = progress(standing("PLATINUM"), scored(14_000, 25), DEFAULT)
    assert (only_orders.yuan_to_next, only_orders.orders_to_next) == (6_000, 23)


def test_the_top_tier_has_nothing_above_it():
    ends_at = datetime(2027, 11, 21, 16, tzinfo=UTC)
    top = Standing(period=TierPeriod(tier_code="DIAMOND", provisional=True, ends_at=ends_at))
    found = progress(top, scored(20_000, 50), DEFAULT)
    assert found.next_tier is None
    assert (found.score_to_next, found.yuan_to_next, found.orders_to_next) == (None, None, None)
    assert (found.keep_score, found.period_ends_at, found.state) == (640, ends_at, "PROVISIONAL")


def test_a_score_above_the_next_threshold_misses_nothing():
    found = progress(standing(), scored(20_000, 0), DEFAULT)
    assert (found.score_to_next, found.yuan_to_next, found.orders_to_next) == (0, 0, 0)


def test_progress_in_growth_needs_the_yuan_that_give_it():
    found = progress(standing("SILVER"), scored(1_500, programme=GROWTH), GROWTH)
    assert (found.score_to_next, found.yuan_to_next, found.orders_to_next) == (3_500, 3_500, None)
    double = Programme.of({"tiers": {"basis": "growth"}, "growth": {"per_yuan": 3}})
    assert (
        progress(standing("SILVER"), scored(1_500, programme=double), double).yuan_to_next == 1_167
    )
    none = Programme.of({"tiers": {"basis": "growth"}, "growth": {"per_yuan": 0}})
    assert progress(standing("SILVER"), scored(1_500, programme=none), none).yuan_to_next is None


def test_what_has_no_weight_can_not_suffice():
    spend_only = Programme.of({"tiers": {"score": {"spend_weight": 100, "orders_weight": 0}}})
    found = progress(standing(), scored(0, 0, programme=spend_only), spend_only)
    assert (found.yuan_to_next, found.orders_to_next) == (2_000, None)


@given(st.integers(0, 25_000), st.integers(0, 60), st.integers(0, 6_000))
def test_one_yuan_or_one_order_less_does_not_suffice(spend_yuan, orders, interaction):
    parts = scored(spend_yuan, orders, interaction)
    found = progress(standing(tier_for(parts, DEFAULT).code), parts, DEFAULT)
    if found.next_tier is None:
        return
    threshold = found.next_tier.threshold
    if found.yuan_to_next is None:
        assert scored(10**6, orders, interaction).score < threshold
    else:
        assert scored(spend_yuan + found.yuan_to_next, orders, interaction).score >= threshold
        assert scored(spend_yuan + found.yuan_to_next - 1, orders, interaction).score < threshold
    if found.orders_to_next is None:
        assert scored(spend_yuan, 10**6, interaction).score < threshold
    else:
        assert scored(spend_yuan, orders + found.orders_to_next, interaction).score >= threshold
        assert scored(spend_yuan, orders + found.orders_to_next - 1, interaction).score < threshold
