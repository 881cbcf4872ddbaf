"""What does a shop tell in a test? Facts about its customers, recorded and worked off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import reader
from db.rows import read
from domain.intake import operations
from domain.intake.model import Fact, Recorded
from domain.members.model import Member
from domain.orders.model import PurchaseRow
from kit.ids import new_id
from tests.support.working import work
from tests.support.world import NOW

SOURCE = "shop"


def line(amount_minor: int, line_id: str = "1", **facts: Any) -> dict[str, Any]:
    return {"lineId": line_id, "sku": "tea", "amountMinor": amount_minor, **facts}


def paid(
    member: Member,
    order_id: str,
    *lines: dict[str, Any] | int,
    at: datetime = NOW,
    data: dict[str, Any] | None = None,
    **envelope: Any,
) -> Fact:
    """`lines`: as `line` gives them, or the amount of one each; `data` adds to the order's."""
    numbered = [
        line(found, str(number)) if isinstance(found, int) else found
        for number, found in enumerate(lines, start=1)
    ]
    order = {
        "orderId": order_id,
        "paidAt": at.isoformat(),
        "currency": "CNY",
        "lines": numbered,
        **(data or {}),
    }
    return fact(member, "order.paid", order, at=at, **envelope)


def completed(member: Member, order_id: str, *, at: datetime, **envelope: Any) -> Fact:
    return fact(member, "order.completed", {"orderId": order_id}, at=at, **envelope)


def refunded(
    member: Member,
    order_id: str,
    refund_id: str,
    *lines: tuple[str, int],
    at: datetime,
    **envelope: Any,
) -> Fact:
    """`lines`: line id and amount; none: the whole order."""
    named = [{"lineId": line_id, "amountMinor": amount} for line_id, amount in lines]
    data = {"orderId": order_id, "refundId": refund_id, "lines": named}
    return fact(member, "order.refunded", data, at=at, **envelope)


def reviewed(
    member: Member,
    review_id: str,
    *,
    photos: int = 0,
    order_id: str | None = None,
    at: datetime = NOW,
) -> Fact:
    told = {"reviewId": review_id, "photos": photos}
    if order_id is not None:
        told["orderId"] = order_id
    return fact(member, "review.approved", told, at=at)


def opened(member: Member, link: str, opener: str, *, at: datetime = NOW) -> Fact:
    return fact(member, "share.opened", {"link": link, "opener": opener}, at=at)


def fact(member: Member, kind: str, data: Any, *, at: datetime = NOW, **envelope: Any) -> Fact:
    told = {
        "id": str(new_id()),
        "source": SOURCE,
        "type": kind,
        "time": at,
        "subject": member.external_id,
        "data": data,
    }
    return Fact(**(told | envelope))


async def tell(*facts: Fact, now: datetime | None = None) -> Recorded:
    """Record facts, when the latest of them happened unless `now` says when."""
    recorded = await operations.record(facts, now=now or max(fact.time for fact in facts))
    assert not recorded.refused, recorded.refused
    return recorded


async def done(*facts: Fact, now: datetime | None = None) -> None:
    """Record facts and do the work that follows."""
    at = now or max(fact.time for fact in facts)
    await tell(*facts, now=at)
    await work(at)


async def inbox(member_id: UUID) -> list[tuple[str, str, str | None]]:
    """Type, state and the note's first word of each event, in the order of arrival."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT type, state, note FROM inbox WHERE member_id = $1 ORDER BY id", member_id
        )
    return [(row["type"], row["state"], row["note"] and row["note"].split(":")[0]) for row in rows]


async def states(member_id: UUID) -> list[str]:
    return [state for _, state, _ in await inbox(member_id)]


async def purchases(member_id: UUID) -> Sequence[PurchaseRow]:
    """As they are stored, in the order in which they were processed."""
    async with reader() as tx:
        rows = await tx.fetchjson(
            "SELECT json_agg(p ORDER BY p.id) FROM purchase p WHERE member_id = $1", member_id
        )
    return [read(PurchaseRow, row) for row in rows or ()]


async def purchase(member_id: UUID, order_id: str) -> PurchaseRow:
    (found,) = [row for row in await purchases(member_id) if row.order_id == order_id]
    return found


async def tier(member_id: UUID) -> tuple[str, bool]:
    """The tier's code, and whether it is provisional."""
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT tier_code, provisional FROM standing WHERE member_id = $1", member_id
        )
    assert row is not None
    return row["tier_code"], row["provisional"]


async def tier_changes(member_id: UUID) -> list[tuple[str, str, datetime]]:
    """From, to and when, in order."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT from_tier, to_tier, occurred_at FROM tier_change WHERE member_id = $1"
            " ORDER BY occurred_at, id",
            member_id,
        )
    return [(row["from_tier"], row["to_tier"], row["occurred_at"]) for row in rows]
