"""Does what members own come in once, exactly, and without a reward for coming?"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader
from domain.batches import operations as batches
from domain.imports import booking, operations, views
from domain.ledger.operations import audit
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.retention.operations import review_due
from domain.rewards.operations import redeem
from kit import clock
from tests.domain.imports.files import imported, kept, loaded, member_id_of, refusals
from tests.support.value import lots, wallet
from tests.support.working import jobs_of
from tests.support.world import NOW, a_member, counts, nothing_changed, published
from workers.batches import KINDS, Batches

pytestmark = pytest.mark.usefixtures("programme")
DAY = timedelta(days=1)
SPRING = datetime(2027, 3, 31, 16, tzinfo=UTC)


@pytest.fixture
async def programme(database: str):
    del database
    return await published()


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


async def rows_of(sql: str, *args: object) -> list[dict]:
    async with reader() as tx:
        return [dict(row) for row in await tx.fetch(sql, *args)]


async def test_a_balance_comes_in_as_a_lot_with_its_own_dates_and_gives_nothing_else():
    batch = await imported(
        [
            {
                "external_id": "c-1",
                "points": "1200",
                "expires_at": "2027-03-31",
                "earned_at": "2025-01-05T00:00:00Z",
            }
        ]
    )
    assert (batch.state, batch.done, batch.refused) == ("DONE", 1, 0)
    assert batch.counts == {"members": 1, "points": 1200}
    member_id = await member_id_of("c-1")
    (lot,) = await lots(member_id)
    assert (lot.remaining, lot.expires_at) == (1200, SPRING)
    assert (lot.occurred_at, lot.source_type) == (datetime(2025, 1, 5, tzinfo=UTC), "import")
    found = await wallet(member_id)
    assert (found.available, found.pending, found.lifetime_earned) == (1200, 0, 0)
    assert (await wallet(member_id, "GROWTH")).available == 0
    assert await jobs_of(member_id) == []
    assert await counts("gift", "notification", "tier_change") == [0, 0, 0]
    assert (await audit(now=NOW)).breaches == []


async def test_an_opening_balance_import_that_is_run_twice_books_once():
    records = [{"external_id": f"c-{number}", "points": 100 + number} for number in range(5)]
    first = await imported(records, "sha")
    async with nothing_changed():
        again = await imported(records, "sha", now=NOW)
        assert again == first
        known = await views.known("sha")
        assert known is not None
        assert known.state == "DONE"
    other = await imported([*records, {"external_id": "c-9", "points": 1}], "another sha")
    assert other.counts == {"known": 5, "members": 1, "points": 1}
    assert [(await wallet(await member_id_of(f"c-{number}"))).available for number in range(5)] == [
        100, 101, 102, 103, 104,
    ]  # fmt: skip


async def test_a_changed_row_that_was_imported_is_a_conflict_and_books_nothing():
    await imported([{"external_id": "c-1", "points": 100}])
    batch = await imported(
        [{"external_id": "c-1", "points": 150}, {"external_id": "c-2", "points": 7}], "corrected"
    )
    assert refusals(batch) == [(2, "IMPORT_CONFLICT", "reference")]
    assert (await wallet(await member_id_of("c-1"))).available == 100
    assert (await wallet(await member_id_of("c-2"))).available == 7


async def test_two_imports_of_one_balance_at_once_book_it_once():
    record = [{"external_id": f"c-{number}", "points": 100} for number in range(20)]
    for checksum in ("one", "other"):
        await loaded(record, checksum)
    workers = [Batches(KINDS) for _ in range(4)]

    async def until_nothing_is_due(worker: Batches) -> None:
        while await worker.turn():
            pass

    await asyncio.gather(*map(until_nothing_is_due, workers))
    while await workers[0].turn():
        pass
    states = await rows_of("SELECT state, done, refused FROM batch")
    assert states == [{"state": "DONE", "done": 20, "refused": 0}] * 2
    total = await rows_of("SELECT sum(available)::int AS n FROM wallet WHERE currency = 'POINTS'")
    assert total == [{"n": 2000}]


async def test_several_balances_of_a_member_are_lots_that_are_spent_in_their_order():
    await imported(
        [
            {"external_id": "c-1", "reference": "late", "points": 500, "expires_at": "never"},
            {"external_id": "c-1", "reference": "soon", "points": 300, "expires_at": "2026-03-31"},
            {"external_id": "c-1", "reference": "own", "points": 200},
        ]
    )
    member_id = await member_id_of("c-1")
    await redeem(member_id, "COUPON_10", 1, idempotency_key="k", now=NOW)
    left = {(lot.granted, lot.expires_at is None): lot.remaining for lot in await lots(member_id)}
    assert left == {(500, True): 200, (300, False): 0, (200, False): 0}


async def test_a_balance_that_is_to_come_waits_until_then():
    await imported([{"external_id": "c-1", "points": 50, "activates_at": "2026-03-10"}])
    member_id = await member_id_of("c-1")
    found = await wallet(member_id)
    assert (found.pending, found.available) == (50, 0)
    assert found.next_due_at == datetime(2026, 3, 9, 16, tzinfo=UTC)


@pytest.mark.parametrize("limit", [1, 200])
async def test_a_debt_comes_in_and_is_repaid_by_what_comes_next(limit: int):
    batch = await imported(
        [
            {"external_id": "c-1", "reference": "debt", "points": -30},
            {"external_id": "c-1", "reference": "lot", "points": 100},
            {"external_id": "c-2", "reference": "lot", "points": 20},
            {"external_id": "c-2", "reference": "debt", "points": -50},
        ],
        limit=limit,
    )
    assert batch.counts == {"members": 2, "points": 40}
    first, second = [await wallet(await member_id_of(f"c-{number}")) for number in (1, 2)]
    assert (first.available, first.debt) == (70, 0)
    assert (second.available, second.debt) == (0, -30)
    assert (await audit(now=NOW)).breaches == []


async def test_growth_and_community_come_in_only_where_the_file_says_so():
    await imported([{"external_id": "c-1", "growth": 900, "community": 40}])
    member_id = await member_id_of("c-1")
    assert (await wallet(member_id, "GROWTH")).available == 900
    assert (await wallet(member_id, "COMMUNITY")).available == 40
    assert await rows_of("SELECT earned_tier FROM standing") == [{"earned_tier": "NORMAL"}]
    assert (await audit(now=NOW)).breaches == []


async def test_a_tier_comes_in_as_earned_with_its_period_and_nobody_is_warned_before_the_run():
    await imported(
        [
            {
                "external_id": "c-1",
                "tier": "GOLD",
                "tier_since": "2025-03-20",
                "tier_ends_at": "2026-03-19",
            }
        ]
    )
    (standing,) = await rows_of("SELECT * FROM standing")
    assert (standing["tier_code"], standing["earned_tier"]) == ("GOLD", "GOLD")
    assert (standing["provisional"], standing["floor"]) == (False, None)
    assert standing["period_opened_at"] == datetime(2025, 3, 19, 16, tzinfo=UTC)
    assert standing["period_ends_at"] == datetime(2026, 3, 19, 16, tzinfo=UTC)
    assert standing["retention_at"] is not None
    assert await counts("gift", "notification") == [0, 0]
    await review_due(as_of=NOW + DAY)
    (standing,) = await rows_of("SELECT earned_tier, warning FROM standing")
    assert standing["earned_tier"] == "GOLD"
    assert '"moved": true' in standing["warning"]
    assert (NOW + DAY).isoformat() in standing["warning"]
    assert (await audit(now=NOW + DAY)).breaches == []


async def test_a_tier_beside_another_that_was_earned_is_a_conflict():
    await imported([{"external_id": "c-1", "tier": "GOLD"}])
    batch = await imported(
        [
            {"external_id": "c-1", "reference": "b", "tier": "GOLD"},
            {"external_id": "c-1", "reference": "c", "tier": "DIAMOND", "points": 5},
        ],
        "second",
    )
    assert refusals(batch) == [(3, "IMPORT_CONFLICT", "tier")]
    assert await counts("tier_change", "lot") == [1, 0]


async def test_unused_coupons_come_in_with_their_own_codes_and_expiry():
    batch = await imported(
        [
            {"external_id": "c-1", "coupon": "COUPON_10", "coupon_code": "OLD-CODE-1",
             "coupon_expires_at": "2026-12-31"},
            {"external_id": "c-1", "reference": "second", "coupon": "COUPON_10"},
            {"external_id": "c-2", "coupon": "COUPON_10", "coupon_code": "OLD-CODE-1"},
        ]
    )  # fmt: skip
    assert refusals(batch) == [(4, "IMPORTED_CODE_TAKEN", "coupon_code")]
    found = await rows_of("SELECT code, state, expires_at FROM coupon ORDER BY expires_at DESC")
    assert found[0] == {
        "code": "OLD-CODE-1",
        "state": "ISSUED",
        "expires_at": datetime(2026, 12, 31, 16, tzinfo=UTC),
    }
    assert len(found[1]["code"]) == 16
    assert await counts("member") == [1]


async def test_a_known_member_is_filled_where_nothing_is_known_and_never_overwritten():
    member = await a_member(external_id="c-1", nickname="Ann", email="ann@shop.example")
    batch = await imported(
        [
            {
                "external_id": "c-1",
                "nickname": "Other",
                "email": "other@shop.example",
                "phone": "138 0013 8000",
                "birthday": "1990-05-01",
                "points": 10,
            }
        ]
    )
    assert batch.counts == {"points": 10}
    found = await rows_of("SELECT * FROM member WHERE member_id = $1", member.member_id)
    assert (found[0]["nickname"], found[0]["email"]) == ("Ann", "ann@shop.example")
    assert (found[0]["phone"], str(found[0]["birthday"])) == ("+8613800138000", "1990-05-01")
    assert await rows_of("SELECT kind, value FROM contact ORDER BY kind") == [
        {"kind": "email", "value": "ann@shop.example"},
        {"kind": "phone", "value": "+8613800138000"},
    ]


async def test_a_contact_of_another_member_refuses_the_row_and_makes_nobody():
    await a_member(email="ann@shop.example")
    async with nothing_changed():
        booked = await operations.rehearse(
            await kept([{"external_id": "c-1", "email": " ANN@shop.example", "points": 10}]),
            now=NOW,
        )
    assert [refusal.code for refusal in booked.refused.values()] == ["IMPORTED_CONTACT_TAKEN"]
    batch = await imported([{"external_id": "c-1", "email": "ANN@shop.example", "points": 10}])
    assert refusals(batch) == [(2, "IMPORTED_CONTACT_TAKEN", "email")]
    assert await counts("member", "lot") == [1, 0]


async def test_who_was_suspended_comes_in_suspended_with_all_that_is_theirs():
    await imported(
        [
            {"external_id": "c-1", "reference": "a", "points": 10},
            {"external_id": "c-1", "reference": "b", "points": 5, "suspended": "yes"},
        ]
    )
    member_id = await member_id_of("c-1")
    assert (await wallet(member_id)).available == 15
    (member,) = await rows_of("SELECT suspended_at FROM member")
    assert member["suspended_at"] == NOW
    assert [row["action"] for row in await rows_of("SELECT action FROM staff_action")] == [
        "suspend"
    ]


async def test_what_the_file_was_refused_for_is_in_the_report_beside_what_is_booked():
    batch = await imported(
        [
            {"external_id": "c-1", "points": "12.5"},
            {"external_id": "", "points": "5"},
            {"external_id": "c-3", "points": "5", "expires_at": "2026-01-01T00:00:00Z"},
            {"external_id": "c-4", "points": "5", "expires_at": "2027-01-01T00:00:00"},
            {"external_id": "c-5", "tier": "IRON"},
            {"external_id": "c-6", "points": "5"},
        ],
        limit=2,
    )
    assert (batch.done, batch.refused) == (1, 5)
    assert refusals(batch) == [
        (2, "ROW_INVALID", "points"),
        (3, "ROW_INVALID", "external_id"),
        (4, "ROW_INVALID", "expires_at"),
        (5, "ROW_INVALID", "expires_at"),
        (6, "ROW_INVALID", "tier"),
    ]
    assert "needs its zone" in batch.lines[3].message("en")
    assert await counts("member") == [1]


async def test_one_row_that_fails_leaves_the_others_of_its_step_booked(monkeypatch):
    book = booking.book

    def failing(desk, entry, *args, **kwargs):
        if entry.external_id == "c-3":
            raise ValueError("a fault of ours")
        return book(desk, entry, *args, **kwargs)

    monkeypatch.setattr(booking, "book", failing)
    batch = await imported([{"external_id": f"c-{number}", "points": 10} for number in range(1, 6)])
    assert refusals(batch) == [(4, "INTERNAL", None)]
    assert (batch.done, batch.counts) == (4, {"members": 4, "points": 40})
    assert await counts("member", "lot") == [4, 4]


async def test_a_rehearsal_says_what_would_be_booked_and_books_nothing():
    await imported([{"external_id": "c-1", "points": 100}])
    rows = await kept(
        [
            {"external_id": "c-1", "points": 100},
            {"external_id": "c-1", "reference": "more", "points": 20},
            {"external_id": "c-2", "points": 3, "tier": "GOLD"},
        ]
    )
    async with nothing_changed():
        booked = await operations.rehearse(rows, now=NOW)
    assert booked.counts == {"known": 1, "members": 1, "points": 23, "tiers": 1}
    assert booked.refused == {}


async def test_an_import_that_was_killed_in_the_middle_goes_on_and_doubles_nothing(moment):
    records = [{"external_id": f"c-{number}", "points": 10} for number in range(30)]
    await loaded(records, "sha")
    small = [replace(KINDS[0], limit=7)]
    assert await Batches(small).turn()
    assert await batches.claim([KINDS[0].name], now=NOW) is not None
    moment.advance(timedelta(minutes=1))
    while await Batches(small).turn():
        pass
    assert await counts("member", "lot") == [30, 30]
    assert await rows_of("SELECT state, done FROM batch") == [{"state": "DONE", "done": 30}]


def test_an_entry_says_where_its_points_come_from():
    decision = StoredDecision(
        kind="opening_balance", programme_version=1, inputs={"reference": "bonus"}, outcome={}
    )
    assert explain("adjust", 50, decision, locale="zh-CN").startswith(
        "从原会员计划转入的期初余额（bonus）。"
    )
    assert explain("adjust", 50, decision, locale="en").startswith(
        "Opening balance from your former programme (bonus)."
    )
