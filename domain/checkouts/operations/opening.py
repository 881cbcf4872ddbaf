"""How does a member agree to a price? What it takes is kept for them in one transaction."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from db.connection import Tx, transactional
from db.jobs import Job
from db.queries import checkouts as queries
from domain.checkouts import rules, steps
from domain.checkouts.errors import PriceChanged, TooManyCheckouts
from domain.checkouts.model import HELD_FOR, LAPSE, OPEN_MAX, Asked, Checkout, Purse, Quote, State
from domain.coupons import steps as coupons
from domain.coupons.model import Owned
from domain.devices import steps as devices
from domain.devices.model import Visit
from domain.ledger.model import Cause, Currency, Decision
from domain.ledger.steps import Desk, open_desk, post
from domain.programme.views import Published, versions
from kit.errors import IdempotencyKeyReused
from kit.ids import derived_id, new_id


@transactional
async def open_checkout(
    tx: Tx, asked: Asked, *, visit: Visit | None = None, now: datetime
) -> Checkout:
    """Price the cart anew, reserve its coupons, hold its points and credit; all of it or nothing.

    Refuses, in this order: INVALID_INPUT, NOT_FOUND, IDEMPOTENCY_KEY_REUSED, MEMBER_SUSPENDED,
    TOO_MANY_CHECKOUTS, what `pricing.rules.price` refuses, PRICE_CHANGED with the new price, and
    where it is the member who asks (`visit`) NEW_DEVICE_LIMIT. A repeated request gets its
    checkout, as it stands now. A refusal isn't kept under the key.
    """
    rules.check_asked(asked)
    desk = await open_desk(tx, asked.member_id, now)
    row = await queries.by_key(tx, asked.member_id, asked.opened_by, asked.key)
    if row is not None:
        if row["input_hash"] != rules.hash_of(asked):
            raise IdempotencyKeyReused
        return Checkout(**row)
    desk.require_standing()
    published = (await versions(tx)).at(now)
    owned = await steps.coupons_for(tx, asked.member_id, asked.wish)
    await steps.lapse_due(tx, desk, owned)
    await _check_room(tx, desk)
    quote = await _quote(tx, desk, asked, owned, published)
    if quote.price.digest != asked.digest:
        raise PriceChanged(quote, quote.price.digest, quote.price.payable_minor, quote.currency)
    if visit is not None:
        door = await devices.look(tx, asked.member_id, visit, now)
        takes = {Currency.POINTS: quote.price.points, Currency.CREDIT: quote.price.credit_minor}
        await devices.guard(tx, desk, door, takes)
    return await _keep(tx, desk, asked, quote, published, owned=owned)


async def _check_room(tx: Tx, desk: Desk) -> None:
    rows = await queries.opened(tx, desk.member.member_id)
    live = [row for row in rows if Checkout(**row).state_at(desk.now) == State.OPEN]
    if len(live) >= OPEN_MAX:
        raise TooManyCheckouts(OPEN_MAX)


async def _quote(
    tx: Tx, desk: Desk, asked: Asked, owned: list[Owned], published: Published
) -> Quote:
    tier_code = await queries.tier_code(tx, asked.member_id)
    purse = Purse(tier_code, desk.points.wallet.available, desk.credit.wallet.available)
    return await asyncio.to_thread(
        steps.quote,
        *(asked.cart, asked.wish, owned, purse, published),
        member_id=asked.member_id,
        now=desk.now,
    )


async def _keep(
    tx: Tx, desk: Desk, asked: Asked, quote: Quote, published: Published, *, owned: list[Owned]
) -> Checkout:
    price, now = quote.price, desk.now
    made = _row(desk, asked, quote, published)
    decision = desk.decide(
        f"checkout {made.id}",
        "checkout",
        published.version,
        inputs={"payable_minor": price.payable_minor, "currency": quote.currency},
        outcome={"points": price.points, "credit_minor": price.credit_minor},
        occurred_at=now,
    )
    made.decision_id = decision.id
    by_id = {one.coupon.id: one.coupon for one in owned}
    for applied in price.coupons:
        coupons.reserve(desk, by_id[applied.coupon_id], made.id)
    made.hold_id = _hold(desk, made, decision, Currency.POINTS, price.points)
    made.credit_hold_id = _hold(desk, made, decision, Currency.CREDIT, price.credit_minor)
    desk.changes.put("checkout", made)
    lapse = Job(asked.member_id, LAPSE, str(made.id), run_at=made.lapses_at, created_at=now)
    desk.changes.put("job", lapse)
    await post(tx, desk)
    return made


def _hold(
    desk: Desk, made: Checkout, decision: Decision, currency: Currency, amount: int
) -> UUID | None:
    """Nothing is held of nothing."""
    if not amount:
        return None
    cause = Cause(decision, HELD_FOR, HELD_FOR, str(made.id), desk.now)
    hold_id = derived_id("hold", made.member_id, HELD_FOR, made.id, currency)
    desk.books[currency].hold(hold_id, amount, cause, expires_at=made.lapses_at)
    return hold_id


def _row(desk: Desk, asked: Asked, quote: Quote, published: Published) -> Checkout:
    """Open; the decision that it is made by, and its holds, are yet to come."""
    terms, price = published.programme.checkout, quote.price
    expires_at = desk.now + timedelta(minutes=asked.minutes or terms.minutes)
    made_id = new_id()
    return Checkout(
        member_id=asked.member_id,
        id=made_id,
        state=State.OPEN,
        opened_by=asked.opened_by,
        idempotency=asked.key,
        input_hash=rules.hash_of(asked),
        cart=rules.cart_document(asked.cart),
        price=rules.document_of(price),
        digest=price.digest,
        coupon_ids=[str(one.coupon_id) for one in price.coupons],
        points=price.points,
        credit_minor=price.credit_minor,
        payable_minor=price.payable_minor,
        hold_id=None,
        credit_hold_id=None,
        opened_at=desk.now,
        expires_at=expires_at,
        lapses_at=expires_at + timedelta(seconds=terms.paid_grace_seconds),
        overused=[],
        decision_id=made_id,
        programme_version=published.version,
    )
