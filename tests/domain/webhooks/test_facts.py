"""Which facts are told, each once, and does the guide show them as they are?"""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from db.changes import TABLES
from db.connection import reader
from domain.checkins import operations as checkins
from domain.members import operations as members
from domain.rewards import operations as rewards
from domain.webhooks import rules
from domain.webhooks.facts import TELLERS
from domain.webhooks.model import EventType
from domain.webhooks.operations import replaying
from kit.ids import global_id
from tests.domain.webhooks.examples import example
from tests.support.hooks import Receiver, an_endpoint, deliveries
from tests.support.shop import done, paid, refunded
from tests.support.value import give
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed
from workers import posting

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "webhooks.md").read_text("utf-8")
_ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \|", re.MULTILINE)
_SECTION = re.compile(r"\| --- \| --- \|\n((?:\|.*\n)+)\n```json\n(.*)\n```")


def test_the_guide_lists_every_type_once():
    assert _ROW.findall(GUIDE) == [kind.value for kind in EventType]


def test_the_guide_shows_what_each_type_tells():
    shown: dict[str, list[str]] = {}
    for rows, text in _SECTION.findall(GUIDE):
        kinds = _ROW.findall(rows)
        assert json.loads(text) == example(EventType(kinds[0]))
        shown |= {kind: list(json.loads(text)) for kind in kinds}
    assert shown == {kind.value: list(example(kind)) for kind in EventType}


def test_the_guides_numbers_are_those_of_the_code():
    text = " ".join(GUIDE.split())
    seconds, minutes, half_hour, *hours = rules.RETRIES
    assert (seconds, minutes, half_hour) == (
        *(timedelta(seconds=5), timedelta(minutes=5)),
        timedelta(minutes=30),
    )
    *most, last = [str(wait // timedelta(hours=1)) for wait in hours]
    assert f"5 seconds, 5 minutes, 30 minutes, {', '.join(most)} and {last} hours" in text
    assert f"There may be {rules.ENDPOINTS_MAX} endpoints" in text
    assert f"2xx within {posting.TOTAL_SECONDS} seconds" in text
    assert f"For {rules.ROTATION // timedelta(hours=1)} hours messages carry two" in text
    assert f"no attempt has succeeded for {rules.DISABLED_AFTER.days} days" in text
    assert f"at most {replaying.REPLAYED_MAX:,} at once" in text
    assert f"deliveries are kept for {replaying.KEPT.days} days" in text


def test_only_rows_of_tables_that_are_written_are_told():
    assert TELLERS.keys() - TABLES.keys() == set()


async def test_an_order_and_its_refund_are_told_by_their_numbers(shop: Receiver):
    await an_endpoint(shop, "order.counted", "refund.counted")
    member = await a_member()
    await done(paid(member, "A-1", 10_000))
    later = NOW + timedelta(days=1)
    await done(refunded(member, "A-1", "R-1", at=later))
    await work(later)
    order, refund = [one.told["data"] for one in shop.heard]
    named = {"source": "shop", "orderId": "A-1"}
    assert {name: order[name] for name in named} == named
    assert {name: refund[name] for name in named} == named
    assert (refund["refundId"], refund["points"]) == ("R-1", order["points"])
    assert order["points"] > 0


async def test_a_change_of_an_order_is_not_told_as_another_order(shop: Receiver):
    await an_endpoint(shop, "order.counted")
    member = await a_member()
    await done(paid(member, "A-1", 10_000))
    await done(refunded(member, "A-1", "R-1", at=NOW + timedelta(days=1)))
    assert [kind for kind, *_ in await deliveries()] == ["order.counted"]


async def test_a_redemption_is_told_at_each_of_its_states(shop: Receiver):
    await an_endpoint(shop)
    member_id = (await a_member()).member_id
    await give(member_id, 10_000)
    made = await rewards.redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW)
    await rewards.ship(member_id, made.redemption.id, staff="ada", now=NOW)
    await rewards.ship(member_id, made.redemption.id, staff="ada", now=NOW)
    await rewards.deliver(member_id, made.redemption.id, staff="ada", now=NOW)
    told = [kind for kind, *_ in await deliveries() if kind.startswith("redemption.")]
    assert sorted(told) == ["redemption.delivered", "redemption.requested", "redemption.shipped"]


async def test_a_member_is_told_joining_changing_barred_and_back(shop: Receiver):
    await an_endpoint(shop)
    member_id = (await a_member()).member_id
    await members.update_profile(member_id, nickname="Ann", now=NOW)
    await members.suspend(member_id, actor="ada", reason="test", now=NOW)
    await members.resume(member_id, actor="ada", reason="test", now=NOW)
    assert sorted(kind for kind, *_ in await deliveries()) == [
        "member.changed",
        "member.joined",
        "member.resumed",
        "member.suspended",
    ]


async def test_what_a_verb_refuses_is_told_to_nobody(shop: Receiver):
    await an_endpoint(shop)
    member_id = (await a_member()).member_id
    await checkins.check_in(member_id, now=NOW)
    async with nothing_changed():
        with pytest.raises(Exception, match="ALREADY_CHECKED_IN"):
            await checkins.check_in(member_id, now=NOW)


async def test_of_twenty_check_ins_at_once_one_is_told(shop: Receiver):
    await an_endpoint(shop, "check_in.made", "points.earned")
    member_id = (await a_member()).member_id
    await asyncio.gather(
        *(checkins.check_in(member_id, now=NOW) for _ in range(20)), return_exceptions=True
    )
    await work(NOW)
    assert sorted(shop.types) == ["check_in.made", "points.earned"]
    ids = [one.headers["webhook-id"] for one in shop.heard]
    assert len(set(ids)) == 2


async def test_members_at_once_are_each_told_once(shop: Receiver):
    await an_endpoint(shop, "points.earned")
    found = [await a_member() for _ in range(6)]
    await asyncio.gather(*(give(member.member_id, 5) for member in found for _ in range(5)))
    await work(NOW)
    told = [one.told["data"] for one in shop.heard]
    assert len(told) == len({data["entryId"] for data in told}) == 30
    assert sorted(data["balance"]["available"] for data in told) == sorted([5, 10, 15, 20, 25] * 6)


async def test_an_events_id_is_that_of_its_row(shop: Receiver):
    await an_endpoint(shop, "points.earned")
    member = await a_member()
    await give(member.member_id, 5)
    await work(NOW)
    async with reader() as tx:
        event_id = await tx.fetchval("SELECT id FROM webhook_event")
    (heard,) = shop.heard
    assert heard.headers["webhook-id"] == global_id("WebhookEvent", member.member_id, event_id)
