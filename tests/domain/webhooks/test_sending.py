"""How does a fact reach an endpoint, and what happens where it doesn't?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.webhooks import operations, views
from domain.webhooks.operations.replaying import KEPT
from domain.webhooks.rules import RETRIES
from kit import clock
from kit.ids import global_id
from tests.support.hooks import a_receiver, an_endpoint, deliveries, posting_by
from tests.support.value import give
from tests.support.working import claim_due, do, work
from tests.support.world import NOW, a_member
from workers.posting import Poster

EARNED = "points.earned"


async def test_a_fact_is_told_signed_with_the_endpoints_secret(shop):
    now = clock.now()
    endpoint = await an_endpoint(shop, EARNED, now=now)
    member = await a_member(external_id="customer-1", now=now)
    await give(member.member_id, 120, now=now)
    await work(now)
    (told,) = shop.verified(endpoint.secret)
    assert told == {
        "type": "points.earned",
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "data": {
            "member": {"id": global_id("Member", member.member_id), "externalId": "customer-1"},
            "amount": 120,
            "from": "issuance",
            "to": "available",
            "reason": "purchase",
            "entryId": told["data"]["entryId"],
            "balance": {"available": 120, "pending": 0, "held": 0, "debt": 0},
        },
    }
    assert await deliveries() == [(EARNED, "SENT", 1, 204)]


async def test_where_nobody_listens_nothing_is_written():
    member = await a_member()
    await give(member.member_id, 120)
    assert await deliveries() == []
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM webhook_event") == 0


async def test_an_endpoint_hears_only_the_types_that_it_asked_for(shop):
    await an_endpoint(shop, "points.spent")
    await give((await a_member()).member_id, 120)
    assert await deliveries() == []


async def test_an_endpoint_without_types_hears_everything(shop):
    await an_endpoint(shop)
    await give((await a_member()).member_id, 120)
    await work(NOW)
    assert sorted(shop.types) == ["member.joined", "points.earned"]


async def test_a_failed_attempt_is_tried_again_under_the_same_id(shop):
    await an_endpoint(shop, EARNED)
    shop.answers = [500]
    await give((await a_member()).member_id, 120)
    await work(NOW)
    assert await deliveries() == [(EARNED, "WAITING", 1, 500)]
    await work(NOW + timedelta(seconds=4))
    assert len(shop.heard) == 1
    await work(NOW + timedelta(seconds=6))
    assert await deliveries() == [(EARNED, "SENT", 2, 204)]
    first, second = shop.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


async def test_after_the_tenth_failed_attempt_a_delivery_is_given_up(shop):
    await an_endpoint(shop, EARNED)
    shop.answers = [500] * 20
    await give((await a_member()).member_id, 120)
    at = NOW
    for wait in (timedelta(), *RETRIES, timedelta(days=1)):
        at += wait * 1.2
        await work(at)
    assert await deliveries() == [(EARNED, "DEAD", 10, 500)]
    assert len(shop.heard) == 10


async def test_a_redirect_is_not_followed(shop):
    async with a_receiver() as elsewhere:
        await an_endpoint(shop, EARNED)
        shop.answers, shop.location = [302], elsewhere.url
        await give((await a_member()).member_id, 120)
        await work(NOW)
        assert elsewhere.heard == []
    assert await deliveries() == [(EARNED, "WAITING", 1, 302)]


async def test_an_endpoint_that_says_gone_is_disabled_and_hears_no_more(shop):
    endpoint = await an_endpoint(shop, EARNED)
    shop.answers = [410]
    member = await a_member()
    await give(member.member_id, 120)
    await work(NOW)
    (found,) = await views.endpoints()
    assert (found.disabled_at, found.disabled_reason) == (NOW, "it answered 410 Gone")
    assert await deliveries() == [(EARNED, "DEAD", 1, 410)]
    await operations.enable(endpoint.id)
    await give(member.member_id, 5)
    await work(NOW)
    assert len(shop.heard) == 2


async def test_an_endpoint_that_failed_for_five_days_is_disabled(shop):
    await an_endpoint(shop, EARNED)
    shop.answers = [500] * 30
    member = await a_member()
    await give(member.member_id, 1)
    await work(NOW)
    later = NOW + timedelta(days=5)
    await give(member.member_id, 1, now=later)
    await work(later - timedelta(seconds=1))
    (found,) = await views.endpoints()
    assert (found.failing_since, found.disabled_at) == (NOW, None)
    await work(later)
    (found,) = await views.endpoints()
    assert (found.disabled_at, found.disabled_reason) == (
        later,
        "every attempt of 5 days failed",
    )


async def test_one_success_makes_an_endpoint_sound_again(shop):
    await an_endpoint(shop, EARNED)
    shop.answers = [503, 204]
    member = await a_member()
    await give(member.member_id, 1)
    await work(NOW)
    (found,) = await views.endpoints()
    assert (found.failing_since, found.paused_until) == (NOW, NOW + timedelta(seconds=5))
    await work(NOW + timedelta(seconds=6))
    (found,) = await views.endpoints()
    assert (found.failing_since, found.paused_until) == (None, None)


async def test_an_endpoint_that_moved_has_not_failed_yet(shop):
    endpoint = await an_endpoint(shop, EARNED)
    shop.answers = [503]
    await give((await a_member()).member_id, 1)
    await work(NOW)
    same = await operations.update(endpoint.id, url=endpoint.url, allows_private=True)
    assert (same.failing_since, same.paused_until) == (NOW, NOW + timedelta(seconds=5))
    moved = await operations.update(endpoint.id, url=f"{endpoint.url}new", allows_private=True)
    assert (moved.failing_since, moved.paused_until) == (None, None)


async def test_while_an_endpoint_is_paused_nothing_else_is_tried(shop):
    await an_endpoint(shop, EARNED)
    shop.answers = [503]
    member = await a_member()
    await give(member.member_id, 1)
    await work(NOW)
    await give(member.member_id, 2, now=NOW + timedelta(seconds=1))
    await work(NOW + timedelta(seconds=1))
    assert len(shop.heard) == 1
    await work(NOW + timedelta(seconds=30))
    assert len(shop.heard) == 3


async def test_who_does_not_answer_in_time_is_left(shop):
    await an_endpoint(shop, EARNED)
    shop.answering.clear()
    await give((await a_member()).member_id, 120)
    async with posting_by(Poster(allows_private=True, total_seconds=0.2)):
        await work(NOW)
    assert await deliveries() == [(EARNED, "WAITING", 1, None)]
    (page,) = (await views.deliveries((await views.endpoints())[0].id)).items
    assert page.delivery.last_error == "no answer within 0.2 seconds"


async def test_a_worker_that_dies_after_posting_leaves_the_message_to_another(shop):
    await an_endpoint(shop, EARNED)
    await give((await a_member()).member_id, 120)
    (claim,) = await claim_due(NOW, operations.SEND)
    message = await operations.prepare(claim, now=NOW)
    assert message is not None
    await Poster(allows_private=True).post(message)
    later = NOW + timedelta(seconds=31)
    (again,) = await claim_due(later, operations.SEND)
    await do(again, later)
    assert await deliveries() == [(EARNED, "SENT", 1, 204)]
    assert len({one.headers["webhook-id"] for one in shop.heard}) == 1
    assert len(shop.heard) == 2


async def test_what_was_on_its_way_to_a_deleted_endpoint_is_given_up(shop):
    endpoint = await an_endpoint(shop, EARNED)
    await give((await a_member()).member_id, 120)
    await operations.delete(endpoint.id)
    await work(NOW)
    assert shop.heard == []
    assert await deliveries() == [(EARNED, "DEAD", 0, None)]


async def test_one_bad_endpoint_holds_up_no_other(shop):
    async with a_receiver() as other:
        await an_endpoint(shop, EARNED)
        await an_endpoint(other, EARNED)
        shop.answers = [500]
        await give((await a_member()).member_id, 120)
        await work(NOW)
        assert other.types == [EARNED]
    assert [state for _, state, *_ in await deliveries()] == ["WAITING", "SENT"]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_every_2xx_is_a_success(shop, status):
    await an_endpoint(shop, EARNED)
    shop.answers = [status]
    await give((await a_member()).member_id, 120)
    await work(NOW)
    assert await deliveries() == [(EARNED, "SENT", 1, status)]


async def test_after_thirty_days_an_event_is_forgotten_with_its_deliveries(shop):
    await an_endpoint(shop, EARNED)
    member = await a_member()
    await give(member.member_id, 1)
    later = NOW + timedelta(days=1)
    await give(member.member_id, 2, now=later)
    await work(later)
    as_of = NOW + KEPT
    assert await operations.prune(as_of=as_of, limit=10) == 0
    assert await operations.prune(as_of=as_of + timedelta(seconds=1), limit=10) == 1
    assert await deliveries() == [(EARNED, "SENT", 1, 204)]
