"""Is nothing won or lost by merging and parting, whatever two members did before?"""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connection import reader
from domain.ledger.errors import InsufficientPoints
from domain.orders.dossiers import open_dossiers
from domain.orders.standing import parts_at
from domain.programme.views import versions
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit.ids import new_id
from tests.support import shop
from tests.support.merging import balance, merged, parted
from tests.support.working import work
from tests.support.world import NOW, a_member, published

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REVIEWS_A_DAY = 3
"""As many as count: of two members twice as many do, and so they are another history than one's."""


def within_the_day(history):
    reviews = [deed for deed in history if deed[1] == "review"]
    return [deed for deed in history if deed not in reviews[REVIEWS_A_DAY:]]


# Who did it, what, and how much of it.
HISTORY = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["buy", "complete", "refund", "give", "spend", "review"]),
        st.integers(1, 60),
    ),
    min_size=2,
    max_size=7,
).map(within_the_day)


async def live(history, of_first, of_second):
    """Let two members do all that; both may be the same person."""
    orders = {True: [], False: []}
    for number, (is_first, what, amount) in enumerate(history):
        member, at = of_first if is_first else of_second, NOW + number * HOUR
        mine, last = orders[is_first], orders[is_first][-1:]
        name = f"{member.external_id}-{is_first}-{number}"
        match what:
            case "buy":
                await shop.done(shop.paid(member, name, amount * 1_000, at=at), now=at)
                mine.append(name)
            case "complete" if last:
                await shop.done(shop.completed(member, last[0], at=at), now=at)
            case "refund" if last:
                lines = [("1", 100)]
                await shop.done(shop.refunded(member, last[0], name, *lines, at=at), now=at)
            case "review":
                await shop.done(shop.reviewed(member, name, at=at), now=at)
            case "give" | "spend":
                signed = amount if what == "give" else -amount
                await correct(member, signed, at)
            case _:
                pass
    return NOW + len(history) * HOUR


async def correct(member, amount, at):
    try:
        await adjust("staff:1", Adjustment(member.member_id, amount, "test", str(new_id())), now=at)
    except InsufficientPoints:
        return


async def total(*members):
    return sum([sum(await balance(member)) for member in members])


async def score(member, at):
    """Recomputed from all that counts for the member."""
    async with reader() as tx:
        known = await versions(tx)
        dossiers, _ = await open_dossiers(tx, [member], known, at, earliest=at)
    dossier = dossiers[member.member_id]
    return parts_at(dossier, known.at(at).programme, at, settled_only=False)


async def check(history):
    ming, hong, one = await a_member(), await a_member(), await a_member()
    at = await live(history, ming, hong)
    await live(history, one, one)
    before = await total(ming, hong)
    scores = [await score(ming, at), await score(hong, at)]
    await merged(ming, hong, at=at)
    assert await total(ming, hong) == await total(ming) == before
    assert await score(ming, at) == await score(one, at)
    await work(at)
    await parted(ming, hong, at=at + HOUR)
    assert await total(ming, hong) == before
    assert [await score(ming, at), await score(hong, at)] == scores


@pytest.mark.usefixtures("database")
async def test_points_and_scores_of_two_are_those_of_one_with_all_that_both_did():
    await published()
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=6,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(history=HISTORY)
    def run(history):
        asyncio.run_coroutine_threadsafe(check(history), loop).result()

    await asyncio.to_thread(run)
