"""May a service come in with this key?"""

import asyncio
from datetime import timedelta

import pytest

from db.connection import watched
from domain.members import operations, views
from domain.members.model import ApiKey
from kit.errors import InvalidInput, NotFound
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("database")

SCOPES = ("events:write", "members:write")


async def made(key_id: str = "k1", **facts) -> ApiKey:
    asked = {"name": "shop", "digest": "d" * 64, "scopes": SCOPES, "now": NOW, **facts}
    return await operations.create_api_key(key_id, **asked)


async def test_a_key_is_found_until_it_is_revoked():
    key = await made()
    found = await views.api_key("k1")
    assert found is not None
    assert (found.name, found.digest, tuple(found.scopes)) == ("shop", "d" * 64, SCOPES)
    assert (found.created_at, found.revoked_at, found.last_used_at) == (NOW, None, None)
    assert key.id == found.id
    revoked = await operations.revoke_api_key("k1", now=NOW + timedelta(days=1))
    assert revoked.revoked_at == NOW + timedelta(days=1)
    assert await views.api_key("k1") is None
    async with nothing_changed():
        assert await operations.revoke_api_key("k1", now=NOW + timedelta(days=2)) == revoked


async def test_keys_are_listed_the_newest_first_with_the_revoked_ones():
    await made("k1")
    await made("k2", now=NOW + timedelta(seconds=1))
    await operations.revoke_api_key("k1", now=NOW)
    assert [(key.id, key.revoked_at) for key in await views.api_keys()] == [
        ("k2", None),
        ("k1", NOW),
    ]


async def test_use_is_noted_to_the_minute():
    await made()

    async def use(at):
        key = await views.api_key("k1")
        assert key is not None
        statements: list[str] = []
        async with watched(statements.append):
            await operations.note_api_key_use(key, now=at)
        return len(statements)

    assert await use(NOW) == 1
    assert await use(NOW + timedelta(seconds=60)) == 0
    later = NOW + timedelta(seconds=61)
    assert await use(later) == 1
    key = await views.api_key("k1")
    assert key is not None
    assert key.last_used_at == later


@pytest.mark.race
async def test_uses_at_once_leave_the_first_one_noted():
    await made()
    key = await views.api_key("k1")
    assert key is not None
    instants = [NOW + timedelta(seconds=number) for number in range(10)]
    await asyncio.gather(*(operations.note_api_key_use(key, now=at) for at in instants))
    noted = await views.api_key("k1")
    assert noted is not None
    assert noted.last_used_at in instants


async def test_a_digest_is_not_shown_where_a_key_is_printed():
    assert "d" * 64 not in repr(await made())


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"name": ""}, ["input", "name"]),
        ({"scopes": []}, ["input", "scopes"]),
        ({"scopes": ["everything"]}, ["input", "scopes"]),
    ],
)
async def test_a_key_that_cannot_be_is_refused(facts, path):
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await made(**facts)
    assert refused.value.path == path


async def test_an_unknown_key_cannot_be_revoked():
    async with nothing_changed():
        with pytest.raises(NotFound):
            await operations.revoke_api_key("k1", now=NOW)
