"""What is kept of who takes value, what is refused, and what is a member told?"""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from db.connection import reader, watched
from domain.checkins.operations import check_in, make_up
from domain.devices import operations, views
from domain.devices.errors import (
    CodeExpired,
    CodeWrong,
    DeviceNotTrusted,
    DeviceUnnamed,
    NewDeviceLimit,
    NoContact,
)
from domain.devices.model import Shown, Visit
from domain.devices.rules import code_text
from domain.effects.model import GrantCommunity
from domain.members.model import Member
from domain.members.operations import suspend
from domain.merging.operations import merge
from domain.notifications.model import Channel, Outbox
from domain.privacy.operations import export
from domain.rewards.operations import cancel, redeem
from kit.errors import MemberSuspended, NotFound
from kit.ids import derived_id, new_id
from tests.support.merging import STAFF
from tests.support.merging import asked as merging
from tests.support.telling import Post
from tests.support.thieving import a_shop
from tests.support.value import give, issue_to, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, counts, nothing_changed
from workers import notifications

pytestmark = pytest.mark.usefixtures("shop")
SECRET = b"a secret of thirty-two bytes, or more"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PHONE, LAPTOP = Visit(derived_id("phone")), Visit(derived_id("laptop"))
# Half past ten in the evening in Shanghai.
NIGHT = NOW + 10.5 * HOUR


@pytest.fixture
async def shop(database: str) -> None:
    assert database
    await a_shop()


async def ming(**facts: Any) -> Member:
    """With 5,000 points and a phone that is trusted."""
    member = await a_member(email="ming@example.com", **facts)
    await give(member.member_id, 5_000)
    await operations.arrive(member.member_id, PHONE, now=NOW)
    return member


async def take(
    member: Member,
    quantity: int,
    visit: Visit | None = LAPTOP,
    *,
    now=NOW,
    key: str = "",
    reward: str = "TEA",
):
    key = key or str(new_id())
    return await redeem(
        member.member_id, reward, quantity, idempotency_key=key, now=now, visit=visit
    )


async def code_of(member_id: UUID) -> str:
    async with reader() as tx:
        code_id = await tx.fetchval("SELECT id FROM device_code WHERE member_id = $1", member_id)
    return code_text(member_id, code_id, SECRET)


async def confirm(member: Member, visit: Visit = LAPTOP, *, now=NOW):
    await operations.ask_for_code(member.member_id, visit, now=now)
    code = await code_of(member.member_id)
    return await operations.confirm(member.member_id, visit, code, secret=SECRET, now=now)


async def forget(member: Member, which: Visit, *, visit: Visit = PHONE, was_not_me: bool = False):
    assert which.device is not None
    return await operations.forget(
        member.member_id, which.device, visit=visit, was_not_me=was_not_me, now=NOW
    )


def trusted(shown: list[Shown]) -> dict[UUID | None, bool]:
    return {one.device.id: one.is_trusted for one in shown}


async def told(member: Member) -> list[str]:
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT template FROM notification WHERE member_id = $1 ORDER BY id", member.member_id
        )
    return [row["template"] for row in rows]


async def test_of_a_refusal_nothing_is_kept_and_after_a_code_the_same_request_goes_through():
    member = await ming()
    await take(member, 5)
    async with nothing_changed():
        with pytest.raises(NewDeviceLimit) as refused:
            await take(member, 1, key="k")
    assert refused.value.facts["left"] == 0
    await confirm(member)
    assert (await take(member, 10, key="k")).redemption.price_points == 1_000
    assert (await wallet(member.member_id)).available == 3_500


async def test_what_left_counts_for_24_hours_also_where_it_came_back():
    member = await ming()
    made = await take(member, 5)
    await cancel(member.member_id, made.redemption.id, actor="member", now=NOW)
    assert (await wallet(member.member_id)).available == 5_000
    async with nothing_changed():
        with pytest.raises(NewDeviceLimit):
            await take(member, 1, now=NOW + DAY - timedelta(seconds=1))
    await take(member, 5, now=NOW + DAY)


async def test_points_and_community_have_a_limit_each():
    member = await ming()
    await issue_to(member.member_id, [GrantCommunity(2_000, "test")])
    await take(member, 5)
    await take(member, 5, reward="CAKE")
    async with nothing_changed():
        with pytest.raises(NewDeviceLimit) as refused:
            await take(member, 1, reward="CAKE")
    assert refused.value.facts["currency"] == "COMMUNITY"


async def test_a_repeated_request_gets_its_answer_whatever_it_comes_from():
    member = await ming()
    made = await take(member, 20, PHONE, key="k")
    async with nothing_changed():
        again = await take(member, 20, LAPTOP, key="k")
    assert again.redemption.id == made.redemption.id


async def test_from_where_a_redemption_comes_takes_no_statement_more():
    member, quiet = await ming(), await a_member()
    await give(quiet.member_id, 5_000)
    counted = []
    for who, visit in ((member, None), (member, PHONE), (quiet, Visit()), (quiet, PHONE)):
        statements: list[str] = []
        async with watched(statements.append):
            await take(who, 1, visit, now=NOW + HOUR)
        counted.append(len(statements))
    assert len(set(counted)) == 1, counted


async def test_a_make_up_card_counts_as_well():
    member = await ming()
    await check_in(member.member_id, now=NOW)
    await check_in(member.member_id, now=NOW + 2 * DAY)
    await take(member, 5, now=NOW + 2 * DAY)
    missed = (NOW + DAY).date()
    async with nothing_changed():
        with pytest.raises(NewDeviceLimit):
            await make_up(member.member_id, missed, visit=LAPTOP, now=NOW + 2 * DAY)
    await make_up(member.member_id, missed, visit=PHONE, now=NOW + 2 * DAY)


async def test_who_acts_for_a_member_isn_t_limited_and_leaves_no_device():
    member = await ming()
    before = await counts("device", "presence", "device_taking")
    await take(member, 40, None)
    assert await counts("device", "presence", "device_taking") == before


async def test_a_check_in_of_last_week_shows_that_an_account_was_in_use_and_a_later_one_does_not():
    busy, back = await ming(), await a_member(email="hong@example.com")
    await give(back.member_id, 5_000)
    later = NOW + 300 * DAY
    await check_in(busy.member_id, now=later - 8 * DAY)
    await take(busy, 20, PHONE, now=later)
    await check_in(back.member_id, now=later - 7 * DAY + HOUR)
    with pytest.raises(NewDeviceLimit) as refused:
        await take(back, 20, Visit(), now=later)
    assert refused.value.facts["reason"] == "DORMANT"
    assert await told(busy) == []
    await operations.arrive(back.member_id, Visit(), now=later)
    assert await told(back) == ["account_awake"]


async def test_a_new_device_is_told_of_once_at_once_and_at_night():
    member = await ming()
    mail = Post()
    notifications.use(Outbox({Channel.EMAIL: mail}))
    for _ in range(2):
        await operations.arrive(member.member_id, LAPTOP, now=NIGHT)
        await take(member, 1, now=NIGHT)
    await work(NIGHT)
    assert await told(member) == ["new_device"]
    (letter,) = mail.letters
    assert letter.title == "您的账户在新设备上使用"
    assert letter.unsubscribe_url is None


async def test_a_code_stands_in_the_letter_and_nowhere_else():
    member = await ming()
    mail = Post()
    notifications.use(Outbox({Channel.EMAIL: mail}, code_text=partial(code_text, secret=SECRET)))
    await operations.ask_for_code(member.member_id, LAPTOP, now=NIGHT)
    await work(NIGHT)
    code = await code_of(member.member_id)
    letter = mail.letters[-1]
    assert letter.title == f"您的验证码：{code}"
    assert code in letter.body
    async with reader() as tx:
        for table in ("notification", "job", "delivery", "device_code", "webhook_event"):
            rows = await tx.fetch(f"SELECT t::text AS text FROM {table} t")  # noqa: S608
            assert not any(code in row["text"] for row in rows), table


async def test_five_wrong_codes_end_one_and_another_takes_its_place():
    member = await ming()
    await operations.ask_for_code(member.member_id, LAPTOP, now=NOW)
    right = await code_of(member.member_id)
    wrong = f"{(int(right) + 1) % 10**8:08d}"
    me = member.member_id
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeWrong) as refused:
            await operations.confirm(me, LAPTOP, wrong, secret=SECRET, now=NOW)
        assert refused.value.facts == {"tries_left": left}
    async with nothing_changed():
        with pytest.raises(CodeExpired):
            await operations.confirm(me, LAPTOP, right, secret=SECRET, now=NOW)
    assert trusted(await views.devices(me, now=NOW)) == {PHONE.device: True, LAPTOP.device: False}
    await confirm(member)
    async with nothing_changed():
        with pytest.raises(CodeExpired):
            await operations.confirm(me, LAPTOP, await code_of(me), secret=SECRET, now=NOW)
    assert trusted(await views.devices(me, now=NOW)) == {PHONE.device: True, LAPTOP.device: True}


async def test_what_can_t_be_confirmed_is_refused_and_nothing_is_sent():
    member, mute = await ming(), await a_member()
    async with nothing_changed():
        with pytest.raises(DeviceUnnamed):
            await operations.ask_for_code(member.member_id, Visit(), now=NOW)
        with pytest.raises(NoContact):
            await operations.ask_for_code(mute.member_id, LAPTOP, now=NOW)
        with pytest.raises(CodeExpired):
            await operations.confirm(mute.member_id, LAPTOP, "1", secret=SECRET, now=NOW)
        with pytest.raises(NotFound):
            await operations.arrive(new_id(), LAPTOP, now=NOW)
    await suspend(member.member_id, actor="ada", reason="r", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await operations.ask_for_code(member.member_id, LAPTOP, now=NOW)
        with pytest.raises(MemberSuspended):
            await operations.confirm(member.member_id, LAPTOP, "1", secret=SECRET, now=NOW)
        with pytest.raises(MemberSuspended):
            await forget(member, LAPTOP)


async def test_who_wasn_t_it_takes_nothing_more_by_whatever_device_until_a_code():
    member = await ming()
    await take(member, 1)
    await forget(member, LAPTOP, was_not_me=True)
    for visit in (LAPTOP, Visit(derived_id("another")), Visit()):
        async with nothing_changed():
            with pytest.raises(NewDeviceLimit) as refused:
                await take(member, 1, visit, now=NOW + 2 * DAY)
        assert (refused.value.facts["reason"], refused.value.facts["limit"]) == ("ALARM", 0)
    await take(member, 1, PHONE)
    await confirm(member)
    await take(member, 20)


async def test_a_stranger_can_t_forget_the_member_s_own_device():
    member = await ming()
    await operations.arrive(member.member_id, LAPTOP, now=NOW)
    async with nothing_changed():
        for visit in (LAPTOP, Visit()):
            with pytest.raises(DeviceNotTrusted):
                await forget(member, PHONE, visit=visit, was_not_me=True)
        with pytest.raises(NotFound):
            await forget(member, Visit(derived_id("nobody's")))
    await forget(member, LAPTOP)
    async with nothing_changed():
        await forget(member, LAPTOP)


async def test_after_a_merge_the_devices_of_who_was_absorbed_are_new():
    member, other = await ming(), await a_member()
    await operations.arrive(other.member_id, LAPTOP, now=NOW)
    await merge(STAFF, merging(member, other), now=NOW)
    with pytest.raises(NewDeviceLimit):
        await take(member, 6)
    assert [one.device.id for one in await views.devices(member.member_id, now=NOW)] == [
        PHONE.device
    ]


async def test_an_export_shows_devices_without_their_hashes():
    member = await ming()
    await take(member, 1)
    found = await export(member.member_id, now=NOW)
    (own, strange) = found["sections"]["knownDevices"]
    assert set(own) == set(strange)
    assert "id" not in own
    assert [one["amount"] for one in found["sections"]["takenUnderALimit"]] == [100]
    assert str(LAPTOP.device) not in str(found["sections"]["knownDevices"])
