"""Which of what both have stays?"""

from datetime import timedelta

from domain.checkins.rules import numbered
from domain.coupons.model import Coupon, State
from domain.merging.rules import duplicates, together
from domain.tiers.model import Standing, TierFloor, TierPeriod
from kit.ids import new_id
from tests.support.world import NOW, programme

DAY = timedelta(days=1)


def coupon(
    source_type="gift", source_id="welcome:once", *, template="TEA", state=State.ISSUED, days=30
):
    return Coupon(
        member_id=new_id(),
        id=new_id(),
        template=template,
        code=str(new_id()),
        state=state,
        source_type=source_type,
        source_id=source_id,
        decision_id=new_id(),
        issued_at=NOW,
        expires_at=NOW + days * DAY,
        programme_version=1,
        changed_at=NOW,
    )


def revoked(own, others, **limits):
    return duplicates(own, others, limits, NOW)


def test_of_two_unused_the_one_that_expires_first_goes():
    one, other = coupon(days=30), coupon(days=31)
    assert revoked([one], [other]) == [one]
    assert revoked([other], [one]) == [one]


def test_of_a_used_and_an_unused_one_the_unused_goes():
    used, unused = coupon(state=State.REDEEMED), coupon()
    assert revoked([used], [unused]) == [unused]
    assert revoked([unused], [used]) == [unused]
    assert revoked([used], [coupon(state=State.REDEEMED)]) == []


def test_one_that_came_back_is_as_good_as_unused_and_one_that_lapsed_is_gone():
    back, lapsed = coupon(state=State.RETURNED), coupon(days=-1)
    assert revoked([back], [coupon(state=State.FORFEITED)]) == [back]
    assert revoked([lapsed], [coupon(state=State.EXPIRED)]) == []


def test_what_one_may_have_twice_stays():
    bought = [coupon("redemption", str(new_id())) for _ in range(2)]
    assert revoked(bought[:1], bought[1:]) == []
    assert revoked([coupon()], [coupon(source_id="tier:GOLD")]) == []
    assert revoked([coupon()], [coupon(template="CAKE")]) == []
    assert revoked([coupon(state=State.REVOKED)], [coupon()]) == []


def test_a_coupon_for_being_invited_is_one_whoever_invited():
    one, other = coupon("referral", "a", days=5), coupon("referral", "b")
    assert revoked([one], [other]) == [one]


def test_more_than_a_template_gives_a_member_go_but_not_what_one_had_alone():
    own = [coupon("claim", str(number), days=number) for number in range(1, 4)]
    others = [coupon("claim", str(number), days=number) for number in range(4, 6)]
    assert revoked(own, others, TEA=3) == own[:2]
    assert revoked(own, others, TEA=2) == own[:2]
    assert revoked(own, others, TEA=5) == []
    used = [coupon("claim", "u", state=State.REDEEMED) for _ in range(3)]
    assert revoked(used, others, TEA=3) == others


def standing(tier, ends=None, **facts):
    period = TierPeriod(tier_code=tier, opened_at=NOW, ends_at=ends and NOW + ends * DAY)
    return Standing(period=period, **facts)


def test_the_higher_tier_the_longer_period_the_better_floor_and_the_longer_wait_stay():
    low = standing("SILVER", 300, settled_only_until=NOW + DAY)
    high = standing("GOLD", 10, floor=TierFloor(tier_code="GOLD", starts_at=NOW, ends_at=None))
    found = together(low, high, programme())
    assert (found.period, found.floor, found.settled_only_until) == (
        high.period,
        high.floor,
        NOW + DAY,
    )
    longer = standing("GOLD", 11)
    assert together(high, longer, programme()).period == longer.period
    assert together(high, standing("NORMAL"), programme()) == high


def test_days_are_numbered_from_one_after_each_that_was_missed():
    first = NOW.date()
    days = [first + number * DAY for number in (0, 1, 3, 4)]
    assert list(numbered(days, frozenset()).values()) == [1, 2, 1, 2]
    assert list(numbered(days, frozenset({first + 2 * DAY})).values()) == [1, 2, 3, 4]
