"""What does a paid order give, and when?"""

from datetime import timedelta

from tests.support.shop import completed, done, line, paid, purchase, tier, tier_changes
from tests.support.value import kinds, lots, wallet
from tests.support.world import NOW, a_member
from tests.support.working import work

DAY = timedelta(days=1)


async def test_an_order_gives_pending_points_until_its_window_ends():
    member = await a_member()
    await done(paid(member, "o1", 9_990))
    assert await kinds(member.member_id) == [("earn", 99)]
    found = await wallet(member.member_id)
    assert (found.pending, found.available, found.lifetime_earned) == (99, 0, 99)
    assert (await wallet(member.member_id, "GROWTH")).available == 99
    assert found.next_due_at == NOW + 15 * DAY
    order = await purchase(member.member_id, "o1")
    assert (order.points, order.growth, order.base_minor) == (99, 99, 9_990)
    assert order.settles_at == NOW + 15 * DAY
