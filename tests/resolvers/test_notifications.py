"""Does a member read what they are told, and say how they want to be told?"""

from typing import Any

import pytest

from domain.members.model import Member
from domain.members.operations import suspend
from domain.notifications.model import Template
from tests.support.api import Asking, code_of, member_global_id
from tests.support.telling import Post, tell, told, use
from tests.support.world import NOW, a_member, nothing_changed

INBOX = """query ($first: Int, $after: String, $unread: Boolean! = false) { me {
  unreadNotifications
  notifications(first: $first, after: $after, unreadOnly: $unread) {
    nodes { id template title body occurredAt readAt } pageInfo { hasNextPage endCursor } } } }"""
READ = """mutation ($ids: [ID!], $upTo: ID) { markNotificationsRead(ids: $ids, upTo: $upTo) {
  marked unreadNotifications refusal { code } } }"""
PREFER = """mutation ($input: UpdateNotificationPreferencesInput!) {
  updateNotificationPreferences(input: $input) {
    preferences { muted { messageClass channel } quietFromHour quietUntilHour checkInHour }
    refusal { code message ... on CannotBeMuted { messageClass channel } } } }"""


async def titles(ask: Asking, member: Member, **variables: Any) -> list[str]:
    answer = await ask(INBOX, ask.member(member.member_id), **variables)
    return [node["title"] for node in answer["data"]["me"]["notifications"]["nodes"]]


async def test_the_newest_comes_first_in_the_viewer_s_language(ask: Asking, ming: Member):
    await tell(ming.member_id, Template.WELCOME)
    await tell(ming.member_id, Template.TIER_WARNED)
    token = ask.member(ming.member_id)
    answer = await ask(INBOX, token, first=1)
    assert answer["data"]["me"]["unreadNotifications"] == 2
    page = answer["data"]["me"]["notifications"]
    assert page["nodes"][0]["title"] == "Keep Gold: 60 to go"
    assert page["nodes"][0]["body"] == (
        "To keep Gold you need a score of 240 by 31 March 2026. You have 180, so 60 is missing."
        " Otherwise you will be Silver."
    )
    assert page["nodes"][0]["occurredAt"] == "2026-03-02T04:00:00Z"
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    assert await titles(ask, ming, after=after) == ["Welcome to Membership"]
    chinese = await ask(INBOX, token, locale="zh-CN", first=1)
    assert chinese["data"]["me"]["notifications"]["nodes"][0]["title"] == "保级提醒：还差 60 分"


async def test_what_is_read_is_marked_by_id_or_up_to_one(ask: Asking, ming: Member):
    for cause in ("1", "2", "3", "4"):
        await tell(ming.member_id, Template.BADGE_AWARDED, cause)
    token = ask.member(ming.member_id)
    nodes = (await ask(INBOX, token))["data"]["me"]["notifications"]["nodes"]
    made = await ask(READ, token, ids=[nodes[0]["id"]])
    assert made["data"]["markNotificationsRead"] == {
        "marked": 1,
        "unreadNotifications": 3,
        "refusal": None,
    }
    made = await ask(READ, token, upTo=nodes[2]["id"])
    assert made["data"]["markNotificationsRead"]["marked"] == 2
    left = (await ask(INBOX, token, unread=True))["data"]["me"]["notifications"]["nodes"]
    assert [node["id"] for node in left] == [nodes[1]["id"]]
    again = await ask(READ, token, ids=[nodes[0]["id"]])
    assert again["data"]["markNotificationsRead"]["marked"] == 0


@pytest.mark.parametrize(
    ("variables", "code"),
    [({}, "INVALID_INPUT"), ({"ids": ["TWVtYmVyOg"]}, "NOT_FOUND")],
)
async def test_what_can_not_be_marked_is_refused(ask: Asking, ming: Member, variables, code):
    async with nothing_changed():
        made = await ask(READ, ask.member(ming.member_id), **variables)
    assert made["data"]["markNotificationsRead"]["refusal"]["code"] == code


async def test_another_member_s_notification_is_not_found(ask: Asking, ming: Member):
    other = await a_member()
    await tell(other.member_id)
    nodes = (await ask(INBOX, ask.member(other.member_id)))["data"]["me"]["notifications"]["nodes"]
    async with nothing_changed():
        made = await ask(READ, ask.member(ming.member_id), ids=[nodes[0]["id"]])
    assert made["data"]["markNotificationsRead"]["refusal"]["code"] == "NOT_FOUND"


async def test_preferences_change_only_where_they_are_given(ask: Asking, ming: Member):
    token = ask.member(ming.member_id)
    muted = [{"messageClass": "REMINDER", "channel": "EMAIL"}]
    hours = {"fromHour": 23, "untilHour": 7}
    made = await ask(PREFER, token, input={"muted": muted, "quietHours": hours, "checkInHour": 20})
    assert made["data"]["updateNotificationPreferences"]["preferences"] == {
        "muted": muted,
        "quietFromHour": 23,
        "quietUntilHour": 7,
        "checkInHour": 20,
    }
    made = await ask(PREFER, token, input={"checkInHour": None})
    assert made["data"]["updateNotificationPreferences"]["preferences"] == {
        "muted": muted,
        "quietFromHour": 23,
        "quietUntilHour": 7,
        "checkInHour": None,
    }
    made = await ask(PREFER, token, input={"quietHours": None, "muted": []})
    assert made["data"]["updateNotificationPreferences"]["preferences"] == {
        "muted": [],
        "quietFromHour": None,
        "quietUntilHour": None,
        "checkInHour": None,
    }


async def test_what_concerns_the_account_can_not_be_muted_by_email(ask: Asking, ming: Member):
    muted = [{"messageClass": "ACCOUNT", "channel": "EMAIL"}]
    async with nothing_changed():
        made = await ask(PREFER, ask.member(ming.member_id), input={"muted": muted})
    assert made["data"]["updateNotificationPreferences"]["refusal"] == {
        "code": "CANNOT_BE_MUTED",
        "message": "Messages of the class ACCOUNT can't be muted on the channel EMAIL.",
        "messageClass": "ACCOUNT",
        "channel": "EMAIL",
    }
    muted = [{"messageClass": "ACCOUNT", "channel": "SMS"}]
    made = await ask(PREFER, ask.member(ming.member_id), input={"muted": muted})
    assert made["data"]["updateNotificationPreferences"]["refusal"] is None


@pytest.mark.parametrize(
    "given", [{"checkInHour": 24}, {"quietHours": {"fromHour": -1, "untilHour": 7}}]
)
async def test_an_hour_that_no_day_has_is_refused(ask: Asking, ming: Member, given):
    async with nothing_changed():
        made = await ask(PREFER, ask.member(ming.member_id), input=given)
    found = made["data"]["updateNotificationPreferences"]["refusal"]
    assert found["code"] == "INVALID_INPUT"


async def test_a_suspended_member_changes_nothing(ask: Asking, ming: Member):
    await tell(ming.member_id)
    token = ask.member(ming.member_id)
    nodes = (await ask(INBOX, token))["data"]["me"]["notifications"]["nodes"]
    await suspend(ming.member_id, actor="ada", reason="fraud", now=NOW)
    async with nothing_changed():
        prefer = await ask(PREFER, token, input={"checkInHour": 8})
        read = await ask(READ, token, ids=[nodes[0]["id"]])
        push = await ask('mutation { registerPushAddress(token: "t") { refusal { code } } }', token)
    assert [
        prefer["data"]["updateNotificationPreferences"]["refusal"]["code"],
        read["data"]["markNotificationsRead"]["refusal"]["code"],
        push["data"]["registerPushAddress"]["refusal"]["code"],
    ] == ["MEMBER_SUSPENDED"] * 3


async def test_a_class_that_is_muted_in_the_app_is_not_listed(ask: Asking, ming: Member):
    await tell(ming.member_id, Template.BADGE_AWARDED)
    await tell(ming.member_id, Template.TIER_KEPT)
    muted = [{"messageClass": "REWARD", "channel": "IN_APP"}]
    await ask(PREFER, ask.member(ming.member_id), input={"muted": muted})
    assert await titles(ask, ming) == ["You keep Gold"]


async def test_only_who_may_read_a_member_reads_their_messages(ask: Asking, ming: Member):
    await tell(ming.member_id)
    query = """query ($id: ID!) { member(id: $id) {
      notifications { nodes { title } } unreadNotifications } }"""
    found = await ask(query, ask.staff(), id=member_global_id(ming.member_id))
    assert found["data"]["member"]["unreadNotifications"] == 1
    service = await ask.service("members:write")
    refused = await ask(query, service, id=member_global_id(ming.member_id))
    assert code_of(refused) == "FORBIDDEN"


async def test_a_device_is_pushed_to_for_who_registered_it_last(ask: Asking, ming: Member):
    other = await a_member()
    register = 'mutation { registerPushAddress(token: "device") { refusal { code } } }'
    for member in (ming, other):
        answer = await ask(register, ask.member(member.member_id))
        assert answer["data"]["registerPushAddress"]["refusal"] is None
    post = Post()
    use(push=post)
    await told(ming.member_id, Template.TIER_UPGRADED)
    await told(other.member_id, Template.TIER_UPGRADED)
    assert [letter.addresses for letter in post.letters] == [("device",)]
    remove = 'mutation { removePushAddress(token: "device") { refusal { code } } }'
    await ask(remove, ask.member(ming.member_id))
    await told(other.member_id, Template.TIER_UPGRADED, cause="2")
    await ask(remove, ask.member(other.member_id))
    await told(other.member_id, Template.TIER_UPGRADED, cause="3")
    assert len(post.letters) == 2


async def test_staff_see_what_became_of_a_notification(ask: Asking, ming: Member):
    use(email=Post("250 ok"))
    await told(ming.member_id, Template.TIER_KEPT)
    query = """query ($id: ID!, $after: String) {
      notificationDeliveries(memberId: $id, first: 1, after: $after) {
        nodes { template channel state reason attempts provider answer sentAt }
        pageInfo { hasNextPage endCursor } } }"""
    variables = {"id": member_global_id(ming.member_id)}
    first = (await ask(query, ask.staff(), **variables))["data"]["notificationDeliveries"]
    assert first["pageInfo"]["hasNextPage"]
    after = first["pageInfo"]["endCursor"]
    answer = await ask(query, ask.staff(), **variables, after=after)
    second = answer["data"]["notificationDeliveries"]
    assert second["nodes"] == [
        {
            "template": "tier_kept",
            "channel": "EMAIL",
            "state": "SENT",
            "reason": None,
            "attempts": 1,
            "provider": "post",
            "answer": "250 ok",
            "sentAt": "2026-03-02T04:00:00Z",
        }
    ]


async def test_staff_preview_a_message_with_facts_of_their_own(ask: Asking):
    query = """query ($t: String!, $c: NotificationChannel!, $l: String!, $f: JSON) {
      previewNotification(template: $t, channel: $c, locale: $l, facts: $f) { title body } }"""
    found = await ask(query, ask.staff(), t="tier_kept", c="SMS", l="zh-CN")
    assert found["data"]["previewNotification"]["body"] == (
        "恭喜您保级成功，金卡有效期至2026年3月31日。"
    )
    facts = {"points": 5}
    found = await ask(query, ask.staff(), t="welcome", c="EMAIL", l="en", f=facts)
    assert found["data"]["previewNotification"] == {
        "title": "Welcome to Membership",
        "body": (
            "Dear 小明,\n\nGood to have you here, 小明. You get 5 points. Your coupons: 10 off 100."
        ),
    }
    wrong = await ask(query, ask.staff(), t="welcome", c="EMAIL", l="en", f={"gap": 5})
    assert code_of(wrong) == "INVALID_INPUT"


@pytest.fixture(autouse=True)
def _providers():
    yield
    use()
