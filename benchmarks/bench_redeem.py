"""Redemptions over GraphQL, against pgbench doing the same writes; and the sale of one hot reward.

First each redemption is another member's, in turn with 16 pgbench clients that write the same rows
by one statement. Then 2,000 members want one of 500 pieces: of one reward, and, for comparison, of
500 rewards with a piece each. The ledgers that pgbench writes have no chain, so they live in the
run's own copy of the database.
"""

import asyncio
import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import asyncpg
import orjson
import uvloop

from benchmarks.bed import Bed, arguments, bed, report, token
from benchmarks.crowd import ROOT, member_id
from benchmarks.load import Load, drive, request
from dev.postgres import psql
from domain.programme.model import Programme
from domain.programme.rules import parse

CONNECTIONS = 16
GOAL, SALE_GOAL = 0.15, 0.3
BUYERS, PIECES = 2_000, 500
REDEEM = (
    "mutation Redeem($input: RedeemRewardInput!) { redeemReward(input: $input) {"
    " redemption { id pricePoints state } refusal { code } } }"
)
SAME_WRITES = """
\\set n random(:low, :high)
WITH m AS (SELECT member_id FROM external_id WHERE external_id = 'crowd-' || :n),
k AS (SELECT member_id FROM member WHERE member_id = (SELECT member_id FROM m)
  FOR NO KEY UPDATE),
l AS (SELECT lot.member_id, id FROM lot, k WHERE lot.member_id = k.member_id
  AND currency = 'POINTS' AND remaining > 0 AND activated_at IS NOT NULL
  ORDER BY expires_at, occurred_at, id LIMIT 1),
d AS (INSERT INTO decision SELECT member_id, gen_random_uuid(), 'pgbench:' || gen_random_uuid(),
  'redemption', 1, '{"reward": "PLAIN", "title": {"zh-CN": "测试", "en": "test"}, "quantity": 1,
  "tier": "NORMAL", "price_points": 1}', '{"points": 1, "redemption":
  "0199b2a0-0000-7000-8000-000000000001"}', now(), now() FROM l RETURNING member_id, id),
w AS (UPDATE wallet SET available = available - 1, seq = seq + 1, head = repeat('0', 64) FROM l
  WHERE wallet.member_id = l.member_id AND currency = 'POINTS'
  RETURNING wallet.member_id, currency, seq),
t AS (INSERT INTO transfer SELECT w.member_id, currency, seq, 1, 'available', 'redemption', 'spend',
  'redemption', 'redemption', '0199b2a0-0000-7000-8000-000000000001', d.id, 1, now(), now(),
  repeat('0', 64) FROM w, d),
u AS (UPDATE lot SET remaining = remaining - 1, spent = spent + 1 FROM l
  WHERE lot.member_id = l.member_id AND lot.id = l.id),
v AS (INSERT INTO lot_move SELECT w.member_id, currency, seq, l.id, 1, 0 FROM w, l),
r AS (INSERT INTO redemption SELECT w.member_id, gen_random_uuid(), 'PLAIN', 1, 1, 'REQUESTED',
  '{}', seq, d.id, 1, now(), NULL FROM w, d RETURNING member_id, id)
INSERT INTO idempotency SELECT member_id, 'redeemReward', gen_random_uuid(), repeat('0', 64),
  jsonb_build_object('redemption', id), now() FROM r;
"""


def main() -> None:
    asked = arguments(__doc__)
    half = asked.members // 2
    numbers = iter(range(half))
    rounds: list[tuple[Load, float]] = []
    with bed(asked.members) as found:
        asyncio.run(_put_on_the_shelf(found.database_url))
        with found.api() as api:
            for _ in range(asked.rounds):
                reference = _pgbench(found, half, asked.members - 1, asked.seconds)
                rounds.append((_drive(found, api, numbers, asked.seconds), reference))
            sales = [
                (_sale(found, api, number, hot=False), _sale(found, api, number))
                for number in range(asked.rounds)
            ]
    _report(rounds, sales)


def _report(rounds: list[tuple[Load, float]], sales: list[tuple[Load, Load]]) -> None:
    rows: list[dict[str, object]] = []
    for mine, other in rounds:
        rows.append(mine.row("redeemReward over GraphQL"))
        rows.append({"what": "pgbench, one statement", "per second": other})
    ratio = median(mine.per_second / other for mine, other in rounds)
    report("redeem", rows, ratio=ratio, goal=GOAL)
    rows = []
    for spread, hot in sales:
        rows.append(hot.row(f"{BUYERS} buyers, {PIECES} pieces of one reward"))
        rows.append(spread.row(f"{BUYERS} buyers, {PIECES} rewards with a piece each"))
    ratio = median(hot.per_second / spread.per_second for spread, hot in sales)
    report("hot_sale", rows, ratio=ratio, goal=SALE_GOAL)


async def _put_on_the_shelf(database_url: str) -> None:
    """What is sold here instead of what the crowd's programme sells."""
    document = parse((ROOT / "programmes" / "default.yaml").read_text("utf-8")).document()
    title = {"zh-CN": "测试", "en": "test"}
    wanted = [("PLAIN", None), ("HOT", PIECES), *((f"ONE_{n}", 1) for n in range(PIECES))]
    document["rewards"] = [
        {"code": code, "kind": "PHYSICAL", "title": title, "price_points": 1, "stock": stock}
        for code, stock in wanted
    ]
    programme = Programme.of(document)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "UPDATE programme_version SET document = $1, digest = $2",
            orjson.dumps(programme.document()).decode(),
            programme.digest,
        )
    finally:
        await connection.close()


def _request(found: Bed, api: str, number: int, *, reward: str, key: str) -> bytes:
    asked = {"rewardCode": reward, "idempotencyKey": key}
    body = json.dumps({"query": REDEEM, "variables": {"input": asked}}).encode()
    bearer = token("member", str(member_id(number)), found.now)
    return request(f"{api}/graphql", body=body, token=bearer)


def _drive(found: Bed, api: str, numbers: Iterator[int], seconds: float) -> Load:
    def requests() -> Iterator[bytes]:
        for number in numbers:
            yield _request(found, api, number, reward="PLAIN", key="bench")

    warm = list(itertools.islice(requests(), 50))
    uvloop.run(drive(api, iter(warm), connections=CONNECTIONS, seconds=10))
    ready = iter(list(itertools.islice(requests(), int(seconds * 600))))
    load = uvloop.run(drive(api, ready, connections=CONNECTIONS, seconds=seconds))
    answer = json.loads(load.last)["data"]["redeemReward"]
    if answer["refusal"] is not None or answer["redemption"]["pricePoints"] != 1:
        raise SystemExit(f"not a redemption: {answer}")
    return load


def _sale(found: Bed, api: str, number: int, *, hot: bool = True) -> Load:
    """All buyers at once, as many as there are connections; every piece is sold, and once."""
    psql(found.database_url, "TRUNCATE reward_stock")
    sold = "SELECT count(*) FROM redemption WHERE reward_code = 'HOT' OR reward_code LIKE 'ONE%'"
    before = int(psql(found.database_url, sold))
    first = found.members // 2
    wanted = [
        _request(
            *(found, api, first + buyer),
            reward="HOT" if hot else f"ONE_{buyer % PIECES}",
            key=f"sale-{number}-{hot}",
        )
        for buyer in range(BUYERS)
    ]
    load = uvloop.run(drive(api, iter(wanted), connections=CONNECTIONS, seconds=600))
    counted = int(psql(found.database_url, "SELECT sum(sold) FROM reward_stock"))
    if (int(psql(found.database_url, sold)) - before, counted) != (PIECES, PIECES):
        raise SystemExit(f"{counted} pieces were sold of {PIECES}")
    return load


def _pgbench(found: Bed, low: int, high: int, seconds: float) -> float:
    with TemporaryDirectory() as folder:
        script = Path(folder) / "redeem.sql"
        script.write_text(SAME_WRITES)
        run = subprocess.run(
            [
                *(found.services.postgres.program("pgbench"), "--no-vacuum"),
                *("--file", str(script), "--define", f"low={low}", "--define", f"high={high}"),
                *("--client", str(CONNECTIONS), "--jobs", "2", "--time", str(int(seconds))),
                *("--protocol", "prepared", found.database_url),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    tps = re.search(r"tps = ([0-9.]+)", run.stdout)
    if run.returncode or tps is None:
        raise SystemExit(run.stderr)
    return float(tps[1])


if __name__ == "__main__":
    main()
