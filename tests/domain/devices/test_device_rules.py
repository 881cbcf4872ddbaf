"""From where may how much leave, to the second?"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.devices import rules
from domain.devices.errors import CodeExpired, NewDeviceLimit
from domain.devices.model import (
    CODE_FOR,
    STRANGERS_MAX,
    Code,
    Device,
    Door,
    Presence,
    Reason,
    Visit,
)
from domain.members.model import Member
from domain.notifications.model import Template
from domain.programme.model import Programme, Security
from kit.ids import derived_id
from tests.support.world import NOW

SECRET = b"a secret of thirty-two bytes, or more"
ME, PHONE, LAPTOP = derived_id("me"), derived_id("phone"), derived_id("laptop")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
POLICY = Programme().security


def ming(*, joined_at=NOW - 400 * DAY, recorded_at=None) -> Member:
    return Member(
        *(ME, None, "Ming", "ming@example.com", None, "Asia/Shanghai", None, None, "en", "X"),
        device_hash=None,
        joined_at=joined_at,
        suspended_at=None,
        recorded_at=recorded_at or joined_at,
    )


def door(
    device: Device | None = None, *, named: UUID | None = LAPTOP, known=1, strangers=0, **presence
) -> Door:
    here = Presence(ME, **{"active_at": NOW, **presence})
    return Door(Visit(named), device, known, strangers, here)


def seen(device_id=LAPTOP, **facts) -> Device:
    return Device(ME, device_id, **{"first_seen_at": NOW, "last_seen_at": NOW, **facts})


def asleep(device: Device | None = None, **facts) -> Door:
    """Nothing shows that anybody was here."""
    return replace(door(device, **facts), was_here=False)


def judge(found: Door, *, member=None, now=NOW, policy=POLICY):
    return rules.judge(found, member or ming(), now, policy)


@pytest.mark.parametrize(
    "name", [None, "", "web", "iPhone 15 Pro M", "a" * 201, "设备" * 10, "a\n" + "b" * 20]
)
def test_what_can_t_tell_devices_apart_names_none(name):
    assert rules.device_of(name, SECRET) is None


def test_a_name_is_known_by_a_hash_that_only_the_secret_makes():
    name = "0c5f1f7e-3b0d-4bb2-9d4d-0d8f8f1c2a11"
    found = rules.device_of(name, SECRET)
    assert found == rules.device_of(name, SECRET)
    assert found != rules.device_of(name, SECRET[::-1])
    assert rules.device_of("a" * 16, SECRET) is not None
    assert rules.device_of("a" * 200, SECRET) is not None


def test_a_device_is_trusted_after_thirty_days_to_the_second():
    there = Presence(ME)
    device = seen(first_seen_at=NOW - 30 * DAY)
    assert rules.is_trusted(device, there, NOW, POLICY)
    assert not rules.is_trusted(device, there, NOW - SECOND, POLICY)
    assert not rules.is_trusted(device, replace(there, alarmed_at=NOW), NOW, POLICY)
    assert not rules.is_trusted(replace(device, forgotten_at=NOW), there, NOW, POLICY)
    by_code_only = Security(trust_after_days=None)
    assert not rules.is_trusted(device, there, NOW + 999 * DAY, by_code_only)
    confirmed = replace(device, trusted_at=NOW, trusted_by="CODE")
    assert rules.is_trusted(confirmed, replace(there, alarmed_at=NOW), NOW, by_code_only)


def test_no_name_and_a_new_one_are_the_same_thing_once_one_is_known():
    for named in (None, LAPTOP):
        assert judge(door(named=named)).reason == Reason.NEW_DEVICE
        assert judge(door(named=named, known=0)).reason is None
        strict = Security(trusts_first=False)
        assert judge(door(named=named, known=0), policy=strict).reason == Reason.NEW_DEVICE
        alarmed = door(named=named, alarmed_at=NOW)
        assert judge(alarmed).reason == Reason.ALARM
        assert judge(replace(alarmed, presence=Presence(ME)), policy=Security(enabled=False)) == (
            rules.Judgement(None, None, Presence(ME))
        )


def test_the_first_device_is_trusted_and_told_of_unless_the_member_has_just_joined_with_it():
    first = judge(door(known=0))
    assert first.device == seen(trusted_at=NOW, trusted_by="FIRST")
    assert first.news == (Template.NEW_DEVICE,)
    joining = ming(joined_at=NOW)
    joined = judge(door(known=0), member=joining, policy=Security(trusts_first=False))
    assert joined.device == seen(trusted_at=NOW, trusted_by="REGISTRATION")
    assert (joined.reason, joined.news) == (None, ())
    second = judge(door(known=1), member=joining)
    assert (second.device, second.news) == (seen(), (Template.NEW_DEVICE,))


def test_of_strangers_twenty_are_kept_and_told_of():
    nearly = judge(door(known=21, strangers=STRANGERS_MAX - 1))
    assert (nearly.device, nearly.news) == (seen(), (Template.NEW_DEVICE,))
    full = judge(door(known=21, strangers=STRANGERS_MAX))
    assert (full.device, full.news, full.reason) == (None, (), Reason.NEW_DEVICE)


def test_an_account_that_wakes_cools_off_for_a_day_to_the_second_on_every_device():
    own = seen(PHONE, trusted_at=NOW, trusted_by="REGISTRATION")
    woken = judge(asleep(own, named=PHONE, active_at=NOW - 200 * DAY))
    assert woken.reason == Reason.DORMANT
    assert woken.presence == Presence(ME, active_at=NOW, woke_at=NOW)
    assert woken.news == (Template.ACCOUNT_AWAKE,)
    cooling = door(own, named=PHONE, active_at=NOW, woke_at=NOW)
    assert judge(cooling, now=NOW + DAY - SECOND).reason == Reason.DORMANT
    assert judge(cooling, now=NOW + DAY).reason is None
    by_code = door(own, named=PHONE, active_at=NOW, woke_at=NOW, confirmed_at=NOW + SECOND)
    assert judge(by_code, now=NOW + SECOND).reason is None
    stranger = door(seen(), active_at=NOW, woke_at=NOW, alarmed_at=NOW - DAY)
    assert judge(stranger, now=NOW + SECOND).reason == Reason.ALARM


def test_a_dormant_account_doesn_t_trust_the_first_device_that_it_is_seen_with():
    woken = judge(asleep(known=0, active_at=None))
    assert woken.device == seen()
    assert woken.reason == Reason.DORMANT
    assert woken.news == (Template.NEW_DEVICE, Template.ACCOUNT_AWAKE)


def test_who_has_slept_joined_180_days_ago_and_nothing_shows_that_they_were_here():
    away = NOW - 180 * DAY
    assert rules.awake_since(NOW, POLICY) == away
    assert rules.has_slept(asleep(), ming(joined_at=away), NOW, POLICY)
    assert not rules.has_slept(door(), ming(joined_at=away), NOW, POLICY)
    assert not rules.has_slept(asleep(), ming(joined_at=away + SECOND), NOW, POLICY)
    assert not rules.has_slept(asleep(), ming(), NOW, Security(dormant_days=None))


def test_who_was_here_is_noted_once_a_day():
    own = seen(PHONE, trusted_at=NOW, trusted_by="REGISTRATION")
    again = judge(door(own, named=PHONE), now=NOW + DAY - SECOND)
    assert (again.device, again.presence) == (own, Presence(ME, active_at=NOW))
    tomorrow = judge(door(own, named=PHONE), now=NOW + DAY)
    assert tomorrow.device == replace(own, last_seen_at=NOW + DAY)
    assert tomorrow.presence == Presence(ME, active_at=NOW + DAY)


def test_exactly_the_limit_may_leave_and_of_what_is_alarmed_nothing():
    for currency, limit in (("POINTS", 500), ("CREDIT", 500), ("COMMUNITY", 500)):
        rules.check_room(Reason.NEW_DEVICE, currency, 200, taken=limit - 200, policy=POLICY)
        with pytest.raises(NewDeviceLimit) as refused:
            rules.check_room(Reason.NEW_DEVICE, currency, 201, taken=limit - 200, policy=POLICY)
        assert refused.value.facts == {
            "reason": "NEW_DEVICE",
            "currency": currency,
            "limit": limit,
            "left": 200,
        }
    with pytest.raises(NewDeviceLimit) as refused:
        rules.check_room(Reason.ALARM, "POINTS", 1, taken=0, policy=POLICY)
    assert (refused.value.facts["limit"], refused.value.facts["left"]) == (0, 0)


def test_the_limit_of_credit_is_in_minor_units_of_the_currency():
    yen = Programme.of({"currency": "JPY", "security": {"credit_per_day": 700}})
    assert yen.security.limit_of("CREDIT") == 700
    assert Programme.of({"security": {"credit_per_day": "7.5"}}).security.limit_of("CREDIT") == 750


def test_a_code_is_of_eight_digits_that_member_id_and_secret_make_together():
    found = {
        rules.code_text(member, code, secret)
        for member in (ME, PHONE)
        for code in (PHONE, LAPTOP)
        for secret in (SECRET, SECRET[::-1])
    }
    assert len(found) == 8
    assert all(len(code) == 8 and code.isdigit() for code in found)


def test_a_code_is_good_for_ten_minutes_five_tries_and_one_device():
    code = Code(ME, derived_id("code"), LAPTOP, NOW, NOW + CODE_FOR)
    right = rules.code_text(ME, code.id, SECRET)
    wrong = "0" * 8 if right != "0" * 8 else "1" * 8
    here, last = door(), NOW + CODE_FOR - SECOND
    assert rules.tried(code, f" {right}\n", here, last, SECRET) == (
        replace(code, tries=1, used_at=last),
        None,
    )
    for tries, left in enumerate((4, 3, 2, 1, 0)):
        after, refusal = rules.tried(replace(code, tries=tries), wrong, here, NOW, SECRET)
        assert after == replace(code, tries=tries + 1)
        assert refusal is not None
        assert refusal.facts == {"tries_left": left}
    for gone, now, at in (
        (None, NOW, here),
        (code, NOW + CODE_FOR, here),
        (replace(code, tries=5), NOW, here),
        (replace(code, used_at=NOW), NOW, here),
        (code, NOW, door(named=PHONE)),
        (code, NOW, door(named=None)),
    ):
        with pytest.raises(CodeExpired):
            rules.tried(gone, right, at, now, SECRET)
