"""What does a refund take back and restore?

All shares are of what was granted and cumulative: of a line with 37 points, 30 of 100 refunded
keeps floor(37 x 70 / 100) = 25; another 30 keeps floor(37 x 40 / 100) = 14 and takes 11 more.
"""

from collections import Counter
from dataclasses import replace

from domain.points.errors import RefundExceedsOrder
from domain.points.model import (
    Json,
    Purchase,
    PurchaseLine,
    RefundDecision,
    RefundFacts,
)
from kit.errors import InvalidInput
from kit.money import plain_amount


def refund_step(purchase: Purchase, refund: RefundFacts, *, place: str = "data") -> RefundDecision:
    """The difference that this refund makes. `place`: where its lines stand in what was sent.

    Refuses INVALID_INPUT for a line that isn't the order's or a negative amount, then
    REFUND_EXCEEDS_ORDER for more than what is left of a line, or of an order without lines named.
    """
    amounts = _amounts(purchase, refund, place)
    for line in purchase.lines:
        if amounts.get(line.line_id, 0) > line.left_minor:
            raise _exceeds(
                purchase,
                line.line_id,
                left_minor=line.left_minor,
                requested_minor=amounts[line.line_id],
            )
    pieces = _pieces(purchase, refund)
    after = replace(
        purchase,
        lines=tuple(
            replace(
                line,
                refunded_minor=line.refunded_minor + amounts.get(line.line_id, 0),
                returned=_returned(line, pieces[line.line_id]),
            )
            for line in purchase.lines
        ),
    )
    return _decision(purchase, after, refund)


def _returned(line: PurchaseLine, pieces: int) -> int:
    """Pieces count where a line cost nothing; where it did, its money says what has come back."""
    return 0 if line.net_minor else min(line.quantity, line.returned + pieces)


def _pieces(purchase: Purchase, refund: RefundFacts) -> Counter[str]:
    """How many pieces of each line are sent back; without lines all of them."""
    if not refund.lines:
        return Counter({line.line_id: line.quantity for line in purchase.lines})
    pieces: Counter[str] = Counter()
    for line in refund.lines:
        pieces[line.line_id] += line.quantity
    return pieces


def _amounts(purchase: Purchase, refund: RefundFacts, place: str) -> Counter[str]:
    if not refund.lines:
        return _all_that_is_left(purchase)
    known = {line.line_id for line in purchase.lines}
    amounts: Counter[str] = Counter()
    for index, line in enumerate(refund.lines):
        if line.line_id not in known:
            path = [place, "lines", str(index), "lineId"]
            raise InvalidInput(path, "the order has no such line", "订单中没有这一行")
        if line.amount_minor < 0:
            path = [place, "lines", str(index), "amountMinor"]
            raise InvalidInput(path, "at least 0", "不能小于 0")
        amounts[line.line_id] += line.amount_minor
    return amounts


def _all_that_is_left(purchase: Purchase) -> Counter[str]:
    left = Counter({line.line_id: line.left_minor for line in purchase.lines})
    whole = sum(line.net_minor for line in purchase.lines)
    if whole and not left.total():
        raise _exceeds(purchase, purchase.order_id, left_minor=0, requested_minor=whole)
    return left


def _exceeds(
    purchase: Purchase, line: str, *, left_minor: int, requested_minor: int
) -> RefundExceedsOrder:
    return RefundExceedsOrder(
        line=line,
        left=plain_amount(left_minor, purchase.currency),
        requested=plain_amount(requested_minor, purchase.currency),
        currency=purchase.currency,
    )


def _decision(before: Purchase, after: Purchase, refund: RefundFacts) -> RefundDecision:
    points_taken = before.points_left - after.points_left
    growth_taken = before.growth_left - after.growth_left
    points_restored = after.points_restored - before.points_restored
    credit_restored_minor = after.credit_restored_minor - before.credit_restored_minor
    cashback_taken = before.cashback_left - after.cashback_left
    rules = {code for line in before.lines for code in line.rule_points}
    return RefundDecision(
        points_taken=points_taken,
        growth_taken=growth_taken,
        points_restored=points_restored,
        credit_restored_minor=credit_restored_minor,
        cashback_taken=cashback_taken,
        base_taken_minor=before.base_left_minor - after.base_left_minor,
        rule_points_freed={
            code: before.rule_points_left(code) - after.rule_points_left(code)
            for code in sorted(rules)
        },
        purchase=after,
        inputs={
            "order_id": before.order_id,
            "refund_id": refund.refund_id,
            "currency": before.currency,
            "lines": [
                _line_inputs(old, new)
                for old, new in zip(before.lines, after.lines, strict=True)
                if new.refunded_minor > old.refunded_minor
            ],
        },
        outcome={
            "points_taken": points_taken,
            "growth_taken": growth_taken,
            "points_restored": points_restored,
            "credit_restored_minor": credit_restored_minor,
            "cashback_taken": cashback_taken,
            "points_left": after.points_left,
        },
    )


def _line_inputs(old: PurchaseLine, new: PurchaseLine) -> Json:
    return {
        "line_id": new.line_id,
        "net_minor": new.net_minor,
        "refunded_minor": new.refunded_minor - old.refunded_minor,
        "left_minor": new.left_minor,
        "points": new.points,
        "kept_before": old.kept(old.points),
        "kept": new.kept(new.points),
        "points_spent": new.points_spent,
        "restored_before": old.restored_points,
        "restored": new.restored_points,
    }
