"""SQL for what comes from another programme: is it known here, and what is to go out?"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx

Contact = tuple[str, str]
"""Its kind, and its one spelling."""


async def contacts(tx: Tx, asked: Sequence[Contact]) -> dict[Contact, UUID]:
    """Whose each of these is; nobody's are left out."""
    rows = await tx.fetch(
        "SELECT c.kind, c.value, c.member_id FROM contact c"
        " JOIN unnest($1::text[], $2::text[]) AS asked (kind, value) USING (kind, value)",
        [kind for kind, _ in asked],
        [value for _, value in asked],
    )
    return {(row["kind"], row["value"]): row["member_id"] for row in rows}


async def claim_contacts(tx: Tx, claimed: Sequence[tuple[str, str, UUID]]) -> int:
    """How many of these (kind, value, member) were nobody's, and are the members' now."""
    rows = sorted(claimed)
    return await tx.execute(
        "INSERT INTO contact (kind, value, member_id)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING",
        [kind for kind, _, _ in rows],
        [value for _, value, _ in rows],
        [member_id for _, _, member_id in rows],
    )


async def contents(tx: Tx, keys: Sequence[tuple[UUID, str]]) -> dict[str, str]:
    """The hash of what was booked under each of these keys of members' decisions."""
    rows = await tx.fetch(
        "SELECT d.key, d.inputs ->> 'content' AS content FROM decision d"
        " JOIN unnest($1::uuid[], $2::text[]) AS asked (member_id, key) USING (member_id, key)",
        [member_id for member_id, _ in keys],
        [key for _, key in keys],
    )
    return {row["key"]: row["content"] for row in rows}


async def codes_taken(tx: Tx, codes: Sequence[str]) -> set[str]:
    """Which of these are coupons' codes; nobody takes another until the transaction ends."""
    ordered = sorted(set(codes))
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('coupon_code ' || code, 0))"
        " FROM unnest($1::text[]) AS code",
        ordered,
    )
    rows = await tx.fetch("SELECT code FROM coupon_code WHERE code = ANY($1)", ordered)
    return {row["code"] for row in rows}


async def members_after(tx: Tx, after: UUID, *, limit: int) -> list[Record]:
    """Members in the order of their ids."""
    return await tx.fetch(
        "SELECT * FROM member WHERE member_id > $1 AND merged_into IS NULL AND erased_at IS NULL"
        " ORDER BY member_id LIMIT $2",
        after,
        limit,
    )


async def standings(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(
        "SELECT member_id, earned_tier, period_opened_at, period_ends_at FROM standing"
        " WHERE member_id = ANY($1)",
        list(member_ids),
    )


async def unused_coupons(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    """Those that are neither used nor gone, in the order in which they were issued."""
    return await tx.fetch(
        "SELECT member_id, template, code, expires_at FROM coupon"
        " WHERE member_id = ANY($1) AND state IN ('ISSUED', 'RETURNED', 'RESERVED')"
        " ORDER BY member_id, id",
        list(member_ids),
    )


def as_stored(row: Any) -> dict[str, Any]:  # noqa: ANN401  JSON of any shape
    """A value as the database would give it back."""
    return orjson.loads(orjson.dumps(row))
