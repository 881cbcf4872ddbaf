"""What waits for a second of the staff, and what did they do?"""

from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import staff as queries
from domain.staff import steps
from domain.staff.model import Proposal, StaffAct, State
from domain.staff.rules import person_of
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size


async def proposal(proposal_id: UUID) -> Proposal:
    """Refuses NOT_FOUND."""
    async with reader() as tx:
        return await steps.proposed(tx, proposal_id)


async def proposals(
    state: State, *, now: datetime, first: int = 20, after: str | None = None
) -> Page[Proposal]:
    """Those in that state, the oldest first. Refuses INVALID_INPUT."""
    size = page_size(first)
    since = None if after is None else _id(after)
    async with reader() as tx:
        rows = await queries.proposals(tx, state, now, after=since, limit=size + 1)
    found = [Proposal(**row) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(str(one.id)) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


async def acts(
    actor: str | None, member_id: UUID | None, *, first: int = 20, after: str | None = None
) -> Page[StaffAct]:
    """Of one person, about one member, or all; the newest first. Refuses INVALID_INPUT."""
    size = page_size(first)
    before = None if after is None else _place(after)
    person = None if actor is None else person_of(actor)
    async with reader() as tx:
        rows = await queries.acts(tx, person, member_id, before=before, limit=size + 1)
    found = [StaffAct(**row) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(act.recorded_at.isoformat(), act.person, act.seq) for act in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


def _id(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise foreign_cursor() from None


def _place(cursor: str) -> tuple[datetime, str, int]:
    at, person, seq = decode_cursor(cursor, str, str, int)
    try:
        found = datetime.fromisoformat(str(at))
    except ValueError:
        raise foreign_cursor() from None
    if found.tzinfo is None or not isinstance(seq, int) or not 0 < seq < 2**63:
        raise foreign_cursor()
    return found, str(person), seq
