"""Who are the two, and may anything stand between them?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db import rows
from db.connection import Tx
from db.queries import members as member_queries
from db.queries import merges as queries
from domain.checkouts import steps as checkouts
from domain.coupons import steps as coupons
from domain.ledger.steps import open_desks, post
from domain.members.errors import MemberErased
from domain.members.model import Member
from domain.merging.model import Asked, MergeRow, Party
from kit.errors import NotFound
from kit.ids import global_id


async def locked(tx: Tx, asked: Asked) -> tuple[Member, Member]:
    """The survivor and the absorbed, merged before or not, locked in the order of their ids.

    Refuses NOT_FOUND, also of who was erased.
    """
    in_order = sorted((asked.survivor_id, asked.absorbed_id))
    await member_queries.lock_all(tx, in_order)
    found = {row["member_id"]: Member(**row) for row in await member_queries.by_ids(tx, in_order)}
    if len(found) != len(in_order):
        raise NotFound("member")
    if any(member.erased_at is not None for member in found.values()):
        raise MemberErased
    return found[asked.survivor_id], found[asked.absorbed_id]


async def let_lapse(tx: Tx, members: Sequence[Member], now: datetime) -> None:
    """End the holds and checkouts of these members whose time is over, though nobody looked yet."""
    desks = await open_desks(tx, members, now)
    for desk in desks:
        await checkouts.lapse_due(tx, desk, await coupons.held(tx, desk.member.member_id))
    await post(tx, *desks)


async def parties(tx: Tx, members: Sequence[Member]) -> list[Party]:
    reserved = await have_reserved(tx, [member.member_id for member in members])
    return [
        Party(
            member,
            global_id("Member", member.member_id),
            survivor_id=member.merged_into and global_id("Member", member.merged_into),
            is_reserved=member.member_id in reserved,
            last_merge=await queries.last_merge_into(tx, member.member_id),
        )
        for member in members
    ]


async def have_reserved(tx: Tx, member_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these members for whom points or coupons are set aside: holds, open checkouts."""
    return await queries.holding(tx, member_ids)


async def merge_of(tx: Tx, absorbed_id: UUID) -> MergeRow | None:
    """The merge by which the member is another now."""
    row = await queries.open_merge(tx, absorbed_id)
    return None if row is None else rows.read(MergeRow, row)


async def member_of(tx: Tx, member_id: UUID) -> Member | None:
    """As they are, without a lock, merged or not."""
    rows_ = await member_queries.by_ids(tx, [member_id])
    return Member(**rows_[0]) if rows_ else None
