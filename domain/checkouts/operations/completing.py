"""What happens when a checkout was paid? Its points are spent and its coupons used up, once."""

from datetime import datetime
from uuid import UUID

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim, Job
from db.queries.orders import paid_through
from domain.checkouts import rules, steps
from domain.checkouts.model import HELD_FOR, PAID, Checkout, Order, State
from domain.coupons import steps as coupons
from domain.ledger.model import Cause, Decision, Taken
from domain.ledger.rules import Book
from domain.ledger.steps import Desk, open_desk, post
from domain.points.rules import inactive_at
from domain.programme.views import versions
from kit.errors import Refusal


@transactional
async def complete(
    tx: Tx,
    member_id: UUID,
    checkout_id: UUID,
    *,
    paid_at: datetime,
    order: Order | None = None,
    now: datetime,
) -> Checkout:
    """Spend what is held for it and use up its coupons: it was paid at `paid_at`.

    A payment in time is honoured however late it is told. Where the checkout has lapsed meanwhile,
    its points and credit are taken again, what is missing becomes a debt, and coupons that were
    used for something else are flagged as overused. Asked again, it is answered the same.

    Refuses, in this order: INVALID_INPUT, NOT_FOUND, CHECKOUT_BOUND, ORDER_HAS_CHECKOUT,
    CHECKOUT_CLOSED (it was cancelled), CHECKOUT_EXPIRED (it was paid too late).
    """
    if order is not None:
        rules.check_order(order)
    desk = await open_desk(tx, member_id, now)
    found = await steps.checkout_of(tx, member_id, checkout_id)
    await _complete(tx, desk, found, paid_at, order)
    await post(tx, desk)
    return found


@transactional
async def complete_by_order(tx: Tx, claim: Claim, *, now: datetime) -> Refusal | None:
    """The effect of "checkouts.complete" jobs: an order says by itself that its checkout was paid.

    As `complete` does, for a shop that doesn't call it or whose call was lost. The refusal where
    it was cancelled or paid too late, so that nothing is debited.
    """
    desk = await open_desk(tx, claim.member_id, now)
    found = await steps.checkout_of(tx, claim.member_id, UUID(claim.key))
    paid_at = datetime.fromisoformat(claim.payload["paid_at"])
    order, refused = Order(claim.payload["source"], claim.payload["order_id"]), None
    try:
        await _complete(tx, desk, found, paid_at, order)
    except Refusal as refusal:
        refused = refusal
    else:
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)
    return refused


async def _complete(
    tx: Tx, desk: Desk, found: Checkout, paid_at: datetime, order: Order | None
) -> None:
    rules.check_paid_at(found, paid_at, desk.now)
    if order is not None:
        await steps.bind(tx, desk, found, order)
    if found.state != State.COMPLETED:
        rules.check_payable(found, paid_at)
        await _pay(tx, desk, found, paid_at)
        if await paid_through(tx, found.member_id, found.id) is not None:
            job = Job(found.member_id, PAID, str(found.id), run_at=desk.now, created_at=desk.now)
            desk.changes.put("job", job)


async def _pay(tx: Tx, desk: Desk, found: Checkout, paid_at: datetime) -> None:
    is_late = found.state_at(desk.now) == State.EXPIRED
    found.state, found.paid_at, found.resolved_at = State.COMPLETED, paid_at, desk.now
    ids = [UUID(coupon_id) for coupon_id in found.coupon_ids]
    used = await coupons.held(tx, found.member_id, ids) if ids else []
    found.overused = [
        str(one.coupon.id) for one in used if not coupons.redeem(desk, one.coupon, found.id)
    ]
    decision = desk.decide(
        f"checkout completed {found.id}",
        "checkout_completed",
        found.programme_version,
        inputs={
            "checkout": str(found.id),
            "is_late": is_late,
            "points": found.points,
            "credit_minor": found.credit_minor,
            "order_id": found.order_id,
        },
        outcome={"overused": found.overused},
        occurred_at=desk.now,
    )
    decision.outcome.update(_debit(desk, found, decision))
    desk.changes.put("checkout", found)
    if found.points:
        programme = (await versions(tx)).at(desk.now).programme
        active_until = inactive_at(desk.now, programme)
        if active_until is not None:
            desk.points.extend(active_until)


def _debit(desk: Desk, found: Checkout, decision: Decision) -> dict[str, object]:
    """Take points and credit; what came of it."""
    cause = Cause(decision, HELD_FOR, HELD_FOR, str(found.id), desk.now)
    points = _taken(desk.points, found.hold_id, found.points, cause)
    credit = _taken(desk.credit, found.credit_hold_id, found.credit_minor, cause)
    found.debited_by, found.points_taken, found.debt_points = points.seq, points.amount, points.debt
    found.credit_debited_by = credit.seq
    found.credit_taken_minor, found.credit_debt_minor = credit.amount, credit.debt
    return {
        "points": points.amount,
        "debt_points": points.debt,
        "credit_minor": credit.amount,
        "credit_debt_minor": credit.debt,
    }


def _taken(book: Book, hold_id: UUID | None, amount: int, cause: Cause) -> Taken:
    """From what is held; where the hold has lapsed, from what is there now."""
    if hold_id is None:
        return Taken(None, 0, 0)
    held = book.holds.get(hold_id)
    if held is None:
        return book.take(amount, cause)
    return Taken(book.commit(held.hold, held.slices, cause), amount, 0)
