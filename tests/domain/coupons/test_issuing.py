"""Who gets a coupon, and how many are there of it?"""

from datetime import timedelta

import pytest

from db.connection import Tx, reader, transactional
from domain.coupons import steps
from domain.coupons.errors import LimitReached, OutOfStock
from domain.coupons.model import Source
from domain.effects.model import GrantPoints, IssueCoupon
from domain.ledger.steps import open_desk, post
from domain.programme import operations
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.rewards.operations import cancel, redeem
from domain.tasks.operations import tag
from tests.support.value import give, issue_to
from tests.support.world import NOW, a_member, counts, nothing_changed, programme

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
NAME = {"zh-CN": "测试券", "en": "A test"}


async def in_force(*templates: dict, **sections) -> Programme:
    document = programme().document()
    document["coupons"] += [
        {"name": NAME, "kind": "AMOUNT_OFF", "amount_off": "5", **template}
        for template in templates
    ]
    found = Programme.of(document | sections)
    await operations.publish(found, now=NOW, published_by="tests")
    return found


async def given(member, *templates: str, now=NOW) -> tuple[list[str], object]:
    """The templates of the coupons that came of it, and what the decision says was left out."""
    effects = [IssueCoupon(template) for template in templates]
    issued = await issue_to(member.member_id, effects, now=now)
    async with reader() as tx:
        left_out = await tx.fetchjson(
            "SELECT outcome -> 'coupons_left_out' FROM decision WHERE member_id = $1"
            " ORDER BY id DESC LIMIT 1",
            member.member_id,
        )
    for coupon in left_out or ():
        assert coupon.pop("name") == NAME
    return [coupon.template for coupon in issued.coupons], left_out


async def in_stock(template: str) -> int | None:
    async with reader() as tx:
        return await tx.fetchval("SELECT issued FROM coupon_stock WHERE template = $1", template)


async def test_what_has_run_out_is_left_out_and_the_decision_says_so():
    await in_force({"code": "FEW", "stock": 3})
    one, other = await a_member(), await a_member()
    assert await given(one, "FEW", "FEW") == (["FEW", "FEW"], None)
    left_out = [{"template": "FEW", "reason": "OUT_OF_STOCK"}]
    assert await given(other, "FEW", "COUPON_10", "FEW") == (["FEW", "COUPON_10"], left_out)
    assert await in_stock("FEW") == 3
    assert await in_stock("COUPON_10") is None, "what is endless isn't counted"


async def test_a_coupon_that_runs_out_does_not_hold_up_what_it_comes_with():
    await in_force({"code": "NONE", "stock": 0})
    member = await a_member()
    issued = await issue_to(
        member.member_id, [IssueCoupon("NONE"), GrantPoints(7, "test", None, None)]
    )
    assert (issued.coupons, [lot.granted for lot in issued.lots]) == ([], [7])


async def test_a_member_gets_so_many_in_each_period():
    await in_force({"code": "MONTHLY", "limit": {"count": 2, "period": "month"}})
    member = await a_member()
    left_out = [{"template": "MONTHLY", "reason": "LIMIT_REACHED"}]
    assert await given(member, *["MONTHLY"] * 3) == (["MONTHLY"] * 2, left_out)
    assert await given(member, "MONTHLY", now=NOW + 20 * DAY) == ([], left_out)
    assert await given(member, "MONTHLY", now=NOW + 30 * DAY) == (["MONTHLY"], None)
    assert await given(await a_member(), "MONTHLY") == (["MONTHLY"], None)


async def test_a_coupon_is_for_its_audience():
    await in_force(
        {"code": "FOR_GOLD", "audience": {"tiers": ["GOLD"]}},
        {"code": "FOR_NEW", "audience": {"stages": ["new"]}},
        {"code": "FOR_TASTERS", "audience": {"tags": ["taster"]}},
    )
    member = await a_member()
    await tag(member.member_id, "taster", actor="s", now=NOW)
    left_out = [{"template": "FOR_GOLD", "reason": "NOT_IN_AUDIENCE"}]
    came = ["FOR_NEW", "FOR_TASTERS"]
    assert await given(member, "FOR_GOLD", *came) == (came, left_out)


async def test_nothing_is_issued_once_its_window_is_over():
    window = {
        "starts_at": (NOW + DAY).isoformat(),
        "ends_at": (NOW + 2 * DAY).isoformat(),
    }
    await in_force({"code": "SPRING", "window": window})
    member = await a_member()
    issued = await issue_to(member.member_id, [IssueCoupon("SPRING")])
    assert issued.coupons[0].starts_at == NOW + DAY
    assert issued.coupons[0].expires_at == NOW + 2 * DAY
    left_out = [{"template": "SPRING", "reason": "ENDED"}]
    assert await given(member, "SPRING", now=NOW + 2 * DAY) == ([], left_out)


REWARD = {
    "code": "FEW",
    "kind": "COUPON",
    "title": NAME,
    "price_points": 100,
    "coupon": "FEW",
}


async def test_points_buy_no_coupon_that_its_template_refuses_and_a_cancel_gives_stock_and_limit():
    terms = {"code": "FEW", "stock": 2, "limit": {"count": 1, "period": "ever"}}
    await in_force(terms, rewards=[REWARD])
    member, other, third = [await a_member() for _ in range(3)]
    for one in (member, other, third):
        await give(one.member_id, 500)
    bought = await redeem(member.member_id, "FEW", 1, idempotency_key="a", now=NOW)
    with pytest.raises(LimitReached) as refused:
        await redeem(member.member_id, "FEW", 1, idempotency_key="b", now=NOW)
    assert refused.value.facts["limit"] == 1
    await redeem(other.member_id, "FEW", 1, idempotency_key="a", now=NOW)
    with pytest.raises(OutOfStock):
        await redeem(third.member_id, "FEW", 1, idempotency_key="a", now=NOW)
    async with nothing_changed():
        with pytest.raises(OutOfStock):
            await redeem(third.member_id, "FEW", 1, idempotency_key="a", now=NOW)
    await cancel(member.member_id, bought.redemption.id, actor="member", now=NOW)
    assert await in_stock("FEW") == 1
    await redeem(member.member_id, "FEW", 1, idempotency_key="c", now=NOW)
    assert (await in_stock("FEW"), await counts("coupon")) == (2, [3])


@transactional
async def cause(tx: Tx, member_id, key: str, *, undone: bool = False, use=None) -> list[str]:
    """What a deed gives under its source; or that it is undone; or that its coupon is used."""
    published = (await versions(tx)).at(NOW)
    desk = await open_desk(tx, member_id, NOW)
    source = Source("task", "BUY:once")
    templates: list[str] = []
    if use is not None:
        (owned,) = await steps.held(tx, member_id)
        steps.reserve(desk, owned.coupon, use)
        steps.redeem(desk, owned.coupon, use)
    elif undone:
        await steps.revoke_of_source(tx, desk, source.type, source.id)
    else:
        face = published.programme.coupon("COUPON_10")
        assert face is not None
        decision = desk.decide(
            key, "test", published.version, inputs={}, outcome={}, occurred_at=NOW
        )
        issued = await steps.give(
            tx, desk, decision, [face], programme=published.programme, source=source
        )
        templates = [coupon.template for coupon in issued]
    await post(tx, desk)
    return templates


async def states(member) -> list[str]:
    async with reader() as tx:
        rows = await tx.fetch("SELECT state FROM coupon WHERE member_id = $1", member.member_id)
    return sorted(row["state"] for row in rows)


async def test_order_use_refund_and_order_again_give_one_coupon_net():
    await in_force()
    member = await a_member()
    assert await cause(member.member_id, "1") == ["COUPON_10"]
    await cause(member.member_id, "", use=member.member_id)
    await cause(member.member_id, "", undone=True)
    assert await cause(member.member_id, "2") == [], "the one that was used is theirs again"
    assert await states(member) == ["REDEEMED"]
    await cause(member.member_id, "", undone=True)
    async with reader() as tx:
        (used,) = await tx.fetch("SELECT revoked_at FROM coupon")
    assert used["revoked_at"] == NOW


async def test_order_refund_and_order_again_give_a_new_coupon_for_the_revoked_one():
    await in_force()
    member = await a_member()
    await cause(member.member_id, "1")
    await cause(member.member_id, "", undone=True)
    assert await cause(member.member_id, "2") == ["COUPON_10"]
    assert await states(member) == ["ISSUED", "REVOKED"]
