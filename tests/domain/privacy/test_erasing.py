"""Is who a member was gone, and what they had ended by the ledger's own movements?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.batches import views as batches
from domain.community.model import Feed, Scope
from domain.community.operations import hide
from domain.community.views import feed
from domain.coupons.model import BulkAsked
from domain.coupons.operations import issue_in_bulk
from domain.intake.operations import record
from domain.ledger.model import Kind
from domain.members.errors import MemberErased
from domain.members.model import Member
from domain.members.operations import sign_in, suspend, update_profile
from domain.members.steps import lock
from domain.members.views import by_contact, by_external_id, member, search
from domain.merging.errors import ValueReserved
from domain.merging.operations import unmerge
from domain.privacy.model import Content, Erasure
from domain.privacy.operations import erase, forget_late
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit import clock
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id
from tests.domain.imports.files import imported
from tests.support import buying, shop
from tests.support.forgetting import asked, forgotten, holding
from tests.support.merging import STAFF, column, merged, parted, sound
from tests.support.merging import asked as pair
from tests.support.referring import register_by, states, two_friends
from tests.support.talking import answer, counts_of, follow, followers, like, say, subject
from tests.support.value import give, kinds, packet, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, published
from workers.batches import KINDS, Batches

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def balances(found: Member, currency: str = "POINTS") -> tuple[int, int, int, int]:
    kept = await wallet(found.member_id, currency)
    return kept.pending, kept.available, kept.held, kept.debt


async def test_points_and_credit_end_by_movements_dated_now():
    await published()
    ming = await a_member()
    await give(ming.member_id, 100)
    await give(ming.member_id, 30, activates_at=NOW + 9 * DAY, expires_at=NOW + 90 * DAY)
    await packet(ming.member_id, 888)
    erased = await forgotten(ming, at=NOW + DAY)
    assert erased == Erasure(ming.member_id, NOW + DAY, "ada@shop", "REQUEST", "ticket-1", "DELETE")
    assert await balances(ming) == await balances(ming, "CREDIT") == (0, 0, 0, 0)
    assert (await kinds(ming.member_id))[2:] == [
        (Kind.ACTIVATE, 30),
        (Kind.EXPIRE, 100),
        (Kind.EXPIRE, 30),
    ]
    ends = "SELECT DISTINCT occurred_at FROM transfer WHERE kind IN ('expire', 'activate')"
    assert await column(ends) == [NOW + DAY]


async def test_a_debt_is_repaid_first_and_a_suspended_members_pending_points_end_too():
    await published()
    ming = await a_member()
    await shop.done(shop.paid(ming, "1", 10_000))
    await shop.done(shop.completed(ming, "1", at=NOW + DAY))
    spent = Adjustment(ming.member_id, -90, "a mistake", "k")
    await adjust(STAFF, spent, now=NOW + DAY)
    await shop.done(shop.refunded(ming, "1", "r1", at=NOW + 2 * DAY))
    assert await balances(ming) == (0, 0, 0, -90)
    await give(ming.member_id, 30, now=NOW + 2 * DAY, activates_at=NOW + 9 * DAY)
    await suspend(ming.member_id, actor="ada", reason="fraud", now=NOW + 2 * DAY)
    await forgotten(ming, at=NOW + 3 * DAY)
    assert await balances(ming) == (0, 0, 0, -60)
    assert (await kinds(ming.member_id))[-2:] == [(Kind.ACTIVATE, 30), (Kind.REPAY, 30)]


async def test_what_told_who_they_were_is_gone_and_a_pseudonym_stands_there():
    await published()
    ming = await a_member(nickname="小明", external_id="c-1", email="ming@example.com")
    ann = await a_member(nickname="Ann", locale="en")
    await forgotten(ming)
    await forgotten(ann)
    found = await member(ming.member_id)
    assert found is not None
    facts = (found.nickname, found.external_id, found.email, found.phone, found.birthday)
    assert facts == ("已注销会员", None, None, None, None)
    assert (found.referral_code, found.suspended_at, found.erased_at) == ("", NOW, NOW)
    assert (await member(ann.member_id)).nickname == "Former member"  # type: ignore[union-attr]
    assert await by_external_id("c-1") is None
    assert await by_contact("ming@example.com", now=NOW) is None
    assert (await search("", now=NOW)).items == []


async def test_nobody_is_them_any_more_and_the_same_customer_may_come_anew():
    await published()
    ming = await a_member(external_id="c-1", email="ming@example.com")
    await forgotten(ming)
    async with nothing_changed():
        with pytest.raises(MemberErased):
            await update_profile(ming.member_id, nickname="Ming", now=NOW)
        with pytest.raises(MemberErased):
            await adjust(STAFF, Adjustment(ming.member_id, 5, "sorry", "k"), now=NOW)
        told = await record([shop.paid(ming, "1", 10_000)], now=NOW)
        assert [(event_id, refusal.code) for event_id, refusal in told.refused] == [
            (told.refused[0][0], "NOT_FOUND")
        ]
    again = await a_member(external_id="c-1", email="ming@example.com")
    assert again.member_id != ming.member_id
    await shop.done(shop.paid(again, "1", 10_000))
    assert await balances(again) == (100, 0, 0, 0)
    assert await balances(ming) == (0, 0, 0, 0)


async def test_erased_again_it_says_what_it_said_and_changes_nothing():
    await published()
    ming = await a_member()
    first = await forgotten(ming)
    async with nothing_changed():
        other = asked(Content.KEEP, "another-request")
        assert await erase(ming.member_id, other, now=NOW + DAY) == first


@pytest.mark.parametrize("request_id", ["", "小明", "a b", "x" * 65, "ming@example.com"])
async def test_a_request_has_a_number_and_no_name(request_id: str):
    await published()
    ming = await a_member()
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await erase(ming.member_id, asked(request_id=request_id), now=NOW)
    assert refused.value.path == ["input", "requestId"]


async def test_nobody_is_erased_who_is_not_there():
    await published()
    async with nothing_changed():
        with pytest.raises(NotFound):
            await erase(new_id(), asked(), now=NOW)


async def test_while_a_checkout_is_open_nothing_is_erased_and_once_it_lapsed_it_is():
    await buying.in_force_with_coupons()
    buyer = await buying.a_buyer(5_000)
    await buying.opened(buyer, points_max=1_000)
    async with nothing_changed():
        with pytest.raises(ValueReserved):
            await erase(buyer, asked(), now=NOW)
    await erase(buyer, asked(), now=NOW + DAY)
    await sound(NOW + DAY)
    assert (await wallet(buyer)).held == 0
    assert await column("SELECT DISTINCT state FROM checkout") == ["EXPIRED"]


async def test_unused_coupons_are_revoked():
    await buying.in_force_with_coupons()
    buyer = await buying.a_buyer(0, "TEN")
    await erase(buyer, asked(), now=NOW)
    await sound(NOW)
    assert await column("SELECT state FROM coupon") == ["REVOKED"]


async def a_conversation():
    """Ming and Hong; what each said, Ming's like and their following each other."""
    await published()
    ming, hong = await a_member(nickname="小明"), await a_member(nickname="小红")
    said, theirs = await say(ming), await say(hong)
    await answer(ming, theirs)
    await like(ming, theirs)
    await follow(ming, hong)
    await work(NOW)
    assert (await counts_of(theirs), await followers(hong.member_id)) == ((1, 1), 1)
    return ming, hong, said, theirs


async def test_deleted_content_says_nothing_and_the_counts_of_others_follow():
    ming, hong, said, theirs = await a_conversation()
    await forgotten(ming)
    await work(NOW)
    assert (await counts_of(theirs), await followers(hong.member_id)) == ((0, 0), 0)
    rows = "SELECT body || state FROM community_post WHERE id = $1"
    assert await column(rows, said.id) == ["…DELETED"]
    assert await column("SELECT body || state FROM community_comment") == ["…DELETED"]
    shown = await feed(hong.member_id, Feed(Scope.HOT), now=NOW)
    assert [found.post.id for found in shown.items] == [theirs.id]
    await sound(NOW)


async def test_kept_content_stands_under_the_pseudonym_and_likes_end():
    ming, hong, said, theirs = await a_conversation()
    await forgotten(ming, content=Content.KEEP)
    await work(NOW)
    assert (await counts_of(theirs), await followers(hong.member_id)) == ((0, 1), 0)
    shown = await feed(hong.member_id, Feed(Scope.MEMBER, member_id=ming.member_id), now=NOW)
    (found,) = shown.items
    assert (found.post.body, found.author.nickname) == (said.body, "已注销会员")


async def test_a_list_and_a_file_know_them_no_more_and_what_nobody_got_to_is_not_done():
    await buying.in_force_with_coupons()
    ming, hong = await a_member(external_id="c-1"), await a_member(external_id="c-2")
    listed = BulkAsked("COUPON_10", "k", external_ids=("c-1", "c-2"))
    with clock.frozen(NOW):
        batch = await issue_in_bulk(listed, actor=STAFF, now=NOW)
        await imported([{"external_id": "c-1", "points": "5"}])
        await forgotten(ming)
        assert await holding("c-1") == {}
        while await Batches(KINDS).turn():
            pass
    found = await batches.batch(batch.id)
    assert (found.state, found.done, found.refused) == ("DONE", 1, 0)
    assert await column("SELECT member_id FROM coupon") == [hong.member_id]
    assert await column("SELECT count(*) FROM decision WHERE key LIKE 'erased %'") == [1]
    await sound(NOW)


async def test_who_was_merged_into_them_is_erased_with_them_and_not_parted_again():
    await published()
    ming, hong = await a_member(), await a_member(nickname="Hong Canary", external_id="c-2")
    await give(hong.member_id, 100)
    await merged(ming, hong)
    await forgotten(ming)
    assert await holding("Hong Canary", "c-2") == {}
    assert sorted(await column("SELECT member_id FROM erasure")) == sorted(
        [ming.member_id, hong.member_id]
    )
    async with nothing_changed():
        with pytest.raises(MemberErased):
            await unmerge(STAFF, pair(ming, hong), now=NOW + DAY)
    await sound(NOW + DAY)


async def test_who_was_parted_from_another_is_forgotten_in_what_that_one_was_told():
    await published()
    ming, hong = await a_member(), await a_member(nickname="Hong Canary")
    await merged(ming, hong)
    await parted(ming, hong)
    assert set(await holding("Hong Canary")) == {"member", "notification"}
    await forgotten(hong)
    assert await holding("Hong Canary") == {}
    assert (await member(ming.member_id)).erased_at is None  # type: ignore[union-attr]


async def test_words_about_who_was_parted_from_another_are_not_with_that_one():
    await published()
    ming, hong = await a_member(), await a_member()
    correction = Adjustment(hong.member_id, 50, "canary words", key="k")
    await adjust("ada@shop", correction, now=NOW)
    said = await say(hong, "What is said here is hidden by staff.")
    await hide(subject(said), reason="canary words", actor="ada@shop", now=NOW)
    await work(NOW)
    await merged(ming, hong)
    await parted(ming, hong)
    found = await holding("canary words")
    assert set(found) == {"community_action", "decision", "notification", "staff_action"}
    await forgotten(hong)
    assert await holding("canary words") == {}


async def test_a_password_ends_with_who_had_it():
    await published()
    who = (await register_by(None, email="ming@example.com")).member
    await forgotten(who)
    with pytest.raises(Exception, match="The contact or the password is wrong"):
        await sign_in(email="ming@example.com", password="correct horse", now=NOW)
    assert await column("SELECT count(*) FROM credential") == [0]


async def test_what_came_in_while_they_were_erased_is_forgotten_after_it():
    await published()
    ming = await a_member()
    await shop.tell(shop.paid(ming, "1", 10_000, data={"note": "canary"}))
    saved = "CREATE TEMP TABLE late AS SELECT * FROM inbox"
    async with reader() as tx:
        await tx.execute(saved)
        await forgotten(ming)
        assert await holding("canary") == {}
        await tx.execute("UPDATE inbox i SET data = l.data FROM late l WHERE i.id = l.id")
        await tx.execute("DROP TABLE late")
    assert set(await holding("canary")) == {"inbox"}
    await forget_late(ming.member_id)
    assert await holding("canary") == {}
    assert await column("SELECT state FROM inbox") == ["refused"]


async def test_a_member_who_is_there_is_not_forgotten_by_what_comes_late():
    await published()
    ming = await a_member()
    async with nothing_changed():
        await forget_late(ming.member_id)
    async with reader() as tx:
        assert (await lock(tx, ming.member_id)).member_id == ming.member_id


async def test_a_binding_from_which_nothing_came_lapses_and_the_inviter_keeps_what_is_theirs():
    await published()
    inviter, friend = await two_friends()
    await forgotten(friend)
    assert await states(friend) == ("LAPSED", "BOUND", 0)
    assert (await member(inviter.member_id)).erased_at is None  # type: ignore[union-attr]
