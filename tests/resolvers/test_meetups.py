"""How is a seat taken, a ticket shown and a door opened through the API?"""

from datetime import timedelta

import pytest

from domain.members.model import Scope
from tests.support.api import REFUSAL, member_global_id
from tests.support.programmes import in_force
from tests.support.world import NOW, a_member, nothing_changed

BEGINS = NOW + timedelta(hours=1)
_SHOWN = """{ meetups { code name place capacity taken waiting calledOff gives { points }
  mySignUp { state placeInLine ticket ticketQrCode } } }"""


TASTING = {
    "code": "TASTING",
    "name": {"zh-CN": "品鉴会", "en": "Tasting"},
    "place": {"zh-CN": "杭州店", "en": "Hangzhou"},
    "starts_at": BEGINS.isoformat(),
    "ends_at": (BEGINS + timedelta(hours=2)).isoformat(),
    "capacity": 1,
    "gives": {"points": 30},
}


@pytest.fixture
async def tasting(ask) -> None:
    del ask
    await in_force(since=NOW, community={"meetups": [TASTING]})


async def _sent(ask, token, field, arguments, shows):
    found = await ask(f"mutation {{ {field}({arguments}) {{ {shows} {REFUSAL} }} }}", token)
    return found["data"][field]


async def test_a_seat_a_ticket_and_the_door(ask, ming, tasting):  # noqa: ARG001
    me, hua = ask.member(ming.member_id), await a_member(nickname="小华")
    you, staff = ask.member(hua.member_id), ask.staff()
    of = 'code: "TASTING"'
    for token, state, place in ((me, "SEATED", None), (you, "WAITING", 1)):
        made = await _sent(ask, token, "signUpForMeetup", of, "signUp { state placeInLine }")
        assert made == {"signUp": {"state": state, "placeInLine": place}, "refusal": None}
    (shown,) = (await ask(_SHOWN, you))["data"]["meetups"]
    mine = shown.pop("mySignUp")
    assert shown == {
        "code": "TASTING",
        "name": "Tasting",
        "place": "Hangzhou",
        "capacity": 1,
        "taken": 1,
        "waiting": 1,
        "calledOff": None,
        "gives": {"points": 30},
    }
    assert (mine["state"], mine["placeInLine"]) == ("WAITING", 1)
    assert mine["ticketQrCode"].startswith("<svg")
    (seen,) = (await ask(_SHOWN, me))["data"]["meetups"]
    ticket = f'ticket: "{seen["mySignUp"]["ticket"]}"'
    service = await ask.service(Scope.EVENTS_WRITE)
    inside = await _sent(ask, service, "checkInAtMeetup", ticket, "memberId meetup")
    assert inside == {
        "memberId": member_global_id(ming.member_id),
        "meetup": "TASTING",
        "refusal": None,
    }
    async with nothing_changed():
        again = await _sent(ask, staff, "checkInAtMeetup", ticket, "meetup")
        late = await _sent(ask, me, "cancelMeetupSignUp", of, "signUp { state }")
    assert (again["refusal"]["code"], late["refusal"]["code"]) == ("WRONG_STATE", "WRONG_STATE")
    left = await _sent(ask, you, "cancelMeetupSignUp", of, "signUp { state }")
    assert left["signUp"] == {"state": "CANCELLED"}
    people = await ask(
        '{ meetupAttendees(code: "TASTING") { nodes { nickname state checkedInBy } } }', staff
    )
    assert [node["state"] for node in people["data"]["meetupAttendees"]["nodes"]] == [
        "ATTENDED",
        "CANCELLED",
    ]


async def test_what_is_called_off_says_why_and_takes_nobody(ask, ming, tasting):  # noqa: ARG001
    why = {"zh-CN": "场地关闭", "en": "The venue is closed"}
    await in_force(since=NOW, community={"meetups": [{**TASTING, "called_off": why}]})
    (shown,) = (await ask("{ meetups { calledOff } }", locale="zh-CN"))["data"]["meetups"]
    assert shown == {"calledOff": "场地关闭"}
    me = ask.member(ming.member_id)
    async with nothing_changed():
        made = await _sent(ask, me, "signUpForMeetup", 'code: "TASTING"', "signUp { state }")
    assert made["refusal"]["code"] == "WRONG_STATE"
