"""Does credit move as points do, beside them and never instead of them?"""

from datetime import UTC, datetime, timedelta

import pytest

from db.connection import transactional, watched
from domain.effects.model import TakeBackCredit
from domain.ledger.errors import InsufficientCredit
from domain.ledger.model import Cause, Currency
from domain.ledger.operations import (
    Source,
    audit,
    commit,
    hold,
    hold_id_of,
    release,
    release_lapsed_holds,
    settle_members,
)
from domain.ledger.steps import hold_of, open_desk, policies_of, post, slices_of
from domain.programme.views import versions
from domain.rewards.operations import redeem
from kit.errors import IdempotencyKeyReused
from tests.support.programmes import in_force
from tests.support.value import give, issue_to, kinds, lots, packet, wallet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)
CHECKOUT = Source("checkout", "1")
UNTIL = NOW + timedelta(minutes=15)
CREDIT = Currency.CREDIT


async def a_member_with(points=0, credit=0, **facts):
    member_id = (await a_member()).member_id
    if points:
        await give(member_id, points, **facts)
    if credit:
        await packet(member_id, credit, **facts)
    return member_id


async def held_by_checkout(member_id, amount, currency):
    return await hold(
        member_id, amount, source=CHECKOUT, expires_at=UNTIL, now=NOW, currency=currency
    )


async def balances(member_id, currency="CREDIT"):
    found = await wallet(member_id, currency)
    return found.available, found.pending, found.held, found.debt


async def test_one_source_holds_points_and_credit_each_once():
    member_id = await a_member_with(points=100, credit=500)
    points = await held_by_checkout(member_id, 60, Currency.POINTS)
    credit = await held_by_checkout(member_id, 300, CREDIT)
    assert (points.currency, credit.currency) == ("POINTS", "CREDIT")
    assert credit.id == hold_id_of(member_id, CHECKOUT, CREDIT) != points.id
    async with nothing_changed():
        assert await held_by_checkout(member_id, 300, CREDIT) == credit
        with pytest.raises(IdempotencyKeyReused):
            await held_by_checkout(member_id, 301, CREDIT)
    assert await balances(member_id) == (200, 0, 300, 0)
    await commit(member_id, credit.id, now=NOW)
    await release(member_id, points.id, now=NOW)
    assert await kinds(member_id, "CREDIT") == [("earn", 500), ("hold", 300), ("commit", 300)]
    assert await kinds(member_id) == [("earn", 100), ("hold", 60), ("release", 60)]
    assert (await audit(now=NOW)).breaches == []


async def test_a_member_who_never_had_any_holds_nothing_and_gets_no_wallet_by_it():
    member_id = await a_member_with(points=100)
    async with nothing_changed():
        with pytest.raises(InsufficientCredit) as refused:
            await held_by_checkout(member_id, 1, CREDIT)
    facts = {"available_minor": 0, "required_minor": 1, "currency": "CNY"}
    assert facts.items() <= refused.value.facts.items()


async def test_a_lapsed_hold_gives_credit_back_and_what_expired_meanwhile_is_gone():
    member_id = await a_member_with(credit=500, expires_at=NOW + timedelta(minutes=5))
    await held_by_checkout(member_id, 300, CREDIT)
    assert await release_lapsed_holds(as_of=UNTIL) == 1
    assert await balances(member_id) == (0, 0, 0, 0)
    (lot,) = await lots(member_id)
    assert (lot.expired, lot.spent, lot.held) == (500, 0, 0)
    assert (await audit(now=NOW)).breaches == []


@transactional
async def pay(tx, member_id, amount, now):
    """As a checkout does: hold and commit by its own decisions, with whatever else it writes."""
    desk = await open_desk(tx, member_id, now)
    desk.credit.hold(
        hold_id_of(member_id, CHECKOUT, CREDIT), amount, cause(desk, "paid"), expires_at=UNTIL
    )
    await post(tx, desk)


@transactional
async def complete(tx, member_id, now):
    desk = await open_desk(tx, member_id, now)
    found = await hold_of(tx, desk, hold_id_of(member_id, CHECKOUT, CREDIT))
    book = desk.books[found.currency]
    seq = book.commit(found, await slices_of(tx, book, found.held_by), cause(desk, "completed"))
    await post(tx, desk)
    return seq


@transactional
async def refund(tx, member_id, seq, now):
    desk = await open_desk(tx, member_id, now)
    slices = await slices_of(tx, desk.credit, seq)
    desk.credit.restore(slices, cause(desk, "refunded"), spent_at=NOW, shop_fault=True)
    await post(tx, desk)


def cause(desk, key):
    decision = desk.decide(key, "checkout", 1, inputs={}, outcome={}, occurred_at=desk.now)
    return Cause(decision, key, "checkout", "1", desk.now)


async def test_what_a_checkout_spent_comes_back_to_its_own_packets_with_their_own_expiry():
    member_id = await a_member_with(credit=500, expires_at=NOW + 10 * DAY)
    await packet(member_id, 400, expires_at=NOW + 40 * DAY)
    await pay(member_id, 700, NOW)
    seq = await complete(member_id, NOW)
    assert await balances(member_id) == (200, 0, 0, 0)
    await refund(member_id, seq, NOW + 20 * DAY)
    first, second = await lots(member_id)
    assert (first.remaining, first.expires_at) == (500, NOW + 50 * DAY)
    assert (second.remaining, second.expires_at) == (400, NOW + 40 * DAY)
    assert (await audit(now=NOW)).breaches == []


async def test_policies_of_points_leave_credit_alone():
    await in_force(now=NOW + DAY, points={"expiry": {"kind": "annual_decay", "percent": 10}})
    member_id = await a_member_with(points=1_000, credit=1_000, now=NOW + DAY)
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    await settle_members(as_of=new_year)
    assert (await balances(member_id, "POINTS"))[0] == 900
    assert await balances(member_id) == (1_000, 0, 0, 0)
    assert (await wallet(member_id, "CREDIT")).decays_at is None
    assert (await audit(now=NOW)).breaches == []


async def test_what_ends_points_by_inactivity_extends_no_packet():
    await in_force(now=NOW + DAY, points={"expiry": {"kind": "inactivity", "months": 12}})
    member_id = await a_member_with(points=5_000, credit=500, expires_at=NOW + 30 * DAY)
    await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW + 2 * DAY)
    points, credit = await lots(member_id)
    assert points.expires_at == datetime(2027, 3, 4, 16, tzinfo=UTC)
    assert credit.expires_at == NOW + 30 * DAY


async def test_credit_becomes_usable_and_expires_on_time_however_late_the_job_is():
    member_id = await a_member_with(credit=500, activates_at=NOW + DAY, expires_at=NOW + 2 * DAY)
    assert await balances(member_id) == (0, 500, 0, 0)
    await settle_members(as_of=NOW + 9 * DAY)
    assert await kinds(member_id, "CREDIT") == [
        ("earn", 500),
        ("activate", 500),
        ("expire", 500),
    ]
    assert (await wallet(member_id, "CREDIT")).next_due_at is None
    assert (await audit(now=NOW)).breaches == []


async def test_a_desk_is_opened_by_as_many_statements_with_credit_as_without():
    without, having = await a_member_with(points=100), await a_member_with(points=100, credit=500)
    counted = []
    for member_id in (without, having):
        seen = []
        async with watched(seen.append):
            await redeem_nothing(member_id)
        counted.append(len(seen))
    assert counted[0] == counted[1] > 0


@transactional
async def redeem_nothing(tx, member_id):
    await post(tx, await open_desk(tx, member_id, NOW))


async def test_credit_follows_the_policy_of_points_unless_it_has_its_own():
    await in_force(now=NOW + DAY, points={"shortfall": "only_pending", "reinstate_days": 5})
    policies = policies_of((await versions()).at(NOW + DAY))
    credit = policies[CREDIT]
    assert (credit.shortfall, credit.reinstate_days, credit.money) == ("only_pending", 5, "CNY")
    own = {"shortfall": "within_balance", "reinstate_days": 0}
    await in_force(now=NOW + 2 * DAY, points={"shortfall": "only_pending"}, credit=own)
    policies = policies_of((await versions()).at(NOW + 2 * DAY))
    credit = policies[CREDIT]
    assert (credit.shortfall, credit.reinstate_days) == ("within_balance", 0)
    assert policies[Currency.POINTS].shortfall == "only_pending"


async def test_a_taken_back_packet_leaves_holds_alone_and_what_is_missing_is_owed():
    member_id = await a_member_with(credit=500)
    (lot,) = await lots(member_id)
    await held_by_checkout(member_id, 300, CREDIT)
    issued = await issue_to(member_id, [TakeBackCredit(lot.id, 500, "task_undone")])
    assert issued.credit_forgiven_minor == 0
    assert await balances(member_id) == (0, 0, 300, -300)
    await release(member_id, hold_id_of(member_id, CHECKOUT, CREDIT), now=NOW)
    assert await balances(member_id) == (0, 0, 0, 0)
    assert (await audit(now=NOW)).breaches == []
