"""How are the dossiers of many members opened, with what counts for their tiers?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from db import rows
from db.connection import Tx
from db.queries import ledger as ledger_queries
from db.queries import orders as queries
from domain.activity.model import Deed
from domain.activity.steps import deeds
from domain.checkouts.model import Checkout
from domain.coupons.model import Coupon
from domain.ledger.model import Lot, Slice
from domain.ledger.steps import open_desks
from domain.members.model import Member
from domain.members.rules import day_at
from domain.orders.model import (
    CheckoutSeen,
    Dossier,
    OrderReview,
    OrderSeen,
    PurchaseRow,
    TierSeen,
)
from domain.orders.standing import StandingRow
from domain.programme.views import Versions
from domain.tiers.model import CountedDeed
from kit.calendar import trailing_start

ORDER_REVIEW = "order_review"


class Named(NamedTuple):
    """Orders (member id, source, order id) and checkouts (member id, id) that events name."""

    orders: Sequence[tuple[UUID, str, str]] = ()
    checkouts: Sequence[tuple[UUID, UUID]] = ()


NOTHING = Named()


async def open_dossiers(
    tx: Tx,
    members: Sequence[Member],
    versions: Versions,
    now: datetime,
    *,
    earliest: datetime,
    named: Named = NOTHING,
) -> tuple[dict[UUID, Dossier], list[dict[str, Any]]]:
    """Dossiers of these locked members, for what happened from `earliest` on.

    What is `named` comes whole, orders with the checkouts that they were paid through. Beside the
    dossiers rows of `referral`.
    """
    desks = await open_desks(tx, members, now)
    found = await queries.history(
        tx,
        [member.member_id for member in members],
        since=window_start(earliest, versions),
        orders=named.orders,
        silent_by=now,
        silent_versions=[
            published.version
            for published in versions
            if published.programme.points.completion == "completed_only"
            and published.programme.points.silence == "cancel"
        ],
    )
    standings = {
        row.member_id: row for row in (rows.read(StandingRow, row) for row in found["standings"])
    }
    dossiers: dict[UUID, Dossier] = {}
    for desk in desks:
        row = standings[desk.member.member_id]
        dossiers[row.member_id] = Dossier(
            desk, versions, row.standing(), retention_at=row.retention_at
        )
    _file(dossiers, found)
    await _load_lots(tx, dossiers)
    await _load_checkouts(tx, dossiers, named.checkouts)
    await _load_reviews(tx, dossiers)
    await _load_deeds(tx, dossiers)
    return dossiers, found["referrals"]


async def _load_deeds(tx: Tx, dossiers: dict[UUID, Dossier]) -> None:
    """Of members with make-up tasks, what they did since these were offered."""
    begun: dict[UUID, datetime] = {}
    for member_id, dossier in dossiers.items():
        warning = dossier.standing.warning
        if warning is not None and warning.tasks and warning.tasks_from is not None:
            begun[member_id] = warning.tasks_from
    if not begun:
        return
    for member_id, done in (await deeds(tx, list(begun), min(begun.values()))).items():
        dossier = dossiers[member_id]
        hour = dossier.versions.at(dossier.desk.now).programme.day_start_hour
        dossier.deeds = counted_deeds(dossier.desk.member, done, day_start_hour=hour)


def counted_deeds(
    member: Member, done: Sequence[Deed], *, day_start_hour: int
) -> list[CountedDeed]:
    """What may count for make-up tasks, on the member's days."""
    return [
        CountedDeed(
            deed.kind,
            deed.at,
            deed.day or day_at(member, deed.at, day_start_hour=day_start_hour),
        )
        for deed in done
    ]


def window_start(earliest: datetime, versions: Versions) -> datetime:
    """From when on something may count in the window of any version, seen from `earliest`."""
    return min(
        trailing_start(
            earliest,
            published.programme.tiers.window_months,
            published.programme.zone,
            day_start_hour=published.programme.day_start_hour,
        )
        for published in versions
    )


def _file(dossiers: dict[UUID, Dossier], found: dict[str, list[Any]]) -> None:
    for values in found["orders"]:
        seen = rows.read(OrderSeen, dict(zip(_ORDER_COLUMNS, values, strict=True)))
        dossiers[seen.member_id].orders[seen.source, seen.order_id] = seen
    for row in found["purchases"]:
        purchase = rows.read(PurchaseRow, row)
        dossiers[purchase.member_id].purchases[purchase.source, purchase.order_id] = purchase
    for member_id in found["ordered"]:
        dossiers[UUID(member_id)].has_ordered = True
    for member_id, at, to_tier, from_tier in found["changes"]:
        change = TierSeen(datetime.fromisoformat(at), to_tier, from_tier)
        dossiers[UUID(member_id)].tier_changes.append(change)
    for member_id, at, amount, gained in found["interaction"]:
        signed = amount if gained else -amount
        dossiers[UUID(member_id)].interactions.append((datetime.fromisoformat(at), signed))
    for row in found["usage"]:
        dossiers[UUID(row["member_id"])].usage[row["code"], row["period"]] = row["amount"]


_ORDER_COLUMNS = (
    "member_id", "id", "source", "order_id", "paid_at", "day", "base_left_minor",
    "eligible_left_minor", "growth_left", "settles_at",
)  # fmt: skip


async def _load_lots(tx: Tx, dossiers: dict[UUID, Dossier]) -> None:
    """Bring the lots of the orders at hand into the books, those with nothing left included."""
    missing = [
        (member_id, lot_id)
        for member_id, dossier in dossiers.items()
        for purchase in dossier.purchases.values()
        for lot_id in purchase.lot_ids
        if lot_id not in dossier.desk.points.lots
    ]
    for row in await ledger_queries.lots_of_members(tx, missing) if missing else ():
        lot = Lot(**row)
        dossiers[lot.member_id].desk.points.lots[lot.id] = lot


async def _load_checkouts(
    tx: Tx, dossiers: dict[UUID, Dossier], asked: Sequence[tuple[UUID, UUID]]
) -> None:
    """What orders were or will be paid through, and the lots that it took from."""
    known = [
        (member_id, sale.checkout_id)
        for member_id, dossier in dossiers.items()
        for purchase in dossier.purchases.values()
        if (sale := purchase.sold) is not None
    ]
    if not (wanted := sorted({*asked, *known})):
        return
    found = await queries.checkouts(tx, wanted)
    for row in found["checkouts"]:
        checkout = rows.read(Checkout, row)
        dossiers[checkout.member_id].checkouts[checkout.id] = CheckoutSeen(
            checkout, order=checkout.order
        )
    for row in found["lots"]:
        lot = rows.read(Lot, row)
        dossiers[lot.member_id].desk.books[lot.currency].lots.setdefault(lot.id, lot)
    seen = {
        (member_id, str(one.checkout.id)): one
        for member_id, dossier in dossiers.items()
        for one in dossier.checkouts.values()
    }
    for row in found["coupons"]:
        coupon = rows.read(Coupon, row["coupon"])
        seen[coupon.member_id, row["checkout_id"]].coupons[coupon.id] = coupon
    for row in found["slices"]:
        one = seen[UUID(row["member_id"]), row["checkout_id"]]
        one.slices.setdefault(row["currency"], []).append(Slice(UUID(row["lot_id"]), row["amount"]))
    for row in found["orders"]:
        seen[UUID(row["member_id"]), row["checkout_id"]].order = (row["source"], row["order_id"])


async def _load_reviews(tx: Tx, dossiers: dict[UUID, Dossier]) -> None:
    """What reviews of the orders at hand gave, their lots brought into the books."""
    asked = [
        (member_id, purchase.id)
        for member_id, dossier in dossiers.items()
        for purchase in dossier.purchases.values()
    ]
    for row in await queries.order_reviews(tx, asked, ORDER_REVIEW) if asked else ():
        growth = row.pop("growth")
        lot, dossier = Lot(**row), dossiers[row["member_id"]]
        dossier.desk.points.lots.setdefault(lot.id, lot)
        dossier.reviews.append(OrderReview(UUID(lot.source_id), lot.id, growth))
