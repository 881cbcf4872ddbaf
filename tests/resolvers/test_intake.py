"""What does the shop hear of its events, each on its own and of a call that can't be?"""

import pytest

from domain.members.model import Member
from tests.support.api import Asking, code_of
from tests.support.world import nothing_changed

RECORD = """mutation($events: [EventInput!]!) { recordEvents(events: $events) {
  accepted duplicates refused { id refusal { __typename code ... on InvalidInput { path } } } } }"""
EVENT = {
    "id": "1",
    "source": "shop",
    "type": "order.paid",
    "time": "2026-03-02T04:00:00Z",
    "subject": "customer-1",
    "data": {
        "orderId": "A-1",
        "paidAt": "2026-03-02T04:00:00Z",
        "currency": "CNY",
        "lines": [{"lineId": "1", "sku": "TEA", "amountMinor": 9_990}],
    },
}


async def test_each_event_is_accepted_or_refused_on_its_own(ask: Asking, ming: Member) -> None:
    assert ming.external_id == "customer-1"
    service = await ask.service("events:write")
    lines = [{"lineId": "1", "sku": "TEA", "amountMinor": -1}]
    events = [
        EVENT,
        EVENT,
        {**EVENT, "id": "2", "type": "order.lost"},
        {**EVENT, "id": "3", "subject": "nobody"},
        {**EVENT, "id": "4", "time": "2026-03-02T04:05:01Z"},
        {**EVENT, "id": "5", "data": {**EVENT["data"], "orderId": "A-2", "lines": lines}},
    ]
    answer = (await ask(RECORD, service, events=events))["data"]["recordEvents"]
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    refused = {one["id"]: one["refusal"] for one in answer["refused"]}
    invalid = {"__typename": "InvalidInput", "code": "INVALID_INPUT"}
    assert refused == {
        "2": {**invalid, "path": ["type"]},
        "3": {"__typename": "GenericRefusal", "code": "NOT_FOUND"},
        "4": {**invalid, "path": ["time"]},
        "5": {**invalid, "path": ["data", "lines", "0", "amountMinor"]},
    }


@pytest.mark.parametrize(
    ("events", "path"),
    [
        ([{**EVENT, "time": None}], ["events", "0", "time"]),
        ([EVENT, {**EVENT, "time": "2026-03-02T04:00:00"}], ["events", "1", "time"]),
        ([{**EVENT, "id": None}], ["events", "0", "id"]),
        ([{**EVENT, "data": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}], ["events", "0", "data"]),
        ([EVENT] * 501, ["events"]),
        (None, ["events"]),
    ],
)
async def test_events_of_the_wrong_shape_refuse_the_whole_call(
    ask: Asking, ming: Member, events: object, path: list[str]
) -> None:
    del ming
    service = await ask.service("events:write")
    async with nothing_changed():
        answer = await ask(RECORD, service, events=events)
    assert code_of(answer) == "INVALID_INPUT"
    assert answer["errors"][0]["extensions"]["path"] == path
    assert answer.get("data") is None


async def test_numbers_that_json_cannot_say_are_refused(ask: Asking, ming: Member) -> None:
    service = await ask.service("events:write")
    del ming
    query = (
        'mutation { recordEvents(events: [{id: "1", source: "s", type: "order.paid",'
        ' time: "2026-03-02T04:00:00Z", subject: "customer-1", data: {a: 99999999999999999999}}])'
        " { accepted } }"
    )
    async with nothing_changed():
        answer = await ask(query, service)
    assert "errors" in answer
    assert code_of(answer) != "INTERNAL"
