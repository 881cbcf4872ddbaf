"""What other than a deed makes tasks look at a member?"""

from datetime import date

import pytest

from domain.members.model import Enrolment, Registration
from domain.members.operations import update_profile
from domain.referrals.operations import enrol, register
from tests.support.missions import a_task, balances, rewarded, tasks_in_force
from tests.support.shop import done, paid, tier
from tests.support.working import jobs_of, work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")


async def test_a_profile_that_is_filled_in_completes_its_task():
    await tasks_in_force(a_task(kind="profile", fields=["email", "birthday"]))
    member = await a_member(email="ming@example.com")
    await update_profile(member.member_id, nickname="Ming", now=NOW)
    assert await jobs_of(member.member_id) == []
    await update_profile(member.member_id, birthday=date(1990, 5, 6), now=NOW)
    await work(NOW)
    assert await rewarded(member) == [("T", "once")]
    assert await balances(member) == (0, 100, 100)


async def test_who_joins_with_all_of_a_profile_has_done_its_task():
    await tasks_in_force(a_task(kind="profile", fields=["email"]))
    asked = Enrolment(external_id="c1", nickname="Ming", email="ming@example.com")
    enrolled = (await enrol(asked, now=NOW, secret=b"s" * 32)).member
    newcomer = Registration(nickname="Ann", email="ann@example.com", password="correct horse 1")
    registered = (await register(newcomer, now=NOW, secret=b"s" * 32)).member
    without = (
        await enrol(Enrolment(external_id="c2", nickname="Bo"), now=NOW, secret=b"s" * 32)
    ).member
    await work(NOW)
    assert [await rewarded(one) for one in (enrolled, registered, without)] == [
        [("T", "once")],
        [("T", "once")],
        [],
    ]


async def test_a_tier_that_is_reached_opens_the_tasks_that_are_for_it():
    await tasks_in_force(
        a_task("SILVERS", kind="profile", fields=["email"], audience={"tiers": ["SILVER"]})
    )
    member = await a_member(email="ming@example.com")
    await done(paid(member, "A", 200_000))
    assert (await tier(member.member_id), await rewarded(member)) == (*(("NORMAL", False), []),)
    await done(paid(member, "B", 200_000))
    assert (await tier(member.member_id))[0] == "SILVER"
    assert await rewarded(member) == [("SILVERS", "once")]
