"""Does a refund take back and restore its share, and do any number of them add up to the whole?"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.points.errors import RefundExceedsOrder
from domain.points.model import (
    OrderFacts,
    OrderLine,
    Purchase,
    PurchaseLine,
    RefundFacts,
    RefundLine,
)
from domain.points.rules import earn, refund_step
from domain.programme.model import EarningRule, Match, PointsPolicy, Programme, Text
from kit.errors import InvalidInput


def line(line_id="l1", net_minor=10_000, points=37, **more) -> PurchaseLine:
    granted: dict[str, Any] = {
        "eligible_minor": net_minor,
        "base_minor": net_minor,
        "growth": net_minor // 100,
    }
    return PurchaseLine(line_id=line_id, net_minor=net_minor, points=points, **(granted | more))


def purchase(*lines, currency="CNY") -> Purchase:
    return Purchase(order_id="o1", currency=currency, lines=lines)


def refund(*lines) -> RefundFacts:
    return RefundFacts("r1", tuple(RefundLine(line_id, amount) for line_id, amount in lines))


def test_a_partial_refund_keeps_the_floor_of_what_is_left():
    first = refund_step(purchase(line()), refund(("l1", 3_000)))
    assert (first.points_taken, first.purchase.points_left) == (12, 25)
    second = refund_step(first.purchase, refund(("l1", 3_000)))
    assert (second.points_taken, second.purchase.points_left) == (11, 14)
    third = refund_step(second.purchase, refund(("l1", 4_000)))
    assert (third.points_taken, third.purchase.points_left) == (14, 0)


def test_a_refund_without_lines_takes_all_that_is_left_of_the_order():
    whole = purchase(line("a", 5_000, 50), line("b", 3_000, 30))
    after = refund_step(whole, refund(("a", 1_000))).purchase
    rest = refund_step(after, refund())
    assert (rest.points_taken, rest.growth_taken, rest.base_taken_minor) == (70, 70, 7_000)
    assert (rest.purchase.points_left, rest.purchase.eligible_left_minor) == (0, 0)


def test_growth_spend_and_eligible_net_go_down_with_the_line():
    decision = refund_step(
        purchase(line(base_minor=8_000, growth=80, eligible_minor=10_000)), refund(("l1", 2_501))
    )
    assert decision.growth_taken == 21
    assert decision.base_taken_minor == 2_001
    assert decision.purchase.eligible_left_minor == 7_499


def test_points_spent_are_restored_down_to_the_floor():
    first = refund_step(purchase(line(points_spent=799)), refund(("l1", 3_333)))
    assert first.points_restored == 266
    rest = refund_step(first.purchase, refund())
    assert rest.points_restored == 533


def test_a_line_named_twice_is_refunded_by_the_sum():
    decision = refund_step(purchase(line()), refund(("l1", 1_000), ("l1", 2_000)))
    assert decision.purchase.lines[0].refunded_minor == 3_000


def test_a_refund_of_nothing_changes_nothing():
    before = purchase(line())
    decision = refund_step(before, refund(("l1", 0)))
    assert (decision.points_taken, decision.points_restored) == (0, 0)
    assert decision.purchase == before


def test_a_refund_above_what_is_left_of_a_line_is_refused():
    after = refund_step(purchase(line(), line("l2")), refund(("l1", 9_000))).purchase
    with pytest.raises(RefundExceedsOrder) as refusal:
        refund_step(after, refund(("l2", 100), ("l1", 1_001)))
    assert refusal.value.facts == {
        "line": "l1",
        "left": "10.00",
        "requested": "10.01",
        "currency": "CNY",
    }
    assert refusal.value.message("zh-CN") == (
        "退款超出订单：l1 最多可退 10.00 CNY，请求退款 10.01 CNY。"
    )


def test_a_second_refund_of_the_whole_order_is_refused():
    after = refund_step(purchase(line()), refund()).purchase
    with pytest.raises(RefundExceedsOrder) as refusal:
        refund_step(after, refund())
    assert refusal.value.facts["line"] == "o1"


def test_a_free_order_can_be_refunded_whole():
    decision = refund_step(purchase(line(net_minor=0, points=0)), refund())
    assert (decision.points_taken, decision.points_restored) == (0, 0)


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ([("l9", 100)], "data.lines.0.lineId"),
        ([("l1", 100), ("l1", -1)], "data.lines.1.amountMinor"),
    ],
)
def test_a_refund_that_cannot_be_is_refused_with_its_path(lines, path):
    with pytest.raises(InvalidInput) as refusal:
        refund_step(purchase(line()), refund(*lines))
    assert ".".join(refusal.value.path) == path


def test_a_refund_frees_the_room_that_its_lines_took_of_a_cap():
    whole = purchase(line("a", rule_points={"DOUBLE": 70}), line("b", rule_points={"DOUBLE": 30}))
    decision = refund_step(whole, refund(("a", 5_000)))
    assert decision.rule_points_freed == {"DOUBLE": 35}


def test_the_decision_says_what_was_kept_of_each_line():
    decision = refund_step(purchase(line(points_spent=80), line("l2")), refund(("l1", 3_000)))
    assert decision.inputs == {
        "order_id": "o1",
        "refund_id": "r1",
        "currency": "CNY",
        "lines": [
            {
                "line_id": "l1",
                "net_minor": 10_000,
                "refunded_minor": 3_000,
                "left_minor": 7_000,
                "points": 37,
                "kept_before": 37,
                "kept": 25,
                "points_spent": 80,
                "restored_before": 0,
                "restored": 24,
            }
        ],
    }
    assert decision.outcome == {
        "points_taken": 12,
        "growth_taken": 30,
        "points_restored": 24,
        "credit_restored_minor": 0,
        "cashback_taken": 0,
        "points_left": 62,
    }


def test_a_purchase_line_reads_back_from_its_document():
    granted = line(rule_points={"DOUBLE": 3}, refunded_minor=10)
    assert PurchaseLine.of(granted.document()) == granted


def orders() -> st.SearchStrategy[OrderFacts]:
    lines = st.lists(
        st.tuples(st.integers(0, 50_000), st.sampled_from([True, True, False])),
        min_size=1,
        max_size=4,
    )
    return st.builds(
        lambda entries, percent: OrderFacts(
            order_id="o1",
            paid_at=datetime(2026, 11, 21, tzinfo=UTC),
            currency="CNY",
            lines=tuple(
                OrderLine(line_id=str(n), sku="s", amount_minor=amount, eligible=eligible)
                for n, (amount, eligible) in enumerate(entries)
            ),
            points_paid_minor=(paid := sum(a for a, e in entries if e) * percent // 100),
            points_spent=paid * 80 // 100,
        ),
        lines,
        st.integers(0, 50),
    )


CAPPED = Programme(
    points=PointsPolicy(
        rules=(
            EarningRule(
                code="DOUBLE",
                name=Text(zh_cn="双倍", en="Double"),
                match=Match(sku=("s",)),
                multiplier=Decimal(2),
                cap_points={"day": 150},
            ),
        )
    )
)


@given(orders(), st.data())
def test_any_split_of_refunds_in_any_order_adds_up_to_the_whole_exactly(facts, data):
    decision = earn(
        facts,
        CAPPED,
        CAPPED.tiers.tier("GOLD"),
        day=date(2026, 11, 21),
        caps_used={},
        first_order=False,
    )
    now, taken, growth, restored, base = decision.purchase, 0, 0, 0, 0
    for _ in range(data.draw(st.integers(0, 6))):
        entry = data.draw(st.sampled_from(now.lines))
        step = refund_step(
            now, refund((entry.line_id, data.draw(st.integers(0, entry.left_minor))))
        )
        assert step.points_taken >= 0
        assert step.points_restored >= 0
        now, taken = step.purchase, taken + step.points_taken
        growth += step.growth_taken
        restored += step.points_restored
        base += step.base_taken_minor
        assert taken == decision.points - kept_by_the_model(decision.purchase, now)
    if sum(entry.left_minor for entry in now.lines):
        rest = refund_step(now, refund())
        taken += rest.points_taken
        growth += rest.growth_taken
        restored += rest.points_restored
        base += rest.base_taken_minor
        freed = rest.purchase.rule_points_left("DOUBLE")
        assert freed == 0
    spent = sum(entry.points_spent for entry in decision.purchase.lines)
    assert (taken, growth, restored, base) == (
        decision.points,
        decision.growth,
        spent,
        decision.base_minor,
    )


def kept_by_the_model(granted: Purchase, now: Purchase) -> int:
    """One refund of everything so far, straight from the formula."""
    return sum(
        was.points * (was.net_minor - entry.refunded_minor) // was.net_minor if was.net_minor else 0
        for was, entry in zip(granted.lines, now.lines, strict=True)
    )
