"""How does a member see all that is known of them?"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from db.connection import Tx, transaction
from db.queries import privacy as queries
from db.queries.personal import CATALOGUE
from domain.privacy.errors import ExportTooLarge
from kit.errors import NotFound
from kit.ids import global_id

FORMAT = 1
BYTES_MAX = 4 * 1024 * 1024
"""What is answered over the API; a larger export is written to a file by an operator."""


async def export(member_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Everything that concerns a member, as one document. Refuses NOT_FOUND, EXPORT_TOO_LARGE."""
    pieces: list[str] = []
    size = 0
    async for piece in written(member_id, now=now):
        size += len(piece)
        if size > BYTES_MAX:
            raise ExportTooLarge(BYTES_MAX)
        pieces.append(piece)
    return orjson.loads("".join(pieces))


async def written(member_id: UUID, *, now: datetime) -> AsyncIterator[str]:
    """The same document as text, however large, a piece at a time; as of one instant.

    A section for each kind of rows, in the words of `db.queries.personal`: times are ISO 8601 with
    their offset, amounts are whole points or minor units, ids are as they are kept. What other
    members did or are is left out, and so are secrets and what is derived from them. Who was merged
    into the member is part of it. Refuses NOT_FOUND.
    """
    async with transaction() as tx:
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        who = await queries.parts(tx, member_id)
        if await queries.unknown(tx, [member_id]):
            raise NotFound("member")
        head = {
            "format": FORMAT,
            "member": global_id("Member", member_id),
            "exportedAt": now.isoformat(),
        }
        yield orjson.dumps(head).decode()[:-1] + ',"sections":{'
        for number, table in enumerate(CATALOGUE):
            yield f'{"," if number else ""}"{CATALOGUE[table].section}":['
            async for piece in _rows(tx, table, who):
                yield piece
            yield "]"
        yield "}}"


async def _rows(tx: Tx, table: str, who: list[UUID]) -> AsyncIterator[str]:
    comma = ""
    async for rows in queries.rows(tx, table, who):
        yield comma + ",".join(rows)
        comma = ","
