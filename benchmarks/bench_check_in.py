"""Check-ins over GraphQL, against pgbench doing the same writes as one statement.

One uvicorn process with everything on and 16 connections, in turn with 16 pgbench clients; every
check-in is another member's first of the day. The ledgers that pgbench writes have no chain, so
they live in the run's own copy of the database.
"""

import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvloop

from benchmarks.bed import Bed, arguments, bed, report, token
from benchmarks.crowd import member_id
from benchmarks.load import Load, drive, request

CONNECTIONS = 16
GOAL = 0.15
BODY = json.dumps(
    {
        "query": "mutation CheckIn { checkIn { checkIn { day streakDays pointsAwarded }"
        " refusal { code } } }"
    }
).encode()
SAME_WRITES = """
\\set n random(:low, :high)
WITH m AS (SELECT member_id FROM external_id WHERE external_id = 'crowd-' || :n),
k AS (SELECT member_id FROM member WHERE member_id = (SELECT member_id FROM m)
  FOR NO KEY UPDATE),
d AS (INSERT INTO decision SELECT member_id, gen_random_uuid(), 'pgbench:' || gen_random_uuid(),
  'check_in', 1, '{"day": "2026-11-21", "points": 10, "streak_days": 1}',
  '{"points": 10, "bonuses": [], "badges": [], "coupons": []}', now(), now() FROM k
  RETURNING member_id, id),
w AS (UPDATE wallet SET available = available + 10, lifetime_earned = lifetime_earned + 10,
  seq = seq + 1, head = repeat('0', 64) FROM k
  WHERE wallet.member_id = k.member_id AND currency IN ('POINTS', 'GROWTH')
  RETURNING wallet.member_id, currency, seq),
t AS (INSERT INTO transfer SELECT w.member_id, currency, seq, 10, 'issuance', 'available', 'earn',
  'check_in', 'check_in', '2026-11-21', d.id, 1, now(), now(), repeat('0', 64) FROM w, d),
l AS (INSERT INTO lot SELECT w.member_id, gen_random_uuid(), currency, 10, 10, 0, 0, 0, 0, 0,
  now(), NULL, now(), now() + interval '2 years', false, seq, 'check_in', '2026-11-21', d.id, 1
  FROM w, d WHERE currency = 'POINTS' RETURNING member_id, id, opened_by),
v AS (INSERT INTO lot_move SELECT member_id, 'POINTS', opened_by, id, 10, 0 FROM l)
INSERT INTO check_in SELECT member_id, date '2000-01-01' + (random() * 1000000)::integer, 1, 10,
  false, now(), id FROM d;
"""


def main() -> None:
    asked = arguments(__doc__)
    half = asked.members // 2
    numbers = iter(range(half))
    rounds: list[tuple[Load, float]] = []
    with bed(asked.members) as found, found.api() as api:
        for _ in range(asked.rounds):
            reference = _pgbench(found, half, asked.members - 1, asked.seconds)
            rounds.append((_drive(found, api, numbers, asked.seconds), reference))
    ratio = median(mine.per_second / other for mine, other in rounds)
    rows: list[dict[str, object]] = []
    for mine, other in rounds:
        rows.append(mine.row("checkIn over GraphQL"))
        rows.append({"what": "pgbench, one statement", "per second": other})
    report("check_in", rows, ratio=ratio, goal=GOAL)


def _drive(found: Bed, api: str, numbers: Iterator[int], seconds: float) -> Load:
    def requests() -> Iterator[bytes]:
        for number in numbers:
            bearer = token("member", str(member_id(number)), found.now)
            yield request(f"{api}/graphql", body=BODY, token=bearer)

    warm = list(itertools.islice(requests(), 50))
    uvloop.run(drive(api, iter(warm), connections=CONNECTIONS, seconds=10))
    ready = iter(list(itertools.islice(requests(), int(seconds * 1_500))))
    load = uvloop.run(drive(api, ready, connections=CONNECTIONS, seconds=seconds))
    answer = json.loads(load.last)["data"]["checkIn"]
    if answer["refusal"] is not None or answer["checkIn"]["pointsAwarded"] != 10:  # noqa: PLR2004
        raise SystemExit(f"not a check-in: {answer}")
    return load


def _pgbench(found: Bed, low: int, high: int, seconds: float) -> float:
    with TemporaryDirectory() as folder:
        script = Path(folder) / "check_in.sql"
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
