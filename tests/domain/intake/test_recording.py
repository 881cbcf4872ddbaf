"""Which facts are taken in, and does a wrong one change nothing?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.intake.errors import ConflictingEvent, TooManyEvents
from domain.intake.operations import record
from kit.errors import InvalidInput, NotFound
from tests.support.shop import completed, fact, line, opened, paid, refunded, reviewed
from tests.support.value import wallet
from tests.support.working import jobs_of
from tests.support.world import NOW, a_member, counts, nothing_changed

TIED = {"orderId": "o", "paidAt": NOW.isoformat(), "currency": "CNY"}


async def refusal_of(found, *, now=NOW) -> Any:
    """The only refusal of a call with this one fact, which has changed nothing."""
    async with nothing_changed():
        recorded = await record([found], now=now)
    assert (recorded.accepted, recorded.duplicates) == (0, 0)
    ((event_id, refusal),) = recorded.refused
    assert event_id == found.id
    return refusal


ORDERS = [
    ({"orderId": None}, "orderId", "is not a text"),
    ({"orderId": ""}, "orderId", "is empty"),
    ({"orderId": "x" * 129}, "orderId", "128 characters at most"),
    ({"orderId": "a\x1fb"}, "orderId", "has control characters"),
    ({"paidAt": "2026-03-02T04:00:00"}, "paidAt", "needs a time zone"),
    ({"paidAt": "yesterday"}, "paidAt", "an ISO 8601 instant with its offset"),
    ({"paidAt": 1_772_424_000}, "paidAt", "an ISO 8601 instant with its offset"),
    ({"paidAt": "2026-03-02T04:05:01Z"}, "paidAt", "lies more than 5 minutes ahead"),
    ({"paidAt": "0001-01-01T00:00:00Z"}, "paidAt", "lies before 1970"),
    ({"currency": "cny"}, "currency", "three capital letters, such as CNY"),
    ({"lines": []}, "lines", "is empty"),
    ({"lines": "tea"}, "lines", "is not a list"),
    (
        {"lines": [line(1, str(n)) for n in range(501)]},
        "lines",
        "has too many entries, 500 at most",
    ),
    ({"lines": ["tea"]}, "lines.0", "is not an object"),
    ({"lines": [{"lineId": "1", "sku": "tea"}]}, "lines.0.amountMinor", "is missing"),
    ({"lines": [line(-1)]}, "lines.0.amountMinor", "at least 0"),
    ({"lines": [line(10**12 + 1)]}, "lines.0.amountMinor", "at most 1000000000000"),
    ({"lines": [{**line(1), "amountMinor": 9.5}]}, "lines.0.amountMinor", "is not a whole number"),
    ({"lines": [{**line(1), "amountMinor": "9"}]}, "lines.0.amountMinor", "is not a whole number"),
    ({"lines": [line(100, discountMinor=101)]}, "lines.0.discountMinor", "from 0 to 100"),
    ({"lines": [line(100, discountMinor=-1)]}, "lines.0.discountMinor", "at least 0"),
    ({"lines": [line(100, quantity=0)]}, "lines.0.quantity", "at least 1"),
    ({"lines": [line(100, eligible="no")]}, "lines.0.eligible", "is neither true nor false"),
    ({"lines": [line(1), line(2)]}, "lines.1.lineId", "used by another line"),
    ({"shippingMinor": -1}, "shippingMinor", "at least 0"),
    ({"pointsPaidMinor": 101}, "pointsPaidMinor", "from 0 to 100"),
    (
        {"lines": [line(100, eligible=False)], "pointsPaidMinor": 1},
        "pointsPaidMinor",
        "from 0 to 0",
    ),
]


@pytest.mark.parametrize(("change", "place", "reason"), ORDERS)
async def test_an_order_that_cannot_be_is_refused_with_its_place(change, place, reason):
    member = await a_member()
    refusal = await refusal_of(paid(member, "o", 100, data=change))
    assert isinstance(refusal, InvalidInput)
    assert ".".join(refusal.path) == f"data.{place}"
    assert refusal.facts["reason_en"] == reason


@pytest.mark.parametrize("data", [None, [], "tea", 5])
async def test_data_that_is_no_object_is_refused(data):
    refusal = await refusal_of(fact(await a_member(), "order.paid", data))
    assert (refusal.path, refusal.facts["reason_en"]) == (["data"], "is not an object")


@pytest.mark.parametrize("more", ["a\x00b", {"deep": ["\x00"]}, 2**64, "\ud800"])
async def test_what_cannot_be_kept_is_refused_even_where_nobody_asked_for_it(more):
    refusal = await refusal_of(paid(await a_member(), "o", 100, data={"more": more}))
    assert refusal.path == ["data"]


async def test_a_text_that_only_looks_like_one_that_cannot_be_kept_is_kept():
    member = await a_member()
    recorded = await record([paid(member, "o", 100, data={"more": r"\u0000"})], now=NOW)
    assert recorded.accepted == 1


async def test_an_unknown_type_is_refused_with_the_known_ones():
    refusal = await refusal_of(fact(await a_member(), "order.payed", TIED))
    assert refusal.path == ["type"]
    assert refusal.facts["reason_en"] == (
        "not a known type; known: order.paid, order.completed, order.refunded, review.approved, "
        "review.removed, post.published, campaign.joined, share.opened, post.removed"
    )


@pytest.mark.parametrize("name", ["id", "source", "subject", "type"])
@pytest.mark.parametrize("text", ["", "x" * 129, "a\x00b"])
async def test_an_envelope_that_cannot_be_is_refused(name, text):
    refusal = await refusal_of(paid(await a_member(), "o", 100, **{name: text}))
    assert refusal.path == [name]


async def test_a_time_without_a_zone_too_far_ahead_or_before_1970_is_refused():
    member = await a_member()
    good = paid(member, "o", 100)
    for at, reason in [
        (NOW.replace(tzinfo=None), "needs a time zone"),
        (NOW + timedelta(minutes=5, microseconds=1), "lies more than 5 minutes ahead"),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "lies before 1970"),
    ]:
        refusal = await refusal_of(replace(good, time=at))
        assert (refusal.path, refusal.facts["reason_en"]) == (["time"], reason)


async def test_five_minutes_ahead_is_accepted():
    ahead = NOW + timedelta(minutes=5)
    recorded = await record([paid(await a_member(), "o", 100, at=ahead)], now=NOW)
    assert recorded.accepted == 1


async def test_a_currency_without_a_rate_is_refused():
    refusal = await refusal_of(paid(await a_member(), "o", 100, data={"currency": "USD"}))
    assert refusal.code == "CURRENCY_NOT_SUPPORTED"
    assert refusal.facts == {"currency": "USD", "supported": "CNY"}


async def test_an_unknown_subject_is_not_found():
    refusal = await refusal_of(paid(await a_member(), "o", 100, subject="nobody"))
    assert isinstance(refusal, NotFound)
    assert refusal.facts == {"what": "subject nobody"}


async def test_other_types_are_judged_as_well():
    member = await a_member()
    later = NOW + timedelta(days=1)
    for found, place in [
        (fact(member, "order.completed", {}), "data.orderId"),
        (refunded(member, "o", "", at=NOW), "data.refundId"),
        (refunded(member, "o", "r", ("1", -5), at=NOW), "data.lines.0.amountMinor"),
        (fact(member, "review.approved", {"reviewId": "r", "photos": -1}), "data.photos"),
        (fact(member, "share.opened", {"link": "l"}), "data.opener"),
    ]:
        refusal = await refusal_of(found, now=later)
        assert ".".join(refusal.path) == place


async def test_more_than_500_events_are_refused_as_a_whole():
    member = await a_member()
    facts = [reviewed(member, str(number)) for number in range(501)]
    async with nothing_changed():
        with pytest.raises(TooManyEvents):
            await record(facts, now=NOW)
    assert (await record(facts[:500], now=NOW)).accepted == 500
    assert await counts("inbox", "event_key", "job") == [500, 1000, 1]


async def test_no_events_are_nothing():
    async with nothing_changed():
        recorded = await record([], now=NOW)
    assert (recorded.accepted, recorded.duplicates, recorded.refused) == (0, 0, ())


async def test_a_refused_event_leaves_its_neighbours_alone():
    member = await a_member()
    wrong = fact(member, "order.payed", TIED)
    recorded = await record(
        [
            paid(member, "o1", 100),
            wrong,
            paid(member, "o2", 100, subject="nobody"),
            reviewed(member, "r"),
        ],
        now=NOW,
    )
    assert recorded.accepted == 2
    assert [refusal.code for _, refusal in recorded.refused] == ["INVALID_INPUT", "NOT_FOUND"]
    assert await counts("inbox", "event_key", "job", "transfer") == [2, 4, 1, 0]
    assert await jobs_of(member.member_id) == [("intake", "ready")]
    assert (await wallet(member.member_id)).seq == 0


async def test_the_same_event_again_is_a_duplicate():
    member = await a_member()
    first = paid(member, "o1", 100)
    await record([first], now=NOW)
    async with nothing_changed():
        recorded = await record([first, replace(first, time=NOW)], now=NOW + timedelta(days=9))
    assert (recorded.accepted, recorded.duplicates, recorded.refused) == (0, 2, ())


async def test_the_same_happening_under_another_id_is_a_duplicate():
    member = await a_member()
    told = [
        paid(member, "o1", 100),
        completed(member, "o1", at=NOW),
        refunded(member, "o1", "r1", at=NOW),
        reviewed(member, "v1"),
        opened(member, "l1", "somebody"),
    ]
    assert (await record(told, now=NOW)).accepted == 5
    async with nothing_changed():
        recorded = await record([replace(f, id=f"again {f.id}") for f in told], now=NOW)
    assert (recorded.accepted, recorded.duplicates, recorded.refused) == (0, 5, ())


async def test_duplicates_within_one_call_count_once():
    member = await a_member()
    first = paid(member, "o1", 100)
    recorded = await record([first, first, replace(first, id="other")], now=NOW)
    assert (recorded.accepted, recorded.duplicates, recorded.refused) == (1, 2, ())
    assert await counts("inbox", "event_key") == [1, 2]


async def test_another_source_is_another_happening():
    member = await a_member()
    first = paid(member, "o1", 100)
    recorded = await record([first, replace(first, source="other shop")], now=NOW)
    assert recorded.accepted == 2


async def test_another_content_under_the_same_id_is_a_conflict():
    member = await a_member()
    first = paid(member, "o1", 100)
    await record([first], now=NOW)
    refusal = await refusal_of(paid(member, "o2", 100, id=first.id))
    assert isinstance(refusal, ConflictingEvent)
    assert refusal.facts == {"key": f"shop id:{first.id}"}


async def test_another_content_of_the_same_happening_is_a_conflict():
    member, other = await a_member(), await a_member()
    await record(
        [paid(member, "o1", 100), refunded(member, "o1", "r1", ("1", 50), at=NOW)], now=NOW
    )
    refusal = await refusal_of(paid(member, "o1", 101))
    assert refusal.facts == {"key": "shop order.paid:o1"}
    refusal = await refusal_of(refunded(member, "o1", "r1", ("1", 51), at=NOW))
    assert refusal.facts == {"key": "shop order.refunded:o1 r1"}
    refusal = await refusal_of(paid(other, "o1", 100))
    assert refusal.code == "CONFLICTING_EVENT"


async def test_a_conflict_within_one_call_leaves_the_first_one():
    member = await a_member()
    recorded = await record([paid(member, "o1", 100), paid(member, "o1", 101)], now=NOW)
    assert recorded.accepted == 1
    assert [refusal.code for _, refusal in recorded.refused] == ["CONFLICTING_EVENT"]


async def test_keys_in_another_order_are_the_same_content():
    member = await a_member()
    first = paid(member, "o1", 100)
    await record([first], now=NOW)
    turned = dict(reversed(first.data.items()))
    recorded = await record([replace(first, data=turned)], now=NOW)
    assert recorded.duplicates == 1
