"""May a member have a coupon that they ask for, and does no code tell more than it must?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.coupons.errors import CodeInvalid, Ended, LimitReached, OutOfStock
from domain.coupons.model import VouchersAsked
from domain.coupons.operations import claim, make_vouchers, redeem_code, revoke_vouchers
from domain.coupons.rules import digest_of, read_code
from domain.ledger.operations import audit
from domain.members.operations import suspend
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, NotFound
from tests.domain.coupons.test_issuing import in_force, in_stock
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
SECRET = b"a key of the hashes of codes"
ONCE = {"count": 1, "period": "ever"}
CLAIM = {"code": "CLAIM", "limit": {"count": 2, "period": "month"}, "channels": ["claim"]}
SPRING = {
    "code": "SPRING",
    "limit": ONCE,
    "channels": ["public_code"],
    "public_code": "SPRING10",
    "stock": 5,
}
PRINTED = {"code": "PRINTED", "channels": ["voucher"]}


async def take(member, template="CLAIM", *, key="k", now=NOW):
    return await claim(member.member_id, template, idempotency_key=key, now=now)


async def enter(member, code, *, key="k", now=NOW):
    return await redeem_code(member.member_id, code, idempotency_key=key, secret=SECRET, now=now)


async def vouchers(quantity=1, *, template="PRINTED", key="v", expires_at=None):
    asked = VouchersAsked(template, quantity, key, expires_at)
    return await make_vouchers(asked, actor="ada", secret=SECRET, now=NOW)


async def test_a_coupon_is_claimed_once_for_each_key_and_as_often_as_its_limit_says():
    await in_force(CLAIM, {**CLAIM, "code": "CLAIM_2"})
    member = await a_member()
    first = await take(member)
    assert (first.coupon.template, first.coupon.state) == ("CLAIM", "ISSUED")
    assert (first.coupon.source_type, first.coupon.expires_at) == ("claim", NOW + 30 * DAY)
    assert (await take(member)).coupon == first.coupon
    await take(member, key="other")
    async with nothing_changed():
        with pytest.raises(LimitReached) as refused:
            await take(member, key="third")
        with pytest.raises(IdempotencyKeyReused):
            await take(member, "CLAIM_2")
    assert str(refused.value.facts["resets_at"]) == "2026-03-31 16:00:00+00:00"
    assert await counts("coupon") == [2]


async def test_what_can_not_be_claimed_is_not_there():
    await in_force({**CLAIM, "stock": 0})
    member = await a_member()
    async with nothing_changed():
        for template in ("COUPON_10", "NONE"):
            with pytest.raises(NotFound):
                await take(member, template)
        with pytest.raises(OutOfStock):
            await take(member)
        with pytest.raises(InvalidInput):
            await take(member, key="")
    await suspend(member.member_id, actor="ada", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await take(member)


async def test_a_public_code_is_read_however_it_is_typed_and_works_once_for_each_member():
    await in_force(SPRING)
    member = await a_member()
    owned = await enter(member, " spring-1O")
    assert (owned.coupon.template, owned.coupon.source_type) == ("SPRING", "public_code")
    with pytest.raises(LimitReached):
        await enter(member, "SPRING10", key="again")
    await enter(await a_member(), "SPRING10")
    assert await in_stock("SPRING") == 2


async def test_a_voucher_becomes_one_coupon_of_one_member():
    await in_force(PRINTED)
    made = await vouchers(3)
    member, other = await a_member(), await a_member()
    code = made.codes[0]
    owned = await enter(member, code.lower())
    assert (owned.coupon.template, owned.coupon.source_type) == ("PRINTED", "voucher")
    assert owned.coupon.code != code, "whoever sees the print knows nothing of the coupon"
    again = await enter(member, code, key="a retry without its key")
    assert again.coupon.id == owned.coupon.id
    async with nothing_changed():
        with pytest.raises(CodeInvalid):
            await enter(other, code)
    assert await counts("coupon", "voucher") == [1, 3]
    assert (await audit(now=NOW)).breaches == []


async def test_of_a_voucher_only_a_keyed_hash_is_kept():
    await in_force(PRINTED)
    made = await vouchers(20)
    assert len(set(made.codes)) == 20
    assert all(read_code(code) == code for code in made.codes)
    async with reader() as tx:
        kept = await tx.fetch("SELECT v::text FROM voucher v")
        batch = await tx.fetchval("SELECT b::text FROM voucher_batch b")
    text = batch + "".join(row[0] for row in kept)
    assert not any(code in text for code in made.codes)
    assert {digest_of(code, SECRET) for code in made.codes} == {
        row[0].strip("()").split(",")[0] for row in kept
    }
    assert digest_of(made.codes[0], b"another key") not in text


async def test_codes_are_shown_to_who_makes_them_once():
    await in_force(PRINTED)
    made = await vouchers(2)
    async with nothing_changed():
        again = await vouchers(2)
        with pytest.raises(IdempotencyKeyReused):
            await vouchers(3)
        with pytest.raises(NotFound):
            await vouchers(template="COUPON_10", key="w")
        for quantity in (0, 10_001):
            with pytest.raises(InvalidInput):
                await vouchers(quantity, key="w")
        with pytest.raises(InvalidInput):
            await vouchers(key="w", expires_at=NOW)
    assert (again.batch, again.codes) == (made.batch, ())


async def test_every_code_that_does_not_work_is_answered_alike():
    await in_force(
        PRINTED,
        {
            **SPRING,
            "public_code": "OVER",
            "window": {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-04-01T00:00:00Z"},
        },
    )
    used, revoked = await vouchers(1), await vouchers(1, key="revoked")
    short_lived = await vouchers(1, key="short", expires_at=NOW + DAY)
    await enter(await a_member(), used.codes[0])
    assert await revoke_vouchers(revoked.batch.id, now=NOW) == 1
    assert await revoke_vouchers(revoked.batch.id, now=NOW) == 0
    member = await a_member()
    wrong = {
        "unknown": "0000000000000000",
        "mistyped": used.codes[0][:-1] + ("0" if used.codes[0][-1] != "0" else "1"),
        "malformed": "'; DROP TABLE voucher; --",
        "empty": "",
        "endless": "A" * 10_000,
        "used": used.codes[0],
        "revoked": revoked.codes[0],
        "expired": short_lived.codes[0],
    }
    answers = set()
    async with nothing_changed():
        for code in wrong.values():
            with pytest.raises(CodeInvalid) as refused:
                await enter(member, code, now=NOW + DAY)
            answers.add((refused.value.code, refused.value.message("en"), str(refused.value.facts)))
        with pytest.raises(Ended):
            await enter(member, "over", now=NOW + 60 * DAY)
    assert len(answers) == 1


async def test_vouchers_are_taken_from_the_stock_when_they_are_made():
    await in_force({**PRINTED, "stock": 5})
    made = await vouchers(4)
    async with nothing_changed():
        with pytest.raises(OutOfStock):
            await vouchers(2, key="w")
    await enter(await a_member(), made.codes[0])
    assert await in_stock("PRINTED") == 4
    await revoke_vouchers(made.batch.id, now=NOW)
    assert await in_stock("PRINTED") == 1
    assert (await audit(now=NOW)).breaches == []
    with pytest.raises(NotFound):
        await revoke_vouchers(made.batch.id.__class__(int=1), now=NOW)


def test_a_million_guesses_find_a_code_with_less_than_one_chance_in_a_million():
    out, guesses, random_bits = 10**9, 10**6, 72
    assert out * guesses / 2**random_bits < 1e-6
