"""Who is part of this member now?"""

from uuid import UUID

from db.connection import reader
from db.queries import merges as queries
from domain.merging.model import MergedMember


async def merged_from(member_id: UUID) -> list[MergedMember]:
    """Who was merged into the member and is part of them still, the last one first."""
    async with reader() as tx:
        rows = await queries.merged_from(tx, member_id)
    return [MergedMember(**row) for row in rows]
