"""Who are the bank test's clients? Processes that move points of shared members at random.

What it is about to do is written down first, and what came of it afterwards, so that after its
death it, or anybody, can ask again under the same key. Run as
`python -m tests.faults.bank_client DATABASE_URL JOURNAL SEED ENDS_AT MEMBER…`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from db.connection import UNAVAILABLE, close_pool, open_pool
from domain.ledger import operations as ledger
from domain.rewards import operations as rewards
from domain.rewards.model import Adjustment
from kit import clock
from kit.errors import Refusal
from tests.support.faults import pause

Entry = dict[str, Any]
HOUR = timedelta(hours=1)


class Journal:
    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, entry: Entry) -> None:
        with self._file.open("a") as lines:
            lines.write(json.dumps(entry) + "\n")

    def entries(self) -> list[Entry]:
        """Whole lines only: the last one may have been cut off."""
        text = self._file.read_text() if self._file.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1]]


def outcomes(entries: list[Entry]) -> list[tuple[Entry, Any]]:
    """Each thing that was asked, with its result; None where it isn't known."""
    results = {entry["of"]: entry["result"] for entry in entries if "of" in entry}
    return [(entry, results.get(entry["key"])) for entry in entries if "verb" in entry]


async def do(asked: Entry) -> Any:
    """Ask until there is an answer: an amount, a hold's id, or a refusal's code."""
    while True:
        try:
            return await _VERBS[asked["verb"]](asked)
        except Refusal as refusal:
            return {"refused": refusal.code}
        except UNAVAILABLE:
            await pause(0.1)


async def _adjust(asked: Entry) -> int:
    change = Adjustment(UUID(asked["member"]), asked["amount"], "correction", asked["key"])
    # Each member has a clerk of their own, so that none of them comes to what one may give alone.
    return (await rewards.adjust(f"bank:{change.member_id}", change, now=clock.now())).amount


async def _redeem(asked: Entry) -> int:
    member_id, key = UUID(asked["member"]), asked["key"]
    found = await rewards.redeem(member_id, "COUPON_10", 1, idempotency_key=key, now=clock.now())
    return found.redemption.price_points


async def _hold(asked: Entry) -> str:
    source = ledger.Source("bank", asked["key"])
    now = clock.now()
    member_id, amount = UUID(asked["member"]), asked["amount"]
    found = await ledger.hold(member_id, amount, source=source, expires_at=now + HOUR, now=now)
    return str(found.id)


async def _commit(asked: Entry) -> int:
    found = await ledger.commit(UUID(asked["member"]), UUID(asked["hold"]), now=clock.now())
    return found.amount


async def _release(asked: Entry) -> int:
    found = await ledger.release(UUID(asked["member"]), UUID(asked["hold"]), now=clock.now())
    return found.amount


_VERBS: dict[str, Callable[[Entry], Coroutine[Any, Any, Any]]] = {
    "adjust": _adjust,
    "redeem": _redeem,
    "hold": _hold,
    "commit": _commit,
    "release": _release,
}


class Client:
    def __init__(self, journal: Journal, chance: Random, members: list[str]) -> None:
        self._journal = journal
        self._chance = chance
        self._members = members
        self._holds: dict[str, Entry] = {}
        self._count = 0

    async def resume(self, name: str) -> None:
        """Find out what became of what the journal leaves open."""
        self._name = name
        for asked, result in outcomes(self._journal.entries()):
            self._count += 1
            self._note(asked, await self._carry_out(asked) if result is None else result)

    async def step(self) -> None:
        self._count += 1
        asked = self._draw() | {"key": f"{self._name}:{self._count}"}
        self._journal.write(asked)
        self._note(asked, await self._carry_out(asked))

    async def _carry_out(self, asked: Entry) -> Any:
        result = await do(asked)
        self._journal.write({"of": asked["key"], "result": result})
        return result

    def _draw(self) -> Entry:
        if self._holds and self._chance.random() < 0.4:
            hold = self._chance.choice(sorted(self._holds))
            verb = self._chance.choice(("commit", "release"))
            return {"verb": verb, "member": self._holds[hold]["member"], "hold": hold}
        verb = self._chance.choice(("adjust", "adjust", "redeem", "hold"))
        amount = self._chance.randrange(1, 600)
        sign = self._chance.choice((1, -1)) if verb == "adjust" else 1
        return {"verb": verb, "member": self._chance.choice(self._members), "amount": sign * amount}

    def _note(self, asked: Entry, result: Any) -> None:
        if asked["verb"] == "hold" and isinstance(result, str):
            self._holds[result] = asked
        elif asked["verb"] in {"commit", "release"}:
            self._holds.pop(asked["hold"], None)


async def connect(database_url: str) -> None:
    """Its start may fall into the second in which the server is down."""
    while True:
        try:
            return await open_pool(database_url, size=2)
        except UNAVAILABLE:
            await pause(0.1)


async def main(database_url: str, file: str, seed: str, ends_at: str, *members: str) -> None:
    path = Path(file)
    await connect(database_url)
    chance = Random(f"{seed} {time.time_ns()}")  # noqa: S311  a restarted client goes on, not back
    client = Client(Journal(path), chance, list(members))
    await client.resume(path.stem)
    while time.time() < float(ends_at):
        await client.step()
    await close_pool()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
