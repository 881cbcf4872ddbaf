"""In which order do facts take effect, and what does a wrong one hold up?"""

import asyncio
from datetime import timedelta

import pytest

from db import jobs
from db.connection import reader, transactional
from db.jobs import LeaseLost
from db.queries.intake import insert
from domain.intake import operations
from domain.intake.model import InboxEvent
from domain.intake.operations import end_parked, process, replay_dead
from domain.intake.steps import inbox_job
from domain.members.operations import resume, suspend
from kit.ids import new_id
from tests.support.shop import completed, done, inbox, paid, refunded, reviewed, states, tell
from tests.support.value import kinds, wallet
from tests.support.working import claim_due, jobs_of, work
from tests.support.world import NOW, a_member, counts, nothing_changed

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@transactional
async def arrive(tx, member, *, event_type="order.paid", data=None, waits_for=None):
    """An event that nobody can process, as a mistake of ours would have let it in."""
    event = InboxEvent(
        member_id=member.member_id,
        id=new_id(),
        source="shop",
        event_id=str(new_id()),
        type=event_type,
        subject=member.external_id,
        data=data or {"orderId": "broken"},
        occurred_at=NOW,
        received_at=NOW,
        state="parked" if waits_for else "new",
        attempts=0,
        waits_for=waits_for,
        note=None,
        processed_at=None,
    )
    await insert(tx, [event], [inbox_job(member.member_id, NOW)])


async def attempts_of(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT state, attempts FROM inbox WHERE member_id = $1 ORDER BY id", member.member_id
        )
    return [(row["state"], row["attempts"]) for row in rows]


async def test_a_members_events_take_effect_in_the_order_of_their_arrival():
    member = await a_member()
    await tell(paid(member, "o1", 10_000))
    await tell(reviewed(member, "v1"), paid(member, "o2", 20_000), reviewed(member, "v2", photos=1))
    await work(NOW)
    assert await kinds(member.member_id) == [
        ("earn", 100),
        ("earn", 20),
        ("earn", 200),
        ("earn", 30),
    ]
    assert await states(member.member_id) == ["done"] * 4
    assert await jobs_of(member.member_id) == [("intake", "done")]


async def test_a_refund_that_overtakes_its_order_waits_for_it_and_holds_nothing_up():
    member = await a_member()
    await done(refunded(member, "o1", "r1", ("1", 4_000), at=NOW), paid(member, "o2", 5_000))
    assert await inbox(member.member_id) == [
        ("order.refunded", "parked", None),
        ("order.paid", "done", None),
    ]
    assert await attempts_of(member) == [("parked", 0), ("done", 0)]
    await done(paid(member, "o1", 10_000), now=NOW + 20 * DAY)
    assert await states(member.member_id) == ["done"] * 3
    assert await kinds(member.member_id) == [
        ("earn", 50),
        ("activate", 50),
        ("earn", 100),
        ("activate", 100),
        ("take_back", 40),
    ]
    assert await attempts_of(member) == [("done", 0)] * 3


async def test_everything_that_waits_for_an_order_follows_it_before_later_events():
    member = await a_member()
    early = [refunded(member, "o1", f"r{n}", ("1", 1_000), at=NOW) for n in range(3)]
    await done(*early, completed(member, "o1", at=NOW), completed(member, "o2", at=NOW))
    assert await states(member.member_id) == ["parked"] * 5
    await done(paid(member, "o1", 10_000), reviewed(member, "v1"))
    assert await states(member.member_id) == ["done"] * 4 + ["parked"] + ["done"] * 2
    assert await kinds(member.member_id) == [
        ("earn", 100),
        ("take_back", 10),
        ("take_back", 10),
        ("take_back", 10),
        ("activate", 70),
        ("earn", 20),
    ]


async def test_however_much_is_parked_an_order_finds_what_waits_for_it():
    member = await a_member()
    other = [refunded(member, f"never {n}", "r", at=NOW) for n in range(450)]
    await done(*other, refunded(member, "o1", "r1", at=NOW))
    await done(paid(member, "o1", 10_000))
    assert (await states(member.member_id))[-2:] == ["done", "done"]
    assert await kinds(member.member_id) == [("earn", 100), ("take_back", 100)]


async def test_what_is_parked_for_30_days_is_set_aside_with_a_note():
    member = await a_member()
    await done(refunded(member, "o1", "r1", at=NOW))
    async with nothing_changed():
        assert await end_parked(as_of=NOW + 30 * DAY - SECOND) == 0
    assert await end_parked(as_of=NOW + 30 * DAY) == 1
    assert await inbox(member.member_id) == [("order.refunded", "dead", "ORDER_NEVER_CAME")]
    await done(paid(member, "o1", 10_000), now=NOW + 30 * DAY)
    assert await kinds(member.member_id) == [("earn", 100), ("activate", 100)]
    assert await replay_dead(now=NOW + 31 * DAY) == 1
    await work(NOW + 31 * DAY)
    assert await kinds(member.member_id) == [
        ("earn", 100),
        ("activate", 100),
        ("take_back", 100),
    ]


async def test_a_poisonous_event_is_tried_five_times_at_growing_intervals_then_set_aside():
    member = await a_member()
    await tell(reviewed(member, "v1"))
    await arrive(member)
    await tell(reviewed(member, "v2"))
    at = NOW
    for attempt, delay in enumerate([1, 4, 16, 64], start=1):
        await work(at)
        assert await attempts_of(member) == [("done", 0), ("new", attempt), ("new", 0)]
        async with nothing_changed():
            await work(at + delay * SECOND - SECOND / 2)
        at += delay * SECOND
    await work(at)
    assert await attempts_of(member) == [("done", 0), ("dead", 5), ("done", 0)]
    assert await kinds(member.member_id) == [("earn", 20), ("earn", 20)]
    assert (await inbox(member.member_id))[1] == ("order.paid", "dead", "ValidationError")
    assert await jobs_of(member.member_id) == [("intake", "done")]


async def test_a_poisonous_event_neither_holds_up_nor_undoes_its_neighbours():
    members = [await a_member() for _ in range(5)]
    await tell(*(paid(member, f"o{n}", 10_000) for n, member in enumerate(members)))
    await arrive(members[2])
    await tell(*(reviewed(member, f"v{n}") for n, member in enumerate(members)))
    claims = await claim_due(NOW, "intake")
    assert len(claims) == 5
    await process(claims, now=NOW)
    for member in members[:2] + members[3:]:
        assert await states(member.member_id) == ["done", "done"]
        assert await kinds(member.member_id) == [("earn", 100), ("earn", 20)]
    assert await states(members[2].member_id) == ["done", "new", "new"]
    assert await kinds(members[2].member_id) == [("earn", 100)]


async def test_a_poisonous_event_that_was_parked_is_blamed_and_not_its_order():
    member = await a_member()
    broken = {"orderId": "o1", "refundId": 5}
    await arrive(member, event_type="order.refunded", data=broken, waits_for="shop\x1fo1")
    await done(paid(member, "o1", 10_000))
    assert await attempts_of(member) == [("parked", 1), ("new", 0)]
    for seconds in (1, 5, 21, 85):
        await work(NOW + seconds * SECOND)
    assert await attempts_of(member) == [("dead", 5), ("done", 0)]
    assert await kinds(member.member_id) == [("earn", 100)]


async def test_what_the_database_refuses_is_the_events_fault_as_well():
    """A second purchase of one order can't be written; nothing of it stays."""
    member = await a_member()
    order = paid(member, "o1", 10_000)
    await done(order)
    await arrive(member, data=order.data)
    before = await wallet(member.member_id)
    await work(NOW)
    assert await attempts_of(member) == [("done", 0), ("new", 1)]
    assert await wallet(member.member_id) == before
    assert (await inbox(member.member_id))[1][2] == "UniqueViolationError"


async def test_replaying_the_dead_gives_five_more_attempts():
    member = await a_member()
    await arrive(member)
    for delay in (0, 1, 5, 21, 85):
        await work(NOW + delay * SECOND)
    assert await attempts_of(member) == [("dead", 5)]
    assert await replay_dead(now=NOW + DAY) == 1
    assert await attempts_of(member) == [("new", 0)]
    await work(NOW + DAY)
    assert await attempts_of(member) == [("new", 1)]


async def test_replaying_finds_events_whose_job_was_set_aside():
    member = await a_member()
    await tell(reviewed(member, "v1"))
    at = NOW
    for _ in range(jobs.ATTEMPTS_MAX):
        (claim,) = await claim_due(at, "intake")
        await jobs.fail(claim, "its worker died", now=at)
        at += DAY
    assert await jobs_of(member.member_id) == [("intake", "dead")]
    assert await replay_dead(now=at) == 0
    await work(at)
    assert await states(member.member_id) == ["done"]
    async with nothing_changed():
        assert await replay_dead(now=at) == 0


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("1", 10_001)], "REFUND_EXCEEDS_ORDER"),
        ([("2", 1)], "INVALID_INPUT"),
        ([("1", 6_000), ("1", 4_001)], "REFUND_EXCEEDS_ORDER"),
    ],
)
async def test_a_refund_that_cannot_be_is_refused_and_takes_nothing(lines, code):
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    before = await counts("transfer", "lot", "decision", "refund", "tier_change")
    await done(refunded(member, "o1", "r1", *lines, at=NOW + DAY))
    assert await inbox(member.member_id) == [
        ("order.paid", "done", None),
        ("order.refunded", "refused", code),
    ]
    assert await counts("transfer", "lot", "decision", "refund", "tier_change") == before
    assert (await wallet(member.member_id)).pending == 100
    await done(refunded(member, "o1", "r2", at=NOW + DAY))
    assert (await wallet(member.member_id)).pending == 0


async def test_a_second_refund_of_a_whole_order_is_refused():
    member = await a_member()
    await done(paid(member, "o1", 10_000), refunded(member, "o1", "r1", at=NOW))
    await done(refunded(member, "o1", "r2", at=NOW))
    assert (await inbox(member.member_id))[-1][1:] == ("refused", "REFUND_EXCEEDS_ORDER")


async def test_two_workers_on_one_member_apply_each_event_once():
    member = await a_member()
    await tell(paid(member, "o1", 10_000))
    (first,) = await claim_due(NOW, "intake")
    await tell(paid(member, "o2", 10_000))
    (second,) = await claim_due(NOW, "intake")
    await asyncio.gather(process([first], now=NOW), process([second], now=NOW))
    assert await kinds(member.member_id) == [("earn", 100), ("earn", 100)]
    assert await states(member.member_id) == ["done", "done"]


async def test_a_worker_that_lost_its_lease_changes_nothing():
    members = [await a_member(), await a_member()]
    await tell(*(paid(member, f"o{n}", 10_000) for n, member in enumerate(members)))
    stale = await claim_due(NOW, "intake")
    late = NOW + jobs.LEASE
    (mine, _) = stale
    assert [c.token for c in await jobs.claim([(mine.member_id, mine.id)], now=late)] == [2]
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await process(stale, now=late)
    with pytest.raises(LeaseLost):
        await operations.process([mine], now=late)
    assert await counts("transfer", "purchase") == [0, 0]
    await work(late + jobs.LEASE)
    assert [await states(m.member_id) for m in members] == [["done"], ["done"]]


async def test_a_long_inbox_is_worked_off_in_parts():
    member = await a_member()
    await tell(*(reviewed(member, str(number)) for number in range(450)))
    (claim,) = await claim_due(NOW, "intake")
    await process([claim], now=NOW)
    assert (await states(member.member_id)).count("done") == 400
    assert await jobs_of(member.member_id) == [("intake", "ready")]
    await work(NOW)
    assert (await states(member.member_id)).count("done") == 450
    assert await jobs_of(member.member_id) == [("intake", "done")]


async def test_exactly_a_part_needs_no_second_turn():
    member = await a_member()
    await tell(*(reviewed(member, str(number)) for number in range(400)))
    (claim,) = await claim_due(NOW, "intake")
    await process([claim], now=NOW)
    assert await jobs_of(member.member_id) == [("intake", "done")]


async def test_a_long_inbox_beside_a_poisonous_one_gives_way_too():
    poisoned, busy = await a_member(), await a_member()
    await arrive(poisoned)
    await tell(*(reviewed(busy, str(number)) for number in range(250)))
    await process(await claim_due(NOW, "intake"), now=NOW)
    assert (await states(busy.member_id)).count("done") == 100
    assert await jobs_of(busy.member_id) == [("intake", "ready")]
    await work(NOW)
    assert (await states(busy.member_id)).count("done") == 250


async def test_a_suspended_members_facts_are_recorded_and_stay_pending():
    member = await a_member()
    await suspend(member.member_id, actor="staff:1", reason="chargeback", now=NOW)
    await done(paid(member, "o1", 10_000), reviewed(member, "v1"))
    assert await states(member.member_id) == ["done", "done"]
    await work(NOW + 20 * DAY)
    found = await wallet(member.member_id)
    assert (found.pending, found.available) == (120, 0)
    await resume(member.member_id, actor="staff:1", reason="paid", now=NOW + 20 * DAY)
    await done(paid(member, "o2", 1_000, at=NOW + 21 * DAY))
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, amount, occurred_at FROM transfer WHERE currency = 'POINTS' ORDER BY seq"
        )
    assert [tuple(row) for row in rows] == [
        ("earn", 100, NOW),
        ("earn", 20, NOW),
        ("activate", 20, NOW),
        ("activate", 100, NOW + 15 * DAY),
        ("earn", 10, NOW + 21 * DAY),
    ]
