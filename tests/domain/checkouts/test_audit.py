"""Does the audit see a checkout that lacks what it should have kept, or that debited otherwise?"""

import pytest

from db.connection import Tx, transactional
from domain.ledger.audit import Invariant
from tests.support.buying import a_buyer, a_coupon, opened, paid, wrong

pytestmark = pytest.mark.usefixtures("shop")


@transactional
async def alter(tx: Tx, sql: str) -> None:
    """As nobody but an owner of the tables can."""
    await tx.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE checkout SET state = 'CANCELLED', resolved_at = opened_at WHERE state = 'OPEN'",
        "UPDATE checkout SET points = points + 1",
        "UPDATE checkout SET points_taken = points_taken - 1 WHERE state = 'COMPLETED'",
        "UPDATE checkout SET debited_by = 1 WHERE state = 'COMPLETED'",
        "UPDATE coupon SET checkout_id = gen_random_uuid() WHERE state = 'RESERVED'",
        "UPDATE coupon SET state = 'ISSUED', checkout_id = NULL WHERE state = 'RESERVED'",
    ],
)
async def test_a_breach_is_found(sql: str):
    buyer = await a_buyer(1_600)
    await paid(await opened(buyer, points=800))
    (coupon,) = await a_coupon(buyer, "TEN")
    await opened(buyer, coupon_ids=(coupon.id,), points=800)
    assert await wrong() == []
    await alter(sql)
    assert {breach.invariant for breach in await wrong()} == {Invariant.CHECKOUTS}
