"""How do members go out with what they own, in the form in which they come in?"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transaction
from db.queries import imports as queries
from domain.imports.rules import exported
from domain.ledger.steps import open_desks
from domain.members.model import Member

MEMBERS_MAX = 200
_FIRST = UUID(int=0)


async def export(*, now: datetime) -> AsyncIterator[list[exported.Owner]]:
    """Every member with what they own at `now`, some at a time, all as of one instant.

    What is due is looked at as done, and nothing is written.
    """
    async with transaction() as tx:
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        after = _FIRST
        while rows := await queries.members_after(tx, after, limit=MEMBERS_MAX):
            after = rows[-1]["member_id"]
            yield await _owners(tx, [Member(**row) for row in rows], now)


async def _owners(tx: Tx, members: Sequence[Member], now: datetime) -> list[exported.Owner]:
    ids = [member.member_id for member in members]
    desks = await open_desks(tx, members, now)
    standings = {row["member_id"]: row for row in await queries.standings(tx, ids)}
    coupons: dict[UUID, list[exported.Unused]] = {member_id: [] for member_id in ids}
    for row in await queries.unused_coupons(tx, ids):
        coupons[row["member_id"]].append(
            exported.Unused(row["template"], row["code"], row["expires_at"])
        )
    return [
        exported.Owner(
            member=desk.member,
            books=desk.books,
            tier=exported.Stands(
                standings[desk.member.member_id]["earned_tier"],
                standings[desk.member.member_id]["period_opened_at"],
                standings[desk.member.member_id]["period_ends_at"],
            ),
            coupons=tuple(coupons[desk.member.member_id]),
        )
        for desk in desks
    ]
