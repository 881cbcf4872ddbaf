"""Does everything that led to the absorbed lead to the survivor, and back once they are parted?"""

from datetime import timedelta

import pytest

from app.worker import HANDLERS
from domain.checkins.operations import check_in
from domain.members import aliases, operations, views
from domain.members.errors import MemberMerged
from domain.members.model import Registration
from domain.merging.operations import forward
from domain.merging.views import merged_from
from domain.notifications.operations import register_push
from domain.referrals.operations import register
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit import clock
from kit.ids import global_id
from tests.support import shop
from tests.support.merging import balance, column, has_nothing, merged, parted, sound
from tests.support.referring import enrol_by, run
from tests.support.value import give
from tests.support.working import claim_due, do, jobs_of, work
from tests.support.world import NOW, a_member, nothing_changed, published
from workers.runner import work_off

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
PASSWORDS = {"ann@example.test": "correct horse", "bob@example.test": "battery staple"}


async def two(**facts):
    await published()
    return await a_member(), await a_member(**facts)


async def test_the_shops_id_finds_the_survivor_and_enrols_nobody_anew():
    ming, hong = await two(external_id="hong-1")
    await merged(ming, hong)
    found = await views.by_external_id("hong-1")
    assert found is not None
    assert found.member_id == ming.member_id
    again = await enrol_by(None, external_id="hong-1")
    assert (again.member.member_id, again.created) == (ming.member_id, False)
    await parted(ming, hong)
    found = await views.by_external_id("hong-1")
    assert found is not None
    assert found.member_id == hong.member_id


async def test_both_sign_in_with_their_own_password_and_are_one():
    await published()
    both = []
    for email, password in PASSWORDS.items():
        asked = Registration(nickname="Ann", email=email, password=password)
        both.append((await register(asked, now=NOW, secret=b"tests")).member)
    ann, bob = both
    await merged(ann, bob)
    for email, password in PASSWORDS.items():
        signed_in = await operations.sign_in(email=email, password=password, now=NOW)
        assert signed_in.member_id == ann.member_id
    by_contact = await views.by_contact("bob@example.test", now=NOW)
    assert by_contact is not None
    assert by_contact.member_id == ann.member_id
    await parted(ann, bob)
    signed_in = await operations.sign_in(
        email="bob@example.test", password="battery staple", now=NOW
    )
    assert signed_in.member_id == bob.member_id


async def test_the_referral_code_of_the_absorbed_invites_for_the_survivor():
    ming, hong = await two()
    await merged(ming, hong)
    await enrol_by(hong.referral_code)
    await work(NOW)
    invitations = await column("SELECT member_id FROM invitation")
    assert invitations == [ming.member_id]


async def test_staff_find_the_survivor_by_the_contact_of_the_absorbed():
    ming, hong = await two(email="hong@example.test", phone="13800138000")
    await merged(ming, hong)
    for text in ("hong@example.test", "13800138000", hong.external_id, hong.referral_code):
        assert text is not None
        page = await views.search(text, now=NOW)
        assert [found.member_id for found in page.items] == [ming.member_id]
    assert len((await views.search("", now=NOW)).items) == 1


async def test_what_the_shop_tells_of_the_absorbed_is_the_survivors():
    ming, hong = await two()
    await merged(ming, hong)
    await shop.done(shop.paid(hong, "A", 5_000))
    assert (await balance(ming), await has_nothing(hong)) == ((50, 0, 0), True)


async def test_an_id_that_was_resolved_too_early_is_refused_and_resolved_the_next_time():
    ming, hong = await two()
    await merged(ming, hong)
    aliases.forget()
    async with nothing_changed():
        with pytest.raises(MemberMerged) as refused:
            await check_in(hong.member_id, now=NOW)
    assert refused.value.facts == {"survivor_id": global_id("Member", ming.member_id)}
    assert aliases.current(hong.member_id) == ming.member_id
    async with nothing_changed():
        with pytest.raises(MemberMerged):
            await adjust("staff:1", Adjustment(hong.member_id, 5, "x", "k"), now=NOW)


async def test_another_process_learns_of_merges_and_of_their_end():
    ming, hong = await two()
    gang = await a_member()
    await merged(ming, hong)
    aliases.forget()
    await aliases.refresh()
    assert aliases.current(hong.member_id) == ming.member_id
    await merged(gang, ming, at=NOW + 31 * DAY)
    aliases.forget()
    await aliases.refresh()
    assert [aliases.current(one.member_id) for one in (hong, ming, gang)] == [gang.member_id] * 3
    await parted(gang, ming, at=NOW + 32 * DAY)
    aliases.forget()
    await aliases.refresh()
    assert aliases.current(hong.member_id) == ming.member_id


async def test_what_is_known_of_two_moments_leads_nobody_in_a_circle():
    ming, hong = await two()
    aliases.learn(hong.member_id, ming.member_id)
    aliases.learn(ming.member_id, hong.member_id)
    assert aliases.current(hong.member_id) == ming.member_id
    assert aliases.current(ming.member_id) == hong.member_id


async def test_what_came_in_for_the_absorbed_at_that_moment_is_forwarded():
    ming, hong = await two()
    await shop.tell(shop.paid(hong, "A", 5_000))
    await merged(ming, hong)
    assert await column("SELECT member_id FROM inbox") == [ming.member_id]
    # As a recording would have left it that had looked the customer up before the merge.
    with clock.frozen(NOW):
        await shop.tell(shop.paid(hong, "B", 7_000))
        await misdirect(ming, hong)
        (intake,) = [handler for handler in HANDLERS if handler.kind == "intake"]
        while await work_off(intake, written_by=NOW, now=NOW, limit=10):
            continue
    assert await balance(ming) == (120, 0, 0)
    assert await column("SELECT DISTINCT member_id FROM inbox") == [ming.member_id]
    assert not [kind for kind, state in await jobs_of(hong.member_id) if state != "done"]
    await sound(NOW)


async def misdirect(ming, hong):
    sql = "UPDATE {} SET member_id = $2 WHERE member_id = $1 AND state IN ('new', 'ready')"
    for table in ("inbox", "job"):
        await run(sql.format(table), ming.member_id, hong.member_id)


async def test_a_worker_that_has_a_job_of_the_absorbed_loses_it_to_the_survivor():
    ming, hong = await two()
    await shop.tell(shop.paid(hong, "A", 5_000))
    (claim,) = await claim_due(NOW, "intake")
    await merged(ming, hong)
    with pytest.raises(MemberMerged):
        await do(claim, NOW)
    await forward(hong.member_id, now=NOW)
    await work(NOW)
    assert await balance(ming) == (50, 0, 0)
    await sound(NOW)


async def test_forwarding_for_who_is_not_merged_changes_nothing():
    ming, _ = await two()
    await shop.tell(shop.paid(ming, "A", 5_000))
    async with nothing_changed():
        await forward(ming.member_id, now=NOW)


async def test_devices_reach_the_survivor_until_they_are_parted():
    ming, hong = await two()
    await register_push(ming.member_id, "phone-1", now=NOW)
    await register_push(hong.member_id, "phone-2", now=NOW)
    await merged(ming, hong)
    assert set(await column("SELECT member_id FROM push_address")) == {ming.member_id}
    await parted(ming, hong)
    owners = await column("SELECT member_id FROM push_address ORDER BY token")
    assert owners == [ming.member_id, hong.member_id]


async def test_who_is_part_of_a_member_is_known():
    ming, hong = await two(external_id="hong-1", nickname="小红")
    await give(hong.member_id, 5)
    await merged(ming, hong)
    (found,) = await merged_from(ming.member_id)
    assert (found.absorbed_id, found.external_id, found.nickname, found.merged_at) == (
        hong.member_id,
        "hong-1",
        "小红",
        NOW,
    )
    await parted(ming, hong)
    assert await merged_from(ming.member_id) == []
