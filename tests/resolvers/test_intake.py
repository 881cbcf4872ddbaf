"""What does the shop hear of its events, each on its own and of a call that can't be?"""

from datetime import timedelta

import pytest

from db.connection import transactional
from domain.members.model import Member
from kit.ids import new_id
from tests.support.api import Asking, code_of, member_global_id
from tests.support.world import NOW, nothing_changed

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


async def test_staff_see_what_had_no_effect_and_try_it_again(ask: Asking, ming: Member) -> None:
    for number, state in enumerate(("new", "done", "parked", "refused", "dead")):
        await _add_event(ming.member_id, number, state)
    query = """query($state: EventState, $after: String) {
      events(state: $state, first: 2, after: $after) {
        nodes { id state note data memberId receivedAt } pageInfo { hasNextPage endCursor } } }"""
    first = (await ask(query, ask.staff()))["data"]["events"]
    assert first["nodes"][0] == {
        "id": "4",
        "state": "DEAD",
        "note": "it is broken",
        "data": {"orderId": "A-1"},
        "memberId": member_global_id(ming.member_id),
        "receivedAt": "2026-03-02T04:04:00Z",
    }
    assert [node["id"] for node in first["nodes"]] == ["4", "3"]
    after = first["pageInfo"]["endCursor"]
    second = (await ask(query, ask.staff(), after=after))["data"]["events"]
    assert [node["id"] for node in second["nodes"]] == ["2"]
    assert second["pageInfo"]["hasNextPage"] is False
    refused = (await ask(query, ask.staff(), state="REFUSED"))["data"]["events"]
    assert [node["id"] for node in refused["nodes"]] == ["3"]
    assert code_of(await ask(query, ask.staff(), after="WyJhIiwiYiJd")) == "INVALID_INPUT"
    replay = "mutation { replayEvents { replayed } }"
    assert (await ask(replay, ask.staff()))["data"]["replayEvents"] == {"replayed": 1}
    assert (await ask(query, ask.staff(), state="DEAD"))["data"]["events"]["nodes"] == []


@transactional
async def _add_event(tx, member_id, number: int, state: str) -> None:
    await tx.execute(
        "INSERT INTO inbox (member_id, id, source, event_id, type, subject, data, occurred_at,"
        " received_at, state, attempts, note) VALUES ($1, $2, 'shop', $3, 'order.completed',"
        " 'customer-1', $4, $5, $5, $6, 5, 'it is broken')",
        member_id,
        new_id(),
        str(number),
        '{"orderId": "A-1"}',
        NOW + timedelta(minutes=number),
        state,
    )
