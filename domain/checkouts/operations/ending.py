"""How does a checkout end that isn't paid? Everything goes back: by a cancel, or by the clock."""

from datetime import datetime
from uuid import UUID

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from domain.checkouts import steps
from domain.checkouts.errors import CheckoutClosed
from domain.checkouts.model import HELD_FOR, Checkout, State
from domain.coupons import steps as coupons
from domain.ledger.model import Cause
from domain.ledger.steps import Desk, open_desk, post


@transactional
async def cancel(tx: Tx, member_id: UUID, checkout_id: UUID, *, now: datetime) -> Checkout:
    """Give everything back: points to their very lots with their own expiry, coupons to use again.

    Asked again, or where it has lapsed, it is answered as it stands and nothing changes. Refuses
    NOT_FOUND, CHECKOUT_CLOSED (it was paid).
    """
    desk = await open_desk(tx, member_id, now)
    found = await steps.checkout_of(tx, member_id, checkout_id)
    if found.state == State.COMPLETED:
        raise CheckoutClosed(found.state)
    if found.state == State.OPEN:
        await _end(tx, desk, found)
        await post(tx, desk)
    return found


async def _end(tx: Tx, desk: Desk, found: Checkout) -> None:
    reserved = await coupons.of_checkout(tx, found.member_id, found.id)
    if found.state_at(desk.now) == State.EXPIRED:
        steps.lapse(desk, found, reserved)
        return
    found.state, found.resolved_at = State.CANCELLED, desk.now
    desk.changes.put("checkout", found)
    for one in reserved:
        coupons.release(desk, one.coupon)
    _release(desk, found)


def _release(desk: Desk, found: Checkout) -> None:
    held = [
        (book, book.holds[hold_id])
        for hold_id in (found.hold_id, found.credit_hold_id)
        for book in desk.books.values()
        if hold_id is not None and hold_id in book.holds
    ]
    if not held:
        return
    decision = desk.decide(
        f"checkout cancelled {found.id}",
        "checkout_cancelled",
        found.programme_version,
        inputs={"points": found.points, "credit_minor": found.credit_minor},
        outcome={"points": found.points, "credit_minor": found.credit_minor},
        occurred_at=desk.now,
    )
    cause = Cause(decision, HELD_FOR, HELD_FOR, str(found.id), desk.now)
    for book, one in held:
        book.release(one.hold, one.slices, cause)


@transactional
async def lapse(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "checkouts.lapse" jobs: one whose time is over ends, and its coupons go back.

    Its points have gone back at that very instant already, for whoever looks.
    """
    desk = await open_desk(tx, claim.member_id, now)
    found = await steps.checkout_of(tx, claim.member_id, UUID(claim.key))
    if found.state == State.OPEN and found.state_at(now) == State.EXPIRED:
        await _end(tx, desk, found)
    await post(tx, desk)
    await jobs.finish(tx, claim, now=now)
