"""Which rows does a member become who goes out? Such that the import gives the same balances."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.imports.model import BALANCES, IN_LOTS, NEVER
from domain.ledger.model import Lot
from domain.ledger.rules import Book
from domain.members.model import Member

Cells = dict[str, object]


@dataclass(frozen=True, slots=True)
class Stands:
    """The earned tier and its period; the lowest tier has none."""

    tier_code: str
    since: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unused:
    template: str
    code: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Owner:
    """A member with what they own; the books are settled."""

    member: Member
    books: dict[str, Book]
    tier: Stands
    coupons: tuple[Unused, ...]


def rows_of(owner: Owner, now: datetime) -> list[Cells]:
    """The first one says who it is; each other one more thing that they own.

    Who is suspended is so by the last row, with everything booked before. Points that are set
    aside are the member's until they are spent.
    """
    member = owner.member
    name = external_id_of(member)
    rows: list[Cells] = [
        {
            "reference": "member",
            "nickname": member.nickname,
            "email": member.email,
            "phone": member.phone,
            "timezone": member.next_timezone or member.timezone,
            "locale": member.locale,
            "birthday": member.birthday,
            "joined_at": member.joined_at,
            **_tier(owner.tier),
        },
        *_balances(owner, now),
        *(_coupon(coupon) for coupon in owner.coupons if _is_alive(coupon.expires_at, now)),
    ]
    if member.suspended_at is not None:
        rows[-1]["suspended"] = "yes"
    return [{"external_id": name, **row} for row in rows]


def external_id_of(member: Member) -> str:
    """Who registered here has none at the shop."""
    return member.external_id or f"accrue:{member.member_id}"


def _tier(tier: Stands) -> Cells:
    if tier.since is None:
        return {}
    return {"tier": tier.tier_code, "tier_since": tier.since, "tier_ends_at": tier.ends_at}


def _balances(owner: Owner, now: datetime) -> Iterator[Cells]:
    for column, currency in BALANCES.items():
        book = owner.books.get(currency)
        if book is None:
            continue
        if currency not in IN_LOTS:
            if book.wallet.available:
                yield {"reference": f"balance:{column}", column: book.wallet.available}
            continue
        if book.wallet.debt:
            yield {"reference": f"debt:{column}", column: book.wallet.debt}
        lots = sorted(book.lots.values(), key=lambda lot: (lot.occurred_at, lot.id))
        for lot in lots:
            if amount := _amount(lot, now):
                yield _lot(lot, column, amount)


def _amount(lot: Lot, now: datetime) -> int:
    return lot.remaining + (lot.held if _is_alive(lot.expires_at, now) else 0)


def _lot(lot: Lot, column: str, amount: int) -> Cells:
    return {
        "reference": f"lot:{lot.id}",
        column: amount,
        "earned_at": lot.occurred_at,
        "activates_at": None if lot.activated_at is not None else lot.activates_at,
        "expires_at": lot.expires_at or NEVER,
    }


def _coupon(coupon: Unused) -> Cells:
    return {
        "reference": f"coupon:{coupon.code}",
        "coupon": coupon.template,
        "coupon_code": coupon.code,
        "coupon_expires_at": coupon.expires_at,
    }


def _is_alive(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is None or expires_at > now
