"""Does a red packet reach its member once, told and bounded, and is a balance corrected?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.connection import reader
from domain.ledger.errors import InsufficientCredit
from domain.ledger.operations import audit, settle_members
from domain.members import operations as members
from domain.rewards.errors import CreditLimitReached
from domain.rewards.model import Adjusted, Adjustment, Operation
from domain.rewards.operations import adjust
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.value import kinds, lots, packet, wallet
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)
GRANT, CORRECT = Operation.GRANT_CREDIT, Operation.ADJUST_CREDIT


async def asked(amount=888, operation=GRANT, **facts) -> Adjustment:
    member = await a_member()
    given = {"reason": "an apology", "key": "k", "operation": operation, **facts}
    return Adjustment(member.member_id, amount, **given)


async def told(member_id):
    async with reader() as tx:
        return await tx.fetchjson(
            "SELECT json_agg(json_build_array(template, facts) ORDER BY id) FROM notification"
            " WHERE member_id = $1",
            member_id,
        )


async def test_a_members_wallet_of_credit_is_written_with_their_first_red_packet():
    found = await asked()
    assert await counts("wallet") == [3]
    assert await adjust("staff:1", found, now=NOW) == Adjusted(found.member_id, 1, 888)
    assert await counts("wallet") == [4]
    await adjust("staff:1", replace(found, key="other"), now=NOW)
    assert await counts("wallet") == [4]
    kept = await wallet(found.member_id, "CREDIT")
    assert (kept.available, kept.lifetime_earned, kept.seq) == (1_776, 1_776, 2)
    first, _ = await lots(found.member_id)
    assert (first.currency, first.granted) == ("CREDIT", 888)
    assert first.expires_at == NOW + 90 * DAY
    assert (await wallet(found.member_id)).seq == 0
    assert (await audit(now=NOW)).breaches == []


async def test_a_red_packet_is_told_of_in_both_languages_and_noted():
    found = await asked(expires_at=NOW + 5 * DAY)
    await adjust("staff:1", found, now=NOW)
    facts = {
        "amount": {"zh-CN": "¥8.88", "en": "CN¥8.88"},
        "amount_minor": 888,
        "waits": 0,
        "expires_at": (NOW + 5 * DAY).isoformat(),
    }
    assert await told(found.member_id) == [["credit_received", facts]]
    async with reader() as tx:
        rows = await tx.fetch("SELECT actor, action, reason FROM staff_action")
    assert [tuple(row) for row in rows] == [("staff:1", "grantCredit", "an apology")]


async def test_a_packet_is_given_once_for_a_key():
    found = await asked()
    first = await adjust("staff:1", found, now=NOW)
    async with nothing_changed():
        assert await adjust("staff:1", found, now=NOW + DAY) == first
        for other in ({"amount": 889}, {"reason": "other"}):
            with pytest.raises(IdempotencyKeyReused):
                await adjust("staff:1", replace(found, **other), now=NOW)
    await adjust("staff:1", replace(found, operation=CORRECT), now=NOW)
    assert await kinds(found.member_id, "CREDIT") == [("earn", 888), ("adjust", 888)]


async def test_a_packet_for_a_suspended_member_waits_and_is_there_when_they_resume():
    found = await asked()
    await members.suspend(found.member_id, actor="staff", reason="test", now=NOW)
    await adjust("staff:1", found, now=NOW)
    kept = await wallet(found.member_id, "CREDIT")
    assert (kept.pending, kept.available) == (888, 0)
    await members.resume(found.member_id, actor="staff", reason="test", now=NOW + DAY)
    await settle_members(as_of=NOW + DAY)
    assert (await wallet(found.member_id, "CREDIT")).available == 888


WRONG = [
    ({"amount": 0}, "amountMinor"),
    ({"amount": -1}, "amountMinor"),
    ({"amount": 20_001}, "amountMinor"),
    ({"amount": 10**9 + 1, "operation": CORRECT}, "amountMinor"),
    ({"reason": ""}, "reason"),
    ({"key": ""}, "idempotencyKey"),
    ({"expires_at": NOW}, "expiresAt"),
]


@pytest.mark.parametrize(("facts", "path"), WRONG)
async def test_what_can_not_be_a_packet_is_refused(facts, path):
    found = replace(await asked(), **facts)
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await adjust("staff:1", found, now=NOW)
    assert refused.value.path == ["input", path]


async def test_an_unknown_member_gets_none():
    async with nothing_changed():
        with pytest.raises(NotFound):
            await adjust("staff:1", Adjustment(new_id(), 1, "r", "k", None, GRANT), now=NOW)


async def test_staff_give_no_more_than_a_balance_may_be_and_the_programme_does():
    found = await asked(600)
    await in_force(now=NOW + DAY, credit={"packet_max": "6", "balance_max": "10"})
    await adjust("staff:1", found, now=NOW + DAY)
    more = replace(found, amount=401, key="more")
    with pytest.raises(CreditLimitReached) as refused:
        await adjust("staff:1", more, now=NOW + DAY)
    facts = {name: refused.value.facts[name] for name in ("balance_minor", "limit_minor")}
    assert facts == {"balance_minor": 600, "limit_minor": 1_000}
    assert refused.value.message("zh-CN") == "会员红包余额已有 ¥6.00，最多 ¥10.00。"
    async with nothing_changed():
        with pytest.raises(CreditLimitReached) as again:
            await adjust("staff:1", more, now=NOW + DAY)
    assert again.value.facts == refused.value.facts
    corrected = replace(more, key="corrected", operation=CORRECT)
    with pytest.raises(CreditLimitReached):
        await adjust("staff:1", corrected, now=NOW + DAY)
    await packet(found.member_id, 500, now=NOW + DAY)
    assert (await wallet(found.member_id, "CREDIT")).available == 1_100


async def test_credit_is_taken_down_to_nothing_and_not_below():
    found = await asked(-600, CORRECT)
    await packet(found.member_id, 500)
    with pytest.raises(InsufficientCredit) as refused:
        await adjust("staff:1", found, now=NOW)
    facts = {name: refused.value.facts[name] for name in ("available_minor", "required_minor")}
    assert facts == {"available_minor": 500, "required_minor": 600}
    assert refused.value.message("en") == "Not enough credit: CN¥6.00 needed, CN¥5.00 available."
    async with nothing_changed():
        with pytest.raises(InsufficientCredit) as again:
            await adjust("staff:1", found, now=NOW)
    assert again.value.facts == refused.value.facts
    await adjust("staff:1", replace(found, amount=-500, key="all"), now=NOW)
    assert await kinds(found.member_id, "CREDIT") == [("earn", 500), ("adjust", 500)]
    assert [name for name, _ in await told(found.member_id)] == ["credit_received"]
    assert (await audit(now=NOW)).breaches == []
