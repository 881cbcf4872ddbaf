"""SQL for seats of meetups, and who has or wants one."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_TAKE = """
WITH before AS (SELECT taken, waiting FROM meetup_tally WHERE meetup = $1 FOR UPDATE)
UPDATE meetup_tally AS t SET last_position = t.last_position + 1,
  taken = t.taken + CASE WHEN b.waiting = 0 AND b.taken < $2 THEN 1 ELSE 0 END,
  waiting = t.waiting + CASE WHEN b.waiting = 0 AND b.taken < $2 THEN 0 ELSE 1 END
FROM before b WHERE t.meetup = $1
RETURNING b.waiting = 0 AND b.taken < $2 AS is_seated, t.last_position AS position
"""
_SHOWN = """
SELECT asked.meetup, coalesce(t.taken, 0) AS taken, coalesce(t.waiting, 0) AS waiting,
  to_jsonb(s) AS mine, (SELECT count(*) FROM meetup_sign_up o WHERE s.state = 'WAITING'
    AND o.meetup = s.meetup AND o.state = 'WAITING' AND o.position <= s.position) AS place
FROM unnest($2::text[]) AS asked (meetup)
LEFT JOIN meetup_tally t USING (meetup)
LEFT JOIN meetup_sign_up s ON s.member_id = $1 AND s.meetup = asked.meetup
"""


class Seat(NamedTuple):
    """Whether there was one, and the place in the order in which members asked."""

    is_seated: bool
    position: int


async def place_in_line(tx: Tx, meetup: str, position: int) -> int:
    """Who waits at or before that position."""
    return await tx.fetchval(
        "SELECT count(*) FROM meetup_sign_up"
        " WHERE meetup = $1 AND state = 'WAITING' AND position <= $2",
        meetup,
        position,
    )


async def take(tx: Tx, meetup: str, capacity: int) -> Seat:
    """Take a seat, or stand in line behind those who wait; locks the tally until the end."""
    await tx.execute(
        "INSERT INTO meetup_tally (meetup, taken, waiting, last_position) VALUES ($1, 0, 0, 0)"
        " ON CONFLICT (meetup) DO NOTHING",
        meetup,
    )
    row = await tx.fetchrow(_TAKE, meetup, capacity)
    assert row is not None
    return Seat(row["is_seated"], row["position"])


async def leave(tx: Tx, meetup: str, *, was_seated: bool) -> None:
    """Give the seat back, or leave the line."""
    column = "taken" if was_seated else "waiting"
    await tx.execute(
        f"UPDATE meetup_tally SET {column} = {column} - 1 WHERE meetup = $1",  # noqa: S608
        meetup,
    )


async def move_up(tx: Tx, meetup: str, capacity: int) -> bool:
    """Give a free seat to one who waits; whether there was one."""
    count = await tx.execute(
        "UPDATE meetup_tally SET taken = taken + 1, waiting = waiting - 1"
        " WHERE meetup = $1 AND taken < $2 AND waiting > 0",
        meetup,
        capacity,
    )
    return count == 1


async def sign_up(tx: Tx, member_id: UUID, meetup: str) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM meetup_sign_up WHERE member_id = $1 AND meetup = $2", member_id, meetup
    )


async def of_ticket(tx: Tx, ticket: str) -> Record | None:
    """Member and meetup of a ticket."""
    return await tx.fetchrow(
        "SELECT member_id, meetup FROM meetup_ticket WHERE ticket = $1", ticket
    )


async def first_in_line(tx: Tx, meetup: str, capacity: int) -> UUID | None:
    """Who waits longest, if there is a free seat."""
    return await tx.fetchval(
        "SELECT s.member_id FROM meetup_sign_up s JOIN meetup_tally t USING (meetup)"
        " WHERE s.meetup = $1 AND s.state = 'WAITING' AND t.taken < $2"
        " ORDER BY s.position LIMIT 1",
        meetup,
        capacity,
    )


async def coming(tx: Tx, meetups: Sequence[str], limit: int) -> list[tuple[UUID, str]]:
    """Who has a seat or waits for one, and where; some of them."""
    rows = await tx.fetch(
        "SELECT member_id, meetup FROM meetup_sign_up WHERE meetup = ANY($1)"
        " AND state IN ('SEATED', 'WAITING') ORDER BY meetup, position, member_id LIMIT $2",
        list(meetups),
        limit,
    )
    return [(row["member_id"], row["meetup"]) for row in rows]


async def shown(tx: Tx, viewer_id: UUID | None, meetups: Sequence[str]) -> list[Record]:
    """Seats taken and wanted of each, the viewer's own sign-up (JSON), their place in line."""
    return await tx.fetch(_SHOWN, viewer_id, list(meetups))


async def list_of(tx: Tx, meetup: str, *, after: tuple[int, UUID], limit: int) -> list[Record]:
    """All sign-ups of a meetup with the members' names, in the order in which they asked."""
    return await tx.fetch(
        "SELECT s.*, m.nickname FROM meetup_sign_up s JOIN member m USING (member_id)"
        " WHERE s.meetup = $1 AND (s.position, s.member_id) > ($2::bigint, $3::uuid)"
        " ORDER BY s.position, s.member_id LIMIT $4",
        meetup,
        *after,
        limit,
    )
