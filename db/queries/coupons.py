"""SQL for a member's coupons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx

_PROSPECTS = """
SELECT json_build_object(
  'issued', (SELECT coalesce(json_object_agg(template, issued), '{}') FROM coupon_stock
    WHERE template = ANY($2)),
  'used', (SELECT coalesce(json_object_agg(template, n), '{}') FROM (
    SELECT c.template, count(*) AS n FROM unnest($2::text[], $3::timestamptz[])
      AS asked (template, since) JOIN coupon c ON c.member_id = $1
      AND c.template = asked.template AND c.state <> 'REVOKED'
      AND c.issued_at >= coalesce(asked.since, '-infinity'::timestamptz)
    GROUP BY 1) AS counted),
  'tier', (SELECT tier_code FROM standing WHERE member_id = $1),
  'tags', (SELECT coalesce(json_agg(tag), '[]') FROM member_tag WHERE member_id = $1),
  'orders', (SELECT coalesce(json_agg(paid_at), '[]') FROM (SELECT paid_at FROM purchase
    WHERE member_id = $1 AND (base_left_minor > 0 OR eligible_left_minor > 0)
    ORDER BY paid_at DESC LIMIT $4) AS latest))
"""

_AUDIENCE = """
SELECT json_build_object(
  'issued', coalesce((SELECT issued FROM coupon_stock WHERE template = $2), 0),
  'had', (SELECT coalesce(json_object_agg(member_id, true), '{}') FROM decision
    WHERE member_id = ANY($1) AND (key = $3
      OR starts_with(key, 'merged' || chr(31)) AND split_part(key, chr(31), 3) = $3)),
  'used', (SELECT coalesce(json_object_agg(member_id, n), '{}') FROM (
    SELECT member_id, count(*) AS n FROM coupon WHERE member_id = ANY($1)
      AND template = $2 AND state <> 'REVOKED'
      AND issued_at >= coalesce($4, '-infinity'::timestamptz) GROUP BY 1) AS counted),
  'tiers', (SELECT coalesce(json_object_agg(member_id, tier_code), '{}') FROM standing
    WHERE member_id = ANY($1)),
  'tags', (SELECT coalesce(json_object_agg(member_id, tags), '{}') FROM (
    SELECT member_id, json_agg(tag) AS tags FROM member_tag WHERE member_id = ANY($1)
    GROUP BY 1) AS tagged),
  'orders', (SELECT coalesce(json_object_agg(m, at), '{}') FROM unnest($1::uuid[]) AS m
    CROSS JOIN LATERAL (SELECT json_agg(paid_at) AS at FROM (SELECT paid_at FROM purchase
      WHERE member_id = m AND (base_left_minor > 0 OR eligible_left_minor > 0)
      ORDER BY paid_at DESC LIMIT $5) AS latest) AS p WHERE at IS NOT NULL))
"""
# Which coupons, in which order, and whether it rises.
_IN_USE = "(expires_at IS NULL OR expires_at > $2)"
_NEVER = "'9999-12-31 00:00:00+00'::timestamptz"
_GROUPS: dict[str | None, tuple[str, str, bool]] = {
    None: ("true", "issued_at", False),
    "usable": (
        f"state IN ('ISSUED', 'RETURNED') AND {_IN_USE}",
        f"coalesce(expires_at, {_NEVER})",
        True,
    ),
    "reserved": ("state = 'RESERVED'", "changed_at", False),
    "used": ("state IN ('REDEEMED', 'FORFEITED')", "changed_at", False),
    "expired": (
        f"(state = 'EXPIRED' OR state IN ('ISSUED', 'RETURNED') AND NOT {_IN_USE})",
        f"coalesce(expires_at, {_NEVER})",
        False,
    ),
    "revoked": ("state = 'REVOKED'", "changed_at", False),
}


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


async def of_source(tx: Tx, member_id: UUID, source_type: str, source_id: str) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND source_type = $2 AND source_id = $3"
        " ORDER BY id",
        member_id,
        source_type,
        source_id,
    )


async def in_use_but_revoked(
    tx: Tx, member_id: UUID, source_type: str, source_id: str
) -> list[Record]:
    """What came of that thing, was taken away, and is reserved or used."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND source_type = $2 AND source_id = $3"
        " AND state IN ('RESERVED', 'REDEEMED') AND revoked_at IS NOT NULL ORDER BY id",
        member_id,
        source_type,
        source_id,
    )


async def prospects(
    tx: Tx, member_id: UUID | None, since: Mapping[str, datetime | None], *, orders_max: int
) -> dict[str, Any]:
    """Of these templates how many have gone, and the member's `since` then; tier, tags, orders."""
    return await tx.fetchjson(
        _PROSPECTS, member_id, list(since.keys()), list(since.values()), orders_max
    )


async def voucher(tx: Tx, digest: str, *, member_id: UUID, now: datetime) -> Record | None:
    """A voucher that the member may use or has used, with what its batch says.

    One that doesn't work is answered like one that was never made, and takes as long.
    """
    return await tx.fetchrow(
        "SELECT v.*, b.template, b.programme_version, b.is_counted, b.expires_at"
        " FROM voucher v JOIN voucher_batch b ON b.id = v.batch_id WHERE v.digest = $1"
        " AND v.revoked_at IS NULL AND (v.member_id IS NULL OR v.member_id = $2)"
        " AND (b.expires_at IS NULL OR b.expires_at > $3)",
        *(digest, member_id, now),
    )


async def use_voucher(
    tx: Tx, digest: str, *, member_id: UUID, coupon_id: UUID, now: datetime
) -> bool:
    """Whether it was nobody's and is this member's now."""
    used = await tx.execute(
        "UPDATE voucher SET member_id = $2, coupon_id = $3, redeemed_at = $4"
        " WHERE digest = $1 AND member_id IS NULL AND revoked_at IS NULL",
        digest,
        member_id,
        coupon_id,
        now,
    )
    return used == 1


async def voucher_batch(tx: Tx, batch_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM voucher_batch WHERE id = $1", batch_id)


async def voucher_batch_of_key(tx: Tx, made_by: str, key: str) -> Record | None:
    """The batch made under that key; nobody else makes one until the transaction ends."""
    name = f"voucher_batch\x1f{made_by}\x1f{key}"
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
    return await tx.fetchrow(
        "SELECT * FROM voucher_batch WHERE made_by = $1 AND key = $2", made_by, key
    )


async def add_vouchers(tx: Tx, batch_id: UUID, digests: Sequence[str]) -> None:
    await tx.execute(
        "INSERT INTO voucher (digest, batch_id) SELECT digest, $1 FROM unnest($2::text[])"
        " AS made (digest)",
        batch_id,
        list(digests),
    )


async def revoke_vouchers(tx: Tx, batch_id: UUID, *, now: datetime) -> int:
    """How many of the batch nobody had used."""
    return await tx.execute(
        "UPDATE voucher SET revoked_at = $2"
        " WHERE batch_id = $1 AND member_id IS NULL AND revoked_at IS NULL",
        batch_id,
        now,
    )


async def issued(tx: Tx, template: str) -> int:
    """How many of a template's stock have gone."""
    found = await tx.fetchval("SELECT issued FROM coupon_stock WHERE template = $1", template)
    return found or 0


async def wallet(
    tx: Tx,
    member_id: UUID,
    group: str | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> list[Record]:
    """Coupons of one group, in its order, with the `place` of each in it."""
    at, coupon_id = after or (None, None)
    return await tx.fetch(_wallet(group), member_id, now, at, coupon_id, limit)


@cache
def _wallet(group: str | None) -> str:
    condition, place, is_rising = _GROUPS[group]
    beyond, direction = (">", "ASC") if is_rising else ("<", "DESC")
    return (
        f"SELECT *, {place} AS place FROM coupon WHERE member_id = $1"  # noqa: S608
        f" AND $2::timestamptz IS NOT NULL AND {condition}"
        f" AND ($3::timestamptz IS NULL OR ({place}, id) {beyond} ($3, $4::uuid))"
        f" ORDER BY {place} {direction}, id {direction} LIMIT $5"
    )


async def of_code(tx: Tx, code: str) -> Record | None:
    """Whoever's it is: found by the directory of codes."""
    return await tx.fetchrow(
        "SELECT c.* FROM coupon_code d JOIN coupon c ON c.member_id = d.member_id"
        " AND c.code = d.code WHERE d.code = $1",
        code,
    )


async def due(tx: Tx, as_of: datetime, *, limit: int) -> list[UUID]:
    """Members with coupons that have expired unnoticed."""
    rows = await tx.fetch(
        "SELECT DISTINCT member_id FROM (SELECT member_id FROM coupon"
        " WHERE state IN ('ISSUED', 'RETURNED') AND expires_at <= $1"
        " ORDER BY expires_at LIMIT $2) AS due ORDER BY member_id",
        as_of,
        limit,
    )
    return [row["member_id"] for row in rows]


async def due_of(tx: Tx, member_ids: Sequence[UUID], as_of: datetime) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = ANY($1) AND state IN ('ISSUED', 'RETURNED')"
        " AND expires_at <= $2 ORDER BY member_id, id",
        list(member_ids),
        as_of,
    )


async def ending(
    tx: Tx, *, issued_before: datetime, since: datetime, until: datetime, after: UUID, limit: int
) -> list[UUID]:
    """Members, by id, with a usable coupon that expires within (since, until]."""
    rows = await tx.fetch(
        "SELECT DISTINCT member_id FROM coupon WHERE state IN ('ISSUED', 'RETURNED')"
        " AND expires_at > $1 AND expires_at <= $2 AND issued_at <= $3 AND member_id > $4"
        " ORDER BY member_id LIMIT $5",
        since,
        until,
        issued_before,
        after,
        limit,
    )
    return [row["member_id"] for row in rows]


async def ending_of(
    tx: Tx, member_ids: Sequence[UUID], *, issued_before: datetime, since: datetime, until: datetime
) -> list[Record]:
    """Their coupons that do, the first to expire first."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = ANY($1) AND state IN ('ISSUED', 'RETURNED')"
        " AND expires_at > $2 AND expires_at <= $3 AND issued_at <= $4"
        " ORDER BY member_id, expires_at, id",
        list(member_ids),
        since,
        until,
        issued_before,
    )


async def audience(
    tx: Tx,
    member_ids: Sequence[UUID],
    template: str,
    *,
    key: str,
    since: datetime | None,
    orders_max: int,
) -> dict[str, Any]:
    """Of each of these members what decides whether they get the template's coupon.

    `had`: those for whom a decision has that `key`; `used`: how many they got `since` then.
    """
    return await tx.fetchjson(_AUDIENCE, list(member_ids), template, key, since, orders_max)


async def members_after(tx: Tx, after: UUID | None, limit: int) -> list[UUID]:
    rows = await tx.fetch(
        "SELECT member_id FROM member WHERE ($1::uuid IS NULL OR member_id > $1)"
        " AND merged_into IS NULL AND erased_at IS NULL ORDER BY member_id LIMIT $2",
        after,
        limit,
    )
    return [row["member_id"] for row in rows]


async def count_members(tx: Tx) -> int:
    return await tx.fetchval(
        "SELECT count(*) FROM member WHERE merged_into IS NULL AND erased_at IS NULL"
    )


async def put_voucher_batch(tx: Tx, batch: object) -> None:
    await tx.execute(
        "INSERT INTO voucher_batch SELECT * FROM json_populate_record(NULL::voucher_batch, $1)",
        orjson.dumps(batch, default=str).decode(),
    )
