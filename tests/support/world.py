"""What do tests of the domain begin with? A programme, members in it, and a proof of no change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from db.connection import reader, transactional
from domain.members import rules, steps
from domain.members.model import Enrolment, Member
from domain.programme import operations
from domain.programme.model import Gifts, Programme
from domain.programme.rules import parse
from kit.ids import new_id

_PROGRAMMES = Path(__file__).parents[2] / "programmes"
# A Monday, noon in Shanghai.
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


@cache
def programme(name: str = "default") -> Programme:
    """A ready-made one without tasks, challenges, badges by rule and gifts.

    A test that is about them adds its own. So what a test of something else counts is what it
    caused.
    """
    found = whole_programme(name)
    badges = tuple(badge for badge in found.badges if badge.rule is None)
    return found.model_copy(
        update={"tasks": (), "challenges": (), "badges": badges, "gifts": Gifts()}
    )


def whole_programme(name: str = "default") -> Programme:
    """A ready-made one with all that is in it."""
    return parse((_PROGRAMMES / f"{name}.yaml").read_text(encoding="utf-8"))


async def published(name: str = "default") -> Programme:
    """That programme, in force since ever."""
    await operations.publish(programme(name), now=NOW, published_by="tests")
    return programme(name)


async def a_member(*, now: datetime = NOW, **facts) -> Member:
    """A customer of a shop in the published default programme; `facts` as an Enrolment has them."""
    asked = Enrolment(**{"external_id": f"customer-{new_id()}", "nickname": "小明", **facts})
    enrolled = await _enrol(rules.enrolment(asked, programme(), now=now), now=now)
    return enrolled.member


@transactional
async def _enrol(tx, newcomer, *, now):
    return await steps.enrol(tx, newcomer, now=now, programme=programme())


async def counts(*tables: str) -> list[int]:
    """How many rows each has."""
    async with reader() as tx:
        return [await tx.fetchval(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608


async def rows() -> dict[str, str | None]:
    """Of each table a hash of all its rows, None where there are none."""
    async with reader() as tx:
        tables = [row["tablename"] for row in await tx.fetch(_TABLES)]
        hashes = " UNION ALL ".join(
            f"SELECT '{table}' AS name, md5(string_agg(t::text, ',' ORDER BY t::text)) AS hash"  # noqa: S608
            f" FROM {table} t"
            for table in tables
        )
        return {row["name"]: row["hash"] for row in await tx.fetch(hashes)}


@asynccontextmanager
async def nothing_changed() -> AsyncIterator[None]:
    """Fail unless every row of every table is after the block what it was before."""
    before = await rows()
    yield
    after = await rows()
    assert {name for name in before if before[name] != after[name]} == set()
