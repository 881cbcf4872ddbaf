"""Who may see what? Of each type, of each field of a member, and of everything with an id.

Every type is stated as one of three kinds; where a type of one kind leads to one that fewer may see
is stated as well. So a new type, a new field of a member and a new way to either fail here until
it is said who may see them.
"""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
)

from domain.members.model import Member, Scope
from domain.rewards.operations import redeem
from kit.ids import derived_id, global_id
from schema.build import build
from schema.guards import Guard
from tests.support.api import Asking, code_of, member_global_id
from tests.support.lotteries import NOTHING, draw, in_play
from tests.support.value import give, packet
from tests.support.world import NOW, a_member, nothing_changed

PUBLIC = {
    *("Programme", "Tier", "Money", "Gives", "Picks", "PageInfo", "Reward", "QuizInfo"),
    *("CouponTemplate", "ClaimableCoupon", "CouponCashback", "CouponExchange", "CouponGift"),
    *("Lottery", "LotteryPrize", "LotteryRound", "PublishedWeight"),
    *("Challenge", "ChallengePrize", "ChallengeMilestone", "LeaderboardPlace"),
    *("CommunityTopic", "CommunityLevel", "CommunityMember", "CommunityProfile", "Post", "Comment"),
}
"""Shows nobody's own data, or what a member has published."""
OWN = {
    *("Member", "PointsSummary", "PointsEntry", "CreditSummary", "CreditEntry", "CheckIn"),
    *("CheckInStatus", "Coupon", "Redemption", "Draw", "DrawVerification", "ReferralSummary"),
    *("Task", "QuizAttempt", "QuizQuestion", "QuizResult", "Badge", "ChallengePart"),
    *("TierProgress", "TierRetention", "MakeUpTask", "PurchaseNeeded"),
    *("Notification", "NotificationPreferences", "MutedNotifications", "MergedMember"),
    *("Checkout", "CartPrice", "PricedLine", "LineDiscount", "AppliedCoupon", "RefusedCoupon"),
    *("RefundQuote", "MyCommunity", "CommunityBan", "ModerationAppeal"),
}
"""One member's: for them, for staff, and for the shop's services with the right to it."""
OPERATOR = {
    *("MemberSummary", "Event", "RefusedEvent", "Batch", "BatchCount", "RefusedRow"),
    *("NotificationDelivery", "NotificationPreview", "WebhookEndpoint", "WebhookDelivery"),
    *("MergePreview", "MergeOutcome", "MergeBalance"),
    *("ModerationCase", "ModerationEntry", "ReportCount", "ReferralReview", "ReviewReason"),
}
"""For staff, or the shop's services."""
DOORS = {
    "register": "the member who has just been made, with their token",
    "signIn": "the member whose password was right, with their token",
    "node": "null for what isn't the viewer's: see below",
    "Challenge.me": "the viewer's own part",
}
SHOWN_TO_OTHERS = {
    "CommunityMember": {"id", "nickname", "followedByMe"},
    "CommunityProfile": {"member", "followerCount", "level"},
    "LeaderboardPlace": {"rank", "name", "score", "isMe"},
}
"""What strangers see of a member; anything more is said here first."""


def composite_types() -> Iterator[GraphQLObjectType]:
    """Those whose audience is stated: no page, no answer of a mutation, no refusal."""
    schema = build()._schema
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for found in schema.type_map.values():
        if not is_composite_type(found) or found.name.startswith("__") or found in roots:
            continue
        if not is_plumbing(found):
            yield cast("GraphQLObjectType", found)


def is_plumbing(found: Any) -> bool:
    name = found.name
    interfaces = {one.name for one in getattr(found, "interfaces", ())}
    return (
        name in {"Node", "Refusal"}
        or "Refusal" in interfaces
        or name.endswith(("Payload", "Connection", "Edge"))
    )


def test_every_type_says_who_sees_it():
    names = {found.name for found in composite_types()}
    assert names == PUBLIC | OWN | OPERATOR
    assert len(names) == len(PUBLIC) + len(OWN) + len(OPERATOR)


def leads_to(field: GraphQLField) -> set[str]:
    """The types that stand behind a field, through pages and answers."""
    found: set[str] = set()
    waiting: list[Any] = [get_named_type(cast("Any", field.type))]
    while waiting:
        one = waiting.pop()
        if not is_composite_type(one) or one.name in found or one.name == "Refusal":
            continue
        found.add(one.name)
        if one.name == "Node":
            waiting += build()._schema.get_possible_types(cast("Any", one))
        elif is_plumbing(one):
            fields = cast("Any", one).fields.values()
            waiting += [get_named_type(inner.type) for inner in fields]
    return found


def crossings() -> Iterator[str]:
    schema = build()._schema
    for found in composite_types():
        hidden = OPERATOR if found.name in OWN else OWN | OPERATOR
        if found.name not in OPERATOR:
            for name, field in found.fields.items():
                if leads_to(field) & hidden:
                    yield f"{found.name}.{name}"
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        for name, field in root.fields.items():
            definition = field.extensions["strawberry-definition"]
            (guard,) = [one for one in definition.extensions if isinstance(one, Guard)]
            hidden = OWN | OPERATOR if "anonymous" in guard.roles else set()
            hidden = hidden | OPERATOR if "member" in guard.roles else hidden
            if leads_to(field) & hidden:
                yield name


def test_nothing_leads_to_what_fewer_may_see_but_through_stated_doors():
    assert sorted(crossings()) == sorted(DOORS)


def test_what_strangers_see_of_a_member_is_stated():
    types = build()._schema.type_map
    stated = {name: set(cast("Any", types[name]).fields) for name in SHOWN_TO_OTHERS}
    assert stated == SHOWN_TO_OTHERS


PRIVATE = {
    *("email", "phone", "birthday", "pointsHistory", "creditHistory", "redemptions", "coupons"),
    *("tasks", "tags", "notifications", "unreadNotifications", "notificationPreferences"),
}
"""What a service doesn't see that may act for a member and not read them."""
SHOWN = {
    *("id", "externalId", "nickname", "joinedAt", "timezone", "locale", "suspendedAt"),
    *("tier", "tierProgress", "points", "credit", "growth", "checkInStatus", "referral"),
    *("badges", "title", "leaderboardName", "mergedFrom"),
}
"""Who they are, how they stand and what they have: what a shop shows whom it enrols or serves."""


def test_every_field_of_a_member_is_stated():
    assert set(member_fields()) == PRIVATE | SHOWN
    assert not PRIVATE & SHOWN


def member_fields() -> dict[str, str]:
    """Each field of a member as it is asked for."""
    found: dict[str, str] = {}
    for name, field in cast("Any", build()._schema.type_map["Member"]).fields.items():
        kind = get_named_type(field.type)
        found[name] = f"{name} {{ __typename }}" if is_composite_type(kind) else name
    return found


async def refused(ask: Asking, token: str | None, query: str) -> dict[str, str]:
    """The codes of the fields of a member that aren't shown."""
    codes = {
        name: code_of(await ask(query.replace("FIELD", asked), token))
        for name, asked in member_fields().items()
    }
    return {name: code for name, code in codes.items() if code is not None}


async def test_each_field_of_a_member_by_who_asks(ask: Asking, ming: Member):
    other, me = await a_member(), member_global_id(ming.member_id)
    own, one = "{ me { FIELD } }", f'{{ member(id: "{me}") {{ FIELD }} }}'
    enrol = """mutation { enrolMember(input: {externalId: "customer-1", nickname: "x"}) {
      created member { FIELD } } }"""
    anybody = f'{{ node(id: "{me}") {{ ... on Member {{ FIELD }} }} }}'
    reader = await ask.service(Scope.MEMBERS_READ)
    writer = await ask.service(Scope.MEMBERS_WRITE)
    async with nothing_changed():
        assert await refused(ask, ask.member(ming.member_id), own) == {"tags": "FORBIDDEN"}
        assert await refused(ask, ask.staff(), one) == {}
        assert await refused(ask, reader, one) == {}
        assert await refused(ask, writer, enrol) == dict.fromkeys(PRIVATE, "FORBIDDEN")
        for token in (None, ask.member(other.member_id), writer):
            found = await ask(anybody.replace("FIELD", "email points { available }"), token)
            assert found == {"data": {"node": None}}


async def belongings(ming: Member) -> dict[str, str]:
    """The id of something of each type that has one, all of it the member's but the reward."""
    me = ming.member_id
    await give(me, 5_000)
    await packet(me, 100)
    mug = await redeem(me, "MUG", 1, idempotency_key="a", now=NOW)
    (drawn,) = await draw(me)
    return {
        "Member": member_global_id(me),
        "PointsEntry": global_id("PointsEntry", me, UUID(int=1)),
        "CreditEntry": global_id("CreditEntry", me, UUID(int=1)),
        "Redemption": global_id("Redemption", me, mug.redemption.id),
        "Draw": global_id("Draw", me, drawn.draw.id),
        "Reward": global_id("Reward", derived_id("reward", "MUG")),
    }


async def test_what_has_an_id_is_found_by_whose_it_is_and_by_nobody_else(ask: Asking):
    await in_play(NOTHING)
    ming, other = await a_member(), await a_member()
    ids = await belongings(ming)
    types = build()._schema.get_possible_types(cast("Any", build()._schema.type_map["Node"]))
    assert set(ids) == {found.name for found in types}
    may = dict.fromkeys(ids, True)
    may_not = {**dict.fromkeys(ids, False), "Reward": True}
    viewers = {
        ask.member(ming.member_id): may,
        ask.staff(): may,
        await ask.service(Scope.MEMBERS_READ): may,
        None: may_not,
        ask.member(other.member_id): may_not,
        await ask.service(*[one for one in Scope if one != Scope.MEMBERS_READ]): may_not,
    }
    for token, expected in viewers.items():
        found = {
            name: (await ask(f'{{ node(id: "{one}") {{ __typename id }} }}', token))["data"]["node"]
            for name, one in ids.items()
        }
        assert {name: node is not None for name, node in found.items()} == expected
        for name, node in found.items():
            assert node in (None, {"__typename": name, "id": ids[name]})
