"""What of a checkout comes back with a refund, and what doesn't?"""

from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.orders.rules import sale_step
from domain.orders.sales import Sale, SoldCoupon, SoldGift
from domain.points.model import Purchase, PurchaseLine, RefundFacts, RefundLine
from domain.points.rules import refund_step

TEN, MUG = UUID(int=10), UUID(int=11)


def line(line_id="a", net_minor=10_000, **more) -> PurchaseLine:
    granted: dict[str, Any] = {
        "eligible_minor": net_minor,
        "base_minor": net_minor,
        "points": 0,
        "growth": 0,
    }
    return PurchaseLine(line_id=line_id, net_minor=net_minor, **(granted | more))


def purchase(*lines) -> Purchase:
    return Purchase(order_id="o1", currency="CNY", lines=lines)


def sale(*coupons, gifts=(), points=0, shipping=0) -> Sale:
    return Sale(UUID(int=1), points, shipping, coupons=coupons, gifts=gifts)


def after(sold, order, *refunds):
    """The steps that these refunds make, one after the other."""
    steps = []
    for lines in refunds:
        facts = RefundFacts(f"r{len(steps)}", tuple(RefundLine(*entry) for entry in lines))
        order = refund_step(order, facts).purchase
        steps.append(sale_step(sold, order, refunding=True))
        sold = steps[-1].sale
    return steps


def test_without_a_refund_nothing_comes_back():
    sold = sale(SoldCoupon(TEN, ("a",), comes_back=True), shipping=500)
    step = sale_step(sold, purchase(line(net_minor=0, points_spent=80)), refunding=False)
    assert (step.points, step.credit_minor, step.returned, step.gift_charge_minor) == (0, 0, (), 0)
    assert step.sale == sold


def test_a_coupon_comes_back_when_refunds_together_cover_every_line_that_it_was_spread_over():
    sold = sale(SoldCoupon(TEN, ("a", "b"), comes_back=True))
    order = purchase(line("a", 6_000), line("b", 4_000), line("c", 1_000))
    steps = after(sold, order, [("a", 6_000)], [("b", 3_999)], [("b", 1)], [("c", 1_000)])
    assert [step.returned for step in steps] == [(), (), (TEN,), ()]
    assert steps[-1].sale.coupons[0].state == "RETURNED"


def test_a_coupon_of_a_template_that_forfeits_is_gone():
    sold = sale(SoldCoupon(TEN, ("a",), comes_back=False))
    (step,) = after(sold, purchase(line("a")), [])
    assert (step.returned, step.forfeited) == ((), (TEN,))
    assert step.sale.coupons[0].state == "FORFEITED"


def test_a_coupon_that_paid_a_whole_line_stays_used_while_that_line_is_kept():
    """Exploit: a line that cost nothing has nothing left from the start; another one goes back."""
    sold = sale(SoldCoupon(TEN, ("free",), comes_back=True))
    order = purchase(line("free", 0, quantity=2), line("b", 500))
    steps = after(sold, order, [("b", 500)], [("free", 0, 1)], [("free", 0, 1)])
    assert [step.returned for step in steps] == [(), (), (TEN,)]


def test_a_coupon_whose_lines_the_order_does_not_name_comes_back_with_the_whole_order():
    sold = sale(SoldCoupon(TEN, ("x",), comes_back=True))
    steps = after(sold, purchase(line("a"), line("b")), [("a", 10_000)], [("b", 10_000)])
    assert [step.returned for step in steps] == [(), (TEN,)]


def test_what_the_balance_paid_of_shipping_comes_back_with_the_last_line():
    order = purchase(line("a", credit_minor=3_333), line("b", 5_000, credit_minor=0))
    steps = after(sale(shipping=600), order, [("a", 5_000)], [("a", 5_000)], [("b", 5_000)])
    assert [step.credit_minor for step in steps] == [1_666, 1_667, 600]
    assert steps[-1].sale.credit_restored_minor == 3_933


def gift(**more) -> SoldGift:
    facts: dict[str, Any] = {"quantity": 1, "value_minor": 3_000, "threshold_minor": 30_000}
    return SoldGift(MUG, "MUG", amounts={"a": 30_000}, **(facts | more))


def test_a_gift_that_is_kept_below_its_threshold_is_charged_once_at_its_listed_value():
    order = purchase(line("a", 30_000), line("m", 0, sku="MUG"))
    steps = after(sale(gifts=(gift(),)), order, [("a", 10_000)], [("a", 10_000)], [("a", 10_000)])
    assert [step.gift_charge_minor for step in steps] == [3_000, 0, 0]


def test_a_gift_that_is_sent_back_with_the_goods_is_not_charged():
    order = purchase(line("a", 30_000), line("m", 0, sku="MUG"))
    steps = after(sale(gifts=(gift(),)), order, [("a", 10_000), ("m", 0)])
    assert [step.gift_charge_minor for step in steps] == [0]


def test_a_gift_that_comes_back_later_is_paid_back():
    order = purchase(line("a", 30_000), line("m", 0, sku="MUG"))
    steps = after(sale(gifts=(gift(),)), order, [("a", 1)], [("m", 0)])
    assert [step.gift_charge_minor for step in steps] == [3_000, -3_000]


def test_a_gift_without_a_threshold_is_charged_once_nothing_of_its_scope_is_left():
    """Exploit: buy tea for a gift, send the tea back, keep the gift."""
    sold = sale(gifts=(gift(threshold_minor=0),))
    order = purchase(line("a", 30_000), line("b", 1_000), line("m", 0, sku="MUG"))
    steps = after(sold, order, [("a", 29_999)], [("a", 1)])
    assert [step.gift_charge_minor for step in steps] == [0, 3_000]


def test_a_piece_of_the_same_sku_that_was_bought_is_not_the_gift():
    order = purchase(line("a", 30_000), line("m", 3_000, sku="MUG"))
    steps = after(sale(gifts=(gift(),)), order, [("a", 1), ("m", 3_000)])
    assert [step.gift_charge_minor for step in steps] == [3_000]


amounts = st.integers(0, 50_000)


@st.composite
def orders(draw):
    lines = []
    for index in range(draw(st.integers(1, 5))):
        net = draw(amounts)
        spent, credit = draw(st.integers(0, 500)), draw(st.integers(0, net))
        facts = {"points_spent": spent if net else 0, "credit_minor": credit}
        lines.append(line(f"l{index}", net, quantity=draw(st.integers(1, 3)), **facts))
    return purchase(*lines)


@st.composite
def refunds(draw, order):
    """The whole order, cut into partial refunds in some order."""
    parts = []
    for entry in order.lines:
        cuts = sorted(draw(st.lists(st.integers(0, entry.net_minor), max_size=3)))
        edges = [0, *cuts, entry.net_minor]
        pieces = [after - before for before, after in pairwise(edges)]
        parts += [(entry.line_id, piece, entry.quantity) for piece in pieces]
    return [[part] for part in draw(st.permutations(parts))]


@given(st.data())
@settings(max_examples=200)
def test_partial_refunds_that_add_up_to_the_whole_leave_exactly_nothing_behind(data):
    order = data.draw(orders())
    ids = tuple(entry.line_id for entry in order.lines)
    some = tuple(data.draw(st.sets(st.sampled_from(ids), min_size=1)))
    sold = sale(
        SoldCoupon(TEN, ids, comes_back=True),
        SoldCoupon(MUG, some, comes_back=False),
        points=sum(entry.points_spent for entry in order.lines),
        shipping=data.draw(st.integers(0, 1_000)),
    )
    steps = after(sold, order, *data.draw(refunds(order)))
    assert sum(step.points for step in steps) == sold.points
    paid = sum(entry.credit_minor for entry in order.lines if entry.net_minor)
    assert sum(step.credit_minor for step in steps) == paid + sold.shipping_credit_minor
    assert [gone for step in steps for gone in step.returned] == [TEN]
    assert [gone for step in steps for gone in step.forfeited] == [MUG]
    assert all(step.points >= 0 and step.credit_minor >= 0 for step in steps)
