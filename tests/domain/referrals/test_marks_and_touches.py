"""Is only a keyed hash kept of what tells people apart, and whose link counts as the first?"""

from datetime import timedelta

import orjson
import pytest

from db.connection import reader
from domain.intake import operations as intake
from domain.intake.model import Fact
from domain.members.rules import keyed_hash
from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals import views
from domain.referrals.errors import OwnCode, SameDevice
from domain.referrals.model import Arrival, Mark
from domain.referrals.operations import forget
from domain.referrals.rules import arrival_marks, link_of, mark_of, read_touch, touch_of
from kit.errors import InvalidInput, NotFound
from tests.support.forgetting import forgotten
from tests.support.referring import (
    SECRET,
    a_friend,
    bind,
    enrol_by,
    pay,
    record,
    register_by,
    run,
    states,
)
from tests.support.working import work
from tests.support.world import NOW, a_member, counts, nothing_changed

CANARIES = ("canary-device", "Canary Street 7", "canary-card", "canary@gmail.com")


def code(member):
    return member.referral_code


async def fingerprints(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, digest, seen_at FROM fingerprint WHERE member_id = $1 ORDER BY 1, 2",
            member.member_id,
        )
    return [tuple(row) for row in rows]


def mark(kind, text):
    found = mark_of(kind, text, SECRET)
    assert found is not None
    return found.digest


def test_an_address_is_known_by_its_letters_and_figures():
    one = mark("address", "12, Elm St.  Ⓐ-Wing")
    assert one == mark("address", "１２ elm ST (a wing)")
    assert one != mark("address", "121 Elm St A-Wing")
    assert mark_of("address", " .,- ", SECRET) is None


def test_hashes_differ_by_kind_and_by_key_and_a_device_s_is_its_member_s():
    kinds = ("device", "payment", "address")
    digests = {mark(kind, "12") for kind in kinds}
    assert len(digests) == 3
    assert mark_of("payment", "12", b"another") not in {Mark("payment", one) for one in digests}
    assert mark("device", "phone") == keyed_hash("phone", SECRET)


@pytest.mark.parametrize(
    "arrival",
    [
        Arrival(device_id="x" * 129),
        Arrival(device_id=" x"),
        Arrival(payment="a\x00b"),
        Arrival(address="x" * 501),
    ],
)
def test_what_can_not_be_is_refused(arrival):
    with pytest.raises(InvalidInput):
        arrival_marks(arrival, SECRET)


@pytest.mark.usefixtures("programme")
async def test_registration_enrolment_binding_and_orders_leave_marks_once():
    told = Arrival(device_id="tablet", address="Elm St 1", payment="visa")
    ann = (await register_by(None, email="ann@qq.com", device_id="phone")).member
    bo = (await enrol_by(None, phone="13800138000", arrival=told)).member
    await bind(ann.member_id, code(bo), now=NOW, arrival=Arrival(address="Oak St 2"))
    later = NOW + timedelta(days=1)
    for order in ("o1", "o2"):
        await pay(bo, order, at=later, paymentFingerprint="amex", deliveryAddress="Elm St. 1")
    await work(later)
    assert await fingerprints(ann) == sorted(
        [
            ("address", mark("address", "oakst2"), NOW),
            ("contact", mark("contact", "ann@qq.com"), NOW),
            ("device", mark("device", "phone"), NOW),
        ]
    )
    assert await fingerprints(bo) == sorted(
        [
            ("address", mark("address", "elmst1"), NOW),
            ("contact", mark("contact", "13800138000"), NOW),
            ("device", mark("device", "tablet"), NOW),
            ("payment", mark("payment", "amex"), later),
            ("payment", mark("payment", "visa"), NOW),
        ]
    )


@pytest.mark.usefixtures("programme")
async def test_a_customer_who_is_there_already_leaves_nothing_more():
    await enrol_by(None, external_id="c1")
    async with nothing_changed():
        await enrol_by(None, external_id="c1", arrival=Arrival(device_id="phone"))


@pytest.mark.usefixtures("programme")
async def test_what_tells_people_apart_is_nowhere_in_the_database():
    device, address, card, email = CANARIES
    told = Arrival(device_id=device, address=address, payment=card)
    member = (await enrol_by(None, email=email, arrival=told)).member
    await pay(member, "o1", paymentFingerprint=card, deliveryAddress=address)
    await work(NOW)
    async with reader() as tx:
        tables = await tx.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {
            (row["tablename"], canary)
            for row in tables
            for canary in CANARIES
            if await tx.fetchval(
                f"SELECT EXISTS (SELECT FROM {row['tablename']} t"  # noqa: S608  a table's name
                " WHERE position(lower($1) IN lower(t::text)) > 0)",
                canary,
            )
        }
    # The contact itself is the member's, and what they sign in with.
    assert found == {("member", email), ("contact", email)}


@pytest.mark.usefixtures("programme")
async def test_an_order_is_kept_with_hashes_and_is_the_same_order_under_another_key():
    member = (await enrol_by(None)).member
    line = {"lineId": "1", "sku": "tea", "amountMinor": 100}
    data = {
        "orderId": "o1",
        "paidAt": NOW.isoformat(),
        "currency": "CNY",
        "lines": [line],
        "paymentFingerprint": "visa",
    }
    await record("order.paid", member, data, NOW)
    async with reader() as tx:
        kept = orjson.loads(await tx.fetchval("SELECT data::text FROM inbox"))
    assert kept["paymentFingerprint"] == mark("payment", "visa")
    # Sent again, the key having been changed meanwhile.
    async with nothing_changed():
        again = await intake.record([await the_fact(data)], now=NOW, secret=b"another")
    assert (again.accepted, again.duplicates) == (0, 1)


async def the_fact(data):
    async with reader() as tx:
        row = await tx.fetchrow("SELECT event_id, subject FROM inbox")
    assert row is not None
    return Fact(row["event_id"], "shop", "order.paid", NOW, row["subject"], data)


@pytest.mark.usefixtures("programme")
async def test_what_was_left_two_years_ago_is_forgotten_until_it_is_left_again():
    days = timedelta(days=730)
    old = (await enrol_by(None, arrival=Arrival(device_id="phone"))).member
    new = (
        await enrol_by(None, now=NOW + timedelta(days=1), arrival=Arrival(device_id="phone"))
    ).member
    async with nothing_changed():
        assert await forget(as_of=NOW + days, limit=10) == 0
    later = NOW + days + timedelta(microseconds=1)
    assert await forget(as_of=later, limit=10) == 1
    assert (await fingerprints(old), len(await fingerprints(new))) == ([], 1)
    inviter = await a_member(now=later)
    await run("UPDATE member SET joined_at = $1", later)
    await bind(old.member_id, code(inviter), now=later, arrival=Arrival(device_id="phone"))
    assert await fingerprints(old) == [("device", mark("device", "phone"), later)]


def test_a_touch_says_whose_link_it_was_and_when_and_nobody_else_can():
    touch = touch_of("7K2M9QXA", NOW, SECRET)
    assert read_touch(touch.token, SECRET) == touch
    assert (touch.code, touch.at) == ("7K2M9QXA", NOW)
    for made_up in ("", "x", "!", touch.token[:-1], touch.token + "A", "é", "A" * 1_000):
        assert read_touch(made_up, SECRET) is None
    assert read_touch(touch.token, b"another") is None


def test_a_link_is_where_the_programme_says():
    assert link_of("7K2M9QXA", Programme()) is None
    shop = Programme.of({"referral": {"link": "https://shop.example/j?c={code}&x=1"}})
    assert link_of("7K2M9QXA", shop) == "https://shop.example/j?c=7K2M9QXA&x=1"


async def land(member, earlier=None, *, now, programme):
    return await views.land(
        code(member).lower(), earlier, now=now, secret=SECRET, programme=programme
    )


async def test_the_first_link_counts_for_30_days(programme):
    ann, bo = await a_member(), await a_member()
    first = await land(ann, now=NOW, programme=programme)
    within = NOW + timedelta(days=30, seconds=-1)
    assert await land(bo, first.token, now=within, programme=programme) == first
    after = NOW + timedelta(days=30)
    later = await land(bo, first.token, now=after, programme=programme)
    assert (later.code, later.at) == (code(bo), after)
    assert (await land(bo, "made up", now=NOW, programme=programme)).code == code(bo)
    with pytest.raises(NotFound):
        await views.land("ZZZZZZZZ", None, now=NOW, secret=SECRET, programme=programme)


async def test_who_registers_is_bound_by_the_first_link_and_not_by_the_code_they_typed(programme):
    ann, bo = await a_member(), await a_member()
    touch = await land(ann, now=NOW, programme=programme)
    within, after = NOW + timedelta(days=30, seconds=-1), NOW + timedelta(days=30)
    for now, expected in ((within, ann), (after, bo)):
        found = await enrol_by(code(bo), now=now, arrival=Arrival(touch=touch.token))
        assert await inviter_of(found.member) == expected.member_id
    registered = await register_by(
        None, email="c@qq.com", now=within, arrival=Arrival(touch=touch.token)
    )
    assert await inviter_of(registered.member) == ann.member_id
    nobody = await register_by(
        None, email="d@qq.com", now=after, arrival=Arrival(touch=touch.token)
    )
    assert await inviter_of(nobody.member) is None
    later = await a_member(now=within)
    await bind(later.member_id, code(bo), now=within, arrival=Arrival(touch=touch.token))
    assert await inviter_of(later) == ann.member_id


async def test_where_who_shared_the_link_is_no_more_the_code_that_was_typed_counts(programme):
    ann, bo = await a_member(), await a_member()
    touch = await land(ann, now=NOW, programme=programme)
    await forgotten(ann)
    found = await enrol_by(code(bo), arrival=Arrival(touch=touch.token))
    assert found.refusal is None
    assert await inviter_of(found.member) == bo.member_id
    nobody = await enrol_by(None, arrival=Arrival(touch=touch.token))
    assert isinstance(nobody.refusal, NotFound)


async def test_who_opened_their_own_link_is_bound_by_the_code_that_they_type(programme):
    ann, bo = await a_member(), await a_member()
    own = Arrival(touch=(await land(bo, now=NOW, programme=programme)).token)
    async with nothing_changed():
        with pytest.raises(OwnCode):
            await bind(bo.member_id, code(bo), now=NOW, arrival=own)
    await bind(bo.member_id, code(ann), now=NOW, arrival=own)
    assert await inviter_of(bo) == ann.member_id


async def test_a_touch_helps_nobody_around_a_refusal(programme):
    phone = Arrival(device_id="phone")
    ann = (await enrol_by(None, arrival=phone)).member
    touch = await land(ann, now=NOW, programme=programme)
    found = await enrol_by(None, arrival=Arrival(device_id="phone", touch=touch.token))
    assert isinstance(found.refusal, SameDevice)
    assert await counts("referral", "job") == [0, 0]


async def test_a_programme_may_make_the_first_touch_last_longer(programme):
    ann = await a_member()
    touch = await land(ann, now=NOW, programme=programme)
    longer = Programme.of({"referral": {"attribution_days": 90}})
    await programmes.publish(longer, now=NOW, published_by="tests", effective_from=NOW)
    found = await enrol_by(None, now=NOW + timedelta(days=89), arrival=Arrival(touch=touch.token))
    assert await inviter_of(found.member) == ann.member_id
    assert (await states(await a_friend(ann)))[0] == "BOUND"


async def inviter_of(member):
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT inviter_id FROM referral WHERE member_id = $1", member.member_id
        )
