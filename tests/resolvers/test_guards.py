"""Does every root field say who may ask for it, and is it kept?"""

import json

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

from domain.members.model import Member, Scope
from schema.build import build
from schema.guards import Guard
from tests.support.api import Asking, code_of, member_global_id
from tests.support.guarded import (
    COMMUNITY_FIELDS,
    COUPON_FIELDS,
    DEVICE_FIELDS,
    EVERYBODY,
    ID,
    MEMBER,
    MERGING_FIELDS,
    PRIVACY_FIELDS,
    REFERRAL_FIELDS,
    STAFF,
    STAFF_FIELDS,
    STREAMS,
)
from tests.support.world import a_member, nothing_changed

EVENT = (
    '{id: "1", source: "s", type: "order.completed", time: "2026-03-02T04:00:00Z",'
    ' subject: "nobody", data: {}}'
)
CART = '{lines: [{lineId: "1", sku: "tea", amountMinor: 1}]}'
# Each root field: a document, who may ask, and the scope that a service needs.
FIELDS: dict[str, tuple[str, set[str], Scope | None]] = {
    "me": ("{ me { id } }", MEMBER, None),
    "member": ('{ member(externalId: "x") { id } }', STAFF | {"service"}, Scope.MEMBERS_READ),
    "members": ("{ members { nodes { id } } }", STAFF, None),
    "events": ("{ events(state: DEAD) { nodes { id } } }", STAFF, None),
    "node": (f"{{ node(id: {ID}) {{ id }} }}", EVERYBODY, None),
    "programme": ("{ programme { version } }", EVERYBODY, None),
    "rewards": ("{ rewards { nodes { id } } }", EVERYBODY, None),
    "register": (
        'mutation { register(input: {nickname: "", password: ""}) { refusal { code } } }',
        EVERYBODY,
        None,
    ),
    "signIn": ('mutation { signIn(input: {password: ""}) { refusal { code } } }', EVERYBODY, None),
    "checkIn": ("mutation { checkIn { refusal { code } } }", MEMBER, None),
    "makeUpCheckIn": (
        'mutation { makeUpCheckIn(day: "2020-01-01") { refusal { code } } }',
        MEMBER,
        None,
    ),
    "redeemReward": (
        (
            'mutation { redeemReward(input: {rewardCode: "X", idempotencyKey: "k"})'
            " { refusal { code } } }"
        ),
        MEMBER,
        None,
    ),
    "cancelRedemption": (
        f"mutation {{ cancelRedemption(id: {ID}) {{ refusal {{ code }} }} }}",
        MEMBER | STAFF,
        None,
    ),
    "quoteCart": (
        f"{{ quoteCart(input: {{cart: {CART}}}) {{ refusal {{ code }} }} }}",
        MEMBER | {"service"},
        Scope.CHECKOUTS_WRITE,
    ),
    "checkout": (
        f"{{ checkout(id: {ID}) {{ id }} }}",
        MEMBER | STAFF | {"service"},
        Scope.CHECKOUTS_WRITE,
    ),
    "overusedCheckouts": ("{ overusedCheckouts { nodes { id } } }", STAFF, None),
    "openCheckout": (
        (
            f'mutation {{ openCheckout(input: {{cart: {CART}, digest: "", idempotencyKey: ""}})'
            " { refusal { code } } }"
        ),
        MEMBER | {"service"},
        Scope.CHECKOUTS_WRITE,
    ),
    "completeCheckout": (
        (
            f'mutation {{ completeCheckout(id: {ID}, paidAt: "2026-03-02T04:00:00Z")'
            " { refusal { code } } }"
        ),
        {"service"},
        Scope.CHECKOUTS_WRITE,
    ),
    "cancelCheckout": (
        f"mutation {{ cancelCheckout(id: {ID}) {{ refusal {{ code }} }} }}",
        MEMBER | STAFF | {"service"},
        Scope.CHECKOUTS_WRITE,
    ),
    **REFERRAL_FIELDS,
    **STAFF_FIELDS,
    "recordEvents": (
        f"mutation {{ recordEvents(events: [{EVENT}]) {{ refused {{ id }} }} }}",
        {"service"},
        Scope.EVENTS_WRITE,
    ),
    "lotteries": ("{ lotteries { code } }", EVERYBODY, None),
    "myDraws": ("{ myDraws { nodes { id } } }", MEMBER, None),
    "verifyDraw": (f"{{ verifyDraw(id: {ID}) {{ __typename }} }}", MEMBER | STAFF, None),
    "loadRewardCodes": (
        'mutation { loadRewardCodes(pool: "", csv: "") { refusal { code } } }',
        STAFF,
        None,
    ),
    "closeLotteryRound": (
        'mutation { closeLotteryRound(lotteryCode: "X") { refusal { code } } }',
        STAFF,
        None,
    ),
    "shipPrize": (f"mutation {{ shipPrize(id: {ID}) {{ refusal {{ code }} }} }}", STAFF, None),
    "deliverPrize": (
        f"mutation {{ deliverPrize(id: {ID}) {{ refusal {{ code }} }} }}",
        STAFF,
        None,
    ),
    "failPrize": (
        f'mutation {{ failPrize(id: {ID}, reason: "r") {{ refusal {{ code }} }} }}',
        STAFF,
        None,
    ),
    "refundQuote": (
        ('{ refundQuote(input: {subject: "x", source: "s", orderId: "o"}) { refusal { code } } }'),
        STAFF | {"service"},
        Scope.EVENTS_WRITE,
    ),
    **MERGING_FIELDS,
    **PRIVACY_FIELDS,
    **DEVICE_FIELDS,
    "webhookEndpoints": ("{ webhookEndpoints { id } }", STAFF, None),
    "webhookDeliveries": (
        f"{{ webhookDeliveries(endpointId: {ID}) {{ nodes {{ id }} }} }}",
        STAFF,
        None,
    ),
    "createWebhookEndpoint": (
        'mutation { createWebhookEndpoint(input: {url: "?"}) { refusal { code } } }',
        STAFF,
        None,
    ),
    "updateWebhookEndpoint": (
        f"mutation {{ updateWebhookEndpoint(input: {{id: {ID}}}) {{ refusal {{ code }} }} }}",
        STAFF,
        None,
    ),
    "disableWebhookEndpoint": (
        f'mutation {{ disableWebhookEndpoint(id: {ID}, reason: "r") {{ refusal {{ code }} }} }}',
        STAFF,
        None,
    ),
    "replayWebhooks": (
        (
            f"mutation {{ replayWebhooks(input: {{endpointId: {ID}, since: "
            '"2026-03-02T04:00:00Z"}) { refusal { code } } }'
        ),
        STAFF,
        None,
    ),
    **{
        name: (f"mutation {{ {name}({argument}: {ID}) {{ refusal {{ code }} }} }}", STAFF, None)
        for name, argument in (
            ("enableWebhookEndpoint", "id"),
            ("deleteWebhookEndpoint", "id"),
            ("rotateWebhookSecret", "id"),
            ("testWebhook", "endpointId"),
            ("replayWebhook", "deliveryId"),
        )
    },
    "batch": (f"{{ batch(id: {ID}) {{ id }} }}", STAFF, None),
    "batches": ("{ batches { nodes { id } } }", STAFF, None),
    **{
        name: (f"mutation {{ {name}(id: {ID}) {{ refusal {{ code }} }} }}", STAFF, None)
        for name in ("stopBatch", "resumeBatch")
    },
    **COUPON_FIELDS,
    **COMMUNITY_FIELDS,
    "claimTask": ('mutation { claimTask(code: "X") { refusal { code } } }', MEMBER, None),
    "startQuiz": ('mutation { startQuiz(code: "X") { refusal { code } } }', MEMBER, None),
    "answerQuiz": (
        (
            f"mutation {{ answerQuiz(input: {{attemptId: {ID}, answers: []}})"
            " { refusal { code } } }"
        ),
        MEMBER,
        None,
    ),
    **{
        name: (f'mutation {{ {name}(id: {ID}, tag: "?") {{ refusal {{ code }} }} }}', STAFF, None)
        for name in ("tagMember", "untagMember")
    },
    "challenges": ("{ challenges { code } }", MEMBER | STAFF, None),
    "challenge": ('{ challenge(code: "X") { code } }', MEMBER | STAFF, None),
    **{
        name: (f'mutation {{ {name}(code: "X") {{ refusal {{ code }} }} }}', MEMBER, None)
        for name in ("joinChallenge", "leaveChallenge")
    },
    "setLeaderboardName": (
        "mutation { setLeaderboardName(shown: MASKED) { refusal { code } } }",
        MEMBER,
        None,
    ),
    "chooseTitle": ('mutation { chooseTitle(badge: "X") { refusal { code } } }', MEMBER, None),
    "replayEvents": ("mutation { replayEvents { replayed } }", STAFF, None),
    "enrolMember": (
        'mutation { enrolMember(input: {externalId: "", nickname: ""}) { refusal { code } } }',
        STAFF | {"service"},
        Scope.MEMBERS_WRITE,
    ),
    "adjustPoints": (
        (
            f"mutation {{ adjustPoints(input: {{memberId: {ID}, amount: 1, reason: "
            '"r", idempotencyKey: "k"}) { refusal { code } } }'
        ),
        STAFF,
        None,
    ),
    **{
        name: (
            (
                f"mutation {{ {name}(input: {{memberId: {ID}, amountMinor: 1, reason: "
                '"r", idempotencyKey: "k"}) { refusal { code } } }'
            ),
            STAFF,
            None,
        )
        for name in ("grantCredit", "adjustCredit")
    },
    "importRewardCodes": (
        'mutation { importRewardCodes(pool: "p", codes: [""]) { refusal { code } } }',
        STAFF,
        None,
    ),
    "previewNotification": ('{ previewNotification(template: "x") { body } }', STAFF, None),
    "notificationDeliveries": (
        f"{{ notificationDeliveries(memberId: {ID}) {{ nodes {{ state }} }} }}",
        STAFF,
        None,
    ),
    "markNotificationsRead": (
        "mutation { markNotificationsRead { refusal { code } } }",
        MEMBER,
        None,
    ),
    "updateNotificationPreferences": (
        (
            "mutation { updateNotificationPreferences(input: {checkInHour: 24})"
            " { refusal { code } } }"
        ),
        MEMBER,
        None,
    ),
    "registerPushAddress": (
        'mutation { registerPushAddress(token: "") { refusal { code } } }',
        MEMBER,
        None,
    ),
    "removePushAddress": (
        'mutation { removePushAddress(token: "") { refusal { code } } }',
        MEMBER,
        None,
    ),
    "changeTimezone": (
        'mutation { changeTimezone(timezone: "?") { refusal { code } } }',
        MEMBER,
        None,
    ),
    "updateProfile": (
        'mutation { updateProfile(input: {locale: "?"}) { refusal { code } } }',
        MEMBER,
        None,
    ),
    **{
        name: (
            f'mutation {{ {name}(id: {ID}, reason: "r") {{ refusal {{ code }} }} }}',
            STAFF,
            None,
        )
        for name in ("suspendMember", "resumeMember", "failRedemption")
    },
    "setTierFloor": (
        (
            f'mutation {{ setTierFloor(memberId: {ID}, tier: "GOLD", reason: "r")'
            " { refusal { code } } }"
        ),
        STAFF,
        None,
    ),
    "endTierFloor": (
        f'mutation {{ endTierFloor(memberId: {ID}, reason: "r") {{ refusal {{ code }} }} }}',
        STAFF,
        None,
    ),
    "correctBirthday": (
        (
            f'mutation {{ correctBirthday(id: {ID}, birthday: "1990-05-20", reason: "r")'
            " { refusal { code } } }"
        ),
        STAFF,
        None,
    ),
    **{
        name: (f"mutation {{ {name}(id: {ID}) {{ refusal {{ code }} }} }}", STAFF, None)
        for name in ("shipRedemption", "deliverRedemption")
    },
}


def root_fields() -> dict[str, object]:
    schema = build()._schema
    roots = [schema.query_type, schema.mutation_type, schema.subscription_type]
    return {
        name: field.extensions["strawberry-definition"]
        for root in roots
        if isinstance(root, GraphQLObjectType)
        for name, field in root.fields.items()
    }


def test_every_root_field_states_its_guard() -> None:
    stated = {
        name: [
            (set(guard.roles), guard.scope)
            for guard in definition.extensions  # pyright: ignore[reportAttributeAccessIssue]
            if isinstance(guard, Guard)
        ]
        for name, definition in root_fields().items()
    }
    asked = {name: [(roles, scope)] for name, (_, roles, scope) in FIELDS.items()}
    assert stated == asked | {name: [(roles, None)] for name, (_, roles) in STREAMS.items()}


@pytest.mark.parametrize("name", FIELDS)
async def test_a_root_field_answers_nobody_else(ask: Asking, ming: Member, name: str) -> None:
    query, roles, scope = FIELDS[name]
    others = [one for one in Scope if one != scope]
    tokens = {
        "anonymous": None,
        "member": ask.member(ming.member_id),
        "staff": ask.staff(),
        "service": await ask.service(*([scope] if scope else others)),
        "service without the scope": await ask.service(*others),
    }
    may = dict.fromkeys(tokens, False) | dict.fromkeys(roles, True)
    may["service without the scope"] = "service" in roles and scope is None
    async with nothing_changed():
        for viewer in [viewer for viewer in tokens if not may[viewer]]:
            nobody = viewer == "anonymous" or roles == MEMBER
            expected = "UNAUTHENTICATED" if nobody else "FORBIDDEN"
            assert code_of(await ask(query, tokens[viewer])) == expected, viewer
    for viewer in [viewer for viewer in tokens if may[viewer]]:
        code = code_of(await ask(query, tokens[viewer]))
        assert code not in {"UNAUTHENTICATED", "FORBIDDEN", "INTERNAL"}, viewer


async def test_a_write_only_service_sees_no_contact_of_whom_it_enrols(
    ask: Asking, ming: Member
) -> None:
    query = (
        'mutation { enrolMember(input: {externalId: "customer-1", nickname: "x"})'
        " { created member { nickname email phone } } }"
    )
    answer = await ask(query, await ask.service(Scope.MEMBERS_WRITE))
    assert answer["data"]["enrolMember"] == {
        "created": False,
        "member": {"nickname": "小明", "email": None, "phone": None},
    }
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"] * 2
    both = await ask.service(Scope.MEMBERS_WRITE, Scope.MEMBERS_READ)
    member = (await ask(query, both))["data"]["enrolMember"]["member"]
    assert member == {"nickname": ming.nickname, "email": "ming@example.com", "phone": None}


async def test_a_member_reads_no_other_member(ask: Asking, ming: Member) -> None:
    stranger = ask.member((await a_member()).member_id)
    me = member_global_id(ming.member_id)
    node = await ask("query($id: ID!) { node(id: $id) { id } }", stranger, id=me)
    assert node == {"data": {"node": None}}
    assert "ming@example.com" not in json.dumps(node)
    found = await ask("query($id: ID!) { member(id: $id) { id } }", stranger, id=me)
    assert code_of(found) == "FORBIDDEN"


def test_every_list_pages_or_states_its_cap() -> None:
    assert build().catalogue.uncapped_lists() == []


def test_no_answer_is_a_bare_list_of_pages_without_an_end() -> None:
    schema = build()._schema
    for owner in schema.type_map.values():
        if isinstance(owner, GraphQLObjectType) and owner.name.endswith("Connection"):
            assert isinstance(owner.fields["pageInfo"].type, GraphQLNonNull), owner.name
