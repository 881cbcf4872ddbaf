"""One night in which a fifth of the members stand at a turn of their tier's retention.

A twentieth each is to be warned, comes into grace, is judged, and has its recovery end. The night
is the one of the schedule, in a process of its own, for a tenth of the members and for all: time
and memory must not grow faster than they do. The reference reads and writes the same rows and a
decision for each, fifty to a transaction, with no rules.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import orjson
import psutil

from benchmarks.bed import Bed, arguments, bed, report
from dev.postgres import psql
from domain.tiers.model import TierRecovery, TierWarning
from kit import clock
from kit.calendar import day_of, day_start

ZONE = "Asia/Shanghai"
YEAR, MONTH, HALF = timedelta(days=365), timedelta(days=30), timedelta(days=15)
# A run for ten times the members may take this much longer for each.
GROWTH_MAX = 1.2
TOGETHER = 50
_NUMBER = "('x' || right(member_id::text, 12))::bit(48)::bigint"
_STAND = """
UPDATE standing SET tier_code = '{tier}', earned_tier = '{tier}', retention_at = '{as_of}',
  period_opened_at = {opened}, period_anchored_at = {opened}, period_ends_at = {ends},
  warning = {warning}, recovery = {recovery}
WHERE {number} % 20 = {turn}
"""
_SAME_READ = """
SELECT (SELECT json_agg(s) FROM standing s WHERE member_id = ANY($1)),
  (SELECT json_agg(p) FROM purchase p WHERE member_id = ANY($1)),
  (SELECT json_agg(w) FROM wallet w WHERE member_id = ANY($1)),
  (SELECT json_agg(l) FROM lot l WHERE member_id = ANY($1) AND remaining > 0)
"""
_SAME_WRITES = """
WITH d AS (INSERT INTO decision SELECT member_id, gen_random_uuid(), 'bench', 'retention', 1,
  '{"score": 80, "needed": 80, "basis": "score"}', '{"step": "kept", "period": {}}', now(), now()
  FROM unnest($1::uuid[]) AS member_id)
UPDATE standing SET changed_at = now(), retention_at = now() WHERE member_id = ANY($1)
"""


@dataclass(frozen=True)
class Night:
    """What a run took; `seconds` by phase."""

    members: int
    due: int
    seconds: Mapping[str, float]
    peak_mb: int
    reference_seconds: float

    @property
    def total_seconds(self) -> float:
        return sum(self.seconds.values())

    @property
    def milliseconds_each(self) -> float:
        return 1_000 * self.total_seconds / self.members


def main() -> None:
    asked = arguments(__doc__)
    nights: list[Night] = []
    for members in (asked.members // 10, asked.members):
        with bed(members) as found:
            nights.append(_night(found))
    rows = [
        {
            "what": f"{night.members:,} members",
            "due": night.due,
            "seconds": night.total_seconds,
            "of it retention": night.seconds["retention"],
            "members/s": night.members / night.total_seconds,
            "due/s": night.due / night.total_seconds,
            "reference due/s": night.due / night.reference_seconds,
            "peak MB": night.peak_mb,
        }
        for night in nights
    ]
    small, large = nights
    ratio = small.milliseconds_each / large.milliseconds_each
    print(f"ms per member: {small.milliseconds_each:.3f}, then {large.milliseconds_each:.3f}")
    report("retention night", rows, ratio=ratio, goal=round(1 / GROWTH_MAX, 2))


def _night(found: Bed) -> Night:
    as_of = day_start(day_of(found.now, ZONE), ZONE)
    due = _place(found.database_url, as_of)
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=apart) as process:
        seconds, peak_mb = process.submit(_run, found.database_url, as_of).result()
    reference = asyncio.run(_reference(found.database_url))
    return Night(found.members, due, seconds, peak_mb, reference)


def _place(database_url: str, as_of: datetime) -> int:
    """Put each fifth part of them at its turn; how many there are."""
    warned = TierWarning(warned_at=as_of - HALF, grace_at=as_of, ends_at=as_of + HALF)
    judged = TierWarning(
        warned_at=as_of - MONTH, grace_at=as_of - HALF, ends_at=as_of, tasks_from=as_of - HALF
    )
    lost = TierRecovery(
        tier_code="SILVER",
        lost_at=as_of - MONTH,
        by=as_of,
        since=as_of - MONTH - YEAR,
        needed=80,
    )
    turns = [
        ("SILVER", as_of + MONTH, None, None),
        ("SILVER", as_of + HALF, warned, None),
        ("SILVER", as_of, judged, None),
        ("NORMAL", None, None, lost),
    ]
    statements = [
        _STAND.format(
            tier=tier,
            as_of=as_of.isoformat(),
            opened=f"'{(ends - YEAR).isoformat()}'" if ends else "NULL",
            ends=f"'{ends.isoformat()}'" if ends else "NULL",
            warning=_json(warning),
            recovery=_json(recovery),
            number=_NUMBER,
            turn=turn,
        )
        for turn, (tier, ends, warning, recovery) in enumerate(turns)
    ]
    psql(database_url, *statements, "VACUUM ANALYZE standing")
    return int(psql(database_url, "SELECT count(*) FROM standing WHERE retention_at IS NOT NULL"))


def _json(document: TierWarning | TierRecovery | None) -> str:
    return f"'{orjson.dumps(document.document()).decode()}'" if document else "NULL"


def _run(database_url: str, as_of: datetime) -> tuple[dict[str, float], int]:
    return asyncio.run(_walk(database_url, as_of))


async def _walk(database_url: str, as_of: datetime) -> tuple[dict[str, float], int]:
    """The night from its first cursor to its last, as the schedule walks it; its peak MB."""
    from db.connection import close_pool, open_pool  # noqa: PLC0415  in the process of the run
    from workers.night import PHASES, night, phase_of  # noqa: PLC0415

    seconds = {phase.name: 0.0 for phase in PHASES}
    process, peak = psutil.Process(), 0
    await open_pool(database_url, size=5)
    with clock.frozen(as_of):
        cursor: str | None = None
        while True:
            begun = time.perf_counter()
            phase = phase_of(cursor) or PHASES[0].name
            cursor = (await night(as_of, cursor)).cursor
            seconds[phase] += time.perf_counter() - begun
            peak = max(peak, process.memory_info().rss)
            if cursor is None:
                break
    await close_pool()
    return seconds, peak // 2**20


async def _reference(database_url: str) -> float:
    """Seconds for the same members without rules."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            f"SELECT member_id FROM standing WHERE {_NUMBER} % 20 < 4 ORDER BY 1"  # noqa: S608
        )
        members = [row["member_id"] for row in rows]
        begun = time.perf_counter()
        for first in range(0, len(members), TOGETHER):
            async with connection.transaction():
                some = members[first : first + TOGETHER]
                await connection.fetchrow(_SAME_READ, some)
                await connection.execute(_SAME_WRITES, some)
        return time.perf_counter() - begun
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
