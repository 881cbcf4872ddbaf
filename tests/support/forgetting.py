"""What do tests of privacy do? A member is erased, and what they had is looked for everywhere."""

from collections.abc import Iterable
from datetime import datetime

from db.connection import reader
from domain.members.errors import MemberErased
from domain.members.model import Member
from domain.privacy.model import Asked, Content, Erasure, Reason
from domain.privacy.operations import erase, forget_late
from tests.support.merging import sound
from tests.support.working import claim_due, do
from tests.support.world import NOW

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def asked(content: Content = Content.DELETE, request_id: str = "ticket-1") -> Asked:
    return Asked("ada@shop", Reason.REQUEST, request_id, content)


async def forgotten(
    member: Member, *, content: Content = Content.DELETE, at: datetime = NOW
) -> Erasure:
    """Erase, and have the books audited after it."""
    erased = await erase(member.member_id, asked(content), now=at)
    await sound(at)
    return erased


async def worked(at: datetime) -> list[str]:
    """Do the work that is due as a worker does: what is for who was erased is forgotten with them.

    The kinds of that.
    """
    dropped: list[str] = []
    while claims := await claim_due(at):
        for claim in claims:
            try:
                await do(claim, at)
            except MemberErased:
                dropped.append(claim.kind)
                await forget_late(claim.member_id)
    return dropped


async def holding(*words: str) -> dict[str, set[str]]:
    """By table, which of these words stand anywhere in its rows."""
    found: dict[str, set[str]] = {}
    async with reader() as tx:
        for table in [row["tablename"] for row in await tx.fetch(_TABLES)]:
            rows = await tx.fetch(
                f"SELECT word FROM unnest($1::text[]) AS word WHERE EXISTS"  # noqa: S608
                f" (SELECT FROM {table} t WHERE strpos(t::text, word) > 0"
                f" OR strpos(to_jsonb(t)::text, word) > 0)",
                list(words),
            )
            if rows:
                found[table] = {row["word"] for row in rows}
    return found


def within(text: str, words: Iterable[str]) -> set[str]:
    return {word for word in words if word in text}
