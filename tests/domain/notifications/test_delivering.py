"""Is a notification sent once by each channel, as far as it may be, and tried again if need be?"""

import asyncio
from datetime import timedelta

import pytest

from db import jobs
from db.jobs import LeaseLost
from domain.members.operations import suspend
from domain.notifications import operations
from domain.notifications.model import Channel, Failure, Letter, MessageClass, Outbox, Template
from domain.notifications.operations import Changed
from domain.notifications.views import deliveries
from tests.support.programmes import in_force
from tests.support.telling import Post, outcomes, sending_at, tell, told, use
from tests.support.working import claim_due, do, work
from tests.support.world import NOW, a_member, counts

pytestmark = pytest.mark.usefixtures("programme")
HOUR = timedelta(hours=1)
# Half past ten in the evening in Shanghai, and eight the next morning.
NIGHT = NOW + 10.5 * HOUR
MORNING = NOW + 20 * HOUR


async def test_what_is_told_once_is_told_once_however_often_it_is_said():
    member = await a_member(email="ming@example.com")
    post = Post()
    use(email=post)
    await asyncio.gather(*(tell(member.member_id, Template.TIER_KEPT) for _ in range(20)))
    assert await counts("notification", "job") == [1, 1]
    await work(NOW)
    await tell(member.member_id, Template.TIER_KEPT)
    await work(NOW)
    assert [letter.channel for letter in post.letters] == [Channel.EMAIL]
    assert await outcomes(member.member_id) == [
        ("email", "SENT", None, 1),
        ("in_app", "SENT", None, 0),
    ]


async def test_a_letter_speaks_the_member_s_language_and_has_a_key_of_its_own():
    member = await a_member(email="ming@example.com", locale="zh-CN")
    post = Post()
    use(email=post)
    await told(member.member_id, Template.TIER_WARNED)
    (letter,) = post.letters
    assert letter.addresses == ("ming@example.com",)
    assert letter.title == "您的金卡将于2026年3月31日到期"
    assert letter.body.startswith("小明，您好：\n\n您的金卡将于2026年3月31日评定。")
    assert (letter.sender, letter.locale) == ("会员计划", "zh-CN")
    assert letter.key.endswith(".email")
    assert letter.unsubscribe_url is None


async def test_without_provider_or_address_a_channel_is_skipped():
    member = await a_member()
    use(sms=Post())
    await told(member.member_id, Template.TIER_WARNED)
    assert await outcomes(member.member_id) == [
        ("email", "SKIPPED", "NO_PROVIDER", 0),
        ("in_app", "SENT", None, 0),
        ("sms", "SKIPPED", "NO_ADDRESS", 0),
    ]


async def test_a_suspended_member_is_only_told_in_the_app():
    member = await a_member(email="ming@example.com")
    use(email=Post())
    await suspend(member.member_id, actor="ada", reason="fraud", now=NOW)
    await told(member.member_id, Template.TIER_KEPT)
    assert await outcomes(member.member_id) == [
        ("email", "SKIPPED", "SUSPENDED", 0),
        ("in_app", "SENT", None, 0),
    ]


async def test_in_quiet_hours_what_rings_waits_for_the_morning():
    member = await a_member(email="ming@example.com")
    post = Post()
    use(email=post)
    await told(member.member_id, Template.TIER_KEPT, at=NIGHT)
    assert await outcomes(member.member_id) == [
        ("email", "WAITING", None, 0),
        ("in_app", "SENT", None, 0),
    ]
    assert await sending_at(member.member_id) == [MORNING]
    await work(MORNING)
    assert len(post.letters) == 1
    assert (await outcomes(member.member_id))[0] == ("email", "SENT", None, 1)


async def test_what_is_no_news_any_more_in_the_morning_is_skipped():
    member = await a_member()
    await operations.register_push(member.member_id, "device", now=NOW)
    use(push=Post())
    await told(member.member_id, Template.CHECK_IN_REMINDER, at=NIGHT)
    assert (await outcomes(member.member_id))[1] == ("push", "SKIPPED", "STALE", 0)


async def test_a_temporary_failure_is_tried_again_a_minute_later_and_then_four():
    member = await a_member(email="ming@example.com")
    post = Post(Failure("451 busy", temporary=True), Failure("451 busy", temporary=True))
    use(email=post)
    await told(member.member_id, Template.TIER_KEPT)
    assert (await outcomes(member.member_id))[0] == ("email", "WAITING", None, 1)
    assert await sending_at(member.member_id) == [NOW + timedelta(minutes=1)]
    await work(NOW + timedelta(minutes=1))
    assert await sending_at(member.member_id) == [NOW + timedelta(minutes=5)]
    await work(NOW + timedelta(minutes=5))
    assert (await outcomes(member.member_id))[0] == ("email", "SENT", None, 3)
    assert len({letter.key for letter in post.letters}) == 1
    assert await sending_at(member.member_id) == []


async def test_after_five_failures_it_is_given_up():
    member = await a_member(email="ming@example.com")
    post = Post(*(Failure("451 busy", temporary=True) for _ in range(9)))
    use(email=post)
    await told(member.member_id, Template.TIER_KEPT)
    for minutes in (1, 5, 21, 85):
        await work(NOW + timedelta(minutes=minutes))
    assert (await outcomes(member.member_id))[0] == ("email", "FAILED", None, 5)
    assert await sending_at(member.member_id) == []


async def test_a_permanent_failure_is_not_tried_again():
    member = await a_member(email="ming@example.com")
    use(email=Post(Failure("550 no such user", temporary=False)))
    await told(member.member_id, Template.TIER_KEPT)
    assert (await outcomes(member.member_id))[0] == ("email", "FAILED", None, 1)
    assert await sending_at(member.member_id) == []


async def test_caps_are_exact_and_hold_up_no_account_messages():
    member = await a_member(email="ming@example.com")
    post = Post()
    use(email=post)
    for number in range(5):
        await told(member.member_id, Template.WELCOME, cause=str(number))
    await told(member.member_id, Template.TIER_KEPT)
    emails = [found for found in await outcomes(member.member_id) if found[0] == "email"]
    assert [state for _, state, _, _ in emails] == [*["SENT"] * 3, *["SKIPPED"] * 2, "SENT"]
    assert [reason for _, _, reason, _ in emails] == [*[None] * 3, *["CAPPED"] * 2, None]
    assert len(post.letters) == 4
    await told(member.member_id, Template.WELCOME, cause="later", at=NOW + 24 * HOUR)
    assert len(post.letters) == 5


async def test_what_failed_leaves_room_under_the_cap():
    await in_force(notifications={"caps": {"email": {"per_day": 1, "per_week": 1}}})
    member = await a_member(email="ming@example.com")
    use(email=Post(Failure("550 full", temporary=False)))
    await told(member.member_id, Template.WELCOME, cause="1")
    await told(member.member_id, Template.WELCOME, cause="2")
    await told(member.member_id, Template.WELCOME, cause="3")
    emails = [found[1] for found in await outcomes(member.member_id) if found[0] == "email"]
    assert emails == ["FAILED", "SENT", "SKIPPED"]


async def test_the_operator_chooses_the_channels():
    await in_force(notifications={"channels": {"welcome": ("sms",)}})
    member = await a_member(phone="+8613800138000")
    post = Post()
    use(sms=post)
    await told(member.member_id, Template.WELCOME)
    assert await outcomes(member.member_id) == [("sms", "SENT", None, 1)]
    assert post.letters[0].addresses == ("+8613800138000",)


async def test_what_is_muted_is_not_sent():
    member = await a_member(email="ming@example.com")
    post = Post()
    use(email=post)
    changed = Changed(muted=[(MessageClass.REWARD, Channel.EMAIL)])
    await operations.update_preference(member.member_id, changed, now=NOW)
    await told(member.member_id, Template.WELCOME)
    await told(member.member_id, Template.TIER_KEPT)
    assert [letter.template for letter in post.letters] == ["tier_kept"]
    assert (await outcomes(member.member_id))[0] == ("email", "SKIPPED", "PREFERENCE", 0)


async def test_a_worker_that_died_with_the_letter_in_its_hands_is_made_up_for():
    member = await a_member(email="ming@example.com")
    post = Post()
    use(email=post)
    await tell(member.member_id, Template.TIER_KEPT)
    (dead,) = await claim_due(NOW)

    class Death(BaseException):
        pass

    class Deadly(Post):
        async def carry(self, letter):
            await super().carry(letter)
            raise Death

    deadly = Deadly()
    with pytest.raises(Death):
        await operations.deliver(dead, Outbox({Channel.EMAIL: deadly}), now=NOW)
    assert (await outcomes(member.member_id))[0] == ("email", "SENDING", None, 1)
    later = NOW + jobs.LEASE
    await work(later)
    assert (await outcomes(member.member_id))[0] == ("email", "SENT", None, 2)
    assert post.letters[0].key == deadly.letters[0].key
    with pytest.raises(LeaseLost):
        await do(dead, later)


async def test_an_answer_that_is_no_text_is_kept_as_far_as_it_is_one():
    member = await a_member(email="ming@example.com")
    post = Post("2.0.0 \udce9\x00 OK")
    use(email=post)
    await told(member.member_id, Template.TIER_KEPT)
    assert len(post.letters) == 1
    assert (await outcomes(member.member_id))[0] == ("email", "SENT", None, 1)
    found = await deliveries(member.member_id)
    assert [one.delivery.answer for one in found.items] == [None, "2.0.0 ?? OK"]


class _Broken(Post):
    async def carry(self, letter: Letter) -> str:
        self.letters.append(letter)
        raise UnicodeError(letter.addresses[0])


async def test_a_carrier_that_breaks_makes_no_other_send_again():
    member = await a_member(email="ming@example.com", phone="+8613800138000")
    post, broken = Post(), _Broken()
    use(email=broken, sms=post)
    await told(member.member_id, Template.TIER_WARNED)
    await work(NOW + HOUR)
    assert (len(broken.letters), len(post.letters)) == (2, 1)
    assert await outcomes(member.member_id) == [
        ("email", "WAITING", None, 2),
        ("in_app", "SENT", None, 0),
        ("sms", "SENT", None, 1),
    ]
    found = await deliveries(member.member_id)
    assert [one.delivery.answer for one in found.items if one.delivery.channel == "email"] == [
        "UnicodeError"
    ]


class _Slow(Post):
    """Has the letter in its hands until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.has_it, self.may_go = asyncio.Event(), asyncio.Event()

    async def carry(self, letter: Letter) -> str:
        self.letters.append(letter)
        self.has_it.set()
        await self.may_go.wait()
        return "taken"


async def test_what_is_said_again_while_it_is_being_sent_is_sent_once():
    member = await a_member(email="ming@example.com")
    slow = _Slow()
    use(email=slow)
    await tell(member.member_id, Template.TIER_KEPT)
    (first,) = await claim_due(NOW)
    sending = asyncio.create_task(do(first, NOW))
    await slow.has_it.wait()
    await tell(member.member_id, Template.TIER_KEPT)
    (second,) = await claim_due(NOW)
    again = asyncio.create_task(do(second, NOW))
    await asyncio.wait({again}, timeout=1)
    slow.may_go.set()
    await asyncio.gather(sending, again)
    await work(NOW + HOUR)
    assert len(slow.letters) == 1
    assert (await outcomes(member.member_id))[0] == ("email", "SENT", None, 1)
