"""SQL that adds what two members did, and parts it again: limits, tasks, contests."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from db.connection import Tx
from db.queries.merging.rows import drop


async def add_usage(tx: Tx, source: UUID, target: UUID) -> None:
    """Add what the one has used of limits to what the other has."""
    await tx.execute(
        "INSERT INTO usage SELECT $2, code, period, amount FROM usage WHERE member_id = $1"
        " ON CONFLICT (member_id, code, period)"
        " DO UPDATE SET amount = usage.amount + EXCLUDED.amount",
        source,
        target,
    )


async def subtract_usage(tx: Tx, source: UUID, target: UUID) -> None:
    """Undo `add_usage`; what the one used was not changed meanwhile."""
    await tx.execute(
        "UPDATE usage u SET amount = greatest(0, u.amount - s.amount) FROM usage s"
        " WHERE u.member_id = $2 AND s.member_id = $1 AND s.code = u.code AND s.period = u.period",
        source,
        target,
    )


async def settle_tasks(tx: Tx, source: UUID, target: UUID) -> list[Record]:
    """End rows of the target that the source has, too, with the reward paid or about to be.

    What is left of them, to be kept by `count_rewards`: how often they had been paid.
    """
    rows = await tx.fetch(
        "SELECT t.task, t.period, t.times_rewarded FROM task_progress t"
        " JOIN task_progress s USING (task, period) WHERE t.member_id = $2"
        " AND s.member_id = $1 AND s.state IN ('COMPLETED', 'REWARDED')"
        " AND (t.state IN ('OPEN', 'CLAIMABLE') OR t.state = 'COMPLETED' AND s.state = 'REWARDED')",
        source,
        target,
    )
    await drop(tx, "task_progress", target, source, [[row["task"], row["period"]] for row in rows])
    return rows


async def count_rewards(tx: Tx, member_id: UUID, counts: Sequence[Record]) -> None:
    for row in counts:
        await tx.execute(
            "UPDATE task_progress SET times_rewarded = greatest(times_rewarded, $4)"
            " WHERE member_id = $1 AND task = $2 AND period = $3",
            member_id,
            row["task"],
            row["period"],
            row["times_rewarded"],
        )


async def finish_tasks(tx: Tx, member_id: UUID, since: datetime) -> None:
    """Let targets that were reached since then stand for good."""
    await tx.execute(
        "UPDATE task_progress SET is_final = true WHERE member_id = $1 AND updated_at >= $2"
        " AND state IN ('COMPLETED', 'CLAIMABLE', 'REWARDED')",
        member_id,
        since,
    )


_OPEN = """
NOT EXISTS (SELECT FROM challenge_close c
  WHERE c.challenge = s.challenge AND c.closed_at IS NOT NULL)
"""
_HOLD_CLOSINGS = """
SELECT FROM challenge_close WHERE closed_at IS NULL ORDER BY challenge FOR SHARE
"""
_JOIN_ENTRIES = f"""
INSERT INTO challenge_entry SELECT r.* FROM challenge_entry s, LATERAL
  jsonb_populate_record(NULL::challenge_entry, to_jsonb(s)
    || jsonb_build_object('member_id', $2::uuid, 'updated_at', $3::timestamptz)) AS r
WHERE s.member_id = $1 AND {_OPEN}
ON CONFLICT (member_id, challenge) DO UPDATE
SET milestone = greatest(challenge_entry.milestone, EXCLUDED.milestone),
  joined_at = least(challenge_entry.joined_at, EXCLUDED.joined_at),
  version = challenge_entry.version + 1, updated_at = $3
"""  # noqa: S608  constants of this module
_LEAVE_BOARDS = f"""
UPDATE challenge_entry s SET ranks = false, version = version + 1, updated_at = $2
WHERE s.member_id = $1 AND s.ranks AND {_OPEN}
"""  # noqa: S608  constants of this module
_COPY_RESULTS = """
INSERT INTO challenge_result SELECT r.* FROM challenge_result s, LATERAL
  jsonb_populate_record(NULL::challenge_result, to_jsonb(s)
    || jsonb_build_object('member_id', $2::uuid)) AS r
WHERE s.member_id = $1 ON CONFLICT DO NOTHING
"""


async def join_entries(tx: Tx, source: UUID, target: UUID, now: datetime) -> None:
    """Let one entry in each open challenge take part; milestones that either was paid are paid.

    Ranks that are being fixed are waited for.
    """
    await tx.execute(_HOLD_CLOSINGS)
    await tx.execute(_JOIN_ENTRIES, source, target, now)
    await tx.execute(_LEAVE_BOARDS, source, now)
    await tx.execute(_COPY_RESULTS, source, target)
