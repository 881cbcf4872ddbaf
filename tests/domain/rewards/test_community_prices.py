"""What is paid with COMMUNITY, who may have it, and what comes back?"""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.connection import watched
from domain.community.operations import ban
from domain.coupons.errors import LimitReached, OutOfStock
from domain.dashboard.model import Part
from domain.dashboard.views import member_view
from domain.effects.model import GrantCommunity, TakeBackCommunity
from domain.ledger.errors import InsufficientCommunity
from domain.ledger.model import Cause, Currency, Decision, Wallet
from domain.ledger.rules import Book
from domain.lottery.operations import turn
from domain.members import operations as members
from domain.programme import operations as programmes
from domain.rewards import views
from domain.rewards.errors import CommunityBanned, LevelTooLow, NotCancellable, TierTooLow
from domain.rewards.operations import cancel, fail, import_codes, redeem
from domain.rewards.views import Wanted
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, Refusal
from kit.ids import new_id
from kit.paging import Page
from tests.domain.rewards.conftest import reward, with_rewards
from tests.support.lotteries import a_lottery, prize, with_lottery
from tests.support.merging import balance, merged, parted, sound
from tests.support.talking import community
from tests.support.value import give, issue_to, kinds, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, rows

DAY = timedelta(days=1)
RARE = {"code": "RARE", "name": {"zh-CN": "稀", "en": "Rare"}, "amount_off": 5, "stock": 0}


def for_community(code: str, price: int = 30, **facts) -> dict:
    return reward(code, price_points=None, price_community=price, **facts)


SOLD = (
    for_community("TEA", stock=5),
    for_community("CHEAPER", prices={"NORMAL": 20}),
    for_community("WEEKLY", limit={"count": 1, "period": "week"}),
    for_community("SERVED", kind="SERVICE"),
    for_community("VOUCHER", kind="COUPON", coupon="COUPON_10"),
    for_community("MUSIC", kind="VIRTUAL", code_pool="CODES"),
    for_community("GIVEN", kind="DONATION"),
    for_community("STEP", kind="TIER_UPGRADE"),
    for_community("FOR_LV3", level_min="LV3", tier_min="NORMAL"),
    for_community("FOR_BOTH", level_min="LV3", tier_min="GOLD"),
    for_community("BOX", kind="BUNDLE", gives={"points": 10, "coupons": ["COUPON_10"] * 2}),
    for_community("RARE_BOX", kind="BUNDLE", gives={"points": 10, "coupons": ["RARE"]}),
    reward("LV2_MUG", level_min="LV2"),
    reward("SECRET_OF_LV2", visible_from_level="LV2", level_min="LV3"),
    reward(
        "PACKET",
        kind="BUNDLE",
        gives={"credit": 5, "badges": ["CHECKIN_30"]},
        limit={"count": 1, "period": "ever"},
    ),
)


@pytest.fixture(autouse=True)
async def _shop(database) -> None:  # noqa: ARG001  the rows go into it
    published = with_rewards(*SOLD)
    document = published.document()
    document["coupons"].append(RARE)
    await programmes.publish(type(published).of(document), now=NOW, published_by="tests")


async def rich(amount: int = 100):
    """Somebody with so much COMMUNITY, and 1,000 points."""
    member = await a_member()
    await give(member.member_id, 1_000)
    await issue_to(member.member_id, [GrantCommunity(amount, "test")])
    return member


def buy(member, code="TEA", quantity=1, *, key="k", now=NOW, **facts):
    return redeem(member.member_id, code, quantity, idempotency_key=key, now=now, **facts)


async def test_what_costs_community_takes_it_and_no_points():
    member = await rich()
    made = (await buy(member, quantity=2)).redemption
    assert (made.price_points, made.price_community, made.state) == (0, 60, "REQUESTED")
    assert await community(member) == (100, 40, 0)
    assert await kinds(member.member_id, "COMMUNITY") == [("earn", 100), ("spend", 60)]
    assert await kinds(member.member_id) == [("earn", 1_000)]
    async with nothing_changed():
        assert (await buy(member, quantity=2)).redemption == made
        with pytest.raises(IdempotencyKeyReused):
            await buy(member, "SERVED")
    await sound(NOW)


async def test_a_tier_has_its_own_price_in_community():
    member = await rich()
    assert (await buy(member, "CHEAPER", 3)).redemption.price_community == 60


@pytest.mark.parametrize(
    ("code", "state", "codes"),
    [("SERVED", "REQUESTED", 0), ("VOUCHER", "ISSUED", 1), ("MUSIC", "DELIVERED", 1)],
)
async def test_every_kind_can_be_paid_so(code, state, codes):
    await import_codes("CODES", ["a"], now=NOW)
    member = await rich()
    made = (await buy(member, code)).redemption
    assert (made.state, len(made.codes)) == (state, codes)
    await sound(NOW)


async def test_of_two_steps_up_the_one_that_lifts_nobody_gives_its_community_back():
    member = await rich()
    first, second = (await buy(member, "STEP", key="a")), (await buy(member, "STEP", key="b"))
    await work(NOW)
    states = {
        (await views.redemption(member.member_id, made.redemption.id)).redemption.state
        for made in (first, second)
    }
    assert states == {"DELIVERED", "FAILED"}
    assert await community(member) == (100, 70, 0)
    await sound(NOW)


async def test_what_cannot_be_delivered_gives_its_community_back():
    member = await rich()
    made = (await buy(member)).redemption
    facts = {"staff": "staff:1", "reason": "r", "now": NOW}
    assert (await fail(member.member_id, made.id, **facts)).redemption.state == "FAILED"
    assert await community(member) == (100, 100, 0)
    await sound(NOW)


@pytest.mark.parametrize("actor", ["member", "staff"])
async def test_a_cancel_leaves_the_wallet_as_it_was(actor):
    member = await rich()
    before = await wallet(member.member_id, "COMMUNITY")
    made = (await buy(member, quantity=3)).redemption
    for _ in range(2):
        found = await cancel(member.member_id, made.id, actor=actor, now=NOW + DAY)
        assert found.redemption.state == "CANCELLED"
    after = await wallet(member.member_id, "COMMUNITY")
    assert (after.available, after.debt, after.lifetime_earned) == (
        *(before.available, before.debt),
        before.lifetime_earned,
    )
    assert await kinds(member.member_id, "COMMUNITY") == [
        *(("earn", 100), ("spend", 90), ("restore", 90))
    ]
    assert (await buy(member, quantity=3, key="again")).redemption.state == "REQUESTED"
    await sound(NOW + DAY)


async def test_a_debt_that_arose_meanwhile_is_repaid_by_what_comes_back():
    member = await rich()
    made = (await buy(member, quantity=3)).redemption
    await issue_to(member.member_id, [TakeBackCommunity(40, "test")])
    assert await community(member) == (60, 0, -30)
    await cancel(member.member_id, made.id, actor="member", now=NOW)
    assert await community(member) == (60, 60, 0)
    await sound(NOW)


@given(st.lists(st.tuples(st.sampled_from(["credit", "withdraw"]), st.integers(1, 50))), st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_came_and_went_a_charge_that_is_undone_changes_no_balance(moves, data):
    member_id = new_id()
    decision = Decision(member_id, new_id(), "k", "test", 1, {}, {}, NOW, NOW)
    cause = Cause(decision, "test", "test", "1", NOW)
    book = Book(Wallet.empty(member_id, Currency.COMMUNITY), {}, NOW)
    for move, amount in moves:
        getattr(book, move)(amount, cause)
    had = book.wallet
    before = (had.available, had.debt, had.lifetime_earned)
    if had.available:
        amount = data.draw(st.integers(1, had.available))
        book.charge(amount, cause)
        assert (had.available, had.lifetime_earned) == (before[0] - amount, before[2])
        book.uncharge(amount, cause)
    assert (had.available, had.debt, had.lifetime_earned) == before


async def refused(member, code, refusal: type[Refusal], *, key="k", **facts) -> Refusal:
    """Nothing but the answer under the key is written; again it is the same."""
    before = await rows()
    with pytest.raises(refusal) as found:
        await buy(member, code, key=key, **facts)
    after = await rows()
    assert {name for name in after if after[name] != before[name]} <= {"idempotency"}
    async with nothing_changed():
        with pytest.raises(refusal) as again:
            await buy(member, code, key=key, **facts)
    assert again.value.facts == found.value.facts
    return found.value


@pytest.mark.parametrize(
    ("code", "refusal", "facts"),
    [
        ("FOR_LV3", LevelTooLow, {"required": "LV3"}),
        ("FOR_BOTH", TierTooLow, {"required": "GOLD"}),
        ("SECRET_OF_LV2", LevelTooLow, {"required": "LV3"}),
        ("RARE_BOX", OutOfStock, {}),
    ],
)
async def test_what_is_refused_costs_nothing(code, refusal, facts):
    assert (await refused(await rich(), code, refusal)).facts == facts


async def test_one_pays_with_what_one_has_as_often_as_one_may():
    member = await rich(50)
    await buy(member, "WEEKLY")
    found = await refused(member, "WEEKLY", LimitReached, key="b")
    assert (found.facts["limit"], found.facts["period"]) == (1, "week")
    short = await refused(member, "TEA", InsufficientCommunity, key="c")
    assert short.facts == {"available": 20, "required": 30}
    await issue_to(member.member_id, [GrantCommunity(10, "test")])
    await refused(member, "TEA", InsufficientCommunity, key="c")
    assert (await buy(member, key="d")).redemption.price_community == 30


async def test_a_level_is_reached_with_what_was_earned_spent_or_not():
    member = await rich(99)
    await refused(member, "LV2_MUG", LevelTooLow, key="a")
    await issue_to(member.member_id, [GrantCommunity(1, "test")])
    await buy(member, "TEA", 3, key="b")
    assert (await buy(member, "LV2_MUG", key="c")).redemption.price_points == 100


async def test_there_is_no_lower_price_in_community():
    member = await rich()
    async with nothing_changed():
        with pytest.raises(InvalidInput) as found:
            await buy(member, from_expiring=True)
    assert found.value.path == ["input", "fromExpiring"]


async def test_who_is_banned_or_suspended_spends_none():
    member = await rich()
    made = (await buy(member)).redemption
    ends_at = NOW + DAY
    await ban(member.member_id, ends_at=ends_at, reason="刷屏", actor="ada", now=NOW)
    shelf = await on_the_shelf(member)
    assert (shelf["TEA"].redeemable, shelf["ONCE"].redeemable) == (False, True)
    async with nothing_changed():
        with pytest.raises(CommunityBanned) as found:
            await buy(member, key="b")
        assert (await buy(member)).redemption == made
    assert (found.value.facts["reason"], found.value.facts["ends_at"]) == ("刷屏", ends_at)
    assert (await buy(member, "LV2_MUG", key="points")).redemption.price_points == 100
    await cancel(member.member_id, made.id, actor="member", now=NOW)
    assert await community(member) == (100, 100, 0)
    await members.suspend(member.member_id, actor="ada", reason="r", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await buy(member, key="b")
    await members.resume(member.member_id, actor="ada", reason="r", now=NOW)
    assert (await buy(member, key="b", now=ends_at)).redemption.price_community == 30


async def test_a_bundle_gives_all_that_is_in_it():
    member = await rich()
    made = (await buy(member, "BOX")).redemption
    assert (made.state, made.resolved_at, len(made.codes)) == ("DELIVERED", NOW, 2)
    assert (await wallet(member.member_id)).available == 1_010
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(member.member_id, made.id, actor="staff", now=NOW)
        with pytest.raises(InvalidInput) as found:
            await buy(member, "BOX", 2, key="two")
    assert found.value.path == ["input", "quantity"]
    packet = (await buy(member, "PACKET", key="p")).redemption
    assert (packet.price_points, packet.codes) == (100, [])
    assert (await wallet(member.member_id, "CREDIT")).available == 500
    await refused(member, "PACKET", LimitReached, key="p2")
    await sound(NOW)


async def test_entries_and_redemptions_tell_how_it_was_paid():
    member = await rich()
    await buy(member, "BOX")
    parts = [Part("history", (1, None, True)), Part("redemptions", (5, None))]
    view = await member_view(member.member_id, parts, now=NOW, locale="zh-CN")
    assert view is not None
    history, redemptions = (view.parts[part] for part in parts)
    assert isinstance(history, Page)
    assert isinstance(redemptions, Page)
    (entry,), (bought,) = history.items, redemptions.items
    assert (entry.amount, entry.reason) == (10, "bundle")
    assert entry.explanation.startswith("礼包「测试」：10 积分。")
    assert (bought.price_points, bought.price_community) == (0, 30)


async def test_a_ticket_for_community_may_win_more_points_than_it_could_cost():
    in_community = {"price_points": None, "price_community": 30}
    wins = a_lottery(prize("MUCH", 1, gives={"points": 500}), prize("NOTHING", 0))
    found = with_lottery(wins, **in_community)
    await programmes.publish(found, now=NOW, published_by="tests")
    await turn(as_of=NOW)
    member = await rich()
    made = (await buy(member, "TICKET", 3)).redemption
    assert (made.price_community, made.state) == (90, "DELIVERED")
    assert (await wallet(member.member_id)).available == 2_500
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(member.member_id, made.id, actor="staff", now=NOW)
    await sound(NOW)


async def on_the_shelf(member=None, **facts):
    member_id = None if member is None else member.member_id
    page = await views.rewards(member_id, now=NOW, first=100, **facts)
    return {shown.reward.code: shown for shown in page.items}


async def test_the_shelf_says_which_level_it_takes_and_what_one_could_have():
    member = await rich(50)
    for shelf in (await on_the_shelf(), await on_the_shelf(member)):
        assert "SECRET_OF_LV2" not in shelf
        found = shelf["FOR_LV3"]
        assert (found.locked, found.required_level, found.redeemable) == (True, "LV3", False)
    own = await on_the_shelf(member, wanted=Wanted(affordable=True))
    assert own.keys() & {"TEA", "FOR_LV3", "LV2_MUG", "ONCE"} == {"TEA", "ONCE"}
    assert (own["TEA"].price, own["TEA"].redeemable, own["TEA"].stock_left) == (30, True, 5)
    await issue_to(member.member_id, [GrantCommunity(50, "test")])
    await buy(member, "TEA", 3)
    own = await on_the_shelf(member)
    assert (own["SECRET_OF_LV2"].locked, own["LV2_MUG"].redeemable) == (True, True)
    assert (own["TEA"].redeemable, own["TEA"].stock_left) == (False, 2)
    affordable = await on_the_shelf(member, wanted=Wanted(affordable=True))
    assert affordable.keys() & {"TEA", "LV2_MUG"} == {"LV2_MUG"}


async def test_price_and_level_take_no_statement_more_than_points_do():
    member = await rich(500)
    counts = []
    for code in ("MONTHLY", "LV2_MUG", "CHEAPER", "FOR_LV3"):
        statements: list[str] = []
        async with watched(statements.append):
            await buy(member, code, key=code)
        counts.append(len(statements))
    assert counts == [3, 3, 3, 3]


async def test_what_comes_back_after_a_merge_goes_with_who_had_paid_it():
    ming, hong = await rich(10), await rich(100)
    made = (await buy(hong, quantity=2)).redemption
    await merged(ming, hong)
    assert await balance(ming, "COMMUNITY") == (0, 50, 0)
    await cancel(ming.member_id, made.id, actor="member", now=NOW)
    assert await balance(ming, "COMMUNITY") == (0, 110, 0)
    await sound(NOW)
    await parted(ming, hong)
    assert await balance(ming, "COMMUNITY") == (0, 10, 0)
    assert await balance(hong, "COMMUNITY") == (0, 100, 0)
