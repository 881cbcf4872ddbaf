"""How do staff set up webhooks over GraphQL, and look at what became of them?"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.support.api import ADA, REFUSAL, Asking, code_of
from tests.support.hooks import a_receiver, posting_by
from tests.support.value import give
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed
from workers.posting import Poster

URL = "https://hooks.shop.example/accrue"
ENDPOINT = "endpoint { id url description eventTypes createdBy disabledReason failingSince }"
CREATE = f"""mutation($input: CreateWebhookEndpointInput!) {{
  createWebhookEndpoint(input: $input) {{ {ENDPOINT} secret {REFUSAL} }} }}"""
UPDATE = f"""mutation($input: UpdateWebhookEndpointInput!) {{
  updateWebhookEndpoint(input: $input) {{ {ENDPOINT} {REFUSAL} }} }}"""
ROTATE = f"""mutation($id: ID!) {{ rotateWebhookSecret(id: $id) {{ secret {REFUSAL} }} }}"""
ENABLE = f"""mutation($id: ID!) {{ enableWebhookEndpoint(id: $id) {{ {ENDPOINT} {REFUSAL} }} }}"""
DISABLE = f"""mutation($id: ID!) {{
  disableWebhookEndpoint(id: $id, reason: "it is moved") {{ {ENDPOINT} {REFUSAL} }} }}"""
DELETE = f"""mutation($id: ID!) {{ deleteWebhookEndpoint(id: $id) {{ {ENDPOINT} {REFUSAL} }} }}"""
TEST = f"""mutation($id: ID!) {{ testWebhook(endpointId: $id) {{ messageId {REFUSAL} }} }}"""
REPLAY = f"""mutation($id: ID!) {{ replayWebhook(deliveryId: $id) {{ replayed {REFUSAL} }} }}"""
REPLAY_ALL = f"""mutation($input: ReplayWebhooksInput!) {{
  replayWebhooks(input: $input) {{ replayed {REFUSAL} }} }}"""
ENDPOINTS = f"{{ webhookEndpoints {{ {ENDPOINT[11:-2]} }} }}"
DELIVERIES = """query($id: ID!, $state: WebhookState, $first: Int, $after: String) {
  webhookDeliveries(endpointId: $id, state: $state, first: $first, after: $after) {
    nodes { id messageId type data state attempts lastStatus lastError }
    pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
async def inward(ask: Asking, database: str) -> AsyncIterator[Asking]:
    """An operator that lets webhooks go to private addresses."""
    del ask
    asking = Asking(database, webhook_allow_private=True)
    async with asking.client:
        yield asking


async def done(ask: Asking, document: str, **variables) -> dict:
    answer = await ask(document, ask.staff(), **variables)
    assert "errors" not in answer, answer
    (payload,) = answer["data"].values()
    return payload


async def made(ask: Asking, **facts) -> str:
    payload = await done(ask, CREATE, input={"url": URL, **facts})
    return payload["endpoint"]["id"]


async def test_staff_create_an_endpoint_and_see_its_secret_once(ask: Asking):
    asked = {"url": URL, "eventTypes": ["points.earned"], "description": "the shop"}
    payload = await done(ask, CREATE, input=asked)
    assert payload["refusal"] is None
    assert payload["secret"].startswith("whsec_")
    endpoint = payload["endpoint"]
    assert {name: value for name, value in endpoint.items() if name != "id"} == {
        "url": URL,
        "description": "the shop",
        "eventTypes": ["points.earned"],
        "createdBy": ADA,
        "disabledReason": None,
        "failingSince": None,
    }
    assert await done(ask, ENDPOINTS) == [endpoint]


@pytest.mark.parametrize(
    ("asked", "code", "about"),
    [
        ({"url": "not an address"}, "INVALID_INPUT", ["input", "url"]),
        ({"url": "https://me:pass@shop.example/"}, "INVALID_INPUT", ["input", "url"]),
        ({"url": f"https://shop.example/{'a' * 500}"}, "INVALID_INPUT", ["input", "url"]),
        ({"url": "http://shop.example/"}, "ADDRESS_REFUSED", "http://"),
        ({"url": "https://shop.example:22/"}, "ADDRESS_REFUSED", ":22"),
        ({"url": "https://10.0.0.1/"}, "ADDRESS_REFUSED", "10.0.0.1"),
        ({"url": URL, "eventTypes": ["nothing"]}, "INVALID_INPUT", ["input", "eventTypes"]),
        ({"url": URL, "description": "x" * 201}, "INVALID_INPUT", ["input", "description"]),
    ],
)
async def test_what_cannot_be_told_is_refused_and_changes_nothing(
    ask: Asking, asked: dict, code: str, about: object
):
    endpoint = await made(ask)
    document = CREATE.replace("path }", "path } ... on AddressRefused { address }")
    async with nothing_changed():
        refusal = (await done(ask, document, input=asked))["refusal"]
        assert (refusal["code"], refusal.get("path") or refusal["address"]) == (code, about)
        changed = await done(ask, UPDATE, input={**asked, "id": endpoint})
        assert changed["refusal"]["code"] == code


async def test_there_may_be_twenty_endpoints(ask: Asking):
    for _ in range(20):
        await made(ask)
    async with nothing_changed():
        refused = await done(ask, CREATE, input={"url": URL})
    assert refused["refusal"]["code"] == "TOO_MANY_ENDPOINTS"
    assert refused["secret"] is None


async def test_staff_change_rotate_disable_enable_and_delete_an_endpoint(ask: Asking):
    endpoint = await made(ask, eventTypes=["points.earned"])
    changed = await done(ask, UPDATE, input={"id": endpoint, "eventTypes": []})
    assert (changed["endpoint"]["eventTypes"], changed["endpoint"]["url"]) == ([], URL)
    rotated = await done(ask, ROTATE, id=endpoint)
    assert rotated["secret"].startswith("whsec_")
    disabled = await done(ask, DISABLE, id=endpoint)
    assert disabled["endpoint"]["disabledReason"] == "ada@shop: it is moved"
    async with nothing_changed():
        assert await done(ask, DISABLE, id=endpoint) == disabled
        refusal = (await done(ask, TEST, id=endpoint))["refusal"]
        assert refusal["code"] == "ENDPOINT_DISABLED"
        since = {"endpointId": endpoint, "since": NOW.isoformat()}
        refusal = (await done(ask, REPLAY_ALL, input=since))["refusal"]
        assert refusal["code"] == "ENDPOINT_DISABLED"
    enabled = await done(ask, ENABLE, id=endpoint)
    assert enabled["endpoint"]["disabledReason"] is None
    async with nothing_changed():
        assert await done(ask, ENABLE, id=endpoint) == enabled
    assert (await done(ask, DELETE, id=endpoint))["endpoint"]["id"] == endpoint
    assert await done(ask, ENDPOINTS) == []
    async with nothing_changed():
        for document in (ROTATE, ENABLE, DISABLE, DELETE, TEST, REPLAY):
            assert (await done(ask, document, id=endpoint))["refusal"]["code"] == "NOT_FOUND"
        missing = await done(ask, UPDATE, input={"id": endpoint, "url": URL})
        assert missing["refusal"]["code"] == "NOT_FOUND"


async def test_a_test_is_sent_seen_and_replayed_under_one_message_id(inward: Asking):
    async with a_receiver() as shop, posting_by(Poster(allows_private=True)):
        endpoint = await made(inward, url=shop.url)
        message_id = (await done(inward, TEST, id=endpoint))["messageId"]
        await work(NOW)
        (node,) = (await done(inward, DELIVERIES, id=endpoint))["nodes"]
        assert {name: node[name] for name in ("messageId", "type", "state", "data")} == {
            "messageId": message_id,
            "type": "webhook.test",
            "state": "SENT",
            "data": {"endpointId": endpoint},
        }
        assert (await done(inward, REPLAY, id=node["id"]))["replayed"] == 1
        await work(NOW)
        assert [one.headers["webhook-id"] for one in shop.heard] == [message_id] * 2
        assert shop.heard[0].told["data"] == {"endpointId": endpoint}


async def test_what_was_given_up_is_sent_again_and_what_was_sent_if_asked_for(
    inward: Asking,
):
    async with a_receiver() as shop, posting_by(Poster(allows_private=True)):
        endpoint = await made(inward, url=shop.url, eventTypes=["points.earned"])
        member = await a_member()
        await give(member.member_id, 1)
        await work(NOW)
        shop.answers = [410]
        await give(member.member_id, 2, now=NOW + timedelta(seconds=1))
        await work(NOW + timedelta(seconds=1))
        await done(inward, ENABLE, id=endpoint)
        since = {"endpointId": endpoint, "since": NOW.isoformat()}
        assert (await done(inward, REPLAY_ALL, input=since))["replayed"] == 1
        await work(NOW + timedelta(seconds=1))
        amounts = [one.told["data"]["amount"] for one in shop.heard]
        assert amounts == [1, 2, 2]
        everything = {**since, "withSent": True}
        assert (await done(inward, REPLAY_ALL, input=everything))["replayed"] == 2


async def test_deliveries_are_read_newest_first_page_by_page_and_by_state(inward: Asking):
    async with a_receiver() as shop, posting_by(Poster(allows_private=True)):
        endpoint = await made(inward, url=shop.url, eventTypes=["points.earned"])
        member = await a_member()
        shop.answers = [500]
        for seconds in range(3):
            at = NOW + timedelta(seconds=seconds)
            await give(member.member_id, seconds + 1, now=at)
            await work(at)
    first = await done(inward, DELIVERIES, id=endpoint, first=2)
    rest = await done(
        inward, DELIVERIES, id=endpoint, first=2, after=first["pageInfo"]["endCursor"]
    )
    nodes = [*first["nodes"], *rest["nodes"]]
    assert [node["data"]["amount"] for node in nodes] == [3, 2, 1]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    waiting = await done(inward, DELIVERIES, id=endpoint, state="WAITING")
    assert [(node["lastStatus"], node["lastError"]) for node in waiting["nodes"]] == [
        (500, "HTTP 500")
    ]
    foreign = await inward(DELIVERIES, inward.staff(), id=endpoint, after="nonsense")
    assert code_of(foreign) == "INVALID_INPUT"
