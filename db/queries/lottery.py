"""SQL for rounds of lotteries, what they have given, and draws."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

# Closing a round changes no key, so that it waits for no draw; revealing its seed does.
_OPEN = """
SELECT * FROM lottery_round WHERE lottery = $1 AND closed_at IS NULL AND opens_at <= $2
  AND (closes_at IS NULL OR closes_at > $2) FOR KEY SHARE
"""
_PUT_TALLY = """
WITH spent AS (UPDATE lottery_tally SET spent_minor = $3 WHERE lottery = $1 AND number = $2)
UPDATE lottery_stock SET given = now.given
FROM unnest($4::text[], $5::bigint[]) AS now (prize, given)
WHERE lottery_stock.lottery = $1 AND lottery_stock.number = $2 AND lottery_stock.prize = now.prize
"""
_LATEST = """
SELECT DISTINCT ON (lottery) * FROM lottery_round WHERE lottery = ANY($1)
ORDER BY lottery, number DESC
"""
_ADD = """
WITH round AS (INSERT INTO lottery_round (lottery, number, programme_version, seed, commitment,
    opens_at, closes_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
  RETURNING lottery, number),
tally AS (INSERT INTO lottery_tally SELECT lottery, number, $8, 0 FROM round)
INSERT INTO lottery_stock SELECT lottery, number, prize, stock, cost, 0 FROM round,
  unnest($9::text[], $10::bigint[], $11::bigint[]) AS limited (prize, stock, cost)
"""


async def open_round(tx: Tx, lottery: str, at: datetime) -> Record | None:
    """The round that may be drawn in at `at`; its seed stays secret until this transaction ends."""
    return await tx.fetchrow(_OPEN, lottery, at)


async def last_nonce(tx: Tx, member_id: UUID, lottery: str, round_: int) -> int:
    """How often a locked member has drawn in this round."""
    return await tx.fetchval(
        "SELECT coalesce(max(nonce), 0) FROM draw"
        " WHERE member_id = $1 AND lottery = $2 AND round = $3 AND drawn_by IS NULL",
        member_id,
        lottery,
        round_,
    )


async def lock_tally(tx: Tx, lottery: str, number: int) -> tuple[int, dict[str, int]]:
    """What the round has spent and given of what is limited; others wait until we are done."""
    spent = await tx.fetchval(
        "SELECT spent_minor FROM lottery_tally WHERE lottery = $1 AND number = $2 FOR UPDATE",
        lottery,
        number,
    )
    return spent, await given(tx, lottery, number)


async def given(tx: Tx, lottery: str, number: int) -> dict[str, int]:
    """How many of each limited prize a round has given."""
    rows = await tx.fetch(
        "SELECT prize, given FROM lottery_stock WHERE lottery = $1 AND number = $2", lottery, number
    )
    return {row["prize"]: row["given"] for row in rows}


async def put_tally(
    tx: Tx, lottery: str, number: int, *, spent_minor: int, given: Mapping[str, int]
) -> None:
    await tx.execute(_PUT_TALLY, lottery, number, spent_minor, [*given], [*given.values()])


async def add_round(
    tx: Tx,
    row: Mapping[str, Any],
    *,
    budget_minor: int,
    limited: Sequence[tuple[str, int | None, int]],
) -> None:
    """Open a round, unless one of that number or another open one is there.

    `limited`: of prizes that may be exhausted the code, stock and cost.
    """
    await tx.execute(
        _ADD,
        *(row["lottery"], row["number"], row["programme_version"], row["seed"]),
        *(row["commitment"], row["opens_at"], row["closes_at"], budget_minor),
        *([entry[place] for entry in limited] for place in range(3)),
    )


async def latest_rounds(tx: Tx, lotteries: Sequence[str]) -> list[Record]:
    """The newest round of each."""
    return await tx.fetch(_LATEST, list(lotteries))


async def open_rounds(tx: Tx) -> list[Record]:
    return await tx.fetch("SELECT * FROM lottery_round WHERE closed_at IS NULL")


async def unrevealed(tx: Tx) -> list[Record]:
    """Rounds that are closed and whose seed isn't told yet."""
    return await tx.fetch(
        "SELECT lottery, number FROM lottery_round"
        " WHERE closed_at IS NOT NULL AND revealed_at IS NULL"
    )


async def close(tx: Tx, lottery: str, number: int, *, at: datetime, by: str) -> None:
    """From now on nobody begins to draw in it; closing it again changes nothing."""
    await tx.execute(
        "UPDATE lottery_round SET closed_at = $3, closed_by = $4"
        " WHERE lottery = $1 AND number = $2 AND closed_at IS NULL",
        lottery,
        number,
        at,
        by,
    )


async def reveal(tx: Tx, lottery: str, number: int, *, at: datetime) -> None:
    """Tell the seed, once every draw that had begun before the round closed has ended."""
    await tx.execute(
        "SELECT FROM lottery_round WHERE lottery = $1 AND number = $2 FOR UPDATE", lottery, number
    )
    await tx.execute(
        "UPDATE lottery_round SET revealed_at = greatest($3, closed_at)"
        " WHERE lottery = $1 AND number = $2 AND closed_at IS NOT NULL AND revealed_at IS NULL",
        lottery,
        number,
        at,
    )


async def rounds(tx: Tx, lottery: str, *, before: int | None, limit: int) -> list[Record]:
    """Rounds of a lottery, the newest first, those numbered below `before`."""
    return await tx.fetch(
        "SELECT * FROM lottery_round WHERE lottery = $1 AND ($2::integer IS NULL OR number < $2)"
        " ORDER BY number DESC LIMIT $3",
        lottery,
        before,
        limit,
    )


async def rounds_of(tx: Tx, asked: Sequence[tuple[str, int]]) -> list[Record]:
    """Rounds by lottery and number."""
    return await tx.fetch(
        "SELECT r.* FROM unnest($1::text[], $2::integer[]) AS asked (lottery, number)"
        " JOIN lottery_round r USING (lottery, number)",
        [lottery for lottery, _ in asked],
        [number for _, number in asked],
    )


async def draw(tx: Tx, member_id: UUID, draw_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM draw WHERE member_id = $1 AND id = $2", member_id, draw_id
    )


async def draws(tx: Tx, member_id: UUID, *, before: UUID | None, limit: int) -> list[Record]:
    """A member's draws, newest first, those older than `before`."""
    return await tx.fetch(
        "SELECT * FROM draw WHERE member_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        member_id,
        before,
        limit,
    )


async def draws_of(tx: Tx, member_id: UUID, redemption_ids: Sequence[UUID]) -> list[Record]:
    """The draws of these redemptions, in the order in which they were made."""
    return await tx.fetch(
        "SELECT * FROM draw WHERE member_id = $1 AND redemption_id = ANY($2) ORDER BY nonce, id",
        member_id,
        list(redemption_ids),
    )
