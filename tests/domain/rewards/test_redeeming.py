"""What happens when a member redeems a reward?"""

from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader, transactional, watched
from domain.coupons.rules import read_code
from domain.ledger.errors import InsufficientPoints
from domain.members import operations as members
from domain.programme import operations as programmes
from domain.rewards import views
from domain.rewards.errors import (
    Ended,
    LimitReached,
    NotStarted,
    OutOfStock,
    TierTooLow,
)
from domain.rewards.model import Imported
from domain.rewards.operations import cancel, import_codes, redeem
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from tests.domain.rewards.conftest import with_rewards
from tests.support.value import give, kinds, lots, wallet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")


async def a_member_with(points: int):
    member = await a_member()
    if points:
        await give(member.member_id, points)
    return member.member_id


@transactional
async def set_tier(tx, member_id, tier):
    await tx.execute("UPDATE standing SET tier_code = $2 WHERE member_id = $1", member_id, tier)


async def sold(code):
    async with reader() as tx:
        return await tx.fetchval("SELECT sold FROM reward_stock WHERE reward_code = $1", code)


async def test_a_coupon_is_issued_at_once_with_a_code_that_checks_itself():
    member_id = await a_member_with(2000)
    found = await redeem(member_id, "COUPON_10", 2, idempotency_key="k", now=NOW)
    redemption = found.redemption
    assert (redemption.state, redemption.price_points, redemption.quantity) == ("ISSUED", 1600, 2)
    assert [read_code(code) for code in redemption.codes] == redemption.codes
    assert len(set(redemption.codes)) == 2
    async with reader() as tx:
        rows = await tx.fetch("SELECT * FROM coupon WHERE member_id = $1", member_id)
        known = await tx.fetchval(
            "SELECT count(*) FROM coupon_code WHERE code = ANY($1) AND member_id = $2",
            redemption.codes,
            member_id,
        )
    assert {(row["template"], row["state"], row["source_id"]) for row in rows} == {
        ("COUPON_10", "ISSUED", str(redemption.id))
    }
    assert {row["expires_at"] for row in rows} == {NOW + timedelta(days=30)}
    assert known == 2
    assert await kinds(member_id) == [("earn", 2000), ("spend", 1600)]
    assert (await wallet(member_id)).available == 400


async def test_a_parcel_is_requested_and_the_stock_goes_down():
    member_id = await a_member_with(2400)
    found = await redeem(member_id, "MUG", 2, idempotency_key="k", now=NOW)
    assert found.redemption.state == "REQUESTED"
    assert found.redemption.codes == []
    assert found.reward.title.en == "Mug"
    assert await sold("MUG") == 2


async def test_a_virtual_reward_delivers_codes_of_its_pool():
    member_id = await a_member_with(200)
    assert await import_codes("CODES", ["b", "a", "c", "a"], now=NOW) == Imported(3, 1)
    assert await import_codes("CODES", ["c", "d"], now=NOW) == Imported(1, 1)
    found = await redeem(member_id, "CODES", 2, idempotency_key="k", now=NOW)
    assert found.redemption.state == "DELIVERED"
    assert found.redemption.resolved_at == NOW
    assert found.redemption.codes == ["a", "b"]


async def test_an_empty_pool_is_out_of_stock():
    member_id = await a_member_with(200)
    await import_codes("CODES", ["a"], now=NOW)
    with pytest.raises(OutOfStock):
        await redeem(member_id, "CODES", 2, idempotency_key="k", now=NOW)
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM reward_code WHERE member_id IS NULL") == 1


async def test_the_price_is_that_of_the_members_tier():
    member_id = await a_member_with(200)
    normal = await redeem(member_id, "CHEAPER_FOR_SILVER", 1, idempotency_key="a", now=NOW)
    await set_tier(member_id, "SILVER")
    silver = await redeem(member_id, "CHEAPER_FOR_SILVER", 1, idempotency_key="b", now=NOW)
    assert [normal.redemption.price_points, silver.redemption.price_points] == [100, 80]


async def test_a_bigger_stock_in_a_new_version_is_a_restock():
    member_id = await a_member_with(1000)
    await redeem(member_id, "SCARCE", 3, idempotency_key="a", now=NOW)
    with pytest.raises(OutOfStock):
        await redeem(member_id, "SCARCE", 1, idempotency_key="b", now=NOW)
    await programmes.publish(with_rewards(SCARCE=5), now=NOW, published_by="tests")
    await redeem(member_id, "SCARCE", 2, idempotency_key="c", now=NOW)
    with pytest.raises(OutOfStock):
        await redeem(member_id, "SCARCE", 1, idempotency_key="d", now=NOW)
    assert await sold("SCARCE") == 5


async def test_points_that_are_due_count_although_no_job_has_posted_them():
    member_id = (await a_member()).member_id
    await give(member_id, 1200, activates_at=NOW + timedelta(days=15))
    with pytest.raises(InsufficientPoints):
        await redeem(member_id, "MUG", 1, idempotency_key="a", now=NOW)
    later = NOW + timedelta(days=15)
    await redeem(member_id, "MUG", 1, idempotency_key="b", now=later)
    assert await kinds(member_id) == [("earn", 1200), ("activate", 1200), ("spend", 1200)]


async def test_what_expires_first_is_spent_first():
    member_id = (await a_member()).member_id
    await give(member_id, 700)
    await give(member_id, 700, expires_at=NOW + timedelta(days=300))
    await give(member_id, 700, expires_at=NOW + timedelta(days=30))
    await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW)
    assert [lot.remaining for lot in await lots(member_id)] == [700, 200, 0]


@pytest.mark.parametrize("quantity", [0, -1, 101])
async def test_a_quantity_outside_1_to_100_is_refused(quantity):
    member_id = await a_member_with(2400)
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await redeem(member_id, "MUG", quantity, idempotency_key="k", now=NOW)
    assert refused.value.path == ["input", "quantity"]


@pytest.mark.parametrize("key", ["", "k" * 129, "k\x00", "\ud800"])
async def test_a_key_that_can_not_be_one_is_refused(key):
    member_id = await a_member_with(2400)
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await redeem(member_id, "MUG", 1, idempotency_key=key, now=NOW)
    assert refused.value.path == ["input", "idempotencyKey"]


async def test_neither_an_unknown_member_nor_an_unknown_reward_is_found():
    member_id = await a_member_with(2400)
    async with nothing_changed():
        with pytest.raises(NotFound):
            await redeem(new_id(), "MUG", 1, idempotency_key="k", now=NOW)
        with pytest.raises(NotFound):
            await redeem(member_id, "NONE", 1, idempotency_key="k", now=NOW)


async def test_a_suspended_member_redeems_nothing():
    member_id = await a_member_with(2400)
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW)
        with pytest.raises(NotFound):
            await redeem(member_id, "NONE", 1, idempotency_key="k", now=NOW)


REFUSED = {
    "LATER": (NotStarted, {"starts_at": datetime(2026, 3, 31, 16, tzinfo=UTC)}),
    "OVER": (Ended, {"ends_at": datetime(2026, 2, 28, 16, tzinfo=UTC)}),
    "FOR_GOLD": (TierTooLow, {"required": "GOLD"}),
    "CODES": (OutOfStock, {}),
    "MUG": (InsufficientPoints, {"available": 1000, "required": 1200}),
}


@pytest.mark.parametrize("code", REFUSED)
async def test_a_refusal_changes_nothing_but_the_memory_of_its_key(code):
    member_id = await a_member_with(1000)
    kind, facts = REFUSED[code]
    with pytest.raises(kind) as refused:
        await redeem(member_id, code, 1, idempotency_key="k", now=NOW)
    assert refused.value.facts == facts
    later = NOW + timedelta(days=60)
    async with nothing_changed():
        with pytest.raises(kind) as again:
            await redeem(member_id, code, 1, idempotency_key="k", now=later)
    assert again.value.facts == facts
    assert await kinds(member_id) == [("earn", 1000)]
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM redemption") == 0
        assert await tx.fetchval("SELECT count(*) FROM decision WHERE kind = 'redemption'") == 0


async def test_a_limit_counts_what_was_not_given_back_and_begins_anew_each_period():
    member_id = await a_member_with(1000)
    await redeem(member_id, "MONTHLY", 1, idempotency_key="a", now=NOW)
    kept = await redeem(member_id, "MONTHLY", 1, idempotency_key="b", now=NOW)
    with pytest.raises(LimitReached) as refused:
        await redeem(member_id, "MONTHLY", 1, idempotency_key="c", now=NOW)
    april = datetime(2026, 3, 31, 16, tzinfo=UTC)
    facts = refused.value.facts
    assert (facts["limit"], facts["period"], facts["resets_at"]) == (2, "month", april)
    with pytest.raises(LimitReached) as again:
        await redeem(member_id, "MONTHLY", 1, idempotency_key="c", now=NOW)
    assert again.value.facts == facts
    await cancel(member_id, kept.redemption.id, actor="member", now=NOW)
    await redeem(member_id, "MONTHLY", 1, idempotency_key="d", now=NOW)
    await redeem(member_id, "MONTHLY", 2, idempotency_key="e", now=april)


async def test_a_limit_for_ever_never_begins_anew():
    member_id = await a_member_with(1000)
    await redeem(member_id, "ONCE", 1, idempotency_key="a", now=NOW)
    with pytest.raises(LimitReached) as refused:
        await redeem(member_id, "ONCE", 1, idempotency_key="b", now=NOW + timedelta(days=4000))
    assert refused.value.facts["resets_at"] is None
    assert refused.value.message("zh-CN") == "已达上限：每位会员最多 1 件。"
    assert refused.value.message("en") == "The limit is reached: at most 1 for each member."


async def test_of_several_reasons_the_first_in_the_documented_order_is_given():
    member_id = await a_member_with(0)
    with pytest.raises(TierTooLow):
        await redeem(member_id, "STRICT", 2, idempotency_key="a", now=NOW)
    await set_tier(member_id, "GOLD")
    with pytest.raises(LimitReached):
        await redeem(member_id, "STRICT", 2, idempotency_key="b", now=NOW)
    with pytest.raises(OutOfStock):
        await redeem(member_id, "STRICT", 1, idempotency_key="c", now=NOW)
    with pytest.raises(InsufficientPoints):
        await redeem(member_id, "SCARCE", 1, idempotency_key="d", now=NOW)


async def test_the_same_key_gives_the_same_redemption_and_another_input_is_refused():
    member_id = await a_member_with(5000)
    first = await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW)
    async with nothing_changed():
        again = await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW + timedelta(days=1))
        with pytest.raises(IdempotencyKeyReused):
            await redeem(member_id, "MUG", 2, idempotency_key="k", now=NOW)
        with pytest.raises(IdempotencyKeyReused):
            await redeem(member_id, "COUPON_10", 1, idempotency_key="k", now=NOW)
        with pytest.raises(NotFound):
            await redeem(member_id, "NONE", 1, idempotency_key="k", now=NOW)
    assert again == first


async def test_a_repeated_request_is_answered_although_reward_and_standing_are_gone():
    member_id = await a_member_with(5000)
    first = await redeem(member_id, "SCARCE", 1, idempotency_key="k", now=NOW)
    document = with_rewards().document()
    document["rewards"] = [r for r in document["rewards"] if r["code"] != "SCARCE"]
    await programmes.publish(type(with_rewards()).of(document), now=NOW, published_by="tests")
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    async with nothing_changed():
        assert await redeem(member_id, "SCARCE", 1, idempotency_key="k", now=NOW) == first


async def test_one_members_key_is_not_anothers():
    one, other = await a_member_with(1200), await a_member_with(1200)
    first = await redeem(one, "MUG", 1, idempotency_key="k", now=NOW)
    second = await redeem(other, "MUG", 1, idempotency_key="k", now=NOW)
    assert first.redemption.id != second.redemption.id


async def test_the_shelf_shows_price_stock_and_what_the_viewer_could_have():
    member_id = await a_member_with(1000)
    await import_codes("CODES", ["a", "b"], now=NOW)
    await redeem(member_id, "ONCE", 1, idempotency_key="k", now=NOW)
    page = await views.rewards(member_id, now=NOW)
    found = {
        shown.reward.code: (shown.price, shown.stock_left, shown.redeemable) for shown in page.items
    }
    assert found == {
        "COUPON_10": (800, None, True),
        "MUG": (1200, 100, False),
        "MUSIC_MONTH": (900, 0, False),
        "POINTS_50": (100, None, False),
        "CONTRIBUTOR_10": (500, None, False),
        "LATER": (100, None, False),
        "OVER": (100, None, False),
        "FOR_GOLD": (100, None, False),
        "MONTHLY": (100, None, True),
        "ONCE": (100, None, False),
        "SCARCE": (100, 3, True),
        "CHEAPER_FOR_SILVER": (100, None, True),
        "CODES": (100, 2, True),
        "STRICT": (100, 0, False),
    }
    assert (page.has_next, page.has_previous, page.total) == (False, False, 14)


async def test_who_looks_at_the_shelf_is_read_by_one_statement_and_what_is_on_it_by_another():
    member_id = await a_member_with(1000)
    await views.rewards(member_id, now=NOW)
    seen = []
    async with watched(seen.append):
        await views.rewards(member_id, now=NOW)
    assert len([sql for sql in seen if "FROM programme_version" not in sql]) == 2


async def test_a_suspended_member_sees_the_shelf_and_could_have_nothing():
    member_id = await a_member_with(1000)
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    page = await views.rewards(member_id, now=NOW)
    assert not any(shown.redeemable for shown in page.items)


async def test_the_shelf_is_read_page_by_page():
    first = await views.rewards(None, now=NOW, first=5)
    second = await views.rewards(None, now=NOW, first=5, after=first.cursors[-1])
    third = await views.rewards(None, now=NOW, first=5, after=second.cursors[-1])
    codes = [shown.reward.code for page in (first, second, third) for shown in page.items]
    assert len(set(codes)) == 14
    assert [page.has_next for page in (first, second, third)] == [True, True, False]
    assert not any(shown.redeemable for shown in first.items)
    with pytest.raises(InvalidInput):
        await views.rewards(None, now=NOW, after="nonsense")


async def test_redemptions_are_read_newest_first_page_by_page():
    member_id, other = await a_member_with(1000), await a_member_with(1000)
    made = [
        (await redeem(member_id, "MONTHLY", 1, idempotency_key="a", now=NOW)),
        (await redeem(member_id, "ONCE", 1, idempotency_key="b", now=NOW)),
        (await redeem(member_id, "SCARCE", 1, idempotency_key="c", now=NOW)),
    ]
    await redeem(other, "SCARCE", 1, idempotency_key="c", now=NOW)
    first = await views.redemptions(member_id, first=2)
    second = await views.redemptions(member_id, first=2, after=first.cursors[-1])
    assert [*first.items, *second.items] == list(reversed(made))
    assert (first.has_next, second.has_next) == (True, False)
    assert await views.redemption(member_id, made[0].redemption.id) == made[0]
    with pytest.raises(NotFound):
        await views.redemption(other, made[0].redemption.id)
    with pytest.raises(InvalidInput):
        await views.redemptions(member_id, after=first.cursors[-1][:-2])


@pytest.mark.parametrize(
    ("pool", "code", "path"),
    [
        ("", "a", ["pool"]),
        ("p" * 101, "a", ["pool"]),
        ("CODES", "", ["codes", "1"]),
        ("CODES", "c" * 201, ["codes", "1"]),
        ("CODES", "a\nb", ["codes", "1"]),
    ],
)
async def test_what_can_not_be_a_code_is_imported_nowhere(pool, code, path):
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await import_codes(pool, ["good", code], now=NOW)
    assert refused.value.path == path
