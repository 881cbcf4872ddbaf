"""Does one member's story hold from enrolment to the last expiry, with sound books throughout?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.checkins.operations import check_in, make_up
from domain.dashboard.model import Part
from domain.dashboard.views import member_view
from domain.ledger.operations import audit, settle_members
from domain.members.model import Enrolment
from domain.referrals.operations import enrol
from domain.rewards.operations import cancel, redeem, ship
from kit import clock
from tests.support.shop import (
    completed,
    done,
    line,
    paid,
    refunded,
    reviewed,
    states,
    tier_changes,
)
from tests.support.value import kinds
from tests.support.working import work
from tests.support.world import NOW, published

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("database")]
DAY = timedelta(days=1)


class Story:
    """One member whose clock moves; each step is worked off and audited."""

    def __init__(self, time):
        self.time = time

    async def begin(self):
        asked = Enrolment(external_id="customer-1", nickname="小明")
        self.member = (await enrol(asked, now=clock.now(), secret=b"a secret")).member
        return await self.shows()

    @property
    def id(self):
        return self.member.member_id

    async def later(self, **by):
        self.time.advance(timedelta(**by))
        now = clock.now()
        await settle_members(as_of=now)
        await work(now)
        return await self.shows()

    async def hears(self, *facts):
        await done(*facts, now=clock.now())
        return await self.shows()

    async def shows(self) -> tuple[int, int, int, str]:
        """Available, pending, GROWTH, tier, as a reader sees them; nothing may be wrong."""
        findings = await audit(now=clock.now())
        assert findings.breaches == []
        parts = (Part("points"), Part("growth"))
        found = await member_view(self.id, parts, now=clock.now(), locale="en")
        assert found is not None
        points: Any = found.parts[parts[0]]
        growth: Any = found.parts[parts[1]]
        return points.available, points.pending, growth, found.tier.code


async def test_a_members_year():
    await published()
    with clock.frozen(NOW) as time:
        story = Story(time)
        assert await story.begin() == (0, 0, 0, "NORMAL")
        await _buys_and_waits(story)
        await _redeems_and_cancels(story)
        await _sends_back_what_was_spent(story)
        await _repays(story)
        await _checks_in(story)
        await _climbs_and_falls(story)
        await _lets_the_rest_expire(story)


async def _buys_and_waits(story):
    order = paid(
        story.member,
        "o1",
        line(80_000, "tea"),
        line(50_000, "cups", discountMinor=10_000),
        line(9_900, "gift card", eligible=False),
        at=clock.now(),
        data={"shippingMinor": 1_200},
    )
    assert await story.hears(order) == (0, 1_200, 1_200, "NORMAL")
    assert await story.hears(replace(order, id="a retry")) == (0, 1_200, 1_200, "NORMAL")
    assert await story.later(days=14) == (0, 1_200, 1_200, "NORMAL")
    assert await story.later(days=1) == (1_200, 0, 1_200, "NORMAL")


async def _redeems_and_cancels(story):
    made = await redeem(story.id, "MUG", 1, idempotency_key="mug", now=clock.now())
    assert await story.shows() == (0, 0, 1_200, "NORMAL")
    await story.later(hours=1)
    redemption = made.redemption
    await cancel(story.id, redemption.id, actor="member", now=clock.now())
    assert await story.shows() == (1_200, 0, 1_200, "NORMAL")
    made = await redeem(story.id, "MUG", 1, idempotency_key="mug again", now=clock.now())
    await ship(story.id, made.redemption.id, staff="staff:1", now=clock.now())
    assert await story.shows() == (0, 0, 1_200, "NORMAL")


async def _sends_back_what_was_spent(story):
    now = clock.now()
    cups = refunded(story.member, "o1", "r1", ("cups", 20_000), at=now)
    assert await story.hears(cups) == (0, 0, 1_000, "NORMAL")
    assert (await kinds(story.id))[-1] == ("shortfall", 200)
    too_much = refunded(story.member, "o1", "r2", ("cups", 20_001), at=now)
    assert await story.hears(too_much) == (0, 0, 1_000, "NORMAL")
    assert (await states(story.id))[-1] == "refused"


async def _repays(story):
    early = refunded(story.member, "o2", "r3", ("1", 5_000), at=clock.now())
    assert await story.hears(early) == (0, 0, 1_000, "NORMAL")
    order = paid(story.member, "o2", 30_000, at=clock.now())
    assert await story.hears(order) == (0, 250, 1_250, "NORMAL")
    await story.later(days=2)
    word = completed(story.member, "o2", at=clock.now())
    assert await story.hears(word) == (50, 0, 1_250, "NORMAL")
    assert (await kinds(story.id))[-3:] == [
        ("take_back", 50),
        ("activate", 250),
        ("repay", 200),
    ]
    assert await story.hears(reviewed(story.member, "v1", photos=1, at=clock.now())) == (
        *(80, 0, 1_280),
        "NORMAL",
    )


async def _checks_in(story):
    first = clock.now().astimezone(UTC).date()
    for number in range(8):
        if number != 3:
            await check_in(story.id, now=clock.now())
        await story.later(days=1)
    assert await story.shows() == (150, 0, 1_350, "NORMAL")
    missed = date.fromordinal(first.toordinal() + 3)
    found = await make_up(story.id, missed, now=clock.now())
    assert (found.streak_days, found.points_awarded) == (4, 20)
    assert await story.shows() == (120, 0, 1_350, "NORMAL")


async def _climbs_and_falls(story):
    order = paid(story.member, "o3", 900_000, at=clock.now())
    assert await story.hears(order) == (120, 9_000, 10_350, "GOLD")
    await story.later(hours=1)
    order = paid(story.member, "o4", 9_990, at=clock.now())
    assert await story.hears(order) == (120, 9_124, 10_449, "GOLD")
    await story.later(days=1)
    back = refunded(story.member, "o3", "r4", at=clock.now())
    assert await story.hears(back) == (120, 124, 1_449, "NORMAL")
    assert [change[:2] for change in await tier_changes(story.id)] == [
        ("NORMAL", "GOLD"),
        ("GOLD", "NORMAL"),
    ]
    assert await story.later(days=14) == (244, 0, 1_449, "NORMAL")


async def _lets_the_rest_expire(story):
    assert await story.later(days=700) == (244, 0, 1_449, "NORMAL")
    assert await story.later(days=60) == (0, 0, 1_449, "NORMAL")
    assert clock.now() > datetime(2028, 4, 1, tzinfo=UTC)
    assert {kind for kind, _ in (await kinds(story.id))[-10:]} == {"expire"}
