"""Does a year of one member come out as the rules say, every message and every entry?

They join, check in, buy, climb, fade, are warned, do half of what would make up for it, are
downgraded and recover. Each midnight is run, and every word and point is compared.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any

import pytest

from db.connection import reader
from domain.checkins.operations import check_in
from domain.ledger.operations import audit
from domain.members.model import Enrolment
from domain.referrals.operations import enrol
from domain.rewards.operations import redeem, ship
from kit import clock
from tests.support.programmes import in_force
from tests.support.shop import done, line, paid, reviewed, tier_changes
from tests.support.working import work
from tests.support.world import NOW, programme
from workers.night import night

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("database")]
DAY = timedelta(days=1)
SHANGHAI = timedelta(hours=8)
YUAN = 100


def at(day: date, hour: int = 12) -> datetime:
    """That hour of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - SHANGHAI


class Year:
    """One member whose clock moves from midnight to midnight."""

    def __init__(self, time: clock.FrozenClock) -> None:
        self._time = time
        self._day = (NOW + SHANGHAI).date()

    async def begin(self, **facts: Any) -> None:
        asked = Enrolment(external_id="customer-1", nickname="小明", **facts)
        self.member = (await enrol(asked, now=NOW, secret=b"a year")).member
        await work(NOW)

    async def until(self, day: date) -> None:
        """Live through every midnight up to that day's noon."""
        while self._day < day:
            self._day += DAY
            await self._night(at(self._day, 0))
        self._time.set(at(day))
        await work(at(day))

    async def checks_in(self, *days: date) -> None:
        for day in days:
            await self.until(day)
            await check_in(self.member.member_id, now=clock.now())
            await work(clock.now())

    async def buys(self, yuan: int, *days: date) -> None:
        for day in days:
            await self.until(day)
            order = paid(self.member, f"order of {day}", line(yuan * YUAN), at=clock.now())
            await done(order, now=clock.now())

    async def reviews(self, *days: date) -> None:
        for day in days:
            await self.until(day)
            await done(reviewed(self.member, f"review of {day}", at=clock.now()), now=clock.now())

    async def gets_a_mug(self, day: date) -> None:
        await self.until(day)
        me, now = self.member.member_id, clock.now()
        made = await redeem(me, "MUG", 1, idempotency_key="mug", now=now)
        await ship(me, made.redemption.id, staff="ming", now=now)
        await work(now)

    async def _night(self, midnight: datetime) -> None:
        self._time.set(midnight)
        await work(midnight)
        cursor = None
        while True:
            batch = await night(midnight, cursor)
            cursor = batch.cursor
            if cursor is None:
                break
        await work(midnight)

    async def messages(self) -> list[tuple[str, str, dict[str, Any]]]:
        async with reader() as tx:
            rows = await tx.fetchjson(
                "SELECT json_agg(json_build_array(created_at, template, facts)"
                " ORDER BY created_at, id) FROM notification WHERE member_id = $1",
                self.member.member_id,
            )
        return [(local(told_at), template, facts) for told_at, template, facts in rows]

    async def entries(self) -> list[tuple[str, str, int]]:
        async with reader() as tx:
            rows = await tx.fetch(
                "SELECT occurred_at, kind || ' ' || reason AS kind, amount FROM transfer"
                " WHERE member_id = $1 AND currency = 'POINTS' ORDER BY occurred_at, seq",
                self.member.member_id,
            )
        return [(local(row["occurred_at"])[:10], row["kind"], row["amount"]) for row in rows]


def local(instant: str | datetime) -> str:
    found = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{found + SHANGHAI:%Y-%m-%d %H:%M}"


def with_gifts(**points: int) -> list[dict[str, Any]]:
    """The default ladder, with these points as gifts of its tiers."""
    ladder = programme().document()["tiers"]["ladder"]
    return [tier | {"gifts": {"points": points.get(tier["code"], 0)}} for tier in ladder]


def days(first: date, count: int) -> list[date]:
    return [first + DAY * number for number in range(count)]


RULES: dict[str, Any] = {
    "points": {"expiry": {"kind": "rolling", "months": 12}},
    "gifts": {"welcome": {"points": 100}, "birthday": {"points": 200}},
    "tiers": {"ladder": with_gifts(SILVER=100, GOLD=300)},
    "check_in": {"milestones": [{"every_days": 7, "points": 20}]},
    "tasks": [
        {
            "code": "FIRST_ORDER",
            "name": {"zh-CN": "首单", "en": "First order"},
            "kind": "orders",
            "gives": {"points": 50},
        },
        {
            "code": "FIVE_A_MONTH",
            "name": {"zh-CN": "每月五单", "en": "Five orders a month"},
            "kind": "orders",
            "target": 5,
            "recurrence": "monthly",
            "gives": {"points": 70},
        },
    ],
}
SILVER = {"zh-CN": "银卡", "en": "Silver"}
GOLD = {"zh-CN": "金卡", "en": "Gold"}
NORMAL = {"zh-CN": "普通", "en": "Normal"}
# Eight orders of ¥1,000 are 240 + 64 of 1,000: GOLD from the last of them on, kept by 240 points of
# what comes after. Three more are 114, which leaves a gap of 126.
AT_STAKE = {
    "tier": GOLD,
    "score": 114,
    "needed": 240,
    "gap": 126,
    "ends_at": "2027-03-17T16:00:00+00:00",
    "otherwise": SILVER,
}
# Make-up tasks may give 72 (30 % of 240); there are 5 x 4, 3 x 9, 3 x 4 and 3 x 4, but no quiz.
MAKE_UP = [
    {"zh-CN": "签到 5 天", "en": "Check in on 5 days"},
    {"zh-CN": "评价 3 次", "en": "Reviews: 3"},
    {"zh-CN": "分享被打开 3 次", "en": "Shares opened by others: 3"},
    {"zh-CN": "发帖 3 篇", "en": "Posts: 3"},
    {"zh-CN": "消费再得 55 分", "en": "Purchases worth 55 score points"},
]
MESSAGES = [
    ("2026-03-02 12:00", "welcome", {"points": 100, "coupons": []}),
    (
        "2026-03-10 12:00",
        "task_completed",
        {"task": {"zh-CN": "首单", "en": "First order"}, "points": 50, "coupons": []},
    ),
    ("2026-03-12 12:00", "tier_upgraded", {"tier": SILVER, "from_tier": NORMAL}),
    (
        "2026-03-14 12:00",
        "task_completed",
        {"task": {"zh-CN": "每月五单", "en": "Five orders a month"}, "points": 70, "coupons": []},
    ),
    ("2026-03-17 12:00", "tier_upgraded", {"tier": GOLD, "from_tier": SILVER}),
    # The third and the eighth order are certain at noon of the day before.
    ("2026-03-28 00:00", "tier_gifts", {"tier": SILVER, "points": 100, "coupons": []}),
    ("2026-04-02 00:00", "tier_gifts", {"tier": GOLD, "points": 300, "coupons": []}),
    ("2026-06-01 12:00", "reward_shipped", {"reward": {"zh-CN": "马克杯", "en": "Mug"}}),
    ("2026-09-01 00:00", "birthday", {"points": 200, "coupons": []}),
    ("2027-02-16 00:00", "tier_warned", AT_STAKE),
    ("2027-03-03 00:00", "tier_grace", AT_STAKE | {"tasks": MAKE_UP}),
    # Five check-ins and two reviews gave 38 of the 126.
    (
        "2027-03-18 00:00",
        "tier_downgraded",
        {
            "tier": SILVER,
            "from_tier": GOLD,
            "needed": 240,
            "gap": 88,
            "recover_by_at": "2027-04-16T16:00:00+00:00",
        },
    ),
    # Three orders of 38: the third one covers the 88.
    (
        "2027-03-22 12:00",
        "tier_recovered",
        {"tier": GOLD, "ends_at": "2028-03-22T16:00:00+00:00"},
    ),
]
# The mug took the first 1,200: what is left of them goes in the order in which it became available,
# and each time everything that would go by then is told.
EXPIRES = [
    ("2027-03-26", 40),
    ("2027-03-27", 1_000),
    ("2027-03-28", 1_000),
    ("2027-03-29", 1_100 + 100),
    ("2027-03-30", 1_100 + 70),
    ("2027-03-31", 1_100),
    ("2027-04-01", 1_100),
    ("2027-04-02", 1_100),
    ("2027-04-03", 300),
]
EARNED = [
    ("2026-03-02", "welcome_gift", 100),
    *((f"2026-03-{day:02}", "check_in", 10) for day in range(2, 8)),
    ("2026-03-08", "check_in", 30),
    ("2026-03-10", "purchase", 1_000),
    ("2026-03-10", "task", 50),
    ("2026-03-11", "purchase", 1_000),
    ("2026-03-12", "purchase", 1_000),
    ("2026-03-13", "purchase", 1_100),
    ("2026-03-14", "purchase", 1_100),
    ("2026-03-14", "task", 70),
    ("2026-03-15", "purchase", 1_100),
    ("2026-03-16", "purchase", 1_100),
    ("2026-03-17", "purchase", 1_100),
    ("2026-03-28", "tier_gift", 100),
    ("2026-04-02", "tier_gift", 300),
    ("2026-09-01", "birthday_gift", 200),
    *((f"2026-09-{day}", "purchase", 1_250) for day in (10, 11, 12)),
    *((f"2027-03-{day:02}", "check_in", 10) for day in range(4, 9)),
    ("2027-03-10", "interaction", 20),
    ("2027-03-11", "interaction", 20),
    *((f"2027-03-{day}", "purchase", 1_100) for day in (20, 21, 22)),
]


async def test_a_year_of_a_member():
    await in_force(**RULES)
    with clock.frozen(NOW) as time:
        year = Year(time)
        await year.begin(birthday=date(1990, 9, 1))
        await year.checks_in(*days(date(2026, 3, 2), 7))
        await year.buys(1_000, *days(date(2026, 3, 10), 8))
        await year.gets_a_mug(date(2026, 6, 1))
        await year.buys(1_000, *days(date(2026, 9, 10), 3))
        await year.checks_in(*days(date(2027, 3, 4), 5))
        await year.reviews(date(2027, 3, 10), date(2027, 3, 11))
        await year.buys(1_000, *days(date(2027, 3, 20), 3))
        await year.until(date(2027, 4, 20))
        assert (await audit(now=clock.now())).breaches == []
    told = await year.messages()
    assert [one for one in told if one[1] != "points_expiring"] == MESSAGES
    expiring = [(at, facts) for at, template, facts in told if template == "points_expiring"]
    assert expiring == sorted([*warnings(30), *warnings(7)], key=itemgetter(0))
    entries = await year.entries()
    assert [entry for entry in entries if entry[1] == "spend redemption"] == [
        ("2026-06-01", "spend redemption", 1_200)
    ]
    assert summed(entries, "expire due") == EXPIRES
    assert [
        (day, kind.removeprefix("earn "), amount)
        for day, kind, amount in entries
        if kind.startswith("earn ")
    ] == EARNED
    assert [
        (*change[:2], local(change[2])) for change in await tier_changes(year.member.member_id)
    ] == [
        ("NORMAL", "SILVER", "2026-03-12 12:00"),
        ("SILVER", "GOLD", "2026-03-17 12:00"),
        ("GOLD", "SILVER", "2027-03-18 00:00"),
        ("SILVER", "GOLD", "2027-03-22 12:00"),
    ]


def warnings(ahead: int) -> list[tuple[str, dict[str, Any]]]:
    """What is told so many days before each of these points go, at the midnight from which on."""
    told: list[tuple[str, dict[str, Any]]] = []
    for number, (day, _) in enumerate(EXPIRES):
        goes_at = at(date.fromisoformat(day), 0)
        gone = [
            amount
            for before, amount in EXPIRES[:number]
            if at(date.fromisoformat(before), 0) <= goes_at - DAY * ahead
        ]
        total = sum(amount for _, amount in EXPIRES[: number + 1]) - sum(gone)
        facts = {"days": ahead, "points": total, "expires_at": goes_at.isoformat()}
        told.append((local(goes_at - DAY * ahead), facts))
    return told


def summed(entries: list[tuple[str, str, int]], kind: str) -> list[tuple[str, int]]:
    """By day."""
    found: Counter[str] = Counter()
    for day, of, amount in entries:
        if of == kind:
            found[day] += amount
    return list(found.items())
