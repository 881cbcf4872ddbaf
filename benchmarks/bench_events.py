"""Order events from recordEvents to their effects on the ledger, against no-op Dramatiq messages.

One worker process each, in turn. Ours: from the first call of recordEvents (one API process, one
relay) until the last event of the round has had its effect. The reference: one Dramatiq process
with the same number of threads, from its start with a full queue until the queue is empty, without
the time the process takes to import.
"""

import asyncio
import json
import os
import time
from datetime import datetime, timedelta
from statistics import median

import asyncpg
import redis
import uvloop

from benchmarks.bed import Bed, arguments, bed, report
from benchmarks.load import drive, request
from kit.ids import new_id

GOAL = 0.25
EVENTS = 20_000
PER_CALL = 500
CALLS_AT_ONCE = 4
THREADS = "8"
SECONDS_MAX = 300
RECORD = "mutation Record($events: [EventInput!]!) { recordEvents(events: $events)"
RECORD += " { accepted duplicates refused { id refusal { code } } } }"


def main() -> None:
    asked = arguments(__doc__)
    rounds: list[tuple[float, float]] = []
    with bed(asked.members) as found:
        key = asyncio.run(_api_key(found))
        with (
            found.api() as api,
            found.process("-m", "app.cli", "relay"),
            found.process("-m", "app.cli", "worker"),
        ):
            rounds += [
                (uvloop.run(_ours(found, api, key, number)), _noop(found))
                for number in range(asked.rounds)
            ]
    ratio = median(mine / other for mine, other in rounds)
    rows: list[dict[str, object]] = []
    for mine, other in rounds:
        rows.append({"what": "order events, to the ledger", "per second": mine})
        rows.append({"what": "no-op Dramatiq messages", "per second": other})
    report("events", rows, ratio=ratio, goal=GOAL)


async def _ours(found: Bed, api: str, key: str, number: int) -> float:
    calls = [
        request(f"{api}/graphql", body=_body(found, number, first), token=key)
        for first in range(0, EVENTS, PER_CALL)
    ]
    connection = await asyncpg.connect(found.database_url)
    started = time.perf_counter()
    await drive(api, iter(calls), connections=CALLS_AT_ONCE, seconds=SECONDS_MAX)
    while True:
        waiting, bad = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE state = 'new'),"
            " count(*) FILTER (WHERE state NOT IN ('new', 'done')) FROM inbox"
        )
        if bad:
            raise SystemExit(f"{bad} events were refused, parked or set aside")
        if not waiting:
            break
        if time.perf_counter() - started > SECONDS_MAX:
            raise SystemExit(f"{waiting} events still wait")
        await _pause(0.1)
    seconds = time.perf_counter() - started
    done = await connection.fetchval("SELECT count(*) FROM inbox WHERE source = $1", f"r{number}")
    await connection.close()
    if done != EVENTS:
        raise SystemExit(f"{done} events were recorded, not {EVENTS}")
    return EVENTS / seconds


def _body(found: Bed, number: int, first: int) -> bytes:
    events = [_event(found, number, n) for n in range(first, first + PER_CALL)]
    return json.dumps({"query": RECORD, "variables": {"events": events}}).encode()


def _event(found: Bed, number: int, n: int) -> dict[str, object]:
    paid_at = (found.now - timedelta(minutes=n % 600)).isoformat()
    line = {"sku": f"sku-{n % 97}", "category": "dairy", "brand": "B", "quantity": 2}
    return {
        "id": f"event-{n}",
        "source": f"r{number}",
        "type": "order.paid",
        "time": paid_at,
        "subject": f"crowd-{n * 7919 % found.members}",
        "data": {
            "orderId": f"order-{n}",
            "paidAt": paid_at,
            "currency": "CNY",
            "lines": [
                line | {"lineId": "1", "amountMinor": 12_990, "discountMinor": 1_000},
                line | {"lineId": "2", "amountMinor": 4_500},
            ],
        },
    }


def _noop(found: Bed) -> float:
    os.environ["REDIS_URL"] = found.redis_url
    from benchmarks.noop import broker, nothing  # noqa: PLC0415  needs its URL at import

    client = redis.Redis.from_url(found.redis_url)
    for _ in range(EVENTS):
        nothing.send(str(new_id()), str(new_id()))
    argv = ("-m", "dramatiq", "benchmarks.noop", "--processes", "1", "--threads", THREADS)
    with found.process(*argv):
        while (left := client.hlen("noop:noop.msgs")) == EVENTS:
            _wait()
        started, first = time.perf_counter(), left
        while client.hlen("noop:noop.msgs"):
            _wait()
        seconds = time.perf_counter() - started
    broker.flush_all()
    return first / seconds


async def _api_key(found: Bed) -> str:
    from app.tokens import new_api_key  # noqa: PLC0415

    key_id, text, digest = new_api_key()
    connection = await asyncpg.connect(found.database_url)
    await connection.execute(
        "INSERT INTO api_key VALUES ($1, 'benchmark', $2, $3, $4)",
        key_id,
        digest.hex(),
        ["events:write"],
        datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
    )
    await connection.close()
    return text


async def _pause(seconds: float) -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        return


def _wait() -> None:
    time.perf_counter()


if __name__ == "__main__":
    main()
