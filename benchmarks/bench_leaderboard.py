"""A challenge's board in Valkey, against PostgreSQL asked the same, by the same code and index.

Each member of the crowd has a place. In turn 16 readers ask for somebody's rank and for the first
ten, first the cache and then the database; before anything is timed the answers are compared. The
ratio is that of the ranks, whose count in the database grows with the place.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from statistics import median

import uvloop

from app.leaderboards import Leaderboards
from benchmarks.bed import Bed, arguments, bed, report
from benchmarks.crowd import SEED
from db.connection import close_pool, open_pool
from dev.postgres import psql
from domain.challenges import views
from domain.challenges.model import Entry
from workers.broker import make_client

READERS = 16
GOAL = 5.0
CODE = "BENCH"
FIRST = 10
COMPARED = 50
ENTRIES = f"""
INSERT INTO challenge_entry
SELECT member_id, '{CODE}', 1 + abs(hashtextextended(member_id::text, 1)) % 20000,
  now() - random() * interval '30 days', true, NULL, 0, NULL, NULL, 1, now() FROM member
"""  # noqa: S608  constants of this module
Question = Callable[[Entry], Awaitable[object]]


def main() -> None:
    asked = arguments(__doc__)
    with bed(asked.members) as found:
        psql(found.database_url, ENTRIES, "ANALYZE challenge_entry")
        rows, ratio = uvloop.run(_measure(found, asked.rounds, asked.seconds))
    report("leaderboard", rows, ratio=ratio, goal=GOAL)


async def _measure(
    found: Bed, rounds: int, seconds: float
) -> tuple[list[dict[str, object]], float]:
    await open_pool(found.database_url, size=READERS)
    try:
        async with make_client(found.redis_url) as valkey:
            boards = Leaderboards(valkey, views.entries_after)
            built = await _build(boards)
            entries = await _some(found.members)
            await _compare(boards, entries)
            rows: list[dict[str, object]] = [{"what": "built from PostgreSQL", "seconds": built}]
            ratios = [await _round(boards, entries, seconds, rows) for _ in range(rounds)]
    finally:
        await close_pool()
    return rows, median(ratios)


async def _build(boards: Leaderboards) -> float:
    started = time.perf_counter()
    await boards.top(CODE, 1)
    await boards.settled()
    return time.perf_counter() - started


async def _some(members: int) -> list[Entry]:
    """Entries of members from everywhere on the board."""
    places = await views.stored_top(CODE, members)
    wanted = random.Random(SEED).sample(places, min(2_000, len(places)))  # noqa: S311
    parts = [await views.part(place.member_id, CODE) for place in wanted]
    return [part.entry for part in parts if part.entry is not None]


async def _compare(boards: Leaderboards, entries: Sequence[Entry]) -> None:
    for entry in entries[:COMPARED]:
        if await boards.rank(entry) != await views.stored_rank(entry):
            raise SystemExit(f"the ranks differ: {entry}")
    if await boards.top(CODE, FIRST) != await views.stored_top(CODE, FIRST):
        raise SystemExit("the first ten differ")


async def _round(
    boards: Leaderboards,
    entries: Sequence[Entry],
    seconds: float,
    rows: list[dict[str, object]],
) -> float:
    questions: dict[str, Question] = {
        "my rank, Valkey": boards.rank,
        "my rank, PostgreSQL": views.stored_rank,
        "first ten, Valkey": lambda _: boards.top(CODE, FIRST),
        "first ten, PostgreSQL": lambda _: views.stored_top(CODE, FIRST),
    }
    speeds: list[float] = []
    for what, question in questions.items():
        speeds.append(await _drive(question, entries, timedelta(seconds=seconds)))
        rows.append({"what": what, "per second": speeds[-1]})
    return speeds[0] / speeds[1]


async def _drive(question: Question, entries: Sequence[Entry], during: timedelta) -> float:
    """Answers a second, of all readers together."""
    started, answered = time.perf_counter(), 0
    until = started + during.total_seconds()

    async def read(offset: int) -> None:
        nonlocal answered
        while time.perf_counter() < until:
            await question(entries[(answered + offset) % len(entries)])
            answered += 1

    await asyncio.gather(*(read(number) for number in range(READERS)))
    return answered / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
