"""The mobile app's first screen over GraphQL, against a bare route that answers the same JSON.

One uvicorn process each, in turn, on the same database, the same members, 16 connections. Before
anything is timed the two answers are compared.
"""

import asyncio
import itertools
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import uvloop

from benchmarks.bed import Bed, arguments, bed, free_port, report, token, wait_until_ready
from benchmarks.crowd import ROOT, SEED, member_id
from benchmarks.load import Load, drive, request

CONNECTIONS = 16
GOAL = 0.15
DOCUMENT = (ROOT / "benchmarks" / "dashboard.graphql").read_text(encoding="utf-8")
BODY = json.dumps({"query": DOCUMENT}).encode()


def main() -> None:
    asked = arguments(__doc__)
    with bed(asked.members) as found:
        members = random.Random(SEED).sample(range(asked.members), min(5_000, asked.members))  # noqa: S311
        rounds: list[tuple[Load, Load]] = []
        with found.api() as api, _reference(found) as bare:
            ours = [_ask_api(found, api, number) for number in members]
            theirs = [request(f"{bare}/dashboard?member={member_id(number)}") for number in members]
            _compare(api, ours[0], bare, theirs[0])
            for _ in range(asked.rounds):
                reference = _drive(bare, theirs, asked.seconds)
                rounds.append((_drive(api, ours, asked.seconds), reference))
    ratio = median(mine.per_second / other.per_second for mine, other in rounds)
    rows = []
    for mine, other in rounds:
        rows += [mine.row("dashboard.graphql"), other.row("bare route, same JSON")]
    report("dashboard", rows, ratio=ratio, goal=GOAL)


def _ask_api(found: Bed, api: str, number: int) -> bytes:
    bearer = token("member", str(member_id(number)), found.now)
    return request(f"{api}/graphql", body=BODY, token=bearer)


@contextmanager
def _reference(found: Bed) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--log-level", "warning", "--no-access-log")
    with found.process("-m", "uvicorn", "benchmarks.reference:app", *options) as child:
        wait_until_ready(f"{url}/dashboard?member={member_id(0)}", child)
        yield url


def _drive(url: str, messages: list[bytes], seconds: float) -> Load:
    endless: Iterator[bytes] = itertools.cycle(messages)
    return uvloop.run(drive(url, endless, connections=CONNECTIONS, seconds=seconds))


def _compare(api: str, ours: bytes, bare: str, theirs: bytes) -> None:
    mine = asyncio.run(drive(api, iter([ours] * 2), connections=1, seconds=10)).last
    other = asyncio.run(drive(bare, iter([theirs] * 2), connections=1, seconds=10)).last
    if json.loads(mine) != json.loads(other):
        raise SystemExit(f"the answers differ:\n{mine.decode()}\n{other.decode()}")


if __name__ == "__main__":
    main()
