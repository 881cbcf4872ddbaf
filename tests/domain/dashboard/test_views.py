"""Does the dashboard show what the operations did, whatever the jobs have posted so far?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from db.connection import watched
from domain.checkins.operations import check_in, make_up
from domain.dashboard.model import CheckInState, Part, Points
from domain.dashboard.views import member_view
from domain.ledger.operations import Source, hold, settle_members
from domain.members.operations import resume, suspend
from domain.rewards.operations import cancel, redeem
from kit.errors import InvalidInput
from kit.ids import new_id
from kit.paging import encode_cursor
from tests.support.programmes import in_force
from tests.support.shop import completed, done, paid, refunded, reviewed
from tests.support.value import give, kinds, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
POINTS, GROWTH, CHECK_IN = Part("points"), Part("growth"), Part("check_in")
CREDIT = Part("credit")
HISTORY = Part("history", (100, None, True))
ALL = (
    *(POINTS, GROWTH, CHECK_IN, HISTORY, Part("progress"), Part("retention"), Part("referral")),
    *(Part("redemptions", (10, None)), Part("days", ("2026-03",)), Part("as_of", (NOW,))),
    *(CREDIT, Part("credit_history", (100, None, True)), Part("credit_as_of", (NOW,))),
)
YEAR_END = datetime(2026, 12, 31, 16, tzinfo=UTC)


async def view(member, *parts, now, locale="en") -> list[Any]:
    found = await member_view(member.member_id, parts, now=now, locale=locale)
    assert found is not None
    return [found.parts[part] for part in parts]


async def balances(member, now):
    (points,) = await view(member, POINTS, now=now)
    return points.available, points.pending, points.held, points.lifetime_earned


async def history(member, now):
    (page,) = await view(member, HISTORY, now=now)
    return [(entry.kind, entry.amount) for entry in page.items]


async def same_after_posting(member, now):
    """What a reader sees before the jobs, entry for entry, is what they see after them."""
    before_rows = await counts("transfer")
    before = await member_view(member.member_id, ALL, now=now, locale="en")
    assert await counts("transfer") == before_rows
    await settle_members(as_of=now)
    assert await member_view(member.member_id, ALL, now=now, locale="en") == before


async def test_a_story_is_shown_as_it_happened():
    await in_force()
    member = await a_member(nickname="小明", timezone="Asia/Tokyo")
    assert await balances(member, NOW) == (0, 0, 0, 0)
    await done(paid(member, "o1", 100_000))
    assert await balances(member, NOW) == (0, 1_000, 0, 1_000)
    await done(completed(member, "o1", at=NOW + DAY))
    assert await balances(member, NOW + DAY) == (1_000, 0, 0, 1_000)
    made = await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW + DAY)
    assert await balances(member, NOW + DAY) == (200, 0, 0, 1_000)
    (page,) = await view(member, Part("redemptions", (10, None)), now=NOW + DAY)
    (shown,) = page.items
    assert (shown.id, shown.reward.code, shown.price_points) == (
        made.redemption.id,
        "COUPON_10",
        800,
    )
    assert shown.codes == tuple(made.redemption.codes)
    await done(refunded(member, "o1", "r1", at=NOW + 2 * DAY))
    assert await balances(member, NOW + 2 * DAY) == (0, 0, 0, 0)
    await cancel(member.member_id, made.redemption.id, actor="member", now=NOW + 3 * DAY)
    assert await balances(member, NOW + 3 * DAY) == (0, 0, 0, 0)
    assert await history(member, NOW + 3 * DAY) == [
        ("restore", 800),
        ("shortfall", -800),
        ("take_back", -200),
        ("spend", -800),
        ("earn", 1_000),
    ]
    found = await member_view(member.member_id, (), now=NOW, locale="en")
    assert found is not None
    assert (found.nickname, found.timezone, found.tier.code) == ("小明", "Asia/Tokyo", "NORMAL")


async def test_nobody_is_nobody():
    await in_force()
    assert await member_view(new_id(), ALL, now=NOW, locale="en") is None


async def test_due_activations_are_shown_and_then_posted_just_so():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000), paid(member, "o2", 5_000, at=NOW + DAY))
    at = NOW + 15 * DAY
    assert await balances(member, at - SECOND) == (0, 150, 0, 150)
    assert await balances(member, at) == (100, 50, 0, 150)
    await same_after_posting(member, at)
    assert (await wallet(member.member_id)).available == 100


async def test_due_expiries_are_shown_with_their_numbers_and_reasons():
    await in_force(points={"expiry": {"kind": "rolling", "months": 1}})
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    await done(paid(member, "o2", 5_000, at=NOW + DAY))
    at = NOW + 100 * DAY
    assert await balances(member, at) == (0, 0, 0, 150)
    assert await history(member, at) == [
        ("expire", -50),
        ("expire", -100),
        ("earn", 50),
        ("earn", 100),
    ]
    await same_after_posting(member, at)
    (page,) = await view(member, HISTORY, now=at)
    assert [entry.seq for entry in page.items] == [6, 5, 3, 1]
    assert page.items[1].occurred_at == datetime(2026, 4, 2, 16, tzinfo=UTC)
    assert page.items[1].explanation.startswith("100 points reached the end of their time. ")


async def test_due_decay_is_shown_with_its_reason():
    await in_force(points={"expiry": {"kind": "annual_decay", "percent": 10}})
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    assert await balances(member, YEAR_END - SECOND) == (100, 0, 0, 100)
    assert await balances(member, YEAR_END) == (90, 0, 0, 100)
    (page,) = await view(member, HISTORY, now=YEAR_END)
    assert page.items[0].explanation.startswith("The yearly decay takes a share")
    await same_after_posting(member, YEAR_END + 400 * DAY)
    assert (await wallet(member.member_id)).available == 81


async def test_a_due_activation_repays_a_debt_in_the_readers_eyes_too():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 80_000), completed(member, "o1", at=NOW))
    await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW)
    await done(refunded(member, "o1", "r1", at=NOW), paid(member, "o2", 90_000))
    at = NOW + 15 * DAY
    assert await balances(member, at) == (100, 0, 0, 900)
    await same_after_posting(member, at)


async def test_a_shortfall_may_be_shown_as_less_than_nothing():
    await in_force(points={"shortfall": "unlimited"})
    member = await a_member()
    await done(paid(member, "o1", 80_000), completed(member, "o1", at=NOW))
    await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW)
    await done(refunded(member, "o1", "r1", at=NOW))
    assert (await balances(member, NOW))[0] == -800


async def test_a_suspended_members_points_are_shown_pending_and_due_once_they_resume():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await suspend(member.member_id, actor="staff:1", reason="fraud", now=NOW)
    at = NOW + 20 * DAY
    assert await balances(member, at) == (0, 100, 0, 100)
    await resume(member.member_id, actor="staff:1", reason="sorry", now=at)
    assert await balances(member, at) == (100, 0, 0, 100)
    await same_after_posting(member, at)


async def test_as_of_tells_what_was_available_at_each_step():
    await in_force(points={"expiry": {"kind": "rolling", "months": 1}})
    member = await a_member()
    await done(reviewed(member, "v1", at=NOW - SECOND))
    await done(paid(member, "o1", 10_000))
    await check_in(member.member_id, now=NOW + DAY)
    end = NOW + 100 * DAY
    expected = [
        (datetime(1, 1, 1, tzinfo=UTC), 0),
        (NOW - 2 * SECOND, 0),
        (NOW - SECOND, 20),
        (NOW + DAY, 30),
        (NOW + 15 * DAY - SECOND, 30),
        (NOW + 15 * DAY, 130),
        (datetime(2026, 4, 2, 16, tzinfo=UTC), 110),
        (datetime(2026, 4, 3, 16, tzinfo=UTC), 100),
        (datetime(2026, 4, 17, 16, tzinfo=UTC), 0),
        (end, 0),
    ]
    for posted_by in (NOW + DAY, NOW + 20 * DAY, end):
        await settle_members(as_of=posted_by)
        parts = [Part("as_of", (at,)) for at, _ in expected]
        assert await view(member, *parts, now=end) == [amount for _, amount in expected]


async def test_an_order_heard_of_late_changes_what_was():
    await in_force()
    member = await a_member()
    await done(completed(member, "o1", at=NOW), paid(member, "o1", 10_000), now=NOW + 5 * DAY)
    assert await view(member, Part("as_of", (NOW,)), now=NOW + 5 * DAY) == [100]


async def test_what_expires_within_30_days_is_counted_before_and_after_posting():
    await in_force()
    member = await a_member()
    await give(member.member_id, 5, expires_at=NOW + 30 * DAY)
    await give(member.member_id, 7, expires_at=NOW + 30 * DAY + SECOND)
    await give(member.member_id, 11)
    await give(member.member_id, 13, activates_at=NOW + DAY, expires_at=NOW + 9 * DAY)

    async def expiring(at):
        (points,) = await view(member, POINTS, now=at)
        return points.expiring_within_30_days

    assert await expiring(NOW) == 5
    assert await expiring(NOW + SECOND) == 12
    assert await expiring(NOW + DAY) == 25
    await settle_members(as_of=NOW + DAY)
    assert await expiring(NOW + DAY) == 25
    assert await expiring(NOW + 9 * DAY) == 12


async def test_a_history_is_paged_without_gaps_whatever_happens_meanwhile():
    await in_force(points={"expiry": {"kind": "rolling", "months": 1}})
    member = await a_member()
    await done(*(paid(member, f"o{n}", 10_000 + 100 * n) for n in range(5)))
    at, seen, after, pages = NOW + 300 * DAY, [], None, 0
    while True:
        (page,) = await view(member, Part("history", (3, after, False)), now=at)
        seen += [(entry.seq, entry.amount) for entry in page.items]
        assert page.has_previous == (after is not None)
        pages += 1
        if not page.has_next:
            break
        after = page.cursors[-1]
        if pages == 1:
            await done(reviewed(member, "meanwhile", at=at))
    assert [amount for _, amount in seen] == [
        *(-104, -103, -102, -101, -100),
        *(104, 103, 102, 101, 100),
    ]
    assert [seq for seq, _ in seen] == sorted({seq for seq, _ in seen}, reverse=True)


async def test_redemptions_are_paged_newest_first():
    await in_force()
    member = await a_member()
    await give(member.member_id, 10_000)
    made = [
        (await redeem(member.member_id, "MUG", 1, idempotency_key=f"k{n}", now=NOW)).redemption.id
        for n in range(4)
    ]
    (first,) = await view(member, Part("redemptions", (3, None)), now=NOW)
    (last,) = await view(member, Part("redemptions", (3, first.cursors[-1])), now=NOW)
    assert [item.id for item in first.items + last.items] == made[::-1]
    assert (first.has_next, last.has_next) == (True, False)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (Part("history", (101, None, False)), "first"),
        (Part("history", (-1, None, False)), "first"),
        (Part("redemptions", (10_000, None)), "first"),
        (Part("history", (10, "nonsense", False)), "after"),
        (Part("history", (10, "é", False)), "after"),
        (Part("history", (10, encode_cursor("1"), False)), "after"),
        (Part("history", (10, encode_cursor(1, 2), False)), "after"),
        (Part("history", (10, encode_cursor(2**64 - 1), False)), "after"),
        (Part("redemptions", (10, encode_cursor(1))), "after"),
        (Part("redemptions", (10, encode_cursor("no id"))), "after"),
        (Part("days", ("2026-13",)), "month"),
        (Part("days", ("2026-1",)), "month"),
        (Part("days", ("March",)), "month"),
        (Part("days", ("9999-12",)), "month"),
        (Part("as_of", (NOW + SECOND,)), "at"),
    ],
)
async def test_what_cannot_be_asked_is_refused(part, place):
    await in_force()
    member = await a_member()
    with pytest.raises(InvalidInput) as refused:
        await member_view(member.member_id, [part], now=NOW, locale="en")
    assert refused.value.path == [place]


async def test_whatever_is_asked_is_one_statement():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    at, seen = NOW + 20 * DAY, []
    async with watched(seen.append):
        for parts in ((), (POINTS,), ALL):
            await member_view(member.member_id, parts, now=at, locale="en")
    statements = [sql for sql in seen if "programme_version" not in sql.split("FROM")[-1]]
    assert len(statements) == 3


async def test_check_ins_are_shown_by_the_members_day():
    await in_force()
    member = await a_member()
    await give(member.member_id, 1_000)
    parts = CHECK_IN, Part("days", ("2026-03",))
    assert await view(member, *parts, now=NOW) == [_seen(0, 0), []]
    await check_in(member.member_id, now=NOW)
    assert await view(member, *parts, now=NOW) == [_seen(1, 1), [date(2026, 3, 2)]]
    tomorrow = NOW + DAY
    assert await view(member, CHECK_IN, now=tomorrow) == [_seen(0, 1)]
    later = NOW + 2 * DAY
    assert await view(member, CHECK_IN, now=later) == [_seen(0, 0)]
    await check_in(member.member_id, now=later)
    await make_up(member.member_id, date(2026, 3, 3), now=later)
    shown = await view(member, *parts, now=later)
    assert shown == [_seen(1, 3), [date(2026, 3, n) for n in (2, 3, 4)]]
    assert await view(member, Part("days", ("2026-04",)), now=later) == [[]]


def _seen(today, streak_days):
    return CheckInState(checked_in_today=bool(today), streak_days=streak_days)


async def test_progress_is_that_of_the_orders_that_count():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 333_300), paid(member, "small", 1_999, at=NOW))
    await done(paid(member, "o2", 5_000, at=NOW + DAY))
    (found,) = await view(member, Part("progress"), now=NOW + DAY)
    assert (found.spend_score, found.frequency_score, found.score) == (102, 16, 118)
    assert (found.state, found.next_tier.code, found.keep_score) == ("PROVISIONAL", "GOLD", 80)
    assert (found.score_to_next, found.orders_to_next) == (182, 23)
    await done(refunded(member, "o1", "r1", at=NOW + 2 * DAY))
    (found,) = await view(member, Part("progress"), now=NOW + 2 * DAY)
    assert (found.score, found.state, found.next_tier.code) == (0, "ACTIVE", "SILVER")
    await work(NOW + 17 * DAY)
    (found,) = await view(member, Part("progress"), now=NOW + 17 * DAY)
    assert found.score == 10


async def test_explanations_come_in_the_language_that_is_asked_for():
    await in_force()
    member = await a_member()
    await done(reviewed(member, "v1"))
    (english,) = await view(member, HISTORY, now=NOW)
    (chinese,) = await view(member, HISTORY, now=NOW, locale="zh-CN")
    assert english.items[0].explanation == (
        "Approved review: 20 points, ×1 for Normal, rounded down: 20 points. (Programme version 1.)"
    )
    assert chinese.items[0].explanation.startswith("评价通过：20 积分，普通互动 ×1")
    (bare,) = await view(member, Part("history", (1, None, False)), now=NOW)
    assert bare.items[0].explanation == ""


async def test_held_points_are_neither_available_nor_gone():
    await in_force()
    member = await a_member()
    await give(member.member_id, 100)
    await _hold(member, 30)
    (points,) = await view(member, POINTS, now=NOW)
    assert points == Points(
        available=70, pending=0, held=30, expiring_within_30_days=0, lifetime_earned=100
    )
    assert await kinds(member.member_id) == [("earn", 100), ("hold", 30)]


async def _hold(member, amount):
    source = Source("checkout", "c1")
    await hold(member.member_id, amount, source=source, expires_at=NOW + DAY, now=NOW)


async def test_a_hold_whose_time_is_over_shows_as_given_back_although_nothing_has_posted_it():
    await in_force()
    member = await a_member()
    await give(member.member_id, 100)
    await _hold(member, 30)
    before, after = NOW + DAY - timedelta(seconds=1), NOW + DAY
    async with nothing_changed():
        assert [(await view(member, POINTS, now=now))[0].held for now in (before, after)] == [30, 0]
        (points,) = await view(member, POINTS, now=after)
    assert points.available == 100
