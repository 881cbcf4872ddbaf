"""What may a suspended member do, and what may one member do with what is another's?

Every mutation that a member may send is sent by one who is suspended, and by them again afterwards,
which shows that nothing else stood in its way. What names something of a member's own by its id is
sent by another one. A new mutation fails here until it has its document.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type
from redis.asyncio import Redis

from domain.community import operations as community
from domain.effects.model import GrantCommunity
from domain.meetups.operations import sign_up
from domain.members import operations as members
from domain.members.model import Member
from domain.notifications.model import Template
from kit.clock import FrozenClock
from kit.ids import global_id
from schema.build import build
from schema.guards import Guard
from tests.resolvers.test_tasks import QUIZ, WEEKLY
from tests.support.api import ADA, Asking, member_global_id
from tests.support.contests import contest
from tests.support.programmes import in_force
from tests.support.shop import done, paid, reviewed
from tests.support.talking import BODY, answer, say, subject
from tests.support.telling import tell
from tests.support.value import give, issue_to
from tests.support.world import NOW, a_member, nothing_changed, programme

CART = '{lines: [{lineId: "1", sku: "tea", amountMinor: 10000}]}'
NAME = {"zh-CN": "茶", "en": "Tea"}
COUPON = {"name": NAME, "kind": "AMOUNT_OFF", "amount_off": "5"}
COUPONS = [
    {**COUPON, "code": "HELLO", "channels": ["claim"]},
    {**COUPON, "code": "SPRING", "channels": ["public_code"], "public_code": "SPRING10"},
]
MEETUP = {
    "name": NAME,
    "place": NAME,
    "starts_at": (NOW + timedelta(days=7)).isoformat(),
    "ends_at": (NOW + timedelta(days=8)).isoformat(),
    "capacity": 10,
}
FREE = {
    "cancelMeetupSignUp": "it only gives a seat back",
    "cancelCheckout": "it only gives back what is held",
    "removePushAddress": "a device that isn't theirs any more is told nothing more",
}
"""What a suspended member may send all the same, and why."""
FOR_GOOD = {"eraseMe"}
"""What may be sent once, and by a suspended member too: tests/resolvers/test_privacy.py."""
ON_A_DEVICE = {"requestDeviceCode", "confirmDevice", "forgetDevice"}
"""What asks for a device and a code: tests/resolvers/test_devices.py."""
AFTERWARDS = {"bindReferral": "TOO_LATE"}
"""What something else stands in the way of by then: the order that is reviewed has been paid."""
OF_OTHERS = {"setLike", "setFollow", "setBlock", "reportContent", "writeComment", "share"}
"""What names something by its id that may be another member's."""


def of_members() -> set[str]:
    """The mutations that a signed-in member may send."""
    mutation = build()._schema.mutation_type
    assert isinstance(mutation, GraphQLObjectType)
    found: set[str] = set()
    for name, field in mutation.fields.items():
        (guard,) = [
            one
            for one in field.extensions["strawberry-definition"].extensions
            if isinstance(one, Guard)
        ]
        if "member" in guard.roles and "anonymous" not in guard.roles:
            found.add(name)
    return found


async def sent(ask: Asking, token: str, documents: Mapping[str, str]) -> dict[str, str | None]:
    """The code of each one's refusal."""
    return {name: await refusal_of(ask, token, name, text) for name, text in documents.items()}


async def refusal_of(ask: Asking, token: str, name: str, arguments: str) -> str | None:
    given = f"({arguments})" if arguments else ""
    found = await ask(f"mutation {{ {name}{given} {{ refusal {{ code }} }} }}", token)
    assert "errors" not in found, (name, found)
    refusal = found["data"][name]["refusal"]
    return refusal and refusal["code"]


async def value_of(ask: Asking, token: str, query: str, *path: str) -> str:
    found: Any = (await ask(query, token))["data"]
    for step in path:
        found = found[step]
    return found


async def belongings(ask: Asking, ming: Member) -> dict[str, str]:
    """The arguments of what names something of the member's own."""
    me, token = ming.member_id, ask.member(ming.member_id)
    await give(me, 10_000)
    await issue_to(me, [GrantCommunity(100, "test")])
    await done(reviewed(ming, "r"), paid(ming, "bought", 10_000))
    await sign_up(me, "TASTING", now=NOW)
    question = await say(ming, "隔夜的茶还能不能喝？想听听大家的经验。", is_question=True)
    await tell(me, Template.WELCOME)
    post, hidden = await say(ming), await say(ming, "第二篇，今天的茶叶也很好喝，明天再来。")
    comment = await answer(ming, post)
    await community.hide(subject(hidden), reason="r", actor=ADA, now=NOW)
    digest = await digest_of(ask, token)
    checkout = await value_of(
        *(ask, token),
        f'mutation {{ openCheckout(input: {{cart: {CART}, digest: "{digest}",'
        ' idempotencyKey: "before"}) { checkout { id } } }',
        *("openCheckout", "checkout", "id"),
    )
    redemption = await value_of(
        *(ask, token),
        'mutation { redeemReward(input: {rewardCode: "MUG", idempotencyKey: "before"})'
        " { redemption { id } } }",
        *("redeemReward", "redemption", "id"),
    )
    attempt = await value_of(
        *(ask, token),
        'mutation { startQuiz(code: "Q") { attempt { id } } }',
        *("startQuiz", "attempt", "id"),
    )
    inbox = "{ me { notifications(first: 1) { nodes { id } } } }"
    nodes: Any = await value_of(ask, token, inbox, "me", "notifications", "nodes")
    return {
        "cancelCheckout": f'id: "{checkout}"',
        "cancelRedemption": f'id: "{redemption}"',
        "answerQuiz": f'input: {{attemptId: "{attempt}", answers: [2]}}',
        "markNotificationsRead": f'ids: ["{nodes[0]["id"]}"]',
        "deleteComment": f'id: "{global_id("Comment", me, comment.id)}"',
        "acceptAnswer": f'postId: "{global_id("Post", me, question.id)}", commentId: null',
        "deletePost": f'id: "{global_id("Post", me, post.id)}"',
        "appealModeration": f'id: "{global_id("Post", me, hidden.id)}", text: "我没有"',
    }


async def digest_of(ask: Asking, token: str) -> str:
    query = f"{{ quoteCart(input: {{cart: {CART}}}) {{ quote {{ digest }} }} }}"
    return await value_of(ask, token, query, "quoteCart", "quote", "digest")


async def others(ask: Asking, token: str, hua: Member) -> dict[str, str]:
    """The arguments of what anybody may try."""
    post = global_id("Post", hua.member_id, (await say(hua)).id)
    digest = await digest_of(ask, token)
    link = await community.share(hua.member_id, sku="tea", now=NOW)
    return {
        "openCheckout": f'input: {{cart: {CART}, digest: "{digest}", idempotencyKey: "o"}}',
        "checkIn": "",
        "makeUpCheckIn": 'day: "2026-03-03"',
        "redeemReward": 'input: {rewardCode: "MUG", idempotencyKey: "r"}',
        "bindReferral": f'code: "{hua.referral_code}"',
        "claimCoupon": 'input: {template: "HELLO", idempotencyKey: "c"}',
        "redeemCouponCode": 'input: {code: "SPRING10", idempotencyKey: "v"}',
        "signUpForMeetup": 'code: "OTHER"',
        "cancelMeetupSignUp": 'code: "TASTING"',
        "claimTask": 'code: "R"',
        "startQuiz": 'code: "Q"',
        "joinChallenge": 'code: "SPRING"',
        "leaveChallenge": 'code: "SPRING"',
        "setLeaderboardName": "shown: NICKNAME",
        "chooseTitle": "",
        "updateNotificationPreferences": "input: {checkInHour: 9}",
        "registerPushAddress": 'token: "device"',
        "removePushAddress": 'token: "device"',
        "updateProfile": 'input: {nickname: "明"}',
        "createPost": f'input: {{body: "{BODY}好", idempotencyKey: "p"}}',
        "writeComment": f'input: {{postId: "{post}", body: "好的，谢谢", idempotencyKey: "w"}}',
        "writeReview": 'input: {orderSource: "shop", orderId: "bought", lineId: "1", rating: 5,'
        f' body: "{BODY}嗯", idempotencyKey: "rv"}}',
        "share": f'postId: "{post}"',
        "openShare": f'token: "{link.token}"',
        "setLike": f'id: "{post}", liked: true',
        "setFollow": f'memberId: "{member_global_id(hua.member_id)}", following: true',
        "showHonours": "input: {growth: true}",
        "setBlock": f'memberId: "{member_global_id(hua.member_id)}", blocked: true',
        "setTopicFollow": 'topic: "TEA", following: true',
        "reportContent": f'id: "{post}", reason: SPAM',
        "changeTimezone": 'timezone: "Europe/Paris"',
    }


@pytest.fixture
async def rich(ask: Asking, time: FrozenClock, valkey: Redis) -> None:
    """A programme in which everything can be done, two days after members joined."""
    ask.api._valkey = valkey
    await in_force(
        since=NOW,
        tasks=[WEEKLY, QUIZ],
        challenges=[contest()],
        coupons=[*programme().document()["coupons"], *COUPONS],
        community={
            "topics": [{"code": "TEA", "name": NAME}],
            "meetups": [{**MEETUP, "code": "TASTING"}, {**MEETUP, "code": "OTHER"}],
        },
    )
    time.advance(timedelta(days=2))


@pytest.mark.usefixtures("rich")
async def test_a_suspended_member_does_nothing_and_reads_on(ask: Asking):
    ming, hua = await a_member(), await a_member()
    token = ask.member(ming.member_id)
    documents = await belongings(ask, ming) | await others(ask, token, hua)
    assert set(documents) | FOR_GOOD | ON_A_DEVICE == of_members()
    barred = {name: text for name, text in documents.items() if name not in FREE}
    await members.suspend(ming.member_id, actor=ADA, reason="r", now=NOW)
    async with nothing_changed():
        refused = await sent(ask, token, barred)
    assert refused == dict.fromkeys(barred, "MEMBER_SUSPENDED")
    read = (await ask("{ me { suspendedAt points { available } tasks { code } } }", token))["data"]
    assert read["me"]["suspendedAt"] == "2026-03-02T04:00:00Z"
    free = {name: documents[name] for name in FREE}
    assert await sent(ask, token, free) == dict.fromkeys(FREE)
    await members.resume(ming.member_id, actor=ADA, reason="r", now=NOW)
    assert await sent(ask, token, barred) == dict.fromkeys(barred) | AFTERWARDS


@pytest.mark.usefixtures("rich")
async def test_what_is_another_member_s_is_not_found_and_stays_as_it_is(ask: Asking):
    ming, hua = await a_member(), await a_member()
    for_ming = f'memberId: "{member_global_id(ming.member_id)}"'
    documents = {
        **await belongings(ask, ming),
        "openCheckout": f'input: {{{for_ming}, cart: {CART}, digest: "", idempotencyKey: "o"}}',
    }
    named = {name for name in of_members() if names_an_id(name)}
    assert set(documents) | OF_OTHERS == named - ON_A_DEVICE
    async with nothing_changed():
        refused = await sent(ask, ask.member(hua.member_id), documents)
    assert refused == dict.fromkeys(documents, "NOT_FOUND")


def names_an_id(name: str) -> bool:
    """Whether a mutation takes an id, in its arguments or in an input of theirs."""
    mutation = build()._schema.mutation_type
    assert mutation is not None
    waiting: list[Any] = [one.type for one in mutation.fields[name].args.values()]
    seen: set[str] = set()
    while waiting:
        kind = get_named_type(waiting.pop())
        if kind.name == "ID":
            return True
        if isinstance(kind, GraphQLInputObjectType) and kind.name not in seen:
            seen.add(kind.name)
            waiting += [one.type for one in kind.fields.values()]
    return False
