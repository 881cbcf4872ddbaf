"""What may a member be called, reached by and known as, and which day is it for them?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.members import rules
from domain.members.errors import TimezoneChangedRecently
from domain.members.model import Enrolment, Member, Registration
from kit.errors import InvalidInput
from kit.ids import new_id
from tests.support.world import NOW
from tests.support.world import programme as ready_made

PROGRAMME = ready_made()
GROCERY = ready_made("grocery")


def register(programme=PROGRAMME, **facts):
    given_facts = {"nickname": "小红", "password": "correct horse", **facts}
    if not {"email", "phone"} & facts.keys():
        given_facts["email"] = "ann@example.test"
    return rules.registration(Registration(**given_facts), programme, now=NOW, secret=b"tests")


def enrol(programme=PROGRAMME, **facts):
    asked = Enrolment(**{"external_id": "c-1", "nickname": "小红", **facts})
    return rules.enrolment(asked, programme, now=NOW)


def refused_path(call, **facts) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        call(**facts)
    assert refused.value.message("zh-CN") != refused.value.message("en")
    return refused.value.path


def moved(before: str, after: str, changed_at: datetime) -> Member:
    return Member(
        member_id=new_id(),
        external_id=None,
        nickname="小红",
        email=None,
        phone=None,
        timezone=before,
        next_timezone=after,
        timezone_changed_at=changed_at,
        locale="zh-CN",
        referral_code="AAAAAAAA",
        device_hash=None,
        joined_at=NOW,
        suspended_at=None,
        recorded_at=NOW,
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 小红 ", "小红"),
        ("x" * 64, "x" * 64),
        ("👩\u200d👧", "👩\u200d👧"),
        ("O'Brien; --", "O'Brien; --"),
    ],
)
def test_a_nickname_is_trimmed_and_else_kept(typed, kept):
    assert register(nickname=typed).nickname == kept


@pytest.mark.parametrize(
    "nickname",
    ["", "  ", "x" * 65, "a\x00b", "a\nb", "a\u2028b", "\ud800", "a\u202eb", "\u200b \u200d"],
)
def test_a_nickname_that_is_too_long_or_cannot_be_seen_is_refused(nickname):
    assert refused_path(register, nickname=nickname) == ["input", "nickname"]


@pytest.mark.parametrize("zone", ["Factory", "localtime"])
def test_a_zone_that_is_no_place_is_refused(zone):
    assert refused_path(register, timezone=zone) == ["input", "timezone"]


@given(st.text())
def test_any_text_is_a_nickname_or_refused(text):
    try:
        kept = rules.valid_nickname(text)
    except InvalidInput:
        return
    assert 1 <= len(kept) <= 64
    assert kept.encode()


@pytest.mark.parametrize(
    ("facts", "email", "phone"),
    [
        ({"email": " Ann@Example.TEST"}, "ann@example.test", None),
        ({"phone": "138 0013 8000"}, None, "+8613800138000"),
        ({"phone": "+1 202 555 0123"}, None, "+12025550123"),
    ],
)
def test_a_contact_has_one_spelling(facts, email, phone):
    newcomer = register(**facts)
    assert (newcomer.email, newcomer.phone) == (email, phone)


def test_a_programme_in_english_takes_only_phone_numbers_with_their_country_code():
    assert register(GROCERY, phone="+1 202 555 0123").phone == "+12025550123"
    assert refused_path(register, programme=GROCERY, phone="202 555 0123") == ["input", "phone"]


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"email": "ann@example.test", "phone": "13800138000"}, ["input"]),
        ({"email": None, "phone": None}, ["input"]),
        ({"email": "ann"}, ["input", "email"]),
        ({"email": ""}, ["input", "email"]),
        ({"phone": "12"}, ["input", "phone"]),
        ({"password": "x" * 7}, ["input", "password"]),
        ({"password": "x" * 129}, ["input", "password"]),
        ({"password": "correct\ud800horse"}, ["input", "password"]),
        ({"timezone": "Mars/Olympus"}, ["input", "timezone"]),
        ({"timezone": "../../etc/passwd"}, ["input", "timezone"]),
        ({"locale": "fr"}, ["input", "locale"]),
        ({"device_id": "x" * 129}, ["input", "deviceId"]),
    ],
)
def test_a_registration_that_cannot_be_is_refused_with_its_path(facts, path):
    assert refused_path(register, **facts) == path


def test_what_a_registration_leaves_out_is_the_programmes():
    assert (register().timezone, register().locale) == ("Asia/Shanghai", "zh-CN")
    assert (register(GROCERY).timezone, register(GROCERY).locale) == (GROCERY.zone, "en")
    asked = register(timezone="Europe/Paris", locale="en")
    assert (asked.timezone, asked.locale) == ("Europe/Paris", "en")


def test_of_a_device_only_a_keyed_hash_is_kept():
    kept = rules.keyed_hash("phone-1", b"tests")
    assert register(device_id="phone-1").device_hash == kept
    assert rules.keyed_hash("phone-1", b"another secret") != kept
    assert len(kept) == 64
    assert register(device_id="").device_hash is None


def test_neither_password_nor_device_is_shown_where_a_registration_is_printed():
    asked = Registration(nickname="小红", password="correct horse", device_id="phone-1")
    assert "correct horse" not in repr(asked)
    assert "phone-1" not in repr(asked)


def test_a_customer_needs_no_contact_and_may_have_both():
    assert (enrol().email, enrol().phone) == (None, None)
    both = enrol(email="ann@example.test", phone="13800138000")
    assert (both.email, both.phone) == ("ann@example.test", "+8613800138000")


@pytest.mark.parametrize("external_id", ["", " ", "x" * 129, " c-1", "c-1 ", "c\x001"])
def test_a_customer_id_that_cannot_be_is_refused(external_id):
    assert refused_path(enrol, external_id=external_id) == ["input", "externalId"]


def test_a_customer_joined_now_unless_told_and_never_ahead():
    assert enrol().joined_at == NOW
    for joined_at in (datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(minutes=5)):
        assert enrol(joined_at=joined_at).joined_at == joined_at
    for joined_at in (
        datetime(1, 1, 1, tzinfo=UTC),
        NOW + timedelta(minutes=5, microseconds=1),
    ):
        assert refused_path(enrol, joined_at=joined_at) == ["input", "joinedAt"]


@pytest.mark.parametrize("scopes", [[], ["points:mint"], ["events:write", "x"]])
def test_a_key_has_known_scopes_and_at_least_one(scopes):
    assert refused_path(rules.valid_scopes, scopes=scopes) == ["input", "scopes"]


def test_scopes_are_kept_once_each():
    asked = ["points:adjust", "events:write", "points:adjust"]
    assert rules.valid_scopes(asked) == ("events:write", "points:adjust")


def test_a_move_west_starts_when_the_old_zones_day_is_over_and_the_new_one_has_the_next_date():
    changed_at = datetime(2026, 3, 2, 4, tzinfo=UTC)
    member = moved("Asia/Shanghai", "America/New_York", changed_at)
    starts_at = datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert rules.zone_at(member, starts_at - timedelta(seconds=1)) == "Asia/Shanghai"
    assert rules.zone_at(member, starts_at) == "America/New_York"
    assert rules.day_at(member, starts_at - timedelta(seconds=1)) == date(2026, 3, 2)
    assert rules.day_at(member, starts_at) == date(2026, 3, 3)


def test_a_move_east_starts_when_the_old_zones_day_is_over():
    changed_at = datetime(2026, 3, 2, 17, tzinfo=UTC)
    member = moved("America/New_York", "Asia/Shanghai", changed_at)
    starts_at = datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert rules.zone_at(member, starts_at - timedelta(seconds=1)) == "America/New_York"
    assert rules.day_at(member, starts_at - timedelta(seconds=1)) == date(2026, 3, 2)
    assert rules.day_at(member, starts_at) == date(2026, 3, 3)


def test_the_day_start_hour_moves_the_start_of_a_move_too():
    member = moved("Asia/Shanghai", "Asia/Tokyo", datetime(2026, 3, 2, 17, tzinfo=UTC))
    at = datetime(2026, 3, 2, 19, 59, tzinfo=UTC)
    assert rules.day_at(member, at, day_start_hour=4) == date(2026, 3, 2)
    assert rules.zone_at(member, at, day_start_hour=4) == "Asia/Shanghai"
    later = at + timedelta(minutes=1)
    assert rules.zone_at(member, later, day_start_hour=4) == "Asia/Tokyo"


def test_who_never_moved_stays_in_their_zone():
    member = moved("Asia/Tokyo", "Asia/Tokyo", NOW)
    settled = replace(member, next_timezone=None, timezone_changed_at=None)
    assert rules.zone_at(settled, NOW) == "Asia/Tokyo"
    assert rules.day_at(settled, NOW) == date(2026, 3, 2)
    assert rules.require_zone_change_allowed(settled, NOW) is None


def test_a_second_move_waits_thirty_days():
    member = moved("Asia/Shanghai", "Asia/Tokyo", NOW)
    again_at = NOW + timedelta(days=30)
    with pytest.raises(TimezoneChangedRecently) as refused:
        rules.require_zone_change_allowed(member, again_at - timedelta(microseconds=1))
    assert refused.value.facts == {"again_at": again_at}
    assert refused.value.message("en") == (
        "A time zone may be changed once in 30 days, again from 2026-04-01 04:00 UTC."
    )
    assert rules.require_zone_change_allowed(member, again_at) is None


@pytest.mark.parametrize(
    ("stated_at", "day", "expected"),
    [
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), date(2026, 5, 1), True),
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), date(2026, 5, 31), True),
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), date(2026, 6, 1), False),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), date(2026, 5, 20), False),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), date(2027, 5, 20), True),
        (None, date(2026, 5, 20), False),
    ],
)
def test_a_birthday_month_is_that_of_a_birthday_known_before_it_began(stated_at, day, expected):
    birthday = None if stated_at is None else date(1990, 5, 20)
    member = moved("Asia/Shanghai", "Asia/Shanghai", NOW - timedelta(days=90))
    member = replace(member, birthday=birthday, birthday_set_at=stated_at)
    assert rules.is_birthday_month(member, day) is expected
