"""Who is shown what, asked as each of them? Of a member's fields, and of everything with an id."""

from typing import Any, cast
from uuid import UUID

from domain.members.model import Member, Scope
from domain.rewards.operations import redeem
from kit.ids import derived_id, global_id
from schema.build import build
from tests.support.api import Asking, code_of, member_global_id
from tests.support.guarded import PRIVATE, member_fields
from tests.support.lotteries import NOTHING, draw, in_play
from tests.support.value import give, packet
from tests.support.world import NOW, a_member, nothing_changed


async def refused(ask: Asking, token: str | None, query: str) -> dict[str, str]:
    """The codes of the fields of a member that aren't shown."""
    codes = {
        name: code_of(await ask(query.replace("FIELD", asked), token))
        for name, asked in member_fields().items()
    }
    return {name: code for name, code in codes.items() if code is not None}


async def test_each_field_of_a_member_by_who_asks(ask: Asking, ming: Member):
    other, me = await a_member(), member_global_id(ming.member_id)
    own, one = "{ me { FIELD } }", f'{{ member(id: "{me}") {{ FIELD }} }}'
    enrol = """mutation { enrolMember(input: {externalId: "customer-1", nickname: "x"}) {
      created member { FIELD } } }"""
    anybody = f'{{ node(id: "{me}") {{ ... on Member {{ FIELD }} }} }}'
    reader = await ask.service(Scope.MEMBERS_READ)
    writer = await ask.service(Scope.MEMBERS_WRITE)
    async with nothing_changed():
        assert await refused(ask, ask.member(ming.member_id), own) == {"tags": "FORBIDDEN"}
        assert await refused(ask, ask.staff(), one) == {}
        assert await refused(ask, reader, one) == {}
        assert await refused(ask, writer, enrol) == dict.fromkeys(PRIVATE, "FORBIDDEN")
        for token in (None, ask.member(other.member_id), writer):
            found = await ask(anybody.replace("FIELD", "email points { available }"), token)
            assert found == {"data": {"node": None}}


async def belongings(ming: Member) -> dict[str, str]:
    """The id of something of each type that has one, all of it the member's but the reward."""
    me = ming.member_id
    await give(me, 5_000)
    await packet(me, 100)
    mug = await redeem(me, "MUG", 1, idempotency_key="a", now=NOW)
    (drawn,) = await draw(me)
    return {
        "Member": member_global_id(me),
        "PointsEntry": global_id("PointsEntry", me, UUID(int=1)),
        "CreditEntry": global_id("CreditEntry", me, UUID(int=1)),
        "Redemption": global_id("Redemption", me, mug.redemption.id),
        "Draw": global_id("Draw", me, drawn.draw.id),
        "Reward": global_id("Reward", derived_id("reward", "MUG")),
    }


async def test_what_has_an_id_is_found_by_whose_it_is_and_by_nobody_else(ask: Asking):
    await in_play(NOTHING)
    ming, other = await a_member(), await a_member()
    ids = await belongings(ming)
    types = build()._schema.get_possible_types(cast("Any", build()._schema.type_map["Node"]))
    assert set(ids) == {found.name for found in types}
    may = dict.fromkeys(ids, True)
    may_not = {**dict.fromkeys(ids, False), "Reward": True}
    viewers = {
        ask.member(ming.member_id): may,
        ask.staff(): may,
        await ask.service(Scope.MEMBERS_READ): may,
        None: may_not,
        ask.member(other.member_id): may_not,
        await ask.service(*[one for one in Scope if one != Scope.MEMBERS_READ]): may_not,
    }
    for token, expected in viewers.items():
        found = {
            name: (await ask(f'{{ node(id: "{one}") {{ __typename id }} }}', token))["data"]["node"]
            for name, one in ids.items()
        }
        assert {name: node is not None for name, node in found.items()} == expected
        for name, node in found.items():
            assert node in (None, {"__typename": name, "id": ids[name]})
