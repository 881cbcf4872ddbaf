"""Who is looked for everywhere? Somebody whose every word is found by it, who does all one can."""

from datetime import date, timedelta
from typing import Any

from domain.challenges.model import Shown
from domain.challenges.operations import show_as
from domain.community import operations as community
from domain.community.model import Post, ReportReason
from domain.coupons.model import BulkAsked
from domain.coupons.operations import issue_in_bulk
from domain.intake import operations as intake
from domain.lottery.operations import turn
from domain.meetups.operations import sign_up
from domain.members.model import Member
from domain.members.operations import correct_birthday, resume, suspend
from domain.members.views import by_external_id
from domain.notifications.model import Failure, Template
from domain.notifications.operations import register_push
from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals.model import Arrival
from domain.referrals.operations import reject
from domain.rewards.model import Adjustment, Operation
from domain.rewards.operations import adjust, approve, redeem
from domain.tasks.operations.tagging import tag
from tests.domain.imports.files import imported
from tests.support.hooks import a_receiver, an_endpoint
from tests.support.lotteries import NOTHING, a_lottery, draw, prize, with_lottery
from tests.support.merging import merged
from tests.support.referring import SECRET, a_friend, enrol_by, register_by
from tests.support.shop import SOURCE, completed, done, fact, line, paid, reviewed
from tests.support.staff import BOB, LIMITS, asking, proposed
from tests.support.talking import answer, follow, like, say, subject
from tests.support.telling import Post as Provider
from tests.support.telling import tell, use
from tests.support.value import give
from tests.support.working import work
from tests.support.world import NOW, a_member

DAY = timedelta(days=1)
STAFF = "ada@shop"
FACTS: dict[str, Any] = {
    "nickname": "Canary Nick",
    "external_id": "canary-customer-1",
    "email": "canary.one@example.com",
    "phone": "+8613912345601",
}
BIRTHDAY = "1937-11-05"
# Who is merged into them: one who registered, one whom another referred, one from a file.
TWIN: dict[str, Any] = {
    "nickname": "Canary Twin",
    "email": "canary.two@example.com",
    "device_id": "canary-device",
}
REFERRED: dict[str, Any] = {
    "nickname": "Canary Referred",
    "external_id": "canary-customer-2",
    "phone": "+8613912345602",
}
IMPORTED: dict[str, Any] = {
    "nickname": "Canary Imported",
    "external_id": "canary-customer-3",
    "email": "canary.three@example.com",
    "phone": "+8613912345603",
}
LEFT = Arrival(device_id="canary-phone", address="Canary Street 12", payment="canary-card-4711")
WORDS = {
    name: f"canary {name} words"
    for name in (
        *("adjustment", "packet", "suspension", "seed", "birthday"),
        *("proposal", "approval"),
        *("post", "comment", "review", "question", "show", "note", "ban"),
        *("appeal", "answer", "hiding", "address", "refund", "mailbox", "referral"),
    )
}
PUSH, TAG = "canary-push-token", "canary-tag"
NEVER = (
    *("canary-device", "canary-password"),
    *(str(left) for left in (LEFT.device_id, LEFT.address, LEFT.payment)),
)
"""Nowhere ever: what is only kept as a keyed hash."""
KNOWN = (
    *(str(fact) for facts in (FACTS, REFERRED, IMPORTED) for fact in facts.values()),
    *(TWIN["nickname"], TWIN["email"], BIRTHDAY),
    *WORDS.values(),
    *(PUSH, TAG),
)
EVERYTHING = (*KNOWN, *NEVER)

MAY_HOLD = {
    "member": "the profile itself",
    "contact": "the directory by which an address is one member's",
    "external_id": "the directory of the shop's customers",
    "push_address": "where to push to",
    "member_tag": "staff's label",
    "batch_row": "a row of a file of members, until it is pruned",
    "inbox": "what the shop told, as it told it",
    "webhook_event": "what the shop is told of its own customer",
    "notification": "a message to the member, with its words",
    "delivery": "what the provider answered, which may repeat an address",
    "decision": "reasons of staff and the member's seed, to explain an entry by",
    "draw": "the member's seed, with which the draw is verified",
    "staff_action": "reasons of staff",
    "staff_proposal": "the reason of who proposes, and the note of who decides",
    "referral_review": "the note of who decided",
    "community_post": "what the member says",
    "community_comment": "what the member answers",
    "community_report": "the reporter's words",
    "community_appeal": "the member's words, and the answer",
    "community_ban": "the reason of staff",
    "community_action": "the reason of staff",
}
"""The only tables that know anybody, and what for."""


def _offer() -> Programme:
    """The default programme with something of everything that is opt-in."""
    lottery = a_lottery(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    document = with_lottery(lottery).document()
    # So that it doesn't matter at what time of the day a test runs.
    document["adjustments"] = LIMITS
    document["notifications"] |= {"quiet_from_hour": 0, "quiet_until_hour": 0}
    begins = NOW + 7 * DAY
    document["community"] |= {
        "meetups": [
            {
                "code": "TASTING",
                "name": {"zh-CN": "品鉴会", "en": "Tasting"},
                "place": {"zh-CN": "杭州店", "en": "Hangzhou"},
                "starts_at": begins.isoformat(),
                "ends_at": (begins + timedelta(hours=2)).isoformat(),
                "capacity": 9,
                "gives": {"points": 30},
            }
        ]
    }
    return Programme.of(document)


async def a_life() -> tuple[Member, Member]:
    """Somebody who does all that one can, and somebody else who is there with them.

    The clock must stand at NOW.
    """
    await programmes.publish(_offer(), now=NOW - 30 * DAY, published_by="tests")
    await turn(as_of=NOW)
    canary = await a_member(**FACTS)
    home = Arrival(address=LEFT.address)
    other = (await enrol_by(None, arrival=home, now=NOW - 20 * DAY, nickname="Other")).member
    others = [await was_referred(other), await registered(other), await came_by_file()]
    async with a_receiver() as receiver:
        await an_endpoint(receiver)
    await values(canary)
    await staff_acts(canary)
    await is_told(canary)
    await talks(canary, other)
    await work(NOW)
    for one in others:
        await merged(canary, one)
    await work(NOW)
    return canary, other


async def was_referred(inviter: Member) -> Member:
    """By somebody at the same address, so that staff look at it and write why not."""
    begun = NOW - 20 * DAY
    found = (await enrol_by(inviter.referral_code, arrival=LEFT, now=begun, **REFERRED)).member
    await work(begun)
    left = {"paymentFingerprint": LEFT.payment, "deliveryAddress": LEFT.address}
    order = paid(found, "o1", 10_000, at=begun, data=left)
    await intake.record([order], now=begun, secret=SECRET)
    await work(begun)
    await work(begun + 15 * DAY)
    await reject(found.member_id, staff=STAFF, note=WORDS["referral"], now=begun + 16 * DAY)
    await work(begun + 16 * DAY)
    return found


async def registered(inviter: Member) -> Member:
    return (await register_by(inviter.referral_code, password="canary-password", **TWIN)).member


async def came_by_file() -> Member:
    """Enrolled with a balance; another row of theirs was refused."""
    await imported([{**IMPORTED, "points": "100"}, {**IMPORTED, "points": "a hundred"}])
    listed = BulkAsked("COUPON_10", "a list", external_ids=(IMPORTED["external_id"],))
    await issue_in_bulk(listed, actor=STAFF, now=NOW)
    found = await by_external_id(IMPORTED["external_id"])
    assert found is not None
    return found


async def values(canary: Member) -> None:
    """Points, a draw, a redemption, an order that is partly sent back, a seat, a friend."""
    me = canary.member_id
    await give(me, 5_000)
    await draw(me, client_seed=WORDS["seed"])
    await redeem(me, "MUG", 1, idempotency_key="mug", now=NOW)
    told = {"address": WORDS["address"]}
    await done(paid(canary, "1", line(12_000), line(9_000, "2"), data=told))
    await done(completed(canary, "1", at=NOW))
    back = {"orderId": "1", "refundId": "r1", "lines": [{"lineId": "2", "amountMinor": 9_000}]}
    await done(fact(canary, "order.refunded", {**back, "note": WORDS["refund"]}, at=NOW))
    await done(reviewed(canary, "v1", photos=1))
    await sign_up(me, "TASTING", now=NOW)
    await a_friend(canary)


async def staff_acts(canary: Member) -> None:
    me = canary.member_id
    for amount, operation, words in (
        (50, Operation.ADJUST_POINTS, WORDS["adjustment"]),
        (400, Operation.GRANT_CREDIT, WORDS["packet"]),
    ):
        asked = Adjustment(me, amount, words, f"key {amount}", operation=operation)
        await adjust(STAFF, asked, now=NOW)
    wish = asking(me, reason=WORDS["proposal"])
    await approve((await proposed(wish)).id, staff=BOB, note=WORDS["approval"], now=NOW)
    by = {"actor": STAFF, "reason": WORDS["suspension"], "now": NOW}
    await suspend(me, **by)
    await resume(me, **by)
    await correct_birthday(
        me, date.fromisoformat(BIRTHDAY), actor=STAFF, reason=WORDS["birthday"], now=NOW
    )
    await tag(me, TAG, actor=STAFF, now=NOW)


async def is_told(canary: Member) -> None:
    """By email, which the provider refuses with the address, by SMS and by push."""
    me = canary.member_id
    await register_push(me, PUSH, now=NOW)
    await show_as(me, Shown.NICKNAME, now=NOW)
    refusal = Failure(f"550 {WORDS['mailbox']}: {FACTS['email']}", temporary=False)
    use(email=Provider(refusal), sms=Provider(), push=Provider())
    try:
        await tell(me, Template.TIER_KEPT)
        await work(NOW)
    finally:
        use()


async def talks(canary: Member, other: Member) -> None:
    me = canary.member_id
    said = await say(canary, f"{WORDS['post']} and some more of them", images=())
    await says_more(canary, other)
    theirs = await say(other, "What somebody else says stands where it is.")
    await answer(canary, theirs, f"{WORDS['comment']} and some more of them")
    await answer(other, said, "An answer by somebody else, which stands.")
    await like(canary, theirs)
    await follow(canary, other)
    await follow(other, canary)
    await community.set_block(me, (await a_member()).member_id, is_on=True, now=NOW)
    await shares(canary, said, other)
    await report(canary, theirs)
    hidden = await say(canary, f"{WORDS['post']} and others that are hidden")
    await is_moderated(canary, hidden)


async def says_more(canary: Member, other: Member) -> None:
    """A review of what was bought, a show of the order, and a question with an answer to it."""
    order = (SOURCE, "1")
    await say(canary, f"{WORDS['review']} and some more", order=order, line_id="1", rating=5)
    await say(canary, f"{WORDS['show']} and some more of them", order=order)
    asked = await say(canary, f"{WORDS['question']} and some more", is_question=True)
    helped = await answer(other, asked)
    ref = (helped.member_id, helped.id)
    await community.accept_answer(canary.member_id, asked.id, ref, now=NOW)


async def shares(canary: Member, said: Post, other: Member) -> None:
    of = (said.member_id, said.id)
    link = await community.share(canary.member_id, of=of, now=NOW)
    await community.open_share(other.member_id, link.token, now=NOW)
    theirs = await community.share(other.member_id, sku="tea", now=NOW)
    await community.open_share(canary.member_id, theirs.token, now=NOW)


async def report(canary: Member, theirs: Post) -> None:
    await community.report(
        canary.member_id, subject(theirs), ReportReason.OTHER, note=WORDS["note"], now=NOW
    )


async def is_moderated(canary: Member, hidden: Post) -> None:
    """Content is hidden, an appeal against it is refused, and the member is banned."""
    me = canary.member_id
    staff = {"actor": STAFF, "now": NOW}
    await community.hide(subject(hidden), reason=WORDS["hiding"], **staff)
    appealed = await community.appeal(me, "POST", hidden.id, text=WORDS["appeal"], now=NOW)
    await community.decide_appeal(me, appealed.id, accept=False, answer=WORDS["answer"], **staff)
    await community.ban(me, ends_at=None, reason=WORDS["ban"], **staff)
