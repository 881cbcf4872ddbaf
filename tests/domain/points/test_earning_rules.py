"""Does an order earn what the domain says, to the last point, and say why?"""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor, prod
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.points.errors import CurrencyNotSupported
from domain.points.model import CapUse, OrderFacts, OrderLine
from domain.points.rules import cap_keys, earn
from domain.programme.model import EarningRule, Match, PointsPolicy, Programme, Text
from kit.errors import InvalidInput

PAID_AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
DAY = date(2026, 11, 21)
DEFAULT = Programme()


def line(line_id="l1", amount_minor=10_000, **more) -> OrderLine:
    return OrderLine(line_id=line_id, sku=f"sku-{line_id}", amount_minor=amount_minor, **more)


def order(*lines, currency="CNY", **more) -> OrderFacts:
    return OrderFacts(order_id="o1", paid_at=PAID_AT, currency=currency, lines=lines, **more)


def rule(code="DOUBLE", multiplier="2", *, match=None, **cap_points) -> EarningRule:
    return EarningRule(
        code=code,
        name=Text(zh_cn="双倍", en="Double"),
        match=match or Match(),
        multiplier=Decimal(multiplier),
        cap_points=cast("Any", cap_points),
    )


def with_rules(*rules, **policy) -> Programme:
    return Programme(points=PointsPolicy(rules=rules, **policy))


def earned(facts, programme=DEFAULT, tier="NORMAL", *, caps_used=None, first_order=False):
    return earn(
        facts,
        programme,
        programme.tiers.tier(tier),
        day=DAY,
        caps_used=caps_used or {},
        first_order=first_order,
    )


def points_by_line(decision) -> dict[str, int]:
    return {line.line_id: line.points for line in decision.purchase.lines}


def test_a_yuan_earns_a_point_and_the_rest_of_a_yuan_nothing():
    decision = earned(order(line(amount_minor=9_999)))
    assert (decision.points, decision.growth, decision.base_minor) == (99, 99, 9_999)


def test_99_yuan_90_at_gold_is_124_points():
    assert earned(order(line(amount_minor=9_990)), tier="GOLD").points == 124


def test_growth_takes_no_multiplier():
    assert earned(order(line(amount_minor=9_990)), tier="DIAMOND").growth == 99


def test_an_order_is_rounded_once_not_line_by_line():
    decision = earned(order(*(line(f"l{n}", 50) for n in range(4))))
    assert decision.points == 2
    assert points_by_line(decision) == {"l0": 1, "l1": 1, "l2": 0, "l3": 0}
    assert decision.growth == 2


def test_discounts_shipping_and_ineligible_lines_earn_nothing():
    decision = earned(
        order(
            line("l1", 10_000, discount_minor=2_500),
            line("gift-card", 50_000, eligible=False),
            shipping_minor=1_200,
        )
    )
    assert (decision.points, decision.growth, decision.base_minor) == (75, 75, 7_500)
    assert points_by_line(decision) == {"l1": 75, "gift-card": 0}
    assert decision.purchase.eligible_left_minor == 7_500


def test_the_part_paid_with_points_is_spread_over_eligible_lines_and_earns_nothing():
    decision = earned(
        order(
            line("a", 3_000),
            line("b", 1_001),
            line("c", 900, eligible=False),
            points_paid_minor=1_000,
            points_spent=800,
        )
    )
    assert [entry.base_minor for entry in decision.purchase.lines] == [2_250, 751, 0]
    assert [entry.points_spent for entry in decision.purchase.lines] == [600, 200, 0]
    assert decision.points == 30
    assert decision.purchase.eligible_left_minor == 4_001


def test_an_order_paid_with_points_alone_earns_nothing():
    decision = earned(order(line(), points_paid_minor=10_000, points_spent=8_000))
    assert (decision.points, decision.growth) == (0, 0)
    assert points_by_line(decision) == {"l1": 0}


def test_an_order_without_lines_and_a_free_one_earn_nothing():
    assert earned(order()).points == 0
    assert earned(order(line(amount_minor=0), points_spent=5)).points == 0


def test_multipliers_multiply():
    programme = with_rules(rule("A", "2"), rule("B", "1.5"))
    decision = earned(order(line()), programme, "GOLD")
    assert decision.points == 375
    assert [entry["points"] for entry in decision.outcome["rules"]] == [125, 125]


def test_multipliers_stop_at_five():
    programme = with_rules(rule("A", "3"), rule("B", "2"))
    decision = earned(order(line()), programme, "DIAMOND")
    assert decision.points == 500
    assert decision.inputs["lines"][0]["multiplier"] == "5"
    assert [entry["points"] for entry in decision.outcome["rules"]] == [300, 0]


def test_the_ceiling_is_the_programmes_and_holds_for_the_tier_alone():
    programme = with_rules(multiplier_max=Decimal("1.5"))
    assert earned(order(line()), programme, "DIAMOND").points == 150


def test_a_rule_below_one_takes_away():
    programme = with_rules(rule("HALF", "0.5", day=10))
    decision = earned(order(line()), programme)
    assert decision.points == 50
    assert decision.cap_uses == ()


def test_a_rule_for_one_line_is_rounded_with_the_whole_order():
    programme = with_rules(rule(match=Match(category=("tea",))))
    decision = earned(order(line("a", 6_000), line("b", 3_990, category="tea")), programme, "GOLD")
    assert decision.outcome["exact"] == "174.75"
    assert points_by_line(decision) == {"a": 75, "b": 99}


@pytest.mark.parametrize(
    ("match", "points"),
    [
        (Match(), 200),
        (Match(category=("tea", "pots")), 200),
        (Match(category=("pots",)), 100),
        (Match(brand=("Long",)), 200),
        (Match(brand=("Short",)), 100),
        (Match(sku=("sku-l1",)), 200),
        (Match(sku=("sku-l2",)), 100),
        (Match(channel=("app",)), 200),
        (Match(channel=("web",)), 100),
        (Match(category=("tea",), brand=("Short",)), 100),
        (Match(first_order=True), 100),
    ],
)
def test_a_rule_concerns_what_all_its_lists_match(match, points):
    facts = order(line(category="tea", brand="Long"), channel="app")
    assert earned(facts, with_rules(rule(match=match))).points == points


def test_a_rule_for_first_orders_concerns_the_first_order():
    programme = with_rules(rule(match=Match(first_order=True)))
    assert earned(order(line()), programme, first_order=True).points == 200


def test_a_cap_trims_what_the_rule_adds_and_the_decision_says_so():
    programme = with_rules(rule(day=150, month=1_000))
    decision = earned(order(line()), programme, caps_used={("DOUBLE", "2026-11-21"): 80})
    assert decision.points == 170
    assert decision.outcome["rules"] == [
        {
            "code": "DOUBLE",
            "name": {"zh-CN": "双倍", "en": "Double"},
            "multiplier": "2",
            "points": 70,
            "trimmed": {
                "period": "day",
                "cap_points": 150,
                "used_points": 80,
                "wanted_points": 100,
            },
        }
    ]
    assert decision.cap_uses == (
        CapUse("DOUBLE", "2026-11-21", 70),
        CapUse("DOUBLE", "2026-11", 70),
    )


def test_the_tightest_of_several_caps_trims():
    programme = with_rules(rule(day=90, week=100, month=1_000))
    used = {("DOUBLE", "2026-W47"): 85, ("DOUBLE", "2026-11"): 985}
    decision = earned(order(line()), programme, caps_used=used)
    assert decision.points == 115
    assert decision.outcome["rules"][0]["trimmed"]["period"] == "week"


def test_an_exhausted_cap_leaves_the_points_of_the_tier():
    programme = with_rules(rule(week=10))
    decision = earned(order(line()), programme, caps_used={("DOUBLE", "2026-W47"): 12})
    assert decision.points == 100
    assert decision.cap_uses == ()


def test_a_cap_that_is_not_reached_trims_nothing():
    decision = earned(order(line()), with_rules(rule(day=100)))
    assert decision.points == 200
    assert decision.outcome["rules"][0]["trimmed"] is None
    assert decision.purchase.lines[0].rule_points == {"DOUBLE": 100}


def test_many_small_orders_cannot_slip_under_a_cap():
    """Half a point at a time adds a whole one to the total now and then; the cap counts it."""
    programme = with_rules(rule(multiplier="1.5", day=2))
    used, total = 0, 0
    for _ in range(10):
        decision = earned(
            order(line(amount_minor=199)), programme, caps_used={("DOUBLE", "2026-11-21"): used}
        )
        used += sum(use.points for use in decision.cap_uses)
        total += decision.points
    assert (used, total) == (2, 12)


def test_a_trimmed_line_is_granted_less_not_its_neighbour():
    programme = with_rules(rule(match=Match(category=("tea",)), day=10))
    decision = earned(order(line("a"), line("b", category="tea")), programme)
    assert points_by_line(decision) == {"a": 100, "b": 110}
    assert decision.purchase.lines[0].rule_points == {}


def test_the_periods_of_a_cap_are_named_after_the_members_day():
    capped = rule(day=1, week=1, month=1)
    assert cap_keys(capped, date(2027, 1, 1)) == {
        "day": "2027-01-01",
        "week": "2026-W53",
        "month": "2027-01",
    }


def test_another_currency_is_refused_without_a_rate():
    with pytest.raises(CurrencyNotSupported) as refusal:
        earned(order(line(), currency="USD"), Programme.of({"rates": {"EUR": "7.8"}}))
    assert refusal.value.facts == {"currency": "USD", "supported": "CNY, EUR"}
    assert refusal.value.message("en") == "The programme counts in CNY, EUR and takes no USD."


def test_another_currency_is_converted_line_by_line_rounded_down():
    programme = Programme.of({"rates": {"USD": "7.1234", "JPY": "0.0489"}})
    decision = earned(order(line("a", 101), line("b", 101), currency="USD"), programme)
    assert [entry.base_minor for entry in decision.purchase.lines] == [719, 719]
    assert [entry.net_minor for entry in decision.purchase.lines] == [101, 101]
    assert decision.points == 14
    assert decision.inputs["rate"] == "7.1234"
    yen = earned(order(line(amount_minor=1_000), currency="JPY"), programme)
    assert (yen.base_minor, yen.points) == (4_890, 48)


def test_what_points_paid_of_a_converted_order_is_converted_too():
    programme = Programme.of({"rates": {"USD": "7.1234"}})
    facts = order(line("a", 101), line("b", 101), currency="USD", points_paid_minor=202)
    assert earned(facts, programme).base_minor == 0


def test_a_currency_without_decimals_has_yuan_of_one_unit():
    programme = Programme.of({"currency": "JPY"})
    assert earned(order(line(amount_minor=150), currency="JPY"), programme).points == 150


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        (order(line(), line()), "data.lines.1.lineId"),
        (order(line(amount_minor=-1)), "data.lines.0.amountMinor"),
        (order(line(discount_minor=10_001)), "data.lines.0.discountMinor"),
        (order(line(discount_minor=-1)), "data.lines.0.discountMinor"),
        (order(line(quantity=0)), "data.lines.0.quantity"),
        (order(line(), shipping_minor=-1), "data.shippingMinor"),
        (order(line(), points_paid_minor=10_001), "data.pointsPaidMinor"),
        (order(line(), points_paid_minor=-1), "data.pointsPaidMinor"),
        (order(line(eligible=False), points_paid_minor=1), "data.pointsPaidMinor"),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_its_path(facts, path):
    with pytest.raises(InvalidInput) as refusal:
        earned(facts)
    assert ".".join(refusal.value.path) == path


def test_in_the_month_of_the_birthday_the_tiers_multiplier_for_it_multiplies_too():
    gold = DEFAULT.tiers.tier("GOLD")
    benefits = gold.benefits.model_copy(update={"birthday_multiplier": Decimal("1.5")})
    asked = order(line(amount_minor=9_990)), DEFAULT, gold.model_copy(update={"benefits": benefits})
    usual = earn(*asked, day=DAY, caps_used={}, first_order=False)
    found = earn(*asked, day=DAY, caps_used={}, first_order=False, birthday_month=True)
    assert [(usual.points, usual.growth), (found.points, found.growth)] == [(124, 99), (187, 99)]
    assert (usual.inputs["birthday_multiplier"], found.inputs["birthday_multiplier"]) == (
        *(None, "1.5"),
    )


def test_the_inputs_say_everything_that_the_amount_follows_from():
    decision = earned(order(line(amount_minor=9_990)), tier="GOLD")
    assert decision.inputs == {
        "order_id": "o1",
        "currency": "CNY",
        "order_currency": "CNY",
        "rate": None,
        "per_yuan": 1,
        "first_order": False,
        "tier": "GOLD",
        "tier_name": {"zh-CN": "金卡", "en": "Gold"},
        "tier_multiplier": "1.25",
        "multiplier_max": "5",
        "birthday_multiplier": None,
        "lines": [
            {
                "line_id": "l1",
                "net_minor": 9_990,
                "eligible": True,
                "points_paid_minor": 0,
                "credit_paid_minor": 0,
                "base_minor": 9_990,
                "multiplier": "1.25",
                "rules": [],
            }
        ],
    }
    assert decision.outcome == {
        "base_minor": 9_990,
        "by_tier": "124.875",
        "exact": "124.875",
        "points": 124,
        "growth": 99,
        "rules": [],
    }


LINES = st.lists(
    st.tuples(
        st.integers(0, 200_000), st.sampled_from(["tea", "pots"]), st.sampled_from([True, False])
    ),
    max_size=6,
)
MULTIPLIERS = st.sampled_from(["0.5", "1.1", "1.25", "2", "3"])


@given(LINES, st.sampled_from(["NORMAL", "SILVER", "DIAMOND"]), st.lists(MULTIPLIERS, max_size=3))
def test_without_caps_an_order_earns_the_floor_of_the_exact_sum(lines, tier, multipliers):
    programme = with_rules(
        *(rule(f"R{n}", text, match=Match(category=("tea",))) for n, text in enumerate(multipliers))
    )
    facts = order(
        *(
            line(str(n), amount, category=category, eligible=eligible)
            for n, (amount, category, eligible) in enumerate(lines)
        )
    )
    by_tier = Fraction(programme.tiers.tier(tier).points_multiplier)
    with_rules_too = by_tier * prod(Fraction(text) for text in multipliers)
    exact = sum(
        Fraction(amount, 100) * min(with_rules_too if category == "tea" else by_tier, 5)
        for amount, category, eligible in lines
        if eligible
    )
    assert earned(facts, programme, tier).points == floor(exact)


@given(LINES, st.tuples(st.integers(0, 300), st.integers(1, 300)), MULTIPLIERS)
def test_parts_sum_to_the_order_and_no_rule_exceeds_its_cap(lines, used_and_cap, multiplier):
    used, cap_points = used_and_cap
    programme = with_rules(rule("A", "1.5"), rule("B", multiplier, day=cap_points))
    facts = order(
        *(
            line(str(n), amount, category=category, eligible=eligible)
            for n, (amount, category, eligible) in enumerate(lines)
        )
    )
    decision = earned(facts, programme, "SILVER", caps_used={("B", "2026-11-21"): used})
    assert sum(points_by_line(decision).values()) == decision.points
    assert sum(entry.growth for entry in decision.purchase.lines) == decision.growth
    shares = [entry["points"] for entry in decision.outcome["rules"]]
    assert floor(Fraction(decision.outcome["by_tier"])) + sum(shares) == decision.points
    for use in decision.cap_uses:
        assert use.points <= max(0, cap_points - used)
