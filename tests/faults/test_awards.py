"""Is each referral awarded once, and soon, when workers are killed all the time?"""

import time
from collections import Counter

import pytest

from domain.intake.operations import record
from domain.members.model import Enrolment
from domain.referrals.operations import enrol
from kit import clock
from tests.faults.shopping import an_order, expected
from tests.faults.state import require_nothing_set_aside, require_sound_books
from tests.support.faults import rows_of, settled, until, value_of
from tests.support.world import a_member, programme

pytestmark = pytest.mark.fault
ROUNDS = 10
INVITERS = 12
FRIENDS_EACH_ROUND = 6
WORKERS = ("one", "two")
REDELIVERY_SECONDS_MAX = 90
_RUNNING = "SELECT id, token FROM job WHERE state = 'running'"
_AWARDED = """
SELECT m.external_id AS subject, coalesce(sum(t.amount), 0)::int AS points
FROM member m LEFT JOIN transfer t ON t.member_id = m.member_id AND t.currency = 'POINTS'
  AND t.kind = 'earn' AND t.reason LIKE 'referral%'
GROUP BY 1
"""
_WALLETS = """
SELECT m.external_id AS subject, w.available::int AS available
FROM member m JOIN wallet w ON w.member_id = m.member_id AND w.currency = 'POINTS'
"""


class Redeliveries:
    """Jobs that were running when a worker was killed, and how long until they ran again."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._lost: dict[object, tuple[int, float]] = {}

    async def lost(self) -> None:
        now = time.monotonic()
        for row in await rows_of(_RUNNING):
            self._lost.setdefault(row["id"], (row["token"], now))

    async def look(self) -> bool:
        """Whether all of them have ended or have been taken again."""
        found = await rows_of(
            "SELECT id, token, state FROM job WHERE id = ANY($1)", list(self._lost)
        )
        for row in found:
            token, lost_at = self._lost[row["id"]]
            if row["token"] != token:
                self.seconds.append(time.monotonic() - lost_at)
            if row["token"] != token or row["state"] != "running":
                del self._lost[row["id"]]
        return not self._lost


async def test_with_20_killed_workers_each_award_is_given_once(fleet, chance, measured):
    inviters = [await a_member(external_id=f"inviter-{number}") for number in range(INVITERS)]
    friends: list[str] = []
    facts = []
    redeliveries = Redeliveries()
    fleet.start_relay()
    for name in WORKERS:
        fleet.start_worker(name)
    for _ in range(ROUNDS):
        for _ in range(FRIENDS_EACH_ROUND):
            inviter = inviters[len(friends) % INVITERS]
            friends.append(await a_friend(inviter, len(friends)))
            facts += await an_order_that_counts(chance, friends[-1])
        await until(busy, 20, what="a worker is at work")
        for name in WORKERS:
            fleet.kill(name)
        await redeliveries.lost()
        for name in WORKERS:
            fleet.restart(name)
        await redeliveries.look()
    await until(redeliveries.look, REDELIVERY_SECONDS_MAX, what="everything lost is taken again")
    await until(settled, REDELIVERY_SECONDS_MAX, what="everything is done")
    measured["redelivered"] = len(redeliveries.seconds)
    assert redeliveries.seconds, "no worker died at work"
    measured["slowest redelivery s"] = max(redeliveries.seconds)
    assert max(redeliveries.seconds) <= REDELIVERY_SECONDS_MAX
    await require_awards(friends, inviters, facts)


async def a_friend(inviter, number) -> str:
    subject = f"friend-{number}"
    enrolment = Enrolment(external_id=subject, nickname="小红")
    made = await enrol(
        enrolment, referral_code=inviter.referral_code, now=clock.now(), secret=b"faults"
    )
    assert made.refusal is None
    return subject


async def an_order_that_counts(chance, subject) -> list:
    facts = an_order(chance, subject, clock.now())
    recorded = await record(facts, now=clock.now())
    assert recorded.accepted == len(facts)
    return facts


async def busy() -> bool:
    return await value_of("SELECT count(*) FROM job WHERE state = 'running'") > 0


async def require_awards(friends, inviters, facts) -> None:
    """What each side got by the programme, no more and no less, and what the orders gave."""
    policy = programme().referral
    counts = Counter(inviters[number % INVITERS].external_id for number in range(len(friends)))
    due = dict.fromkeys(friends, policy.invitee_points)
    for inviter, count in counts.items():
        reached = [step.points for step in policy.milestones if step.count <= count]
        due[inviter] = count * policy.inviter_points + sum(reached)
    found = {row["subject"]: row["points"] for row in await rows_of(_AWARDED)}
    assert found == due
    states = await rows_of("SELECT state, count(*)::int AS n FROM referral GROUP BY 1")
    assert states == [{"state": "REWARDED", "n": len(friends)}]
    assert await value_of("SELECT count(*) FROM coupon") == len(friends)
    await require_nothing_set_aside()
    now = clock.now()
    for subject, bought in expected(facts, programme()).items():
        due[subject] += bought.available(now)
    wallets = {row["subject"]: row["available"] for row in await rows_of(_WALLETS)}
    assert wallets == due
    await require_sound_books(now)
