"""SQL for a member's coupons."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from db.connection import Tx


async def in_hand(tx: Tx, member_id: UUID) -> list[Record]:
    """Coupons that are neither used nor gone, those that expire first coming first."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1"
        " AND state IN ('ISSUED', 'RETURNED', 'RESERVED') ORDER BY expires_at, id",
        member_id,
    )


async def by_id(tx: Tx, member_id: UUID, ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND id = ANY($2) ORDER BY id",
        member_id,
        list(ids),
    )


async def by_code(tx: Tx, member_id: UUID, codes: Sequence[str]) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND code = ANY($2)", member_id, list(codes)
    )


async def of_checkout(tx: Tx, member_id: UUID, checkout_id: UUID) -> list[Record]:
    """What a checkout has reserved or used."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND checkout_id = $2 ORDER BY id",
        member_id,
        checkout_id,
    )


async def of_decision(tx: Tx, member_id: UUID, decision_id: UUID) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND decision_id = $2 ORDER BY id",
        member_id,
        decision_id,
    )


async def of_source(tx: Tx, member_id: UUID, source_type: str, source_id: str) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND source_type = $2 AND source_id = $3"
        " ORDER BY id",
        member_id,
        source_type,
        source_id,
    )
