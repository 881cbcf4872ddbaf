"""SQL for what is known of a member: all of it to be shown, or to be forgotten."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx
from db.queries.personal import CATALOGUE, WORDS, Fate

ROWS_AT_ONCE = 1_000
# Who was merged into a member, whoever was merged into those, and the member.
_PARTS = """
WITH RECURSIVE part AS (
  SELECT $1::uuid AS member_id
  UNION SELECT m.member_id FROM part p JOIN member m ON m.merged_into = p.member_id)
SELECT member_id FROM part ORDER BY member_id
"""
_FORGET_MEMBER = """
UPDATE member SET nickname = $3, external_id = NULL, email = NULL, phone = NULL, device_hash = NULL,
  birthday = NULL, birthday_set_at = NULL, birthday_changed_at = NULL, referral_code = '',
  timezone = 'UTC', next_timezone = NULL, timezone_changed_at = NULL,
  suspended_at = coalesce(suspended_at, $2), erased_at = coalesce(erased_at, $2)
WHERE member_id = ANY($1)
"""
# What waits to be told goes on without names and words; what was told is not told again.
_FORGET_EVENTS = """
DELETE FROM webhook_event e WHERE e.member_id = $1 AND e.type <> 'member.erased' AND NOT EXISTS (
  SELECT FROM webhook_delivery d WHERE d.member_id = e.member_id AND d.event_id = e.id
    AND d.state = 'WAITING')
"""
_STRIP_EVENTS = """
UPDATE webhook_event SET data = data - ARRAY['nickname', 'referralCode', 'reason', 'note', 'other']
WHERE member_id = $1 AND type <> 'member.erased'
"""
# What others did to content that stays is counted still.
_FORGET_JOBS = """
DELETE FROM job WHERE member_id = $1
  AND (kind NOT IN ('webhooks.send', 'community.receive') OR state IN ('done', 'dead'))
"""
# What the shop told and nobody looked at yet is looked at by nobody.
_REFUSE_EVENTS = """
UPDATE inbox i SET state = 'refused', waits_for = NULL, processed_at = m.erased_at
FROM member m WHERE m.member_id = $1 AND i.member_id = $1 AND i.state IN ('new', 'parked')
"""
# Others were told of a merge by name.
_UNNAME = """
UPDATE notification SET facts = facts || '{"other": ""}'
WHERE template = 'members_merged' AND member_id IN (
  SELECT member_id FROM merge WHERE absorbed_id = $1
  UNION SELECT absorbed_id FROM merge WHERE member_id = $1)
"""


async def parts(tx: Tx, member_id: UUID) -> list[UUID]:
    """The member and everybody who is part of them, in the order of their ids."""
    return [row["member_id"] for row in await tx.fetch(_PARTS, member_id)]


async def customer_ids(tx: Tx, member_ids: Sequence[UUID]) -> list[str]:
    rows = await tx.fetch(
        "SELECT external_id FROM member WHERE member_id = ANY($1) AND external_id IS NOT NULL"
        " ORDER BY 1",
        list(member_ids),
    )
    return [row["external_id"] for row in rows]


async def password_hashes(tx: Tx, member_ids: Sequence[UUID]) -> list[str]:
    rows = await tx.fetch(
        "SELECT password_hash FROM credential WHERE member_id = ANY($1) ORDER BY member_id",
        list(member_ids),
    )
    return [row["password_hash"] for row in rows]


async def erasure(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM erasure WHERE member_id = $1", member_id)


async def journal(
    tx: Tx, since: datetime, after: UUID | None, until: datetime, *, limit: int
) -> list[Record]:
    """Erasures by time, from one on; `after` of that very instant."""
    return await tx.fetch(
        "SELECT * FROM erasure WHERE erased_at <= $3 AND (erased_at > $1 OR erased_at = $1"
        " AND ($2::uuid IS NULL OR member_id > $2)) ORDER BY erased_at, member_id LIMIT $4",
        since,
        after,
        until,
        limit,
    )


async def unknown(tx: Tx, member_ids: Sequence[UUID]) -> list[UUID]:
    """Those who aren't there."""
    rows = await tx.fetch(
        "SELECT id FROM unnest($1::uuid[]) AS asked (id)"
        " WHERE NOT EXISTS (SELECT FROM member WHERE member_id = asked.id)",
        list(member_ids),
    )
    return [row["id"] for row in rows]


async def coupons(tx: Tx, member_id: UUID) -> list[Record]:
    return await tx.fetch("SELECT * FROM coupon WHERE member_id = $1 ORDER BY id", member_id)


async def forget_member(tx: Tx, member_ids: Sequence[UUID], name: str, *, now: datetime) -> None:
    """Let who they are be gone, from now on and for ever; processes will hear of it."""
    ids = list(member_ids)
    await tx.execute(_FORGET_MEMBER, ids, now, name)
    await tx.execute("UPDATE standing SET retention_at = NULL WHERE member_id = ANY($1)", ids)
    await tx.execute(
        "INSERT INTO alias SELECT id, coalesce(m.merged_into, id), nextval('alias_number'), true"
        " FROM unnest($1::uuid[]) AS asked (id) JOIN member m ON m.member_id = asked.id"
        " ON CONFLICT (member_id) DO UPDATE SET number = EXCLUDED.number, is_erased = true",
        ids,
    )


async def forget(tx: Tx, member_id: UUID) -> None:
    """Let go of all else that is theirs, as the catalogue says; for who was erased."""
    await tx.execute(_UNNAME, member_id)
    await tx.execute(_REFUSE_EVENTS, member_id)
    await tx.execute(_FORGET_EVENTS, member_id)
    await tx.execute(_STRIP_EVENTS, member_id)
    await tx.execute(_FORGET_JOBS, member_id)
    for table in reversed(CATALOGUE):
        kept = CATALOGUE[table]
        if kept.fate == Fate.DELETE or table == "notification":
            await erase(tx, table, member_id, None)
        elif kept.fate == Fate.BLANK:
            await erase(tx, table, member_id, kept.blanks)


async def forget_content(tx: Tx, member_id: UUID) -> None:
    """What was said says nothing any more."""
    await erase(tx, "community_post", member_id, {"body": WORDS, "images": [], "skus": []})
    await erase(tx, "community_comment", member_id, {"body": WORDS})


async def erase(tx: Tx, table: str, member_id: UUID, blanks: dict[str, Any] | None) -> int:
    """Rows of who was erased end, or lose these columns; how many."""
    given = None if blanks is None else orjson.dumps(blanks).decode()
    return await tx.fetchval("SELECT erase_rows($1, $2, $3)", table, member_id, given)


async def rows(tx: Tx, table: str, member_ids: Sequence[UUID]) -> AsyncIterator[list[str]]:
    """What an export shows of a table, as JSON, some rows at a time, within one transaction."""
    kept = CATALOGUE[table]
    hidden = ", ".join(f"'{column}'" for column in kept.hides)
    listed = ", ".join(f"'{UUID(int=member_id.int)}'" for member_id in member_ids)
    shown = f"to_jsonb(t) - ARRAY[{hidden}]::text[]"
    if kept.hides_inputs:
        names = ", ".join(f"'{name}'" for name in kept.hides_inputs)
        shown += f" || jsonb_build_object('inputs', t.inputs - ARRAY[{names}])"
    await tx.execute(
        f"DECLARE shown NO SCROLL CURSOR FOR SELECT {shown}"  # noqa: S608
        f" FROM {table} t WHERE member_id = ANY(ARRAY[{listed}]::uuid[]) ORDER BY {kept.by}"
    )
    while found := await tx.fetch(f"FETCH {ROWS_AT_ONCE} FROM shown"):
        yield [row[0] for row in found]
    await tx.execute("CLOSE shown")
