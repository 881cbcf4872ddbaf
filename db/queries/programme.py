"""SQL for programme versions."""

from datetime import datetime
from typing import Any

import orjson

from db.connection import Tx


async def versions_after(tx: Tx, version: int) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        "SELECT * FROM programme_version WHERE version > $1 ORDER BY version", version
    )
    return [{**row, "document": orjson.loads(row["document"])} for row in rows]


async def lock_versions(tx: Tx) -> int:
    """Serialise publishing; the newest version's number, 0 where there is none."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('programme_version', 0))")
    return await tx.fetchval("SELECT coalesce(max(version), 0) FROM programme_version")


async def insert_version(  # noqa: PLR0913  the table's columns
    tx: Tx,
    *,
    version: int,
    digest: str,
    document: dict[str, Any],
    effective_from: datetime,
    published_at: datetime,
    published_by: str,
) -> None:
    await tx.execute(
        "INSERT INTO programme_version VALUES ($1, $2, $3, $4, $5, $6)",
        version,
        digest,
        orjson.dumps(document).decode(),
        effective_from,
        published_at,
        published_by,
    )


async def tiers_held(tx: Tx) -> list[str]:
    """Codes of the tiers that members are on, have earned, or would fall back or recover to."""
    rows = await tx.fetch(
        "SELECT tier_code FROM standing UNION SELECT earned_tier FROM standing UNION"
        " SELECT period ->> 'tier_code' FROM standing, jsonb_array_elements(former) AS period UNION"
        " SELECT recovery ->> 'tier_code' FROM standing WHERE recovery IS NOT NULL UNION"
        " SELECT floor ->> 'tier_code' FROM standing WHERE floor IS NOT NULL"
    )
    return sorted(row["tier_code"] for row in rows)
