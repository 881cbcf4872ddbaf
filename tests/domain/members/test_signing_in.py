"""Who may sign in, and does a stranger learn anything?"""

import asyncio
from dataclasses import replace

import pytest

from db.connection import transactional
from domain.members import operations, passwords, rules, steps
from domain.members.errors import SignInFailed
from domain.members.model import Member, Registration
from kit.errors import InvalidInput, MemberSuspended
from tests.support.world import NOW, a_member, nothing_changed

EMAIL = "ann@example.test"
PASSWORD = "correct horse"


@transactional
async def create(tx, newcomer, *, programme) -> Member:
    return await steps.create(tx, newcomer, now=NOW, programme=programme)


@pytest.fixture
async def ann(programme) -> Member:
    asked = Registration(nickname="Ann", email=EMAIL, password=PASSWORD)
    newcomer = rules.registration(asked, programme, now=NOW, secret=b"tests")
    password_hash = await passwords.hashed(PASSWORD)
    return await create(replace(newcomer, password_hash=password_hash), programme=programme)


async def sign_in(**facts) -> Member:
    return await operations.sign_in(**{"password": PASSWORD, **facts}, now=NOW)


async def test_a_member_signs_in_with_any_spelling_of_their_contact(ann):
    assert await sign_in(email=EMAIL) == ann
    assert await sign_in(email=" Ann@Example.Test ") == ann


async def test_a_stranger_a_member_without_a_password_and_a_wrong_password_get_one_answer(ann):
    customer = await a_member(phone="13800138000")
    assert customer != ann
    async with nothing_changed():
        for facts in (
            {"email": EMAIL, "password": "wrong horse"},
            {"email": "nobody@example.test"},
            {"phone": "13800138000"},
        ):
            with pytest.raises(SignInFailed) as refused:
                await sign_in(**facts)
            assert refused.value.facts == {}


async def test_a_suspended_member_is_told_so_only_with_the_right_password(ann):
    await operations.suspend(ann.member_id, actor="staff-1", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(SignInFailed):
            await sign_in(email=EMAIL, password="wrong horse")
        with pytest.raises(MemberSuspended):
            await sign_in(email=EMAIL)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({}, ["input"]),
        ({"email": EMAIL, "phone": "13800138000"}, ["input"]),
        ({"email": "ann"}, ["input", "email"]),
        ({"phone": "12"}, ["input", "phone"]),
        ({"email": EMAIL, "password": "x" * 129}, ["input", "password"]),
    ],
)
async def test_a_sign_in_that_cannot_be_is_refused_with_its_path(ann, facts, path):
    assert ann
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await sign_in(**facts)
    assert refused.value.path == path


async def test_a_stranger_costs_the_same_work_as_a_member():
    """The dummy's parameters are those of a new hash, so that the answer takes as long."""
    fresh = await passwords.hashed(PASSWORD)
    assert fresh.startswith("$argon2id$")
    assert fresh.split("$")[:4] == passwords.NOBODY.split("$")[:4]
    assert [len(part) for part in fresh.split("$")] == [
        len(part) for part in passwords.NOBODY.split("$")
    ]
    assert not await passwords.matches(PASSWORD, None)


async def test_a_hash_is_salted_and_matches_its_password_only():
    one, other = await asyncio.gather(passwords.hashed(PASSWORD), passwords.hashed(PASSWORD))
    assert one != other
    assert await passwords.matches(PASSWORD, one)
    assert not await passwords.matches("wrong horse", one)


async def test_the_loop_goes_on_while_passwords_are_hashed():
    hashing = asyncio.create_task(passwords.hashed(PASSWORD))
    turns = 0
    while not hashing.done():
        await asyncio.wait({hashing}, timeout=0.001)
        turns += 1
    assert turns > 3
