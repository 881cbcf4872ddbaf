"""How is who was erased erased again after a restore?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import privacy as queries
from domain.merging.steps import people
from domain.privacy.model import Asked, Content, Erasure, Reason, Replayed
from domain.privacy.operations.erasing import erase
from kit.errors import Refusal


async def replay(lines: Sequence[Erasure], *, now: datetime) -> Replayed:
    """Erase again who had been erased before the database was restored; safe to repeat.

    What is refused (a checkout is open in the restored state) is told, and done by a later run.
    """
    erased = already = 0
    refused: dict[UUID, str] = {}
    async with reader() as tx:
        unknown = set(await queries.unknown(tx, [line.member_id for line in lines]))
    for line in lines:
        if line.member_id in unknown:
            continue
        asked = Asked(line.erased_by, Reason(line.reason), line.request_id, Content(line.content))
        try:
            survivor_id = await _survivor(line.member_id)
            is_new = (await erase(survivor_id, asked, now=now)).erased_at == now
        except Refusal as refusal:
            refused[line.member_id] = refusal.code
        else:
            erased, already = erased + is_new, already + (not is_new)
    return Replayed(erased, already, len(unknown), refused)


async def _survivor(member_id: UUID) -> UUID:
    async with reader() as tx:
        while (found := await people.member_of(tx, member_id)) is not None:
            if found.merged_into is None:
                break
            member_id = found.merged_into
    return member_id
