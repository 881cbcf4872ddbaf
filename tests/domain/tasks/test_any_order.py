"""Do the same facts give the same, in whatever order they come, and nothing once all is undone?"""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.ledger.operations import audit
from tests.support.missions import a_task, balances, progress, tasks_in_force
from tests.support.shop import paid, refunded, tell
from tests.support.working import work
from tests.support.world import NOW, a_member

DAY = timedelta(days=1)
LATER = NOW + 40 * DAY
TASKS = (
    a_task("TWO", kind="orders", target=2),
    a_task("SPEND", kind="spend", target=250, recurrence="monthly", requires=["TWO"]),
    a_task("DAYS", kind="consecutive_order_days", target=2, recurrence="weekly"),
)
ORDERS = st.lists(
    st.tuples(st.integers(0, 35), st.sampled_from([4_000, 10_000, 30_000]), st.booleans()),
    min_size=1,
    max_size=6,
)


@pytest.fixture
async def missions(database):
    assert database
    await tasks_in_force(*TASKS)


async def outcome(facts, size):
    """What becomes of a member who has done them, told `size` at a time."""
    member = await a_member()
    for begin in range(0, len(facts), size):
        await tell(*(fact(member) for fact in facts[begin : begin + size]), now=LATER)
        await work(LATER)
    await work(LATER)
    return member, {
        key: state for key, (state, _, _) in (await progress(member)).items() if state != "OPEN"
    }


async def owned(member):
    """Points, available or not, and GROWTH: what was available once doesn't wait again."""
    pending, available, growth = await balances(member)
    return pending + available, growth


@pytest.mark.usefixtures("missions")
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(orders=ORDERS, size=st.integers(1, 4), data=st.data())
async def test_any_order_of_arrival_gives_the_same_and_refunding_all_gives_nothing(
    orders, size, data
):
    def pay(number, day, amount):
        return lambda member: paid(
            member, f"{member.member_id}-{number}", amount, at=NOW + day * DAY
        )

    def refund(number, day):
        at = NOW + (day + 1) * DAY
        return lambda member: refunded(member, f"{member.member_id}-{number}", "R", at=at)

    facts = [pay(number, day, amount) for number, (day, amount, _) in enumerate(orders)]
    facts += [refund(number, day) for number, (day, _, sent_back) in enumerate(orders) if sent_back]
    one, in_time = await outcome(facts, len(facts))
    other, shuffled = await outcome(data.draw(st.permutations(facts)), size)
    assert shuffled == in_time
    assert await owned(other) == await owned(one)
    for number, (day, _, sent_back) in enumerate(orders):
        if not sent_back:
            await tell(refund(number, day)(other), now=LATER)
            await work(LATER)
    assert await balances(other) == (0, 0, 0)
    assert (await audit(now=LATER)).breaches == []


@pytest.mark.usefixtures("missions")
async def test_a_reward_falls_with_what_had_to_be_done_before_it_whenever_that_is_undone():
    def facts(member):
        first, second = (f"{member.member_id}-{number}" for number in "12")
        return (
            paid(member, first, 4_000, at=NOW),
            paid(member, second, 30_000, at=NOW),
            refunded(member, first, "R", at=NOW + DAY),
        )

    for order in permutations(range(3)):
        member, stands = await outcome([lambda m, n=n: facts(m)[n] for n in order], 1)
        assert ({key for key, state in stands.items() if state != "FALLEN"}, order) == (
            set(),
            order,
        )
        assert (await owned(member), order) == ((300, 300), order)


@pytest.mark.usefixtures("missions")
async def test_what_is_done_again_before_it_gives_a_reward_back():
    member = await a_member()
    orders = [f"{member.member_id}-{number}" for number in "123"]
    await tell(paid(member, orders[0], 4_000, at=NOW), now=LATER)
    await tell(paid(member, orders[1], 30_000, at=NOW), now=LATER)
    await work(LATER)
    assert (await progress(member))["SPEND", "2026-03"][0] == "REWARDED"
    await tell(refunded(member, orders[0], "R", at=NOW + DAY), now=LATER)
    await work(LATER)
    assert (await progress(member))["SPEND", "2026-03"][0] == "OPEN"
    assert await owned(member) == (300, 300)
    await tell(paid(member, orders[2], 4_000, at=NOW + 2 * DAY), now=LATER)
    await work(LATER)
    assert (await progress(member))["SPEND", "2026-03"][0] == "REWARDED"
    assert await owned(member) == (540, 540)
    assert (await audit(now=LATER)).breaches == []
