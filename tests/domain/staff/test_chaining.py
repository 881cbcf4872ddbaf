"""Does the audit tell when what staff did is not what they did any more?"""

import asyncpg
import pytest

from db.connection import transaction
from domain.ledger.audit import Invariant
from domain.ledger.operations import audit
from domain.rewards.operations import adjust, approve
from tests.support.staff import ADA, BOB, asking, proposed
from tests.support.tampering import tampering
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("shop")
TAMPERED = [
    ("UPDATE staff_act SET amount = amount - 1 WHERE act = 'adjustPoints' AND seq = 1", 4),
    ("UPDATE staff_act SET actor = 'carl' WHERE act = 'approve'", 1),
    ("UPDATE staff_act SET member_id = NULL WHERE act = 'propose'", 1),
    ("UPDATE staff_act SET recorded_at = recorded_at - interval '1 day' WHERE seq = 1", 2),
    ("UPDATE staff_act SET alone_total = 0, amount = 0 WHERE seq = 2", 3),
    ("DELETE FROM staff_act WHERE seq = 2", 3),
    ("DELETE FROM staff_act WHERE act = 'approve'", 2),
    ("UPDATE staff_head SET seq = 9 WHERE person = 'ada@shop'", 1),
    ("DELETE FROM staff_head WHERE person = 'bob@shop'", 1),
    ("DELETE FROM staff_act; DELETE FROM staff_head", 3),
]


@pytest.fixture
async def story(shop):  # noqa: ARG001  the programme that they act under
    """Ada gives 100 and 200 alone and proposes 600, which Bob approves."""
    member_id = (await a_member()).member_id
    await adjust(ADA, asking(member_id, 100, "a"), now=NOW)
    await adjust(ADA, asking(member_id, 200, "b"), now=NOW)
    proposal = await proposed(asking(member_id))
    await approve(proposal.id, staff=BOB, note="seen", now=NOW)
    return member_id


@pytest.mark.usefixtures("story")
async def test_what_nobody_touched_is_found_whole():
    found = await audit(now=NOW)
    assert (found.breaches, found.checked["acts of staff"]) == ([], 4)


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(("statement", "count"), TAMPERED)
async def test_whatever_is_changed_of_it_is_found(statement, count, database_url):
    async with tampering(database_url) as owner:
        await owner.execute(statement)
    found = (await audit(now=NOW)).breaches
    assert {breach.invariant for breach in found} == {Invariant.STAFF}
    assert len(found) == count, [breach.detail for breach in found]


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    "statement", ["UPDATE staff_act SET amount = 1", "DELETE FROM staff_act", "TRUNCATE staff_act"]
)
async def test_the_database_refuses_it_to_everybody_who_is_not_beyond_its_triggers(
    statement, database_url
):
    owner = await asyncpg.connect(database_url)
    try:
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
    finally:
        await owner.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction() as tx:
            await tx.execute(statement)
