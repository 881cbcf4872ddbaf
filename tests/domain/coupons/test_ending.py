"""How do coupons end, who is told before, and what does the wallet show?"""

from datetime import timedelta
from typing import Any

import pytest

from db.connection import reader
from domain.coupons import steps, views
from domain.coupons.model import Group
from domain.coupons.operations import expire, remind_expiring, revoke
from domain.effects.model import IssueCoupon
from domain.members.model import Member
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id
from tests.domain.coupons.test_issuing import in_force, in_stock
from tests.domain.coupons.test_lives import do
from tests.support.value import issue_to
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
TEN = ("COUPON_10",)


async def with_coupons(*templates, now=NOW) -> tuple[Member, list]:
    member = await a_member()
    effects = [IssueCoupon(template) for template in templates]
    return member, (await issue_to(member.member_id, effects, now=now)).coupons


async def wallet(member, group=None, *, now=NOW, **page):
    found = await views.wallet(member.member_id, group, now=now, **page)
    return [owned.coupon.id for owned in found.items]


async def states() -> list[str]:
    async with reader() as tx:
        rows = await tx.fetch("SELECT state FROM coupon ORDER BY id")
    return [row["state"] for row in rows]


async def test_expiries_are_posted_in_batches_and_once():
    await in_force()
    await with_coupons(*TEN * 2)
    await with_coupons(*TEN, now=NOW + DAY)
    _, (reserved,) = await with_coupons(*TEN)
    await do(reserved, steps.reserve, new_id())
    async with nothing_changed():
        assert await expire(as_of=NOW + 30 * DAY - timedelta(microseconds=1), limit=10) == 0
    assert await expire(as_of=NOW + 30 * DAY, limit=1) == 2, "of one member all that are due"
    assert await states() == ["EXPIRED", "EXPIRED", "ISSUED", "RESERVED"]
    assert await expire(as_of=NOW + 31 * DAY, limit=10) == 1
    async with nothing_changed():
        assert await expire(as_of=NOW + 99 * DAY, limit=10) == 0


async def test_the_wallet_shows_a_coupon_as_expired_at_the_very_instant():
    await in_force()
    member, (coupon,) = await with_coupons(*TEN)
    at = NOW + 30 * DAY
    before = at - timedelta(microseconds=1)
    assert await wallet(member, Group.USABLE, now=before) == [coupon.id]
    assert await wallet(member, Group.EXPIRED, now=before) == []
    for _ in range(2):
        assert await wallet(member, Group.USABLE, now=at) == []
        assert await wallet(member, Group.EXPIRED, now=at) == [coupon.id]
        await expire(as_of=at, limit=10)


async def test_the_wallet_is_paged_in_the_order_of_its_group():
    await in_force({"code": "SOON", "valid_days": 3}, {"code": "LATER", "valid_days": 60})
    member, (later, ten, soon) = await with_coupons("LATER", "COUPON_10", "SOON")
    order = [soon.id, ten.id, later.id]
    assert await wallet(member, Group.USABLE) == order
    assert await wallet(member) == [soon.id, ten.id, later.id], "the newest first"
    paged, after = [], None
    while True:
        page = await views.wallet(member.member_id, Group.USABLE, first=1, after=after, now=NOW)
        paged += [owned.coupon.id for owned in page.items]
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert paged == order
    with pytest.raises(InvalidInput):
        await wallet(member, after="not a cursor")


async def test_each_group_has_what_its_name_says():
    await in_force()
    member, (reserved, used, revoked, usable) = await with_coupons(*TEN * 4)
    await do(reserved, steps.reserve, new_id())
    await do(used, steps.redeem, new_id())
    await do(revoked, steps.revoke)
    found = {group: await wallet(member, group) for group in Group}
    assert found == {
        Group.USABLE: [usable.id],
        Group.RESERVED: [reserved.id],
        Group.USED: [used.id],
        Group.EXPIRED: [],
        Group.REVOKED: [revoked.id],
    }


async def test_staff_take_a_coupon_away_once_and_say_why():
    await in_force({"code": "FEW", "stock": 3})
    member, (coupon,) = await with_coupons("FEW")
    asked: dict[str, Any] = {"staff": "ada", "reason": "issued by mistake", "now": NOW}
    owned = await revoke(member.member_id, coupon.id, **asked)
    assert (owned.coupon.state, await in_stock("FEW")) == ("REVOKED", 0)
    async with nothing_changed():
        await revoke(member.member_id, coupon.id, **asked)
        with pytest.raises(NotFound):
            await revoke(member.member_id, new_id(), **asked)
        with pytest.raises(InvalidInput):
            await revoke(member.member_id, coupon.id, staff="ada", reason=" ", now=NOW)
    async with reader() as tx:
        noted = await tx.fetch("SELECT actor, action, reason FROM staff_action")
    assert [tuple(row) for row in noted] == [("ada", "coupon.revoke", "issued by mistake")]


async def test_a_member_is_told_once_which_coupons_end_in_three_days():
    await in_force({"code": "SHORT", "valid_days": 2})
    member, _ = await with_coupons("COUPON_10", "NEW_MEMBER_20")
    await with_coupons("SHORT", now=NOW + 27 * DAY)
    night = NOW + 27 * DAY

    async def remind(now):
        await remind_expiring(as_of=now, limit=10, now=now)
        async with reader() as tx:
            rows = await tx.fetch("SELECT member_id, facts FROM notification ORDER BY id")
        return [(row["member_id"], row["facts"]) for row in rows]

    assert await remind(night - DAY) == []
    ((told, facts),) = await remind(night)
    assert told == member.member_id
    assert '"days":3' in facts.replace(" ", "")
    assert "10元优惠券" in facts
    assert len(await remind(night)) == 1
    assert len(await remind(night + DAY)) == 2, "the short one was issued a day before"


async def test_a_code_tells_the_shop_whose_coupon_it_is():
    await in_force()
    member, (coupon,) = await with_coupons(*TEN)
    owned = await views.by_code(coupon.code.lower())
    assert (owned.coupon.id, owned.coupon.member_id) == (coupon.id, member.member_id)
    for code in ("0" * 16, "nonsense", ""):
        with pytest.raises(NotFound):
            await views.by_code(code)
