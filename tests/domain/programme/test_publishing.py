"""How does a programme come into force, and which one is in force when?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.programme import views
from domain.programme.errors import CurrencyFixed, NothingPublished, TierInUse
from domain.programme.operations import publish
from domain.programme.views import versions
from tests.support.programmes import changed, in_force
from tests.support.shop import done, paid, tier
from tests.support.world import NOW, a_member, nothing_changed, programme

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def test_without_a_programme_nothing_is_in_force():
    views.forget()
    with pytest.raises(NothingPublished):
        (await versions()).at(NOW)
    assert (await versions()).latest() is None


async def test_the_first_version_is_in_force_since_ever_and_the_next_from_its_publication():
    assert await in_force() == 1
    assert await in_force(now=NOW + DAY, points={"per_yuan": 2}) == 2
    assert await in_force(now=NOW + DAY, since=NOW + 9 * DAY, points={"per_yuan": 3}) == 3
    known = await versions()
    assert len(known) == 3
    for at, version in [
        (datetime(1, 1, 1, tzinfo=UTC), 1),
        (NOW + DAY - timedelta(microseconds=1), 1),
        (NOW + DAY, 2),
        (NOW + 9 * DAY, 3),
    ]:
        assert known.at(at).version == version
    assert [known.numbered(n).programme.points.per_yuan for n in (1, 2, 3)] == [1, 2, 3]


async def test_what_is_in_force_already_is_not_published_again():
    await in_force()
    async with nothing_changed():
        assert await in_force(now=NOW + DAY) == 1


async def test_a_version_starts_neither_in_the_past_nor_before_the_one_it_follows():
    await in_force()
    await in_force(since=NOW + 9 * DAY, points={"per_yuan": 2})
    await in_force(since=NOW - 9 * DAY, points={"per_yuan": 3})
    known = await versions()
    assert [found.effective_from for found in known][1:] == [NOW + 9 * DAY] * 2
    assert known.at(NOW + 9 * DAY).version == 3


async def test_a_stored_version_is_the_one_that_was_published():
    await in_force(points={"per_yuan": 2}, rates={"USD": "7.1"})
    views.forget()
    stored = (await versions()).numbered(1)
    assert stored.programme == changed(points={"per_yuan": 2}, rates={"USD": "7.1"})
    assert stored.digest == stored.programme.digest


async def test_the_currency_is_fixed_with_the_first_version():
    await in_force()
    async with nothing_changed():
        with pytest.raises(CurrencyFixed) as refused:
            await publish(programme("grocery"), now=NOW, published_by="tests")
    assert refused.value.facts == {"currency": "CNY"}


async def test_a_tier_that_members_are_on_cannot_be_dropped():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000))
    assert await tier(member.member_id) == ("SILVER", True)
    ladder = programme().document()["tiers"]["ladder"]
    async with nothing_changed():
        with pytest.raises(TierInUse) as refused:
            await in_force(tiers={"ladder": [ladder[0], *ladder[2:]]})
    assert refused.value.facts == {"tiers": "SILVER"}
    assert await in_force(tiers={"ladder": ladder[:2]}) == 2


async def test_a_version_that_starts_later_drops_no_tier_that_members_may_reach_until_then():
    await in_force()
    ladder = programme().document()["tiers"]["ladder"]
    fewer = {"ladder": [ladder[0], *ladder[2:]]}
    async with nothing_changed():
        with pytest.raises(TierInUse) as refused:
            await in_force(since=NOW + 30 * DAY, tiers=fewer)
    assert refused.value.facts == {"tiers": "SILVER"}
    assert await in_force(since=NOW + timedelta(seconds=5), tiers=fewer) == 2


async def test_a_tier_that_members_would_fall_back_to_cannot_be_dropped_either():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), paid(member, "o2", 660_000, at=NOW + DAY))
    assert await tier(member.member_id) == ("GOLD", True)
    ladder = programme().document()["tiers"]["ladder"]
    with pytest.raises(TierInUse) as refused:
        await in_force(tiers={"ladder": [ladder[0], *ladder[2:]]})
    assert refused.value.facts == {"tiers": "SILVER"}


async def test_programmes_published_at_once_are_numbered_one_after_the_other():
    await in_force()
    numbers = await asyncio.gather(
        *(in_force(points={"per_yuan": per_yuan}) for per_yuan in range(2, 10))
    )
    assert sorted(numbers) == list(range(2, 10))
