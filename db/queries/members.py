"""SQL for members, the directories that find them, and the keys of services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx

# Each directory's key decides who of several was first; a later one waits here for the first one's
# commit. Sorted, so that two batches meet in one order.
_CLAIM = """
WITH asked AS (
  SELECT * FROM json_to_recordset($1) AS a
    (member_id uuid, external_id text, email text, phone text, referral_code text)
), known AS (
  INSERT INTO external_id
  SELECT external_id, member_id FROM asked WHERE external_id IS NOT NULL ORDER BY external_id
  ON CONFLICT DO NOTHING RETURNING member_id
), entering AS (
  SELECT * FROM asked WHERE external_id IS NULL OR member_id IN (SELECT member_id FROM known)
), reached AS (
  INSERT INTO contact
  SELECT c.kind, c.value, e.member_id
  FROM entering e, LATERAL (VALUES ('email', e.email), ('phone', e.phone)) AS c (kind, value)
  WHERE c.value IS NOT NULL ORDER BY c.kind, c.value
  ON CONFLICT DO NOTHING RETURNING member_id, kind
), coded AS (
  INSERT INTO referral_code SELECT referral_code, member_id FROM entering ORDER BY referral_code
  ON CONFLICT DO NOTHING RETURNING member_id
)
SELECT e.member_id, bool_or(r.kind = 'email') AS email, bool_or(r.kind = 'phone') AS phone,
  count(c.member_id) > 0 AS coded
FROM entering e LEFT JOIN reached r USING (member_id) LEFT JOIN coded c USING (member_id)
GROUP BY e.member_id
"""
_SEARCH = """
SELECT * FROM member
WHERE ($1::uuid IS NULL OR member_id < $1)
  AND merged_into IS NULL AND erased_at IS NULL
  AND ($2 = '' OR starts_with(lower(nickname), lower($2)) OR external_id = $2
       OR referral_code = upper($2) OR email = $3 OR phone = $3
       OR member_id IN (SELECT a.merged_into FROM member a WHERE a.merged_into IS NOT NULL
         AND (a.external_id = $2 OR a.referral_code = upper($2) OR a.email = $3 OR a.phone = $3)))
ORDER BY member_id DESC LIMIT $4
"""


async def claim(tx: Tx, members: Sequence[object]) -> list[Record]:
    """Put newcomers into the directories.

    A row for each whose customer id is theirs or who has none: whether `email`, `phone` and the
    referral code (`coded`) are theirs. Nobody else is claimed for at all.
    """
    return await tx.fetch(_CLAIM, orjson.dumps(members).decode())


async def claim_referral_code(tx: Tx, code: str, member_id: UUID) -> bool:
    return bool(
        await tx.execute(
            "INSERT INTO referral_code VALUES ($1, $2) ON CONFLICT DO NOTHING", code, member_id
        )
    )


async def lock(tx: Tx, member_id: UUID) -> Record | None:
    """The member's row, locked: whoever changes this member waits here."""
    return await tx.fetchrow(
        "SELECT * FROM member WHERE member_id = $1 FOR NO KEY UPDATE", member_id
    )


async def lock_all(tx: Tx, member_ids: Sequence[UUID]) -> None:
    """Lock members one by one, in this order, in one round trip; unknown ones are passed over."""
    if not member_ids:
        return
    await tx.script(
        *(
            f"SELECT FROM member WHERE member_id = '{UUID(int=member_id.int)}' FOR NO KEY UPDATE"
            for member_id in member_ids
        )
    )


async def by_ids(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch("SELECT * FROM member WHERE member_id = ANY($1)", list(member_ids))


async def by_external_ids(tx: Tx, external_ids: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Members by the id that was asked for: a merged one's leads to who they are now."""
    rows = await tx.fetch(
        "SELECT e.external_id AS asked, m.* FROM external_id e JOIN member m USING (member_id)"
        " WHERE e.external_id = ANY($1)",
        list(external_ids),
    )
    found = [dict(row) for row in rows]
    return [(row.pop("asked"), row) for row in found]


async def aliases_after(tx: Tx, number: int) -> list[Record]:
    """As whom merged members go on, as far as that was written after that number."""
    return await tx.fetch("SELECT * FROM alias WHERE number > $1 ORDER BY number", number)


async def by_contact(tx: Tx, kind: str, value: str) -> Record | None:
    return await tx.fetchrow(
        "SELECT m.* FROM contact c JOIN member m USING (member_id)"
        " WHERE c.kind = $1 AND c.value = $2",
        kind,
        value,
    )


async def password_hash(tx: Tx, member_id: UUID) -> str | None:
    return await tx.fetchval("SELECT password_hash FROM credential WHERE member_id = $1", member_id)


async def search(
    tx: Tx, text: str, contact: str | None, *, before: UUID | None, limit: int
) -> list[Record]:
    """Members, newest first, whose nickname begins with `text`, or whose id or contact it is.

    A merged member's id or contact is that of the member as whom they go on.
    """
    return await tx.fetch(_SEARCH, before, text, contact, limit)


async def make_wallets_due(tx: Tx, member_id: UUID, now: datetime) -> None:
    """Let what is pending be looked at now."""
    await tx.execute(
        "UPDATE wallet SET next_due_at = least(next_due_at, $2)"
        " WHERE member_id = $1 AND pending > 0",
        member_id,
        now,
    )


async def insert_api_key(
    tx: Tx, key_id: str, *, name: str, digest: str, scopes: Sequence[str], now: datetime
) -> None:
    await tx.execute(
        "INSERT INTO api_key VALUES ($1, $2, $3, $4, $5)", key_id, name, digest, scopes, now
    )


async def revoke_api_key(tx: Tx, key_id: str, now: datetime) -> Record | None:
    """The key, None for an unknown one; the first revocation's instant stays."""
    return await tx.fetchrow(
        "UPDATE api_key SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING *",
        key_id,
        now,
    )


async def touch_api_key(tx: Tx, key_id: str, *, now: datetime, unless_since: datetime) -> None:
    """Note that the key was used, unless that was noted at or after `unless_since`."""
    await tx.execute(
        "UPDATE api_key SET last_used_at = $2"
        " WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)",
        key_id,
        now,
        unless_since,
    )


async def active_api_key(tx: Tx, key_id: str) -> Record | None:
    return await tx.fetchrow("SELECT * FROM api_key WHERE id = $1 AND revoked_at IS NULL", key_id)


async def api_keys(tx: Tx) -> list[Record]:
    return await tx.fetch("SELECT * FROM api_key ORDER BY created_at DESC, id")
