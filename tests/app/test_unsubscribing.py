"""Does the link in an email stop such emails, and nothing else, and nobody else's?"""

from collections.abc import AsyncIterator

import pytest

from app.unsubscribing import PATH, unsubscribe_url
from domain.members.model import Member
from domain.notifications.model import Channel, MessageClass, Outbox, Template
from domain.notifications.rules import token
from domain.notifications.views import preference
from kit.ids import new_id
from tests.support.api import SECRET, Asking
from tests.support.telling import Post, told
from tests.support.world import a_member, nothing_changed, published
from workers import notifications

PUBLIC = "https://shop.example/"


@pytest.fixture
async def ask(database: str) -> AsyncIterator[Asking]:
    await published()
    asking = Asking(database)
    async with asking.client:
        yield asking
    notifications.use(Outbox({}))


@pytest.fixture
async def ming(ask: Asking) -> Member:
    del ask
    return await a_member(email="ming@example.com")


async def test_one_post_to_the_link_in_the_email_mutes_its_class(ask: Asking, ming: Member):
    post = Post()
    outbox = Outbox({Channel.EMAIL: post}, lambda *who: unsubscribe_url(PUBLIC, SECRET, *who))
    notifications.use(outbox)
    await told(ming.member_id, Template.WELCOME)
    (letter,) = post.letters
    assert letter.unsubscribe_url is not None
    assert letter.unsubscribe_url.startswith("https://shop.example/unsubscribe/")
    assert letter.body.endswith(letter.unsubscribe_url)
    path = letter.unsubscribe_url.removeprefix("https://shop.example")
    response = await ask.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert "已退订" in response.text
    assert (await preference(ming.member_id)).muted == ("reward:email",)
    await told(ming.member_id, Template.WELCOME, cause="2")
    assert len(post.letters) == 1
    async with nothing_changed():
        assert (await ask.client.post(path)).status_code == 200


async def test_opening_the_link_changes_nothing_and_shows_a_button(ask: Asking, ming: Member):
    path = PATH + token(ming.member_id, MessageClass.REWARD, SECRET)
    async with nothing_changed():
        response = await ask.client.get(path)
    assert response.status_code == 200
    assert '<form method="post">' in response.text
    assert response.headers["referrer-policy"] == "no-referrer"


async def test_a_forged_link_is_none(ask: Asking, ming: Member):
    genuine = token(ming.member_id, MessageClass.REWARD, SECRET)
    forged = [
        token(ming.member_id, MessageClass.REWARD, b"another secret of thirty-two bytes"),
        genuine[:-2] + ("AA" if not genuine.endswith("AA") else "BB"),
        "A",
        "not base64 at all!",
        token(ming.member_id, MessageClass.ACCOUNT, SECRET),
        token(new_id(), MessageClass.REWARD, SECRET),
    ]
    async with nothing_changed():
        for text in forged:
            response = await ask.client.post(PATH + text)
            assert (response.status_code, "无效" in response.text) == (404, True)


async def test_an_account_message_has_no_such_link(ming: Member):
    post = Post()
    outbox = Outbox({Channel.EMAIL: post}, lambda *who: unsubscribe_url(PUBLIC, SECRET, *who))
    notifications.use(outbox)
    await told(ming.member_id, Template.TIER_WARNED)
    assert post.letters[0].unsubscribe_url is None
    assert "unsubscribe" not in post.letters[0].body
