"""Does work over many members at once give somebody nothing twice who is two of them?"""

from datetime import timedelta

import pytest

from domain.coupons.model import BulkAsked
from domain.coupons.operations import issue_in_bulk
from kit import clock
from tests.domain.coupons.test_issuing import in_force
from tests.domain.imports.files import imported
from tests.support.merging import balance, column, merged, parted
from tests.support.world import NOW, a_member, published
from workers.batches import KINDS, Batches

pytestmark = pytest.mark.usefixtures("database")
ROWS = [
    {"external_id": "c-1", "points": 100, "tier": "GOLD"},
    {"external_id": "c-2", "points": 20, "coupon": "COUPON_10"},
]
MORE = [
    {"external_id": "c-1", "reference": "more", "points": 3},
    {"external_id": "c-2", "reference": "more", "points": 4, "coupon": "COUPON_10"},
]


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


async def two():
    return await a_member(external_id="c-1"), await a_member(external_id="c-2")


async def coupons(member):
    return await column("SELECT state FROM coupon WHERE member_id = $1", member.member_id)


async def test_an_import_that_is_run_again_after_a_merge_and_after_the_parting_books_nothing():
    await published()
    ming, hong = await two()
    await imported(ROWS, "first")
    await merged(ming, hong)
    for checksum, members in (("second", (ming,)), ("third", (ming, hong))):
        again = await imported(ROWS, checksum)
        assert (again.counts, again.refused) == ({"known": 2}, 0)
        assert sum([(await balance(one))[1] for one in members]) == 120
        if checksum == "second":
            await parted(ming, hong)
    assert [await balance(one) for one in (ming, hong)] == [(0, 100, 0), (0, 20, 0)]


async def test_rows_about_both_that_come_after_a_merge_are_the_survivors_until_they_are_parted():
    await published()
    ming, hong = await two()
    await merged(ming, hong)
    booked = await imported(MORE, "first")
    assert (booked.counts, booked.refused) == ({"points": 7, "coupons": 1}, 0)
    assert (await balance(ming), len(await coupons(ming))) == ((0, 7, 0), 1)
    await parted(ming, hong)
    assert [await balance(one) for one in (ming, hong)] == [(0, 3, 0), (0, 4, 0)]
    assert [len(await coupons(one)) for one in (ming, hong)] == [0, 1]
    again = await imported(MORE, "second")
    assert (again.counts, again.refused) == ({"known": 2}, 0)


async def begin(key):
    return await issue_in_bulk(BulkAsked("COUPON_10", key), actor="ada", now=NOW)


async def step(batch, limit):
    kinds = [kind.__class__(kind.name, kind.step, limit=limit) for kind in KINDS]
    return await Batches(kinds).turn(only=batch.id)


@pytest.mark.parametrize("is_first_absorbed", [True, False])
async def test_who_is_merged_in_the_middle_of_a_bulk_issue_gets_one_coupon(
    moment, is_first_absorbed
):
    await in_force()
    first, second = await two()
    batch = await begin("k")
    moment.advance(timedelta(seconds=1))
    assert await step(batch, 1)
    survivor, absorbed = (second, first) if is_first_absorbed else (first, second)
    await merged(survivor, absorbed, at=NOW + timedelta(seconds=1))
    while await step(batch, 1):
        pass
    assert await column("SELECT state FROM batch") == ["DONE"]
    assert await coupons(survivor) == ["ISSUED"]


async def test_of_two_coupons_of_one_bulk_issue_one_is_revoked(moment):
    await in_force()
    ming, hong = await two()
    batches = [await begin("k1"), await begin("k2")]
    moment.advance(timedelta(seconds=1))
    for batch in batches:
        while await step(batch, 10):
            pass
    outcome = await merged(ming, hong, at=NOW + timedelta(seconds=1))
    assert outcome.coupons_revoked == 2
    assert sorted(await coupons(ming)) == ["ISSUED", "ISSUED", "REVOKED", "REVOKED"]
