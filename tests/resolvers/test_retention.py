"""What does a member see of keeping their tier, and what may staff put underneath?"""

from datetime import UTC, datetime, timedelta

from domain.members.model import Member
from domain.retention.operations import review_due
from kit import clock
from tests.support.api import Asking, member_global_id
from tests.support.shop import completed, done, paid, reviewed
from tests.support.world import NOW, nothing_changed

DAY = timedelta(days=1)
END = datetime(2027, 3, 2, 16, tzinfo=UTC)
WARNS, GRACE = END - 30 * DAY, END - 15 * DAY
SEEN = """{ me { tier { code } tierProgress { state keepScore retentionScore retention {
  score needed gap warnedAt graceFrom endsAt moved otherwise { code }
  tasks { kind progress target scorePoints } purchase { yuan orders } recoverBy lostTier { code }
} } } }"""
SET = """mutation($id: ID!, $tier: String!, $until: DateTime) {
  setTierFloor(memberId: $id, tier: $tier, until: $until, reason: "an apology") {
    member { tier { code } tierProgress { state } } refusal { code message } } }"""
STOP = """mutation($id: ID!) { endTierFloor(memberId: $id, reason: "enough") {
  member { tier { code } } refusal { code message } } }"""


async def seen(ask: Asking, member: Member, at: datetime):
    with clock.frozen(at):
        answer = await ask(SEEN, ask.member(member.member_id))
    me = answer["data"]["me"]
    return me["tier"]["code"], me["tierProgress"]


async def a_gold_member(member: Member) -> None:
    """With 204 of the 240 that keep it."""
    await done(paid(member, "o1", 990_000), completed(member, "o1", at=NOW + DAY))
    await done(paid(member, "o2", 660_000, at=END - 100 * DAY))


async def test_nothing_is_at_stake_until_a_warning(ask: Asking, ming: Member) -> None:
    assert await seen(ask, ming, NOW) == (
        "NORMAL",
        {"state": "ACTIVE", "keepScore": 0, "retentionScore": None, "retention": None},
    )
    await a_gold_member(ming)
    assert await seen(ask, ming, WARNS - DAY) == (
        "GOLD",
        {"state": "ACTIVE", "keepScore": 240, "retentionScore": 206, "retention": None},
    )


async def test_a_member_sees_what_is_missing_what_helps_and_what_follows(
    ask: Asking, ming: Member
) -> None:
    await a_gold_member(ming)
    await review_due(as_of=WARNS)
    tier, progress = await seen(ask, ming, WARNS)
    assert (tier, progress["state"]) == ("GOLD", "WARNED")
    assert progress["retention"] == {
        "score": 206,
        "needed": 240,
        "gap": 34,
        "warnedAt": "2027-01-31T16:00:00Z",
        "graceFrom": "2027-02-15T16:00:00Z",
        "endsAt": "2027-03-02T16:00:00Z",
        "moved": False,
        "otherwise": {"code": "SILVER"},
        "tasks": [],
        "purchase": {"yuan": 1134, "orders": 5},
        "recoverBy": None,
        "lostTier": None,
    }
    await review_due(as_of=GRACE)
    await done(reviewed(ming, "r1", at=GRACE + DAY))
    _, progress = await seen(ask, ming, GRACE + DAY)
    assert progress["state"] == "GRACE"
    assert progress["retention"]["tasks"] == [
        {"kind": "check_in", "progress": 0, "target": 5, "scorePoints": 20},
        {"kind": "review", "progress": 1, "target": 2, "scorePoints": 18},
    ]
    assert (progress["retention"]["score"], progress["retention"]["purchase"]) == (215, None)


async def test_a_tier_that_was_due_to_be_lost_is_seen_lost_before_the_night_ran(
    ask: Asking, ming: Member
) -> None:
    await a_gold_member(ming)
    await review_due(as_of=WARNS)
    await review_due(as_of=GRACE)
    async with nothing_changed():
        tier, progress = await seen(ask, ming, END)
    assert (tier, progress["state"]) == ("SILVER", "RECOVERY")
    assert progress["retention"]["lostTier"] == {"code": "GOLD"}
    assert progress["retention"]["recoverBy"] == "2027-04-01T16:00:00Z"
    assert (progress["retention"]["gap"], progress["keepScore"]) == (34, 80)


async def test_staff_set_and_end_a_floor(ask: Asking, ming: Member) -> None:
    asked = {"id": member_global_id(ming.member_id)}
    made = await ask(SET, ask.staff(), **asked, tier="GOLD", until="2026-06-01T00:00:00Z")
    assert made["data"]["setTierFloor"] == {
        "member": {"tier": {"code": "GOLD"}, "tierProgress": {"state": "ACTIVE"}},
        "refusal": None,
    }
    ended = await ask(STOP, ask.staff(), **asked)
    assert ended["data"]["endTierFloor"] == {
        "member": {"tier": {"code": "NORMAL"}},
        "refusal": None,
    }
    async with nothing_changed():
        again = await ask(STOP, ask.staff(), **asked)
        assert again["data"]["endTierFloor"]["refusal"] == {
            "code": "NO_TIER_FLOOR",
            "message": "This member has no tier floor.",
        }
        wrong = await ask(SET, ask.staff(), **asked, tier="COPPER")
        assert wrong["data"]["setTierFloor"]["refusal"]["code"] == "INVALID_INPUT"
