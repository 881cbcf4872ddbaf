"""Who may see what? Of each type, and of each field of a member.

Every type is stated as one of three kinds; where a type of one kind leads to one that fewer may see
is stated as well. So a new type, a new field of a member and a new way to either fail here until
it is said who may see them. `tests/resolvers/test_audience.py` asks as each of them.
"""

from collections.abc import Iterator
from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
)

from schema.build import build
from schema.guards import Guard
from tests.support.guarded import PRIVATE, SHOWN, member_fields

PUBLIC = {
    *("Programme", "Tier", "Money", "Gives", "Picks", "PageInfo", "Reward", "QuizInfo"),
    *("CouponTemplate", "ClaimableCoupon", "CouponCashback", "CouponExchange", "CouponGift"),
    *("Lottery", "LotteryPrize", "LotteryRound", "PublishedWeight"),
    *("Challenge", "ChallengePrize", "ChallengeMilestone", "LeaderboardPlace"),
    *("CommunityTopic", "CommunityLevel", "CommunityMember", "CommunityProfile", "Post", "Comment"),
    *("SharedLink", "ProductRating", "Meetup"),
}
"""Shows nobody's own data, or what a member has published."""
OWN = {
    *("Member", "PointsSummary", "PointsEntry", "CreditSummary", "CreditEntry", "CheckIn"),
    *("CheckInStatus", "Coupon", "Redemption", "Draw", "DrawVerification", "ReferralSummary"),
    *("Task", "QuizAttempt", "QuizQuestion", "QuizResult", "Badge", "ChallengePart"),
    *("TierProgress", "TierRetention", "MakeUpTask", "PurchaseNeeded"),
    *("Notification", "NotificationPreferences", "MutedNotifications", "MergedMember"),
    *("Checkout", "CartPrice", "PricedLine", "LineDiscount", "AppliedCoupon", "RefusedCoupon"),
    *("RefundQuote", "MyCommunity", "CommunityBan", "ModerationAppeal", "Earning", "Erasure"),
    *("CommunityShare", "MeetupSignUp", "HonoursShown", "Device"),
}
"""One member's: for them, for staff, and for the shop's services with the right to it."""
OPERATOR = {
    *("MemberSummary", "Event", "RefusedEvent", "Batch", "BatchCount", "RefusedRow"),
    *("NotificationDelivery", "NotificationPreview", "WebhookEndpoint", "WebhookDelivery"),
    *("MergePreview", "MergeOutcome", "MergeBalance"),
    *("ModerationCase", "ModerationEntry", "ReportCount", "ReferralReview", "ReviewReason"),
    *("MeetupAttendee", "StaffAct", "StaffProposal"),
}
"""For staff, or the shop's services."""
DOORS = {
    "CommunityProfile.badges": "those that the member shows to others",
    "register": "the member who has just been made, with their token",
    "signIn": "the member whose password was right, with their token",
    "node": "null for what isn't the viewer's: see below",
    "Challenge.me": "the viewer's own part",
    "Meetup.mySignUp": "the viewer's own",
    "Post.earned": "of the viewer's own posts; of others nothing",
}
SHOWN_TO_OTHERS = {
    "CommunityMember": {"id", "nickname", "followedByMe", "title", "tier"},
    "CommunityProfile": {*("member", "followerCount", "level", "blockedByMe", "badges", "growth")},
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


def test_every_field_of_a_member_is_stated():
    assert set(member_fields()) == PRIVATE | SHOWN
    assert not PRIVATE & SHOWN
