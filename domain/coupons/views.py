"""What is in a member's wallet, what may they claim, and whose is a code?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import reader
from db.queries import coupons as queries
from domain.coupons import rules, steps
from domain.coupons.model import Coupon, Group, Owned
from domain.programme.model import CouponTemplate
from domain.programme.views import versions
from kit.errors import NotFound, Refusal
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size


@dataclass(frozen=True, slots=True)
class Offered:
    """A template that may be claimed: what is left of it, and why this member can't have one.

    `stock_left` None: endless; `refusal` None: they can.
    """

    template: CouponTemplate
    stock_left: int | None
    refusal: Refusal | None


async def wallet(
    member_id: UUID,
    group: Group | None = None,
    *,
    first: int = 20,
    after: str | None = None,
    now: datetime,
) -> Page[Owned]:
    """A member's coupons of one group; without one all of them, the newest first.

    Usable ones come in the order in which they expire, others with the latest change first. Refuses
    INVALID_INPUT.
    """
    limit = page_size(first)
    begin = None if after is None else _place(after)
    async with reader() as tx:
        rows = await queries.wallet(
            tx, member_id, group and group.value, after=begin, limit=limit + 1, now=now
        )
        shown = [_shown(dict(row)) for row in rows[:limit]]
        items = await steps.owned(tx, [coupon for coupon, _ in shown])
    return Page(
        items,
        [encode_cursor(place.isoformat(), str(coupon.id)) for coupon, place in shown],
        has_next=len(rows) > limit,
        has_previous=after is not None,
    )


def _shown(row: Mapping[str, Any]) -> tuple[Coupon, datetime]:
    columns = dict(row)
    place: datetime = columns.pop("place")
    return Coupon(**columns), place


def _place(after: str) -> tuple[datetime, UUID]:
    at, coupon_id = decode_cursor(after, str, str)
    try:
        place = datetime.fromisoformat(str(at))
        found = UUID(str(coupon_id))
    except ValueError:
        raise foreign_cursor() from None
    if place.tzinfo is None:
        raise foreign_cursor()
    return place, found


async def claimable(member_id: UUID | None, *, now: datetime) -> list[Offered]:
    """The templates that can be claimed now, as they stand for the member (None: for nobody)."""
    published = (await versions()).at(now)
    programme = published.programme
    faces = [face for face in programme.coupons if face.may_come_by("claim")]
    async with reader() as tx:
        prospects = await steps.prospects(tx, member_id, faces, programme, now=now)
    return [
        Offered(
            face,
            None if face.stock is None else max(0, face.stock - prospects[face.code].issued),
            rules.why_not(prospects[face.code], programme, now=now),
        )
        for face in faces
    ]


async def by_code(typed: str) -> Owned:
    """The coupon of a code, whoever's it is. Refuses NOT_FOUND."""
    code = rules.read_code(typed)
    async with reader() as tx:
        row = None if code is None else await queries.of_code(tx, code)
        if row is None:
            raise NotFound("coupon")
        (owned,) = await steps.owned(tx, [Coupon(**row)])
    return owned
