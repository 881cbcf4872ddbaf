"""How long do effects take when Valkey is gone for good?"""

import pytest

from domain.intake.operations import record
from kit import clock
from tests.faults.shopping import customers, expected, shopping
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.faults import any_effect, pause, rows_of, settled, share, until
from tests.support.world import programme

pytestmark = pytest.mark.fault
LATENCY_SECONDS_MAX = 5


async def test_without_valkey_every_effect_comes_within_5_seconds(shop, fleet, chance, measured):
    shop.valkey.stop()
    subjects = await customers(50)
    facts = shopping(chance, subjects, 300, clock.now())
    first, *rest = [facts[start : start + 10] for start in range(0, len(facts), 10)]
    fleet.start_relay()
    fleet.start_worker()
    await record(first, now=clock.now())
    await until(any_effect, 30, what="the worker works")
    for batch in rest:
        await record(batch, now=clock.now())
        await pause(0.2)
    await until(settled, 30, what="everything is done")
    latencies = await rows_of(
        "SELECT extract(epoch FROM i.processed_at - i.received_at)::float AS seconds FROM inbox i"
        " WHERE i.received_at > (SELECT min(received_at) FROM inbox) AND NOT EXISTS (SELECT"
        " FROM inbox o WHERE o.member_id = i.member_id AND o.data->>'orderId' = i.data->>'orderId'"
        " AND o.type = 'order.paid' AND o.received_at > i.received_at)"
    )
    seconds = [row["seconds"] for row in latencies]
    measured |= {"p50 s": share(seconds, 50), "p99 s": share(seconds, 99)}
    assert share(seconds, 99) <= LATENCY_SECONDS_MAX
    now = clock.now()
    await require_nothing_set_aside()
    await require_as_modelled(expected(facts, programme()), now)
    await require_sound_books(now)
