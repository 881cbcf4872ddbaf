"""May one of the staff merge these two alone? What the absorbed has goes to somebody else by it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx
from db.queries import merges as queries
from domain.members.model import Member
from domain.merging.model import Asked
from domain.programme.views import Published
from domain.staff import steps as staff
from domain.staff.model import Act, Cleared, Deed, Unit
from domain.staff.rules import is_own
from kit.errors import Refusal


async def deeds_of(tx: Tx, caller: str, asked: Asked) -> list[Deed]:
    """What goes over, in points and in credit."""
    worth = await queries.worth(tx, asked.absorbed_id)
    members = [str(asked.survivor_id), str(asked.absorbed_id)]
    return [
        Deed(
            *(caller, Act.MERGE_MEMBERS, unit, worth.get(unit, 0), asked.key),
            terms={"members": members},
            member_id=asked.absorbed_id,
            reason=asked.reason,
        )
        for unit in (Unit.POINTS, Unit.CREDIT)
    ]


async def clear(
    tx: Tx, deeds: Sequence[Deed], survivor: Member, published: Published, *, now: datetime
) -> Cleared | Refusal:
    """Alone, by the word of a second, or proposed: APPROVAL_REQUIRED.

    What would come to the very one of the staff who asks needs a second, however little it is.
    """
    found = await staff.known(tx, deeds[0], now=now)
    if found is not None:
        return found
    names = (str(survivor.member_id), survivor.external_id, survivor.email)
    for deed in deeds:
        own = deed.amount > 0 and is_own(deed.actor, names)
        if own or not await staff.may_alone(tx, deed, published, now=now):
            return await staff.clear(tx, deed, published, now=now, is_own=own)
    return Cleared(is_alone=True)


async def note(
    tx: Tx, deeds: Sequence[Deed], cleared: Cleared, merge_id: UUID, version: int, *, now: datetime
) -> None:
    for deed in deeds:
        await staff.note_deed(tx, deed, cleared, merge_id, version, now=now)
