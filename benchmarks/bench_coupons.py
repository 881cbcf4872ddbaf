"""A coupon each for a whole crowd as a batch, against one statement that writes the same rows.

One worker goes through the members in steps of 500, each a transaction with its cursor; the
reference writes decision, coupon and code of all members at once. Before anything is reported, each
member must have exactly one coupon. `--members` (100,000) is how many there are.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson

from benchmarks.bed import arguments, report
from benchmarks.crowd import ROOT
from db.connection import close_pool, open_pool, reader, transaction
from db.migrate import migrate
from dev.postgres import psql
from dev.services import Services
from domain.coupons.model import BulkAsked
from domain.coupons.operations import issue_in_bulk
from domain.programme.operations import SINCE_EVER
from domain.programme.rules import parse
from workers.batches import KINDS, Batches

GOAL = 0.15
MEMBERS = """
INSERT INTO member (member_id, nickname, locale, timezone, referral_code, joined_at, recorded_at)
SELECT gen_random_uuid(), 'crowd ' || n, 'en', 'Asia/Shanghai', 'B' || n, now(), now()
FROM generate_series(1, {}) AS n
"""
REFERENCE = """
WITH made AS (SELECT member_id, gen_random_uuid() AS id, gen_random_uuid() AS coupon_id,
    upper(left(md5(member_id::text || random()), 16)) AS code FROM member),
decided AS (INSERT INTO decision (member_id, id, key, kind, programme_version, inputs, outcome,
    occurred_at, recorded_at)
  SELECT member_id, id, 'reference', 'coupon', 1, '{"template": "COUPON_10", "channel": "staff"}',
    '{"coupons": ["COUPON_10"]}', now(), now() FROM made),
named AS (INSERT INTO coupon_code SELECT code, member_id FROM made)
INSERT INTO coupon (member_id, id, template, code, state, source_type, source_id, decision_id,
    issued_at, expires_at, programme_version, is_counted, changed_at)
SELECT member_id, coupon_id, 'COUPON_10', code, 'ISSUED', 'reference', '1', id, now(),
  now() + interval '30 days', 1, false, now() FROM made
"""


def main() -> None:
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory() as folder, Services(Path(folder)) as services:
        endpoints = services.endpoints()
        assert endpoints is not None
        rows, ratio = asyncio.run(_measure(endpoints.database_url, asked.members))
    report("coupons", rows, ratio=ratio, goal=GOAL)


async def _measure(database_url: str, count: int) -> tuple[list[dict[str, object]], float]:
    await migrate(database_url)
    await open_pool(database_url, size=4)
    try:
        await _publish()
        psql(database_url, MEMBERS.format(count), "VACUUM ANALYZE member")
        batch_seconds, steps = await _batch()
        async with reader() as tx:
            few, many = await tx.fetchrow(  # pyright: ignore[reportGeneralTypeIssues]
                "SELECT min(n), max(n) FROM (SELECT count(c.id) AS n FROM member m"
                " LEFT JOIN coupon c USING (member_id) GROUP BY m.member_id) AS held"
            )
        assert (few, many) == (1, 1), "each member has one"
        began = time.perf_counter()
        psql(database_url, REFERENCE)
        reference_seconds = time.perf_counter() - began
    finally:
        await close_pool()
    rows: list[dict[str, object]] = [
        {
            "what": f"batch of {count} in {steps} steps",
            "seconds": batch_seconds,
            "coupons per second": count / batch_seconds,
        },
        {
            "what": "one statement",
            "seconds": reference_seconds,
            "coupons per second": count / reference_seconds,
        },
    ]
    return rows, reference_seconds / batch_seconds


async def _publish() -> None:
    programme = parse((ROOT / "programmes" / "default.yaml").read_text(encoding="utf-8"))
    document = orjson.dumps(programme.document()).decode()
    async with transaction() as tx:
        await tx.execute(
            "INSERT INTO programme_version VALUES (1, $1, $2, $3, $3, 'benchmarks')",
            programme.digest,
            document,
            SINCE_EVER,
        )


async def _batch() -> tuple[float, int]:
    now = datetime.now(UTC)  # noqa: TID251  the run's own instant
    await issue_in_bulk(BulkAsked("COUPON_10", "bench"), actor="benchmarks", now=now)
    workers, steps = Batches(KINDS), 0
    began = time.perf_counter()
    while await workers.turn():
        steps += 1
    return time.perf_counter() - began, steps


if __name__ == "__main__":
    main()
