"""What may become of a coupon, from its issue on?"""

from datetime import timedelta
from uuid import UUID

import pytest

from db.connection import Tx, reader, transactional
from domain.coupons import rules, steps
from domain.coupons.model import Coupon, State
from domain.effects.model import IssueCoupon
from domain.ledger.steps import open_desk, post
from kit.ids import new_id
from tests.support.value import issue_to
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
OTHER = UUID(int=2)
EXPIRES = NOW + 30 * DAY


async def a_coupon(template: str = "COUPON_10") -> Coupon:
    await published()
    member = await a_member()
    return (await issue_to(member.member_id, [IssueCoupon(template)])).coupons[0]


async def stored(coupon: Coupon) -> Coupon:
    async with reader() as tx:
        (owned,) = await steps.held(tx, coupon.member_id, [coupon.id])
    return owned.coupon


@transactional
async def do(tx: Tx, coupon: Coupon, step, *args, now=NOW, **kwargs):
    """A step on the coupon as it is stored."""
    desk = await open_desk(tx, coupon.member_id, now)
    (owned,) = await steps.held(tx, coupon.member_id, [coupon.id])
    answer = step(desk, owned.coupon, *args, **kwargs)
    await post(tx, desk)
    return answer


async def facts(coupon: Coupon) -> tuple[str, UUID | None, object]:
    found = await stored(coupon)
    return found.state, found.checkout_id, found.expires_at


async def reserved() -> tuple[Coupon, UUID]:
    coupon, checkout = await a_coupon(), new_id()
    await do(coupon, steps.reserve, checkout)
    return coupon, checkout


async def redeemed() -> tuple[Coupon, UUID]:
    coupon, checkout = await reserved()
    assert await do(coupon, steps.redeem, checkout) is True
    return coupon, checkout


def test_what_ends_a_life_is_followed_by_nothing_and_all_else_by_something():
    endings = {state for state, following in rules.FOLLOWING.items() if not following}
    assert endings == {State.FORFEITED, State.REVOKED}
    assert set(rules.FOLLOWING) == set(State)
    assert all(
        State.ISSUED not in following
        for state, following in rules.FOLLOWING.items()
        if state is not State.RESERVED
    )


async def test_a_coupon_is_held_with_what_it_said_when_it_was_issued():
    coupon = await a_coupon("NEW_MEMBER_20")
    async with reader() as tx:
        (owned,) = await steps.held(tx, coupon.member_id)
        assert await steps.held(tx, coupon.member_id, [OTHER]) == []
    held = owned.held(NOW)
    assert (held.id, held.template.amount_off_minor) == (coupon.id, 2_000)
    assert (held.state, held.is_usable, held.expires_at) == ("ISSUED", True, EXPIRES)
    lapsed = owned.held(EXPIRES)
    assert (lapsed.state, lapsed.is_usable) == ("EXPIRED", False)


async def test_a_reserved_coupon_is_used_up_or_free_again():
    coupon, checkout = await reserved()
    assert await facts(coupon) == ("RESERVED", checkout, EXPIRES)
    await do(coupon, steps.release)
    assert await facts(coupon) == ("ISSUED", None, EXPIRES)
    await do(coupon, steps.reserve, checkout)
    assert await do(coupon, steps.redeem, checkout, now=NOW + DAY) is True
    assert await facts(coupon) == ("REDEEMED", checkout, EXPIRES)
    assert (await stored(coupon)).redeemed_at == NOW + DAY


async def test_what_expires_while_it_is_reserved_is_honoured_on_commit():
    coupon, checkout = await reserved()
    assert await do(coupon, steps.redeem, checkout, now=EXPIRES + DAY) is True
    assert await facts(coupon) == ("REDEEMED", checkout, EXPIRES)


async def test_what_expires_while_it_is_reserved_is_not_revived_by_a_cancel():
    coupon, _ = await reserved()
    await do(coupon, steps.release, now=EXPIRES)
    assert await facts(coupon) == ("EXPIRED", None, EXPIRES)


async def test_a_payment_in_time_is_honoured_after_its_reservation_was_released():
    coupon, checkout = await reserved()
    await do(coupon, steps.release, now=EXPIRES)
    assert await do(coupon, steps.redeem, checkout, now=EXPIRES + DAY) is True
    assert await facts(coupon) == ("REDEEMED", checkout, EXPIRES)


async def test_what_another_checkout_has_used_or_reserved_is_overused_and_stays_theirs():
    coupon, checkout = await reserved()
    async with nothing_changed():
        assert await do(coupon, steps.redeem, OTHER) is False
    assert await do(coupon, steps.redeem, checkout) is True
    async with nothing_changed():
        assert await do(coupon, steps.redeem, OTHER) is False
        assert await do(coupon, steps.redeem, checkout) is True, "told once more"


async def test_a_coupon_comes_back_with_its_original_expiry():
    coupon, _ = await redeemed()
    await do(coupon, steps.give_back, now=EXPIRES - DAY)
    assert await facts(coupon) == ("RETURNED", None, EXPIRES)
    await do(coupon, steps.reserve, OTHER, now=EXPIRES - DAY)
    await do(coupon, steps.release, now=EXPIRES - DAY)
    assert await facts(coupon) == ("RETURNED", None, EXPIRES)


async def test_a_refund_does_not_extend_a_coupon_that_has_expired():
    coupon, _ = await redeemed()
    await do(coupon, steps.give_back, now=EXPIRES)
    assert await facts(coupon) == ("EXPIRED", None, EXPIRES)


async def test_where_the_shop_cancelled_a_week_is_left_at_least():
    coupon, _ = await redeemed()
    await do(coupon, steps.give_back, now=EXPIRES + DAY, days_left=7)
    assert await facts(coupon) == ("RETURNED", None, EXPIRES + 8 * DAY)
    coupon, _ = await redeemed()
    await do(coupon, steps.give_back, now=NOW + DAY, days_left=7)
    assert await facts(coupon) == ("RETURNED", None, EXPIRES)


async def test_a_forfeited_coupon_stays_with_its_checkout():
    coupon, checkout = await redeemed()
    await do(coupon, steps.forfeit)
    assert await facts(coupon) == ("FORFEITED", checkout, EXPIRES)


async def test_a_coupon_in_use_is_revoked_when_it_comes_back():
    coupon, checkout = await reserved()
    await do(coupon, steps.revoke)
    assert await facts(coupon) == ("RESERVED", checkout, EXPIRES), "who pays now gets what was said"
    await do(coupon, steps.release)
    assert await facts(coupon) == ("REVOKED", None, EXPIRES)
    coupon, checkout = await redeemed()
    await do(coupon, steps.revoke)
    assert await facts(coupon) == ("REDEEMED", checkout, EXPIRES)
    await do(coupon, steps.give_back, now=NOW + DAY, days_left=60)
    assert await facts(coupon) == ("REVOKED", None, EXPIRES)


async def test_an_expired_coupon_is_not_revoked_as_well():
    coupon = await a_coupon()
    async with nothing_changed():
        await do(coupon, steps.revoke, now=EXPIRES)
    await do(coupon, steps.revoke, now=EXPIRES - DAY)
    assert await facts(coupon) == ("REVOKED", None, EXPIRES)


@pytest.mark.parametrize("step", [steps.release, steps.give_back, steps.forfeit])
async def test_a_step_from_the_wrong_state_is_a_mistake(step):
    coupon = await a_coupon()
    async with nothing_changed():
        with pytest.raises(AssertionError):
            await do(coupon, step)
        with pytest.raises(AssertionError):
            await do(coupon, steps.reserve, OTHER, now=EXPIRES)
