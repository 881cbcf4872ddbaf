"""SQL by which the seats of two members are one member's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx

_GIVE_UP = """
WITH left_over AS (SELECT member_id, meetup, state FROM meetup_sign_up
  WHERE member_id = $1 AND state IN ('SEATED', 'WAITING')),
ended AS (UPDATE meetup_sign_up AS s SET state = 'CANCELLED', changed_at = $2 FROM left_over l
  WHERE s.member_id = l.member_id AND s.meetup = l.meetup)
UPDATE meetup_tally AS t SET
  taken = t.taken - CASE WHEN l.state = 'SEATED' THEN 1 ELSE 0 END,
  waiting = t.waiting - CASE WHEN l.state = 'WAITING' THEN 1 ELSE 0 END
FROM left_over l WHERE t.meetup = l.meetup
"""


async def point_tickets(tx: Tx, member_id: UUID, meetups: Sequence[str]) -> None:
    """Let the tickets of these meetups, which the member has now, be found with them."""
    await tx.execute(
        "UPDATE meetup_ticket AS t SET member_id = $1 FROM meetup_sign_up s"
        " WHERE s.member_id = $1 AND s.meetup = ANY($2) AND t.ticket = s.ticket",
        member_id,
        list(meetups),
    )


async def give_up_seats(tx: Tx, member_id: UUID, now: datetime) -> None:
    """Let nobody have two seats: the clock gives what stayed behind to who stands in line."""
    await tx.execute(_GIVE_UP, member_id, now)
