"""Is a member's credit shown as it will be posted?"""

from datetime import timedelta

import pytest

from domain.dashboard.model import Credit
from domain.effects.model import TakeBackCredit
from domain.ledger.model import Currency
from domain.ledger.operations import Source, hold
from domain.rewards.model import Adjustment, Operation
from domain.rewards.operations import adjust
from tests.domain.dashboard.test_views import CREDIT, balances, same_after_posting, view
from tests.support.programmes import in_force
from tests.support.value import give, issue_to, packet
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def test_credit_is_shown_as_it_will_be_posted_without_touching_points():
    await in_force()
    member = await a_member()
    await give(member.member_id, 100, expires_at=NOW + DAY)
    await packet(member.member_id, 500, expires_at=NOW + 2 * DAY)
    await packet(member.member_id, 300, activates_at=NOW + DAY, expires_at=NOW + 9 * DAY)
    source, until = Source("checkout", "1"), NOW + 10 * DAY
    await hold(
        member.member_id, 200, source=source, expires_at=until, now=NOW, currency=Currency.CREDIT
    )
    assert await view(member, CREDIT, now=NOW) == [Credit(300, 300, 200, 300)]
    assert await view(member, CREDIT, now=NOW + 3 * DAY) == [Credit(300, 0, 200, 300)]
    assert await view(member, CREDIT, now=NOW + 9 * DAY) == [Credit(0, 0, 200, 0)]
    assert await view(member, CREDIT, now=until) == [Credit(0, 0, 0, 0)]
    assert await balances(member, NOW + 3 * DAY) == (0, 0, 0, 100)
    await same_after_posting(member, NOW + 3 * DAY)
    await same_after_posting(member, until)


async def test_what_is_owed_of_credit_is_shown_where_the_programme_says_so():
    await in_force(credit={"shortfall": "unlimited"})
    member = await a_member()
    lot = await packet(member.member_id, 500)
    spent = Adjustment(member.member_id, -400, "r", "k", operation=Operation.ADJUST_CREDIT)
    await adjust("staff:1", spent, now=NOW)
    await issue_to(member.member_id, [TakeBackCredit(lot.id, 500, "task_undone")])
    assert await view(member, CREDIT, now=NOW) == [Credit(-400, 0, 0, 0)]
