# ruff: noqa: S608  the statements are made of constants
"""Does the audit see every way in which the books could be wrong, and nothing else?"""

from datetime import timedelta

import pytest

from domain.checkins.operations import check_in
from domain.effects.model import AwardBadge, GrantGrowth, IssueCoupon, TakeBackPoints
from domain.ledger.audit import Invariant
from domain.ledger.operations import Source, audit, commit, hold, release, settle_members
from domain.rewards.operations import cancel, import_codes, redeem
from tests.support.shop import done, paid, refunded
from tests.support.tampering import tampering
from tests.support.value import give, issue_to
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)


@pytest.fixture
async def member_id(shop):  # noqa: ARG001  the programme that it is a member of
    """A member with something of everything."""
    member = (await a_member()).member_id
    await give(member, 3000, expires_at=NOW + 300 * DAY)
    await give(member, 500, activates_at=NOW + 15 * DAY, expires_at=NOW + 400 * DAY)
    lot = await give(member, 100, expires_at=NOW + 300 * DAY)
    await issue_to(
        member,
        [
            GrantGrowth(100, "purchase"),
            IssueCoupon("COUPON_10"),
            AwardBadge("CHECKIN_30"),
            TakeBackPoints(lot.id, 40, "refund"),
        ],
    )
    await import_codes("CODES", ["a", "b"], now=NOW)
    await redeem(member, "CODES", 1, idempotency_key="code", now=NOW)
    await redeem(member, "SCARCE", 2, idempotency_key="kept", now=NOW)
    gone = await redeem(member, "SCARCE", 1, idempotency_key="gone", now=NOW)
    await cancel(member, gone.redemption.id, actor="member", now=NOW)
    for number in range(3):
        source = Source("checkout", str(number))
        await hold(member, 50, source=source, expires_at=NOW + DAY, now=NOW)
        held = await hold(member, 50, source=source, expires_at=NOW + DAY, now=NOW)
        if number == 1:
            await commit(member, held.id, now=NOW)
        if number == 2:
            await release(member, held.id, now=NOW)
    return member


async def breaches():
    return {breach.invariant for breach in (await audit(now=NOW)).breaches}


@pytest.mark.usefixtures("member_id")
async def test_clean_books_have_no_breach_and_the_audit_says_what_it_looked_at():
    findings = await audit(now=NOW)
    assert findings.breaches == []
    assert findings.count == 0
    assert dict(findings.checked) == {
        "members": 1,
        "wallets": 3,
        "transfers": 14,
        "lots": 3,
        "lot_moves": 13,
        "holds": 3,
        "redemptions": 3,
        "draws": 0,
        "rewards": 2,
    }


async def test_the_audit_reads_members_in_batches_and_finds_the_same():
    for _ in range(5):
        await give((await a_member()).member_id, 10)
    findings = await audit(now=NOW, batch=2)
    assert findings.breaches == []
    assert (findings.checked["members"], findings.checked["transfers"]) == (5, 5)


@pytest.mark.usefixtures("member_id")
async def test_what_is_due_and_posted_leaves_clean_books():
    assert await settle_members(as_of=NOW + 500 * DAY) is None
    assert await breaches() == set()


ONE_LOT = "WHERE id = (SELECT id FROM lot WHERE activated_at IS NOT NULL ORDER BY id LIMIT 1)"
LAST = (
    "WHERE currency = 'POINTS' AND seq = (SELECT max(seq) FROM transfer WHERE currency = 'POINTS')"
)
CORRUPTIONS = {
    "a wallet's balance": (
        "UPDATE wallet SET available = available + 1 WHERE currency = 'POINTS'",
        {Invariant.WALLET_SUM, Invariant.ZERO_SUM, Invariant.LOTS_SUM},
    ),
    "growth out of nothing": (
        "UPDATE wallet SET available = available + 1 WHERE currency = 'GROWTH'",
        {Invariant.WALLET_SUM, Invariant.ZERO_SUM},
    ),
    "points moved between accounts": (
        "UPDATE wallet SET available = available - 1, held = held + 1 WHERE currency = 'POINTS'",
        {Invariant.WALLET_SUM, Invariant.LOTS_SUM},
    ),
    "a transfer's amount": (
        f"UPDATE transfer SET amount = amount + 1 {LAST}",
        {
            Invariant.WALLET_SUM,
            Invariant.MOVES_SUM,
            Invariant.CHAIN,
        },
    ),
    "a transfer's reason": (f"UPDATE transfer SET reason = 'other' {LAST}", {Invariant.CHAIN}),
    "a hash": (f"UPDATE transfer SET hash = 'x' {LAST}", {Invariant.CHAIN}),
    "a wallet's head": (
        "UPDATE wallet SET head = 'x' WHERE currency = 'GROWTH'",
        {Invariant.CHAIN},
    ),
    "a growth transfer that is gone": (
        "DELETE FROM transfer WHERE currency = 'GROWTH'",
        {
            Invariant.WALLET_SUM,
            Invariant.ZERO_SUM,
            Invariant.CONTINUOUS,
            Invariant.CHAIN,
            Invariant.LIFETIME,
        },
    ),
    "a number that was skipped": (
        "UPDATE wallet SET seq = seq + 1 WHERE currency = 'GROWTH'",
        {Invariant.CONTINUOUS},
    ),
    "points beside a debt": (
        (
            "ALTER TABLE wallet DROP CONSTRAINT wallet_check;"
            " UPDATE wallet SET debt = -1 WHERE currency = 'POINTS'"
        ),
        {Invariant.NOT_NEGATIVE, Invariant.WALLET_SUM, Invariant.ZERO_SUM},
    ),
    "a lot's remaining": (
        f"UPDATE lot SET remaining = remaining + 1, granted = granted + 1 {ONE_LOT}",
        {Invariant.LOTS_SUM, Invariant.LOT_BUCKETS},
    ),
    "a lot's buckets": (
        f"UPDATE lot SET spent = spent - 1, taken = taken + 1 {ONE_LOT}",
        {Invariant.LOT_BUCKETS},
    ),
    "a lot's held": (
        f"UPDATE lot SET held = held + 1, remaining = remaining - 1 {ONE_LOT}",
        {Invariant.LOTS_SUM, Invariant.LOT_BUCKETS, Invariant.HOLDS},
    ),
    "a lot move": (
        "UPDATE lot_move SET amount = amount + 1 WHERE seq = 1",
        {Invariant.LOT_BUCKETS, Invariant.MOVES_SUM},
    ),
    "a hold's amount": (
        "UPDATE hold SET amount = amount + 1 WHERE state = 'open'",
        {Invariant.LOTS_SUM, Invariant.HOLDS},
    ),
    "a hold that was resolved without a transfer": (
        "UPDATE hold SET state = 'released', resolved_at = now() WHERE state = 'open'",
        {Invariant.LOTS_SUM, Invariant.HOLDS},
    ),
    "a key without its effect": (
        (
            "UPDATE idempotency SET result ="
            " jsonb_build_object('redemption', gen_random_uuid()) WHERE key = 'kept'"
        ),
        {Invariant.KEYS},
    ),
    "an effect with two keys": (
        (
            "INSERT INTO idempotency SELECT member_id, operation, 'again', input_hash, result,"
            " created_at FROM idempotency WHERE key = 'kept'"
        ),
        {Invariant.KEYS},
    ),
    "a counter of stock": ("UPDATE reward_stock SET sold = sold + 1", {Invariant.STOCK}),
    "a counter of coupons": (
        "INSERT INTO coupon_stock VALUES ('COUPON_10', 1)",
        {Invariant.STOCK},
    ),
    "a coupon that was never counted": ("UPDATE coupon SET is_counted = true", {Invariant.STOCK}),
    "a voucher of nobody's coupon": (
        (
            "INSERT INTO voucher SELECT 'x', gen_random_uuid(), member_id, id, now() FROM coupon"
            " LIMIT 1"
        ),
        {Invariant.POOLS},
    ),
    "a code of nobody's redemption": (
        (
            "UPDATE reward_code SET redemption_id = gen_random_uuid(),"
            " member_id = gen_random_uuid() WHERE code = 'b'"
        ),
        {Invariant.POOLS},
    ),
    "a redemption's price": (
        "UPDATE redemption SET price_points = price_points + 1 WHERE state = 'DELIVERED'",
        {Invariant.REDEMPTIONS},
    ),
    "a redemption that was cancelled without giving back": (
        (
            "UPDATE redemption SET state = 'CANCELLED', resolved_at = now()"
            " WHERE state = 'DELIVERED'"
        ),
        {Invariant.REDEMPTIONS, Invariant.STOCK},
    ),
    "a redemption that is gone": (
        "DELETE FROM redemption WHERE state = 'DELIVERED'",
        {Invariant.REDEMPTIONS, Invariant.STOCK, Invariant.KEYS, Invariant.POOLS},
    ),
    "a restore of more than was spent": (
        "UPDATE transfer SET amount = 9999 WHERE kind = 'restore'",
        {
            Invariant.REVERSALS,
            Invariant.REDEMPTIONS,
            Invariant.ZERO_SUM,
            Invariant.CHAIN,
            Invariant.MOVES_SUM,
            Invariant.WALLET_SUM,
        },
    ),
    "a decision that is gone": (
        "DELETE FROM decision WHERE kind = 'redemption_return'",
        {Invariant.SOURCES},
    ),
    "a coupon's code that leads elsewhere": (
        "UPDATE coupon_code SET member_id = gen_random_uuid()",
        {Invariant.SOURCES},
    ),
    "what was earned in a lifetime": (
        "UPDATE wallet SET lifetime_earned = 1 WHERE currency = 'POINTS'",
        {Invariant.LIFETIME},
    ),
    "a due that nobody will look at": (
        "UPDATE wallet SET next_due_at = NULL WHERE currency = 'POINTS'",
        {Invariant.NEXT_DUE},
    ),
    "a transfer from the future": (
        f"UPDATE transfer SET occurred_at = recorded_at + interval '1 hour' {LAST}",
        {Invariant.TIMES, Invariant.CHAIN},
    ),
    "a circle of inviters": (
        (
            "INSERT INTO referral SELECT member_id, inviter, 'A', 'BOUND', now(), NULL, NULL, NULL,"
            " 1, member_id"
            " FROM member, (SELECT gen_random_uuid() AS inviter) AS other;"
            " INSERT INTO referral SELECT inviter_id, member_id, 'B', 'BOUND', now(), NULL, NULL,"
            " NULL, 1, inviter_id FROM referral"
        ),
        {Invariant.REFERRALS},
    ),
    "a referral that was paid twice": (
        (
            "UPDATE transfer SET source_type = 'referral', source_id = 'x', reason = 'inviter'"
            " WHERE kind = 'earn' AND currency = 'POINTS'"
        ),
        {Invariant.REFERRALS, Invariant.CHAIN},
    ),
    "a merged member who has something, whom nothing leads on": (
        "UPDATE member SET merged_into = gen_random_uuid()",
        {Invariant.MERGES},
    ),
    "a merge that brought what nobody gave": (
        (
            "UPDATE transfer SET kind = 'merge_in', debit_account = 'merge'"
            " WHERE kind = 'earn' AND currency = 'GROWTH'"
        ),
        {Invariant.MERGES, Invariant.CHAIN, Invariant.LIFETIME},
    ),
    "a late job": (
        (
            "INSERT INTO job SELECT member_id, gen_random_uuid(), 'k', 'k', '{}', 'ready', 0, 0,"
            " '2026-03-02 03:54Z', NULL, now(), NULL, NULL FROM member"
        ),
        {Invariant.LATE_WORK},
    ),
    "a job that was set aside": (
        (
            "INSERT INTO job SELECT member_id, gen_random_uuid(), 'k', 'k', '{}', 'dead', 5, 5,"
            " '2026-03-02 03:58Z', NULL, now(), now(), 'error' FROM member"
        ),
        {Invariant.LATE_WORK},
    ),
    "a late event": (
        (
            "INSERT INTO inbox SELECT member_id, gen_random_uuid(), 's', 'e', 't', 's', '{}',"
            " now(),"
            " '2026-03-02 03:50Z', 'new', 0, NULL, NULL, NULL FROM member"
        ),
        {Invariant.LATE_WORK},
    ),
}


@pytest.mark.usefixtures("member_id")
@pytest.mark.parametrize("what", CORRUPTIONS)
async def test_the_audit_sees(what, database_url):
    statement, seen = CORRUPTIONS[what]
    async with tampering(database_url) as owner:
        await owner.execute(statement)
        try:
            assert await breaches() == seen
        finally:
            if "DROP CONSTRAINT" in statement:
                await owner.execute("UPDATE wallet SET debt = 0")
                await owner.execute(
                    "ALTER TABLE wallet ADD CONSTRAINT wallet_check"
                    " CHECK (debt = 0 OR available = 0)"
                )


OF_A_CUSTOMER = {
    "an order's points": ("UPDATE purchase SET points_left = points_left + 1", Invariant.ORDERS),
    "an order's growth": ("UPDATE purchase SET growth_left = growth_left - 1", Invariant.ORDERS),
    "a refund that is gone": ("DELETE FROM refund", Invariant.ORDERS),
    "a tier": ("UPDATE standing SET tier_code = 'GOLD'", Invariant.STANDINGS),
    "a change of tier that is gone": (
        "DELETE FROM tier_change WHERE to_tier = 'NORMAL'",
        Invariant.STANDINGS,
    ),
    "a check-in's points": (
        "UPDATE check_in SET points_awarded = points_awarded + 1",
        Invariant.SOURCES,
    ),
}


@pytest.mark.parametrize("what", OF_A_CUSTOMER)
async def test_the_audit_sees_what_is_wrong_with_a_customers_orders_tier_or_days(
    what, database_url
):
    member = await a_member()
    await done(paid(member, "o1", 320_000), refunded(member, "o1", "r1", ("1", 160_000), at=NOW))
    await check_in(member.member_id, now=NOW)
    assert await breaches() == set()
    statement, seen = OF_A_CUSTOMER[what]
    async with tampering(database_url) as owner:
        await owner.execute(statement)
        assert await breaches() == {seen}


@pytest.mark.usefixtures("member_id")
async def test_the_audit_sees_a_guard_that_is_gone(database_url):
    async with tampering(database_url) as owner:
        await owner.execute("GRANT UPDATE ON transfer TO accrue_app")
        try:
            assert await breaches() == {Invariant.GUARDS}
        finally:
            await owner.execute("REVOKE UPDATE ON transfer FROM accrue_app")


@pytest.mark.usefixtures("member_id")
async def test_late_work_is_told_from_a_breach():
    late = await audit(now=NOW + 20 * DAY)
    assert [(breach.severity, breach.detail.split()[0]) for breach in late.breaches] == [
        ("late", "jobs"),
        ("late", "holds"),
        ("late", "wallets"),
    ]
