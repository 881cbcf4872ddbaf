"""Is nothing of a person anywhere once they are erased, and nothing in unlikely places before?"""

from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from app.relay import schedule
from app.throttle import Throttle
from db.queries.personal import CATALOGUE
from domain.challenges.model import Shown
from domain.challenges.operations import show_as
from domain.community.model import ReportReason
from domain.community.operations import appeal, ban, hide, report
from domain.members.model import Member
from domain.members.operations import resume, suspend
from domain.notifications.model import Template
from domain.notifications.operations import register_push
from domain.rewards.model import Adjustment, Operation
from domain.rewards.operations import adjust
from domain.tasks.operations.tagging import tag
from kit import clock
from tests.support.api import SECRET
from tests.support.forgetting import forgotten, holding, worked
from tests.support.hooks import a_receiver, an_endpoint
from tests.support.lotteries import NOTHING, draw, in_play, prize
from tests.support.merging import merged, sound
from tests.support.referring import a_friend, register_by
from tests.support.shop import done, line, paid
from tests.support.talking import answer, follow, like, say, subject
from tests.support.telling import tell
from tests.support.value import give, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member
from workers.entries import ENTRIES

pytestmark = pytest.mark.usefixtures("database")

FACTS: dict[str, Any] = {
    "nickname": "Canary Nick",
    "external_id": "canary-customer-1",
    "email": "canary.one@example.com",
    "phone": "+8613912345601",
}
TWIN: dict[str, Any] = {
    "nickname": "Canary Twin",
    "email": "canary.two@example.com",
    "device_id": "canary-device",
}
WORDS = {
    name: f"canary {name} words"
    for name in (
        "adjustment",
        "packet",
        "suspension",
        "seed",
        "post",
        "comment",
        "note",
        "ban",
        "appeal",
        "hiding",
        "address",
    )
}
PUSH, TAG = "canary-push-token", "canary-tag"
# Nowhere ever: what is only kept as a keyed hash.
NEVER = ("canary-device", "canary-password")
EVERYTHING = (
    *(FACTS.values()),
    TWIN["nickname"],
    TWIN["email"],
    *WORDS.values(),
    PUSH,
    TAG,
    *NEVER,
)


async def a_life() -> tuple[Member, Member]:
    """Somebody who does all that one can, and somebody else who is there with them."""
    await in_play(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    async with a_receiver() as receiver:
        await an_endpoint(receiver)
    canary, other = await a_member(**FACTS), await a_member(nickname="Somebody Else")
    me = canary.member_id
    twin = (await register_by(other.referral_code, password="canary-password", **TWIN)).member
    await give(me, 1_000)
    await draw(me, client_seed=WORDS["seed"])
    await done(paid(canary, "1", line(12_000), data={"address": WORDS["address"]}))
    await staff_acts(canary)
    await register_push(me, PUSH, now=NOW)
    await show_as(me, Shown.NICKNAME, now=NOW)
    await tell(me, Template.TASK_COMPLETED)
    await talks(canary, other)
    await work(NOW)
    await merged(canary, twin)
    await work(NOW)
    return canary, other


async def staff_acts(canary: Member) -> None:
    me = canary.member_id
    for amount, operation, words in (
        (50, Operation.ADJUST_POINTS, WORDS["adjustment"]),
        (888, Operation.GRANT_CREDIT, WORDS["packet"]),
    ):
        asked = Adjustment(me, amount, words, f"key {amount}", operation=operation)
        await adjust("ada@shop", asked, now=NOW)
    by = {"actor": "ada@shop", "reason": WORDS["suspension"], "now": NOW}
    await suspend(me, **by)
    await resume(me, **by)
    await tag(me, TAG, actor="ada@shop", now=NOW)


async def talks(canary: Member, other: Member) -> None:
    me = canary.member_id
    said = await say(canary, f"{WORDS['post']} and some more of them", images=())
    theirs = await say(other, "What somebody else says stands where it is.")
    await answer(canary, theirs, f"{WORDS['comment']} and some more of them")
    await answer(other, said, "An answer by somebody else, which stands.")
    await like(canary, theirs)
    await follow(canary, other)
    await report(me, subject(theirs), ReportReason.OTHER, note=WORDS["note"], now=NOW)
    staff = {"actor": "ada@shop", "now": NOW}
    hidden = await say(canary, f"{WORDS['post']} and others that are hidden")
    await hide(subject(hidden), reason=WORDS["hiding"], **staff)
    await appeal(me, "POST", hidden.id, text=WORDS["appeal"], now=NOW)
    await ban(me, ends_at=None, reason=WORDS["ban"], **staff)


async def test_a_person_is_where_the_catalogue_says_and_nowhere_once_they_are_erased(
    valkey: Redis,
):
    throttle = Throttle(SECRET, lambda: valkey)
    with capture_logs() as logs:
        canary, _ = await a_life()
        await throttle.of("203.0.113.7", NOW).sign_in(f"email:{FACTS['email']}")
        before = await holding(*EVERYTHING)
        expected = {table for table, kept in CATALOGUE.items() if kept.holds}
        assert set(before) - expected == set()
        seen = set().union(*before.values())
        assert seen == set(EVERYTHING) - set(NEVER)
        await forgotten(canary, at=NOW + timedelta(hours=1))
        await work(NOW + timedelta(hours=2))
    after = await holding(*EVERYTHING)
    assert after == {"webhook_event": {FACTS["external_id"]}}
    kept = [(key, await valkey.dump(key)) for key in await valkey.keys("*")]
    said = f"{logs} {kept}"
    assert [word for word in EVERYTHING if word in said] == []


async def test_time_goes_on_as_if_they_had_never_been_anybody():
    """Every scheduled job, where who was erased was invited, invited and bought."""
    with clock.frozen(NOW) as time:
        canary, other = await a_life()
        friend = await a_friend(canary)
        await done(paid(friend, "of the friend", 20_000))
        await forgotten(canary, at=NOW)
        dropped: list[str] = []
        for at in (NOW + timedelta(days=1), NOW + timedelta(days=100)):
            time.set(at)
            dropped += await worked(at)
            for entry in ENTRIES:
                report = await schedule().run_now(entry.name, at)
                assert (entry.name, report.state, report.last_error) == (entry.name, "done", None)
            dropped += await worked(at)
            await sound(at)
        assert dropped == ["referral.award_inviter"]
        assert (await wallet(canary.member_id)).available == 0
        assert (await wallet(friend.member_id)).available > 0
        assert (await wallet(other.member_id)).debt == 0
