"""What do tests of merging do? Two members become one and are parted, with the books sound."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.worker import HANDLERS
from db.connection import reader
from domain.ledger.operations import audit
from domain.members.model import Member
from domain.merging.model import Asked, Outcome
from domain.merging.operations import merge, unmerge
from kit.ids import new_id
from tests.support.value import wallet
from tests.support.world import NOW
from workers.runner import Runner

STAFF = "staff:1"
_DUE = "SELECT kind, member_id, id FROM job WHERE state = 'ready' AND run_at <= $1"
Balances = dict[str, tuple[int, int, int]]


def asked(survivor: Member, absorbed: Member, *, key: str | None = None) -> Asked:
    return Asked(survivor.member_id, absorbed.member_id, "one person", key or str(new_id()))


async def merged(survivor: Member, absorbed: Member, *, at: datetime = NOW) -> Outcome:
    """Merge, and have the books audited after it."""
    outcome = await merge(STAFF, asked(survivor, absorbed), now=at)
    await sound(at)
    return outcome


async def parted(survivor: Member, absorbed: Member, *, at: datetime = NOW) -> Outcome:
    """Unmerge, and have the books audited after it."""
    outcome = await unmerge(STAFF, asked(survivor, absorbed), now=at)
    await sound(at)
    return outcome


async def sound(now: datetime) -> None:
    """Not one invariant is broken; work that waits for the test is not late."""
    findings = await audit(now=now)
    wrong = [
        (breach.invariant, breach.detail)
        for breach in findings.breaches
        if breach.severity == "breach"
    ]
    assert wrong == []


async def balance(member: Member, currency: str = "POINTS") -> tuple[int, int, int]:
    """Pending, available, debt, as they are stored."""
    found = await wallet(member.member_id, currency)
    return found.pending, found.available, found.debt


async def has_nothing(member: Member) -> bool:
    return all([await balance(member, currency) == (0, 0, 0) for currency in ("POINTS", "GROWTH")])


async def column(sql: str, *args: object) -> list[Any]:
    """The first column of what a query finds."""
    async with reader() as tx:
        return [row[0] for row in await tx.fetch(sql, *args)]


async def owners(table: str, ids: Sequence[UUID]) -> list[UUID]:
    """Whose rows with these ids are, in the order of the ids."""
    return await column(
        f"SELECT member_id FROM {table} WHERE id = ANY($1) ORDER BY id",  # noqa: S608
        list(ids),
    )


async def as_workers(at: datetime) -> None:
    """Do what is due as workers do, who are told of a merge only by its effects."""
    runner = Runner(HANDLERS, concurrency=4)
    while True:
        async with reader() as tx:
            found = await tx.fetch(_DUE, at)
        if not found:
            return
        calls = [runner.answer(row["kind"], row["member_id"], row["id"]) for row in found]
        await asyncio.gather(*calls)
