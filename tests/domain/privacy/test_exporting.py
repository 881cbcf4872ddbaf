"""Does a member see all that concerns them, and nothing of others, and no secret?"""

import json

import pytest

from db.queries.personal import CATALOGUE
from domain.privacy import operations
from domain.privacy.errors import ExportTooLarge
from domain.privacy.operations import exporting
from kit.errors import NotFound
from kit.ids import global_id, new_id
from tests.support import shop
from tests.support.forgetting import forgotten
from tests.support.merging import merged
from tests.support.referring import a_friend, register_by
from tests.support.talking import answer, follow, like, say
from tests.support.value import give
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")


async def test_everything_stands_in_its_section():
    await published()
    ming = await a_member(
        nickname="小明", external_id="c-1", email="ming@example.com", phone="+8613912345678"
    )
    await shop.done(shop.paid(ming, "1", 10_000))
    said = await say(ming)
    async with nothing_changed():
        found = await operations.export(ming.member_id, now=NOW)
    assert (found["format"], found["member"], found["exportedAt"]) == (
        1,
        global_id("Member", ming.member_id),
        NOW.isoformat(),
    )
    sections = found["sections"]
    assert list(sections) == [kept.section for kept in CATALOGUE.values()]
    (profile,) = sections["profile"]
    assert (profile["nickname"], profile["joined_at"]) == ("小明", "2026-03-02T04:00:00+00:00")
    assert [(row["kind"], row["value"]) for row in sections["contacts"]] == [
        ("email", "ming@example.com"),
        ("phone", "+8613912345678"),
    ]
    assert [row["external_id"] for row in sections["customerIds"]] == ["c-1"]
    moved = [row for row in sections["movements"] if row["currency"] == "POINTS"]
    assert [(row["amount"], row["debit_account"], row["credit_account"]) for row in moved] == [
        (100, "issuance", "pending"),
        (5, "issuance", "available"),
    ]
    assert [row["order_id"] for row in sections["orders"]] == ["1"]
    assert sections["eventsOfTheShop"][0]["data"]["orderId"] == "1"
    assert [row["id"] for row in sections["posts"]] == [str(said.id)]


async def test_no_secret_and_nobody_else_is_in_it():
    await published()
    hong = await a_member(nickname="Hong Canary", email="hong@example.com", external_id="hong-1")
    ming = (
        await register_by(hong.referral_code, email="ming@example.com", device_id="canary-device")
    ).member
    friend = await a_friend(ming, nickname="Friend Canary", external_id="friend-1")
    theirs = await say(hong, "What Hong says is no affair of anybody's export.")
    await answer(ming, theirs)
    await like(hong, await say(ming))
    await follow(ming, hong)
    await work(NOW)
    text = json.dumps(await operations.export(ming.member_id, now=NOW), ensure_ascii=False)
    others = ("Hong", "hong", "Friend", "friend-1", str(friend.member_id), "argon2", "canary")
    assert [word for word in others if word in text] == []
    assert '"invitations": [{' in text
    assert '"invitedBy": [{' in text
    assert '"password": [{' in text


async def test_who_was_merged_into_the_member_is_part_of_it():
    await published()
    ming, hong = await a_member(), await a_member(nickname="小红", external_id="c-2")
    await give(hong.member_id, 100)
    await merged(ming, hong)
    sections = (await operations.export(ming.member_id, now=NOW))["sections"]
    assert {row["nickname"] for row in sections["profile"]} == {"小明", "小红"}
    kinds = [row["kind"] for row in sections["movements"] if row["currency"] == "POINTS"]
    assert sorted(kinds) == ["earn", "merge_in", "merge_out"]
    assert [row["absorbed_id"] for row in sections["merges"]] == [str(hong.member_id)]


async def test_large_documents_are_written_a_piece_at_a_time_and_not_answered(monkeypatch):
    await published()
    ming = await a_member()
    for _ in range(3):
        await give(ming.member_id, 1)
    monkeypatch.setattr("db.queries.privacy.ROWS_AT_ONCE", 1)
    pieces = [piece async for piece in operations.written(ming.member_id, now=NOW)]
    whole = json.loads("".join(pieces))
    assert len(whole["sections"]["movements"]) == 3
    assert whole == await operations.export(ming.member_id, now=NOW)
    monkeypatch.setattr(exporting, "BYTES_MAX", 1_000)
    with pytest.raises(ExportTooLarge):
        await operations.export(ming.member_id, now=NOW)


async def test_of_who_was_erased_the_books_are_left_and_of_nobody_nothing():
    await published()
    ming = await a_member(email="ming@example.com")
    await give(ming.member_id, 5)
    await forgotten(ming)
    sections = (await operations.export(ming.member_id, now=NOW))["sections"]
    assert sections["contacts"] == sections["customerIds"] == sections["referralCodes"] == []
    assert len([row for row in sections["movements"] if row["currency"] == "POINTS"]) == 2
    with pytest.raises(NotFound):
        await operations.export(new_id(), now=NOW)
