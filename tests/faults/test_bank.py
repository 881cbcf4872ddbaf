"""Are the books right at every moment while clients that spend, hold and correct are killed?"""

import asyncio
import time
from collections import Counter
from uuid import UUID

import pytest

from db.connection import UNAVAILABLE
from domain.ledger.operations import audit
from kit import clock
from tests.faults.bank_client import Journal, outcomes
from tests.support.faults import pause, rows_of, until, value_of
from tests.support.value import give
from tests.support.world import a_member

pytestmark = pytest.mark.fault
MEMBERS = 6
CLIENTS = 8
SECONDS = 20
GIVEN_POINTS = 20_000
KILL_EVERY_SECONDS = 1.5
ENDED_SECONDS_MAX = 30


async def test_no_snapshot_is_ever_wrong_and_no_answer_untrue(
    shop, fleet, data_dir, chance, measured
):
    members = [(await a_member()).member_id for _ in range(MEMBERS)]
    for member_id in members:
        await give(member_id, GIVEN_POINTS, now=clock.now())
    journals = {f"client{number}": data_dir / f"client{number}.jsonl" for number in range(CLIENTS)}
    ends_at = time.time() + SECONDS
    for name, journal in journals.items():
        arguments = (shop.postgres.url, journal, chance.randrange(2**32), ends_at, *members)
        fleet.start(name, "-m", "tests.faults.bank_client", *map(str, arguments))
    killing = asyncio.create_task(kill_now_and_then(fleet, sorted(journals), chance, ends_at))
    crashing = asyncio.create_task(crash_midway(shop))
    snapshots = await audit_until(ends_at)
    await asyncio.gather(killing, crashing)
    await all_ended(fleet, journals)
    entries = [entry for file in journals.values() for entry in outcomes(Journal(file).entries())]
    measured |= {"snapshots": snapshots, "verbs": len(entries), "kills": killing.result()}
    await require_as_told(entries, members)
    assert (await audit(now=clock.now())).breaches == []


async def kill_now_and_then(fleet, names, chance, ends_at) -> int:
    kills = 0
    while time.time() < ends_at - KILL_EVERY_SECONDS:
        await pause(KILL_EVERY_SECONDS)
        name = chance.choice(names)
        fleet.kill(name)
        fleet.restart(name)
        kills += 1
    return kills


async def crash_midway(shop) -> None:
    await pause(SECONDS / 2)
    await asyncio.to_thread(shop.postgres.restart, immediate=True)


async def audit_until(ends_at) -> int:
    """How often everything was looked at and found right."""
    snapshots = 0
    while time.time() < ends_at:
        try:
            findings = await audit(now=clock.now())
        except UNAVAILABLE:
            continue
        assert findings.breaches == []
        snapshots += 1
    return snapshots


async def all_ended(fleet, names) -> None:
    async def ended() -> bool:
        return all(fleet.ended(name) is not None for name in names)

    await until(ended, ENDED_SECONDS_MAX, what="every client has come to its end")
    assert {name: fleet.log(name) for name in names if fleet.ended(name) != 0} == {}


async def require_as_told(entries, members) -> None:
    """The clients' answers, added up, are the wallets; none is unknown, none was lost."""
    available = Counter(dict.fromkeys(map(str, members), GIVEN_POINTS))
    held: Counter[str] = Counter()
    redemptions = 0
    for asked, result in entries:
        assert result is not None
        member, verb = asked["member"], asked["verb"]
        if isinstance(result, dict):
            assert result == {"refused": "INSUFFICIENT_POINTS"}
            continue
        amount = asked["amount"] if verb == "hold" else result
        available[member] += {"redeem": -1, "hold": -1, "commit": 0}.get(verb, 1) * amount
        held[member] += {"hold": 1, "commit": -1, "release": -1}.get(verb, 0) * amount
        redemptions += verb == "redeem"
    wallets = await rows_of("SELECT member_id, available, held FROM wallet WHERE currency='POINTS'")
    assert {row["member_id"]: (row["available"], row["held"]) for row in wallets} == {
        UUID(member): (available[member], held[member]) for member in map(str, members)
    }
    assert await value_of("SELECT count(*) FROM redemption") == redemptions
