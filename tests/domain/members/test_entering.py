"""Who becomes a member, who is one already, and who is refused?"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from db.connection import reader, transactional, watched
from domain.ledger.model import GENESIS, Currency
from domain.ledger.steps import open_desk
from domain.members import rules, steps, views
from domain.members.errors import ContactTaken
from domain.members.model import Enrolled, Enrolment, Member, NewMember, Registration
from tests.support.world import NOW, counts, nothing_changed, rows

SECRET = b"tests"


@transactional
async def create(tx, newcomer: NewMember, *, programme, draw: Callable[[], str] = steps.drawn_code):
    return await steps.create(tx, newcomer, now=NOW, programme=programme, draw=draw)


@transactional
async def enrol(tx, newcomer: NewMember, *, programme) -> Enrolled:
    return await steps.enrol(tx, newcomer, now=NOW, programme=programme)


@transactional
async def enrol_many(tx, newcomers: list[NewMember], *, programme) -> list[Enrolled]:
    return await steps.enrol_many(tx, newcomers, now=NOW, programme=programme)


def registered(programme, **facts) -> NewMember:
    asked = Registration(**{"nickname": "小红", "password": "correct horse", **facts})
    newcomer = rules.registration(asked, programme, now=NOW, secret=SECRET)
    return replace(newcomer, password_hash="a hash")


def enrolled(programme, external_id: str, **facts) -> NewMember:
    asked = Enrolment(external_id=external_id, nickname="小红", **facts)
    return rules.enrolment(asked, programme, now=NOW)


async def test_a_registered_member_has_empty_wallets_a_code_and_the_lowest_tier(programme):
    member = await create(registered(programme, email="Ann@Example.test"), programme=programme)

    assert await views.member(member.member_id) == member
    assert member == Member(
        member_id=member.member_id,
        external_id=None,
        nickname="小红",
        email="ann@example.test",
        phone=None,
        timezone="Asia/Shanghai",
        next_timezone=None,
        timezone_changed_at=None,
        locale="zh-CN",
        referral_code=member.referral_code,
        device_hash=None,
        joined_at=NOW,
        suspended_at=None,
        recorded_at=NOW,
    )
    assert len(member.referral_code) == 8
    assert set(member.referral_code) <= set(steps.CROCKFORD)
    async with reader() as tx:
        wallets = await tx.fetch(
            "SELECT currency, pending, available, held, debt, lifetime_earned, seq, head,"
            " next_due_at, decays_at FROM wallet ORDER BY currency"
        )
        standing = await tx.fetch("SELECT * FROM standing")
        credential = await tx.fetch("SELECT * FROM credential")
        codes = await tx.fetch("SELECT * FROM referral_code")
    assert [tuple(wallet) for wallet in wallets] == [
        (currency, 0, 0, 0, 0, 0, 0, GENESIS, None, None)
        for currency in ("COMMUNITY", "GROWTH", "POINTS")
    ]
    ids = member.member_id
    at_stake = {name: value for name, value in dict(*standing).items() if value is not None}
    assert at_stake == {
        "member_id": ids,
        "tier_code": "NORMAL",
        "earned_tier": "NORMAL",
        "provisional": False,
        "period_helped": False,
        "changed_at": NOW,
    }
    assert [tuple(row) for row in credential] == [(ids, "a hash", NOW)]
    assert [tuple(code) for code in codes] == [(member.referral_code, ids)]


async def test_the_ledger_opens_what_a_new_member_has(programme):
    member = await create(registered(programme, phone="13800138000"), programme=programme)

    @transactional
    async def desk_of(tx):
        return await open_desk(tx, member.member_id, NOW)

    desk = await desk_of()
    assert desk.member == member
    assert set(desk.books) == set(Currency)
    assert desk.points.wallet.available == 0


async def test_an_entry_takes_two_statements(programme):
    newcomer = registered(programme, email="ann@example.test")
    statements: list[str] = []
    async with watched(statements.append):
        await create(newcomer, programme=programme)
    assert len(_own(statements)) == 2


@pytest.mark.parametrize(
    ("contact", "same"),
    [
        ({"email": "ann@example.test"}, {"email": " ANN@EXAMPLE.TEST "}),
        ({"phone": "+86 138 0013 8000"}, {"phone": "13800138000"}),
    ],
)
async def test_a_contact_that_another_member_has_is_refused(programme, contact, same):
    await create(registered(programme, **contact), programme=programme)
    async with nothing_changed():
        with pytest.raises(ContactTaken) as refused:
            await create(registered(programme, **same), programme=programme)
    assert refused.value.facts == {"kind": next(iter(contact))}


async def test_a_referral_code_that_is_taken_is_drawn_again(programme):
    first = registered(programme, email="first@example.test")
    second = registered(programme, email="second@example.test")
    await create(first, programme=programme, draw=lambda: "AAAAAAAA")
    draws = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    member = await create(second, programme=programme, draw=lambda: next(draws))
    assert member.referral_code == "BBBBBBBB"
    assert await views.member(member.member_id) == member
    assert await counts("referral_code") == [2]


async def test_a_customer_is_enrolled_once_and_found_ever_after(programme):
    joined_at = NOW - timedelta(days=400)
    asked = enrolled(programme, "c-1", email="ann@example.test", joined_at=joined_at)
    first = await enrol(asked, programme=programme)
    assert first.created
    assert first.member.joined_at == joined_at
    assert first.member.recorded_at == NOW
    async with nothing_changed():
        again = await enrol(enrolled(programme, "c-1", phone="13800138000"), programme=programme)
    assert again == Enrolled(first.member, created=False)
    assert await views.by_external_id("c-1") == first.member


async def test_a_customer_with_another_members_contact_is_refused(programme):
    taken = {"email": "ann@example.test"}
    await enrol(enrolled(programme, "c-1", **taken), programme=programme)
    async with nothing_changed():
        with pytest.raises(ContactTaken):
            await enrol(
                enrolled(programme, "c-2", phone="13800138000", **taken), programme=programme
            )
    assert await views.by_external_id("c-2") is None


async def test_a_batch_of_customers_makes_the_new_ones_and_finds_the_others(programme):
    known = await enrol(enrolled(programme, "c-1"), programme=programme)
    asked = [enrolled(programme, name) for name in ("c-2", "c-1", "c-3", "c-2")]
    statements: list[str] = []
    async with watched(statements.append):
        found = await enrol_many(asked, programme=programme)
    assert len(_own(statements)) == 3
    assert [one.created for one in found] == [True, False, True, False]
    assert [one.member.external_id for one in found] == ["c-2", "c-1", "c-3", "c-2"]
    assert found[1].member == known.member
    assert found[3].member == found[0].member
    assert await counts("member", "external_id", "referral_code", "wallet") == [3, 3, 3, 9]


async def test_a_batch_of_known_customers_is_one_statement(programme):
    await enrol_many([enrolled(programme, "c-1"), enrolled(programme, "c-2")], programme=programme)
    statements: list[str] = []
    asked = [enrolled(programme, "c-2"), enrolled(programme, "c-1")]
    before = await rows()
    async with watched(statements.append):
        await enrol_many(asked, programme=programme)
    assert len(statements) == 1
    assert await rows() == before


async def test_a_batch_with_a_contact_that_is_taken_is_refused_whole(programme):
    same = {"phone": "13800138000"}
    async with nothing_changed():
        with pytest.raises(ContactTaken):
            await enrol_many(
                [enrolled(programme, "c-1", **same), enrolled(programme, "c-2", **same)],
                programme=programme,
            )


@pytest.mark.race
async def test_twenty_registrations_of_one_contact_make_one_member(programme):
    newcomers = [registered(programme, email="ann@example.test") for _ in range(20)]
    answers = await asyncio.gather(
        *(create(newcomer, programme=programme) for newcomer in newcomers), return_exceptions=True
    )
    members = [answer for answer in answers if isinstance(answer, Member)]
    refused = [answer for answer in answers if isinstance(answer, ContactTaken)]
    assert (len(members), len(refused)) == (1, 19)
    assert await views.by_contact("ann@example.test", now=NOW) == members[0]
    assert await counts("member", "contact", "referral_code", "wallet", "standing") == [
        1,
        1,
        1,
        3,
        1,
    ]


@pytest.mark.race
async def test_twenty_enrolments_of_one_customer_make_one_member(programme):
    newcomers = [enrolled(programme, "c-1", email="ann@example.test") for _ in range(20)]
    answers = await asyncio.gather(*(enrol(one, programme=programme) for one in newcomers))
    assert [answer.created for answer in answers].count(True) == 1
    assert len({answer.member.member_id for answer in answers}) == 1
    assert await counts("member", "contact", "referral_code", "wallet", "standing") == [
        1,
        1,
        1,
        3,
        1,
    ]


@pytest.mark.race
async def test_overlapping_batches_in_opposite_orders_make_each_customer_once(programme):
    names = [f"c-{number}" for number in range(40)]
    batches = [names, names[::-1], names[10:], names[::2]]
    answers = await asyncio.gather(
        *(
            enrol_many([enrolled(programme, name) for name in batch], programme=programme)
            for batch in batches
        )
    )
    assert sum(one.created for answer in answers for one in answer) == 40
    assert await counts("member", "external_id", "wallet") == [40, 40, 120]


async def test_the_proof_of_no_change_sees_a_change(programme):
    before = await rows()
    await enrol(enrolled(programme, "c-1"), programme=programme)
    after = await rows()
    assert {name for name in after if before[name] != after[name]} == {
        "external_id",
        "member",
        "referral_code",
        "standing",
        "wallet",
    }


def _own(statements):
    """Without what a process asks once a second: who is to be told by webhook."""
    return [sql for sql in statements if "webhook_endpoint" not in sql]
