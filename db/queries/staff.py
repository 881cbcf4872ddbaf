"""SQL for what staff did, one chain a person, and for what waits for a second of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx

# Makes the row where there is none, and locks it.
_LOCK_HEAD = """
INSERT INTO staff_head VALUES ($1, 0, $2, $3)
ON CONFLICT (person) DO UPDATE SET head = staff_head.head RETURNING *
"""
# Times of one person's acts never fall, so that the last of a time is the last by number.
_TOTAL = """
(SELECT alone_total FROM staff_act WHERE person = $1 AND unit = $2 AND alone_total IS NOT NULL{}
  ORDER BY recorded_at DESC, seq DESC LIMIT 1)
"""
_ALONE = (
    f"SELECT coalesce({_TOTAL.format('')}, 0) AS total,"
    f" coalesce({_TOTAL.format(' AND recorded_at <= $3')}, 0) AS before"
)
_ADD = """
WITH act AS (
  INSERT INTO staff_act SELECT * FROM jsonb_populate_record(NULL::staff_act, $1::text::jsonb)
  RETURNING person, seq, hash, recorded_at)
UPDATE staff_head h SET seq = act.seq, head = act.hash, acted_at = act.recorded_at
FROM act WHERE h.person = act.person
"""
_PROPOSE = """
INSERT INTO staff_proposal
SELECT * FROM jsonb_populate_record(NULL::staff_proposal, $1::text::jsonb)
"""
_PROPOSAL = "SELECT * FROM staff_proposal WHERE id = $1"
_LOCKED_PROPOSAL = "SELECT * FROM staff_proposal WHERE id = $1 FOR UPDATE"
_DECIDE = """
UPDATE staff_proposal SET state = $2, decided_by = $3, decided_at = $4, note = $5
WHERE id = $1 AND state = 'PENDING'
"""
# EXPIRED is a PENDING one whose time is over.
_PROPOSALS = """
SELECT * FROM staff_proposal
WHERE state = CASE $1 WHEN 'EXPIRED' THEN 'PENDING' ELSE $1 END
  AND ($1 <> 'PENDING' OR expires_at > $2) AND ($1 <> 'EXPIRED' OR expires_at <= $2)
  AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
"""
_ACTS = """
SELECT * FROM staff_act WHERE ($1::text IS NULL OR person = $1)
  AND ($2::uuid IS NULL OR member_id = $2)
  AND ($3::timestamptz IS NULL OR (recorded_at, person, seq) < ($3, $4, $5))
ORDER BY recorded_at DESC, person DESC, seq DESC LIMIT $6
"""


async def lock_head(tx: Tx, person: str, start: str, now: datetime) -> Record:
    """The end of the person's chain, nobody else's until the transaction ends."""
    row = await tx.fetchrow(_LOCK_HEAD, person, start, now)
    assert row is not None, "it was made where it was not"
    return row


async def alone(tx: Tx, person: str, unit: str, since: datetime) -> tuple[int, int]:
    """What they have done alone in all, and up to and with that instant."""
    row = await tx.fetchrow(_ALONE, person, unit, since)
    assert row is not None, "sums are a row"
    return row["total"], row["before"]


async def add_act(tx: Tx, act: Mapping[str, object]) -> None:
    await tx.execute(_ADD, _json(act))


async def add_proposal(tx: Tx, proposal: Mapping[str, object]) -> None:
    await tx.execute(_PROPOSE, _json(proposal))


async def proposal(tx: Tx, proposal_id: UUID, *, locked: bool = False) -> dict[str, Any] | None:
    return _read(await tx.fetchrow(_LOCKED_PROPOSAL if locked else _PROPOSAL, proposal_id))


async def proposal_of_key(tx: Tx, actor: str, verb: str, key: str) -> dict[str, Any] | None:
    return _read(
        await tx.fetchrow(
            "SELECT * FROM staff_proposal WHERE proposed_by = $1 AND verb = $2 AND key = $3",
            actor,
            verb,
            key,
        )
    )


async def decide(
    tx: Tx, proposal_id: UUID, state: str, *, by: str, at: datetime, note: str
) -> None:
    """Of one that is locked and waits."""
    await tx.execute(_DECIDE, proposal_id, state, by, at, note)


async def proposals(
    tx: Tx, state: str, now: datetime, *, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """The oldest first."""
    rows = await tx.fetch(_PROPOSALS, state, now, after, limit)
    return [found for row in rows if (found := _read(row)) is not None]


async def acts(
    tx: Tx,
    person: str | None,
    member_id: UUID | None,
    *,
    before: tuple[datetime, str, int] | None,
    limit: int,
) -> list[Record]:
    """The newest first."""
    at, whose, seq = before or (None, None, None)
    return await tx.fetch(_ACTS, person, member_id, at, whose, seq, limit)


async def heads(tx: Tx) -> dict[str, tuple[int, str]]:
    """Where each chain ends."""
    rows = await tx.fetch("SELECT person, seq, head FROM staff_head")
    return {row["person"]: (row["seq"], row["head"]) for row in rows}


async def acts_after(tx: Tx, place: tuple[str, int], limit: int) -> list[Record]:
    """In the order of person and number."""
    return await tx.fetch(
        "SELECT * FROM staff_act WHERE (person, seq) > ($1, $2) ORDER BY person, seq LIMIT $3",
        *place,
        limit,
    )


def _json(row: Mapping[str, object]) -> str:
    # Ids that were read are of the driver's own type.
    return orjson.dumps(row, default=str).decode()


def _read(row: Record | None) -> dict[str, Any] | None:
    return None if row is None else {**row, "terms": orjson.loads(row["terms"])}
