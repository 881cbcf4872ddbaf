"""Does each carrier hand a letter over, and say whether another attempt may succeed?"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from app.letters import outbox
from domain.members.model import Member
from domain.notifications.model import Channel, Failure, Letter, Outbox, Template
from kit.ids import new_id
from kit.settings import Settings
from tests.support.postmen import Listener, Mailbox, a_listener, a_mailbox
from tests.support.telling import outcomes, told
from tests.support.working import work
from tests.support.world import NOW, a_member, published
from workers import notifications
from workers.carriers import BadAddress, SignedPost, Smtp, ThroughApprise, provider

# Apprise loads a service of its own that still knows it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EMAIL = Letter(
    key="key.email",
    channel=Channel.EMAIL,
    addresses=("ming@example.com",),
    title="您的金卡将于2026年3月31日到期",
    body="小明，您好：\n\n还差 60 分。",
    locale="zh-CN",
    sender="会员计划",
    template="tier_warned",
    unsubscribe_url="https://shop.example/unsubscribe/token",
)
SMS = replace(EMAIL, key="key.sms", channel=Channel.SMS, addresses=("+8613800138000",))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mailbox() as box:
        yield box


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with a_listener() as found:
        yield found


@pytest.fixture
async def ming(database: str) -> AsyncIterator[Member]:
    assert database
    await published()
    yield await a_member(email="ming@example.com", locale="zh-CN")
    notifications.use(Outbox({}))


async def test_an_email_arrives_with_its_headers_and_its_chinese(mailbox: Mailbox):
    assert await Smtp(mailbox.url).carry(EMAIL) == "taken"
    (found,) = mailbox.messages
    assert found["From"] == "会员计划 <shop@example.com>"
    assert found["To"] == "ming@example.com"
    assert found["Subject"] == EMAIL.title
    assert found["Message-ID"] == "<key.email@example.com>"
    assert found["List-Unsubscribe"] == "<https://shop.example/unsubscribe/token>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content().strip().replace("\r\n", "\n") == EMAIL.body


async def test_a_long_way_out_stands_in_its_header_as_it_is(mailbox: Mailbox):
    url = "https://loyalty.shop.example.com/unsubscribe/" + "A" * 54
    await Smtp(mailbox.url).carry(replace(EMAIL, unsubscribe_url=url))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in mailbox.raw[0]
    assert b"\r\nContent-Language: zh-CN\r\n" in mailbox.raw[0]


async def test_a_server_that_took_it_and_never_says_goodbye_has_taken_it(mailbox: Mailbox):
    mailbox.says_goodbye = False
    async with asyncio.timeout(5):
        assert await Smtp(mailbox.url).carry(EMAIL) == "taken"
    assert len(mailbox.messages) == 1


async def test_without_a_way_out_there_are_no_headers_of_one(mailbox: Mailbox):
    await Smtp(mailbox.url).carry(replace(EMAIL, unsubscribe_url=None))
    assert mailbox.messages[0]["List-Unsubscribe"] is None
    assert mailbox.messages[0]["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "letter",
    [
        replace(EMAIL, title="a\r\nBcc: all@example.com"),
        replace(EMAIL, addresses=("a@example.com\r\nBcc: all@example.com",)),
        replace(EMAIL, sender="a\nb"),
    ],
)
async def test_what_would_add_a_header_is_refused_for_good(mailbox: Mailbox, letter: Letter):
    with pytest.raises(Failure) as caught:
        await Smtp(mailbox.url).carry(letter)
    assert not caught.value.temporary
    assert mailbox.attempts == 0


@pytest.mark.parametrize(("answer", "temporary"), [("451 busy", True), ("550 no such user", False)])
async def test_the_server_s_code_says_whether_to_try_again(
    mailbox: Mailbox, answer: str, *, temporary: bool
):
    mailbox.answers = [answer]
    with pytest.raises(Failure) as caught:
        await Smtp(mailbox.url).carry(EMAIL)
    assert (str(caught.value), caught.value.temporary) == (answer, temporary)


async def test_what_a_server_has_against_the_shop_loses_no_letter(mailbox: Mailbox):
    mailbox.of_sender = "553 sender not allowed"
    with pytest.raises(Failure) as caught:
        await Smtp(mailbox.url).carry(EMAIL)
    assert (str(caught.value), caught.value.temporary) == ("553 sender not allowed", True)


async def test_a_server_that_is_away_is_tried_again():
    with a_mailbox() as gone:
        smtp = Smtp(gone.url)
    with pytest.raises(Failure) as caught:
        await smtp.carry(EMAIL)
    assert caught.value.temporary


async def test_after_a_451_the_member_has_one_email(mailbox: Mailbox, ming: Member):
    notifications.use(Outbox({Channel.EMAIL: Smtp(mailbox.url)}))
    mailbox.answers = ["451 busy"]
    await told(ming.member_id, Template.TIER_WARNED)
    await work(NOW + timedelta(minutes=1))
    await work(NOW + timedelta(hours=1))
    assert mailbox.attempts == 2
    assert [found["Subject"] for found in mailbox.messages] == ["您的金卡将于2026年3月31日到期"]
    assert (await outcomes(ming.member_id))[0] == ("email", "SENT", None, 2)


async def test_after_a_550_nothing_is_tried_again(mailbox: Mailbox, ming: Member):
    notifications.use(Outbox({Channel.EMAIL: Smtp(mailbox.url)}))
    mailbox.answers = ["550 no such user"]
    await told(ming.member_id, Template.TIER_WARNED)
    await work(NOW + timedelta(hours=1))
    assert mailbox.attempts == 1
    assert (await outcomes(ming.member_id))[0] == ("email", "FAILED", None, 1)


async def test_a_post_is_signed_and_has_the_letter_in_it(listener: Listener):
    letter = replace(SMS, key=f"{new_id()}.sms")
    assert await SignedPost(f"http://{listener.address}/sms", SECRET).carry(letter) == "HTTP 204"
    ((headers, body),) = listener.posted
    assert Webhook(SECRET).verify(body, headers) == {
        "id": letter.key,
        "channel": "sms",
        "to": "+8613800138000",
        "title": letter.title,
        "body": letter.body,
        "locale": "zh-CN",
        "template": "tier_warned",
    }
    assert headers["webhook-id"] == letter.key


@pytest.mark.parametrize(
    ("status", "temporary"), [(500, True), (503, True), (429, True), (400, False), (302, False)]
)
async def test_the_status_of_a_post_says_whether_to_try_again(
    listener: Listener, status: int, *, temporary: bool
):
    listener.status = status
    with pytest.raises(Failure) as caught:
        await SignedPost(f"http://{listener.address}/", SECRET).carry(SMS)
    assert (str(caught.value), caught.value.temporary) == (f"HTTP {status}", temporary)


async def test_one_device_that_took_it_is_enough(listener: Listener):
    push = replace(EMAIL, channel=Channel.PUSH, addresses=("one", "two"))
    await SignedPost(f"http://{listener.address}/", SECRET).carry(push)
    assert [body["to"] for body in listener.bodies()] == ["one", "two"]


async def test_apprise_carries_to_the_member_s_address(listener: Listener):
    through = ThroughApprise(f"json://{listener.address}/?+to={{address}}")
    listener.status = 200
    assert await through.carry(SMS) == "delivered"
    (body,) = listener.bodies()
    assert body["message"] == SMS.body
    assert listener.posted[0][0]["to"] == "+8613800138000"


async def test_what_apprise_could_not_deliver_is_tried_again(listener: Listener):
    listener.status = 500
    with pytest.raises(Failure) as caught:
        await ThroughApprise(f"json://{listener.address}/?+to={{address}}").carry(SMS)
    assert caught.value.temporary


@pytest.mark.parametrize(
    ("channel", "url", "secret"),
    [
        (Channel.EMAIL, "http://example.com", ""),
        (Channel.EMAIL, "smtp://example.com", ""),
        (Channel.EMAIL, "smtp://a:1/2@example.com?from=a@example.com", ""),
        (Channel.EMAIL, "smtp://example.com:x?from=a@example.com", ""),
        (Channel.EMAIL, "smtp://example.com?from=a%0Ab@example.com", ""),
        (Channel.SMS, "https://example.com", ""),
        (Channel.SMS, "https://example.com", "whsec_"),
        (Channel.SMS, "json://example.com", ""),
        (Channel.PUSH, "nonsense://{address}", ""),
    ],
)
def test_an_address_that_can_not_be_used_is_refused_at_the_start(channel, url, secret):
    with pytest.raises(BadAddress):
        provider(channel, url, secret)
    names = {Channel.EMAIL: "smtp_url", Channel.SMS: "sms_url", Channel.PUSH: "push_url"}
    settings = Settings.model_validate({names[channel]: url, "provider_secret": secret})
    with pytest.raises(BadAddress, match=f"^ACCRUE_{names[channel].upper()}: "):
        outbox(settings)


def test_the_kind_of_address_says_who_carries():
    assert provider(Channel.EMAIL, "smtps://example.com?from=a@example.com", "").name == "smtp"
    assert provider(Channel.SMS, "https://example.com", SECRET).name == "webhook"
    assert provider(Channel.PUSH, "json://example.com/{address}", "").name == "apprise"
