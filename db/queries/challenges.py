"""SQL for entries, boards, results and the names that boards show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_STATE = """
SELECT json_build_object(
  'entries', (SELECT json_agg(e) FROM challenge_entry e
    WHERE e.member_id = ANY($1) AND e.challenge = ANY($2)),
  'tiers', (SELECT json_agg(json_build_array(s.member_id, s.tier_code)) FROM standing s
    WHERE s.member_id = ANY($1)),
  'badges', (SELECT json_agg(json_build_array(b.member_id, b.code)) FROM badge b
    WHERE b.member_id = ANY($1)))
"""
_ORDER = "score DESC, reached_at, member_id"
_TOP = f"""
SELECT member_id, score FROM challenge_entry WHERE challenge = $1 AND ranks
ORDER BY {_ORDER} LIMIT $2
"""  # noqa: S608  constants of this module
_RANK = """
SELECT 1 + count(*) FROM challenge_entry
WHERE challenge = $1 AND ranks
  AND (score > $2 OR (score = $2 AND (reached_at, member_id) < ($3, $4)))
"""
_AFTER = """
SELECT * FROM challenge_entry WHERE challenge = $1 AND member_id > $2
ORDER BY member_id LIMIT $3
"""
_CHANGED = """
SELECT * FROM challenge_entry WHERE (updated_at, member_id) > ($1, $2)
ORDER BY updated_at, member_id LIMIT $3
"""
_NAMES = """
SELECT m.member_id, m.nickname, n.shown FROM member m LEFT JOIN leaderboard_name n USING (member_id)
WHERE m.member_id = ANY($1)
"""
_BEGIN = """
INSERT INTO challenge_close (challenge, programme_version, ends_at, begun_at)
VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
# A job that was due by the time at which all was told may still change a score.
_WAITS = """
WITH known AS (
  SELECT greatest($2, max(settles_at)) AS at FROM challenge_entry WHERE challenge = $1 AND ranks
)
SELECT at > $3 OR EXISTS (SELECT FROM job WHERE state IN ('ready', 'running')
  AND kind = ANY($4) AND run_at <= at) FROM known
"""
_WITHOUT_SUSPENDED = """
UPDATE challenge_entry e SET ranks = false, version = version + 1, updated_at = $2
FROM member m
WHERE e.challenge = $1 AND e.ranks AND m.member_id = e.member_id AND m.suspended_at IS NOT NULL
"""
_WINNERS = f"""
INSERT INTO challenge_result (member_id, challenge, rank, score, closed_at)
SELECT member_id, challenge, row_number() OVER (ORDER BY {_ORDER}), score, $3 FROM (
  SELECT * FROM challenge_entry WHERE challenge = $1 AND ranks ORDER BY {_ORDER} LIMIT $2) AS won
RETURNING member_id
"""  # noqa: S608  constants of this module


async def state(tx: Tx, member_ids: Sequence[UUID], codes: Sequence[str]) -> dict[str, Any]:
    """Entries in these challenges, the tier and the badges of each member."""
    return await tx.fetchjson(_STATE, list(member_ids), list(codes))


async def entry(tx: Tx, member_id: UUID, code: str) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM challenge_entry WHERE member_id = $1 AND challenge = $2", member_id, code
    )


async def entries(tx: Tx, member_id: UUID) -> list[Record]:
    return await tx.fetch("SELECT * FROM challenge_entry WHERE member_id = $1", member_id)


async def top(tx: Tx, code: str, count: int) -> list[Record]:
    """Who leads, first of all the first."""
    return await tx.fetch(_TOP, code, count)


async def rank(tx: Tx, code: str, score: int, reached_at: datetime, member_id: UUID) -> int:
    """Which place an entry with that score has."""
    return await tx.fetchval(_RANK, code, score, reached_at, member_id)


async def after(tx: Tx, code: str, member_id: UUID, limit: int) -> list[Record]:
    """Entries of a challenge, with a place or without, in the order of the members' ids."""
    return await tx.fetch(_AFTER, code, member_id, limit)


async def changed(tx: Tx, since: datetime, after: UUID, limit: int) -> list[Record]:
    """Entries that changed after that, the longest ago first."""
    return await tx.fetch(_CHANGED, since, after, limit)


async def names(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(_NAMES, list(member_ids))


async def closings(tx: Tx, codes: Sequence[str]) -> list[Record]:
    """How far the closing of these challenges has come; no row: it hasn't begun."""
    return await tx.fetch("SELECT * FROM challenge_close WHERE challenge = ANY($1)", list(codes))


async def closings_held(tx: Tx, codes: Sequence[str]) -> set[str]:
    """Which of these are closed; none of the others is, until this transaction ends."""
    rows = await tx.fetch(
        "SELECT challenge, closed_at FROM challenge_close WHERE challenge = ANY($1)"
        " ORDER BY challenge FOR SHARE",
        list(codes),
    )
    return {row["challenge"] for row in rows if row["closed_at"] is not None}


async def begin(
    tx: Tx, code: str, *, programme_version: int, ends_at: datetime, now: datetime
) -> bool:
    """Note that a challenge is over; whether that wasn't known."""
    return bool(await tx.execute(_BEGIN, code, programme_version, ends_at, now))


async def lock_closing(tx: Tx, code: str) -> Record | None:
    return await tx.fetchrow("SELECT * FROM challenge_close WHERE challenge = $1 FOR UPDATE", code)


async def waits(
    tx: Tx, code: str, *, told_by: datetime, now: datetime, kinds: Sequence[str]
) -> bool:
    """Whether a score of the board may still change: by an order or by a job of these kinds."""
    return await tx.fetchval(_WAITS, code, told_by, now, list(kinds))


async def close(tx: Tx, code: str, *, places: int, now: datetime) -> list[UUID]:
    """Fix the ranks; who has won."""
    await tx.execute(_WITHOUT_SUSPENDED, code, now)
    rows = await tx.fetch(_WINNERS, code, places, now)
    await tx.execute("UPDATE challenge_close SET closed_at = $2 WHERE challenge = $1", code, now)
    return [row["member_id"] for row in rows]


async def result(tx: Tx, member_id: UUID, code: str) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM challenge_result WHERE member_id = $1 AND challenge = $2", member_id, code
    )


async def shown(tx: Tx, member_id: UUID) -> str | None:
    """How the member has chosen to be shown on boards."""
    return await tx.fetchval("SELECT shown FROM leaderboard_name WHERE member_id = $1", member_id)
