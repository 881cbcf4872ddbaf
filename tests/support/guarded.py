"""Who may ask for the root fields of some contexts? A document of each, and the scope it needs."""

from typing import Any, cast

from graphql import get_named_type, is_composite_type

from domain.members.model import Scope
from schema.build import build

MEMBER, STAFF, EVERYBODY = {"member"}, {"staff"}, {"anonymous", "member", "staff", "service"}
ID = '"TWVtYmVyOg"'
STREAMS = {
    "meChanged": ("subscription { meChanged { id } }", MEMBER),
    "notificationReceived": ("subscription { notificationReceived { id } }", MEMBER),
    "challengeChanged": ('subscription { challengeChanged(code: "X") { code } }', MEMBER | STAFF),
    "postChanged": (f"subscription {{ postChanged(id: {ID}) {{ id }} }}", MEMBER | STAFF),
}
"""Of each a document, and who may watch."""
COUPON_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "couponTemplates": ("{ couponTemplates { claimable } }", EVERYBODY, None),
    "couponByCode": (
        '{ couponByCode(code: "X") { id } }',
        STAFF | {"service"},
        Scope.MEMBERS_READ,
    ),
    "revokeCoupon": (
        f'mutation {{ revokeCoupon(id: {ID}, reason: "r") {{ refusal {{ code }} }} }}',
        STAFF,
        None,
    ),
    "revokeVouchers": (
        f"mutation {{ revokeVouchers(id: {ID}) {{ refusal {{ code }} }} }}",
        STAFF,
        None,
    ),
    **{
        name: (
            (
                f'mutation {{ {name}(input: {{{asked}, idempotencyKey: ""}})'
                " { refusal { code } } }"
            ),
            who,
            None,
        )
        for name, asked, who in (
            ("claimCoupon", 'template: "X"', MEMBER),
            ("redeemCouponCode", 'code: "X"', MEMBER),
            ("issueCoupons", 'template: "X"', STAFF),
            ("makeVouchers", 'template: "X", quantity: 1', STAFF),
        )
    },
}
_MODERATION: dict[str, tuple[str, set[str], Scope | None]] = {
    "myCommunity": ("{ myCommunity { earned } }", MEMBER, None),
    "moderationQueue": ("{ moderationQueue { nodes { id } } }", STAFF, None),
    "moderationAppeals": ("{ moderationAppeals { nodes { id } } }", STAFF, None),
    "moderationLog": (
        f"{{ moderationLog(memberId: {ID}) {{ nodes {{ reason }} }} }}",
        STAFF,
        None,
    ),
    **{
        name: (f"mutation {{ {name}({asked}) {{ refusal {{ code }} }} }}", STAFF, None)
        for name, asked in (
            ("pickPost", f'id: {ID}, reason: "r"'),
            ("hideContent", f'id: {ID}, reason: "r"'),
            ("restoreContent", f'id: {ID}, reason: "r"'),
            ("banFromCommunity", f'memberId: {ID}, reason: "r"'),
            ("liftCommunityBan", f'memberId: {ID}, reason: "r"'),
            ("decideAppeal", f'id: {ID}, accept: true, answer: "a"'),
        )
    },
}
COMMUNITY_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    **_MODERATION,
    "honoursShown": ("{ honoursShown { tier } }", MEMBER, None),
    "blockedMembers": ("{ blockedMembers { nodes { id } } }", MEMBER, None),
    "communityTopics": ("{ communityTopics { code } }", EVERYBODY, None),
    "meetups": ("{ meetups { code } }", EVERYBODY, None),
    "meetupAttendees": (
        '{ meetupAttendees(code: "X") { nodes { nickname } } }',
        STAFF,
        None,
    ),
    "checkInAtMeetup": (
        'mutation { checkInAtMeetup(ticket: "x") { refusal { code } } }',
        STAFF | {"service"},
        Scope.EVENTS_WRITE,
    ),
    "productRating": ('{ productRating(sku: "x") { reviewCount } }', EVERYBODY, None),
    "sharedLink": ('{ sharedLink(token: "x") { sku } }', EVERYBODY, None),
    "feed": ("{ feed(of: {scope: HOT}) { nodes { id } } }", EVERYBODY, None),
    "post": (f"{{ post(id: {ID}) {{ id }} }}", EVERYBODY, None),
    "communityProfile": (
        f"{{ communityProfile(memberId: {ID}) {{ followerCount }} }}",
        EVERYBODY,
        None,
    ),
    **{
        name: (f"mutation {{ {name}({asked}) {{ refusal {{ code }} }} }}", MEMBER, None)
        for name, asked in (
            ("createPost", 'input: {body: "", idempotencyKey: ""}'),
            (
                "writeReview",
                (
                    'input: {orderSource: "s", orderId: "o", lineId: "1", rating: 5, body: "",'
                    ' idempotencyKey: ""}'
                ),
            ),
            ("signUpForMeetup", 'code: "X"'),
            ("cancelMeetupSignUp", 'code: "X"'),
            ("acceptAnswer", f"postId: {ID}, commentId: null"),
            ("share", 'sku: ""'),
            ("openShare", 'token: "x"'),
            ("deletePost", f"id: {ID}"),
            ("writeComment", f'input: {{postId: {ID}, body: "", idempotencyKey: ""}}'),
            ("deleteComment", f"id: {ID}"),
            ("setLike", f"id: {ID}, liked: true"),
            ("setFollow", f"memberId: {ID}, following: true"),
            ("showHonours", "input: {}"),
            ("setBlock", f"memberId: {ID}, blocked: true"),
            ("setTopicFollow", 'topic: "X", following: true'),
            ("reportContent", f"id: {ID}, reason: SPAM"),
            ("appealModeration", f'id: {ID}, text: ""'),
        )
    },
}
REFERRAL_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "bindReferral": ('mutation { bindReferral(code: "X") { refusal { code } } }', MEMBER, None),
    "landReferral": ('mutation { landReferral(code: "X") { refusal { code } } }', EVERYBODY, None),
    "referralReviews": ("{ referralReviews { nodes { id } } }", STAFF, None),
    **{
        name: (
            f'mutation {{ {name}(id: {ID}, note: "n") {{ refusal {{ code }} }} }}',
            STAFF,
            None,
        )
        for name in ("approveReferral", "rejectReferral")
    },
}
STAFF_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "staffProposals": ("{ staffProposals { nodes { id } } }", STAFF, None),
    "staffProposal": (f"{{ staffProposal(id: {ID}) {{ id }} }}", STAFF, None),
    "staffActs": ("{ staffActs { nodes { hash } } }", STAFF, None),
    **{
        name: (
            f'mutation {{ {name}(id: {ID}, note: "n") {{ refusal {{ code }} }} }}',
            STAFF,
            None,
        )
        for name in ("approveProposal", "rejectProposal", "withdrawProposal")
    },
}
PRIVACY_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "exportMyData": ("{ exportMyData { refusal { code } } }", MEMBER, None),
    "exportMemberData": (
        f"{{ exportMemberData(memberId: {ID}) {{ refusal {{ code }} }} }}",
        STAFF,
        None,
    ),
    "eraseMe": (
        'mutation { eraseMe(input: {content: KEEP, requestId: ""}) { refusal { code } } }',
        MEMBER,
        None,
    ),
    "eraseMember": (
        (
            f"mutation {{ eraseMember(input: {{memberId: {ID}, content: KEEP, reason: REQUEST,"
            ' requestId: ""}) { refusal { code } } }'
        ),
        STAFF,
        None,
    ),
}
DEVICE_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "myDevices": ("{ myDevices { id } }", MEMBER, None),
    "memberDevices": (f"{{ memberDevices(memberId: {ID}) {{ id }} }}", STAFF, None),
    "requestDeviceCode": ("mutation { requestDeviceCode { refusal { code } } }", MEMBER, None),
    "confirmDevice": ('mutation { confirmDevice(code: "1") { refusal { code } } }', MEMBER, None),
    "forgetDevice": (
        f"mutation {{ forgetDevice(id: {ID}) {{ refusal {{ code }} }} }}",
        MEMBER,
        None,
    ),
}
MERGING_FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "mergePreview": (
        f"{{ mergePreview(survivorId: {ID}, absorbedId: {ID}) {{ refusal {{ code }} }} }}",
        STAFF,
        None,
    ),
    **{
        name: (
            (
                f"mutation {{ {name}(input: {{survivorId: {ID}, absorbedId: {ID},"
                ' reason: "r", idempotencyKey: "k"}) { refusal { code } } }'
            ),
            STAFF,
            None,
        )
        for name in ("mergeMembers", "unmergeMembers")
    },
}
PRIVATE = {
    *("email", "phone", "birthday", "pointsHistory", "creditHistory", "redemptions", "coupons"),
    *("communityHistory", "growthHistory"),
    *("tasks", "tags", "notifications", "unreadNotifications", "notificationPreferences"),
}
"""What a service doesn't see that may act for a member and not read them."""
SHOWN = {
    *("id", "externalId", "nickname", "joinedAt", "timezone", "locale", "suspendedAt"),
    "erasedAt",
    *("tier", "tierProgress", "points", "credit", "growth", "checkInStatus", "referral"),
    *("badges", "title", "leaderboardName", "mergedFrom"),
}
"""Who they are, how they stand and what they have: what a shop shows whom it enrols or serves."""


def member_fields() -> dict[str, str]:
    """Each field of a member as it is asked for."""
    found: dict[str, str] = {}
    for name, field in cast("Any", build()._schema.type_map["Member"]).fields.items():
        kind = get_named_type(field.type)
        found[name] = f"{name} {{ __typename }}" if is_composite_type(kind) else name
    return found
