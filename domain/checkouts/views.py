"""What would a cart cost, and how does a checkout stand?"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import reader
from db.queries import checkouts as queries
from db.rows import read
from domain.checkouts import rules, steps
from domain.checkouts.model import Checkout, Purse, Quote, Shown
from domain.coupons.model import Owned
from domain.coupons.model import State as CouponState
from domain.coupons.rules import released
from domain.ledger.model import Currency
from domain.ledger.rules import Book
from domain.ledger.steps import books_of, policies_of
from domain.members.model import Member
from domain.pricing.model import Cart, Wish
from domain.programme.views import Published, versions
from kit.errors import InvalidInput, MemberSuspended, NotFound
from kit.paging import Page, decode_cursor, encode_cursor, page_size


async def quote(member_id: UUID, cart: Cart, wish: Wish, *, now: datetime) -> Quote:
    """The best legal price of a cart for a member, without any effect.

    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED, INSUFFICIENT_POINTS and NOT_APPLICABLE.
    """
    rules.check_wanted(cart, wish)
    published = (await versions()).at(now)
    async with reader() as tx:
        found = await queries.buyer(tx, member_id, now)
        if found["member"] is None:
            raise NotFound("member")
        owned = await steps.coupons_for(tx, member_id, wish)
    if read(Member, found["member"]).suspended_at is not None:
        raise MemberSuspended
    free = _without(found["lapsed"] or (), owned, now)
    purse = _purse(found, published, now)
    return await asyncio.to_thread(
        steps.quote, cart, wish, free, purse, published, member_id=member_id, now=now
    )


def _without(lapsed: Sequence[str], owned: Collection[Owned], now: datetime) -> list[Owned]:
    """The coupons as they are once the checkouts that have lapsed no longer keep them."""
    ended = set(map(UUID, lapsed))
    return [
        replace(one, coupon=replace(one.coupon, state=released(one.coupon, now), checkout_id=None))
        if one.coupon.state == CouponState.RESERVED and one.coupon.checkout_id in ended
        else one
        for one in owned
    ]


def _purse(found: dict[str, Any], published: Published, now: datetime) -> Purse:
    rows = (found["wallets"] or (), found["lots"] or (), found["holds"] or ())
    (books,) = books_of(*rows, policies_of(published), now=now).values()
    for book in books.values():
        book.settle()
    points, credit = books[Currency.POINTS], books.get(Currency.CREDIT)
    return Purse(found["tier_code"], _available(points), _available(credit))


def _available(book: Book | None) -> int:
    return 0 if book is None else book.wallet.available


async def checkout(member_id: UUID, checkout_id: UUID, *, now: datetime) -> Shown:
    """Refuses NOT_FOUND."""
    async with reader() as tx:
        found = await steps.checkout_of(tx, member_id, checkout_id)
        return steps.shown(found, await versions(tx), now)


async def shown(found: Checkout, *, now: datetime) -> Shown:
    """A checkout that a verb has answered, as a reader sees it."""
    return steps.shown(found, await versions(), now)


async def overused(*, now: datetime, first: int = 20, after: str | None = None) -> Page[Shown]:
    """For staff: those of which a coupon was used elsewhere before they were known to be paid.

    The newest first. Refuses INVALID_INPUT.
    """
    limit = page_size(first)
    before = None if after is None else _cursor(after)
    async with reader() as tx:
        rows = await queries.overused(tx, before=before, limit=limit + 1)
        published = await versions(tx)
    items = [steps.shown(Checkout(**row), published, now) for row in rows[:limit]]
    cursors = [encode_cursor(str(item.checkout.id)) for item in items]
    return Page(items, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _cursor(after: str) -> UUID:
    (text,) = decode_cursor(after, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标") from None
