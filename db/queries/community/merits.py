"""SQL for what content and likes have earned."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from db.connection import Tx


class Given(NamedTuple):
    """A decision's key and version, and the lots that it opened and that can still be undone."""

    key: str
    programme_version: int
    lot_ids: list[UUID]


async def given(tx: Tx, member_id: UUID, decision_id: UUID) -> Given:
    row = await tx.fetchrow(
        "SELECT d.key, d.programme_version, array(SELECT l.id FROM lot l"
        "  WHERE l.member_id = d.member_id AND l.decision_id = d.id AND NOT EXISTS"
        "  (SELECT FROM purchase p WHERE p.member_id = d.member_id"
        "   AND l.source_type = 'order_review' AND p.id::text = l.source_id AND NOT EXISTS"
        "   (SELECT FROM jsonb_array_elements(p.lines) AS line"
        "    WHERE (line ->> 'net_minor')::bigint > (line ->> 'refunded_minor')::bigint))"
        "  ORDER BY l.id) AS lot_ids"
        " FROM decision d WHERE d.member_id = $1 AND d.id = $2",
        member_id,
        decision_id,
    )
    assert row is not None
    return Given(row["key"], row["programme_version"], list(row["lot_ids"]))


Key = tuple[UUID, str, UUID, UUID]
"""Of a merit: its member's id, kind, subject id and source id."""


async def merits(tx: Tx, keys: Collection[Key]) -> list[Record]:
    """Those of these that there are."""
    columns = [list(column) for column in zip(*keys, strict=True)]
    return await tx.fetch(
        "SELECT m.* FROM community_merit m"
        " JOIN unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[])"
        " AS asked (member_id, kind, subject_id, source_id)"
        " USING (member_id, kind, subject_id, source_id)",
        *columns,
    )


async def moving(
    tx: Tx, member_id: UUID, subject_id: UUID, reasons: Collection[str]
) -> list[Record]:
    """What content has earned that is paid, or isn't for one of these reasons.

    Not the rest of it: what is liked by many was paid for few of them.
    """
    return await tx.fetch(
        "SELECT * FROM community_merit WHERE member_id = $1 AND subject_id = $2"
        " AND (state = 'PAID' OR reason = ANY($3)) ORDER BY happened_at, kind, source_id",
        member_id,
        subject_id,
        list(reasons),
    )


async def said_before(
    tx: Tx, kind: str, member_id: UUID, *, since: datetime, length_min: int, limit: int
) -> list[str]:
    """The member's own latest texts of some length, those taken away included."""
    table = {"POST": "community_post", "COMMENT": "community_comment"}[kind]
    rows = await tx.fetch(
        f"SELECT body FROM {table} WHERE member_id = $1 AND published_at >= $2"  # noqa: S608
        " AND length(body) >= $3 ORDER BY published_at DESC, id DESC LIMIT $4",
        member_id,
        since,
        length_min,
        limit,
    )
    return [row["body"] for row in rows]


async def earners(tx: Tx, member_ids: Sequence[UUID], since: str) -> dict[str, list[Any]]:
    """Tiers, and how often interactions have counted on days since then."""
    found = await tx.fetchjson(
        "SELECT json_build_object("
        "'tiers', (SELECT json_agg(json_build_object('member_id', member_id,"
        "  'tier_code', tier_code)) FROM standing WHERE member_id = ANY($1)),"
        "'usage', (SELECT json_agg(u) FROM usage u WHERE u.member_id = ANY($1)"
        "  AND u.code LIKE 'interaction:%' AND u.period >= $2))",
        list(member_ids),
        since,
    )
    return {name: rows or [] for name, rows in found.items()}


async def own(tx: Tx, member_id: UUID, subject_ids: Sequence[UUID]) -> list[Record]:
    """What a member's content has earned: each kind and state with its sums."""
    return await tx.fetch(
        "SELECT subject_id, kind, state, reason, count(*) AS count, sum(amount)::bigint AS amount,"
        " min(currency) AS currency FROM community_merit"
        " WHERE member_id = $1 AND subject_id = ANY($2) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        member_id,
        list(subject_ids),
    )
