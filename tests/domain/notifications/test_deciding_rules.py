"""When may something ring, and what speaks against it first?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.notifications import rules
from domain.notifications.model import Channel, Notification, Preference, Template
from domain.notifications.rules import Later, Now, Situation, Skip
from domain.programme.model import Programme
from kit.ids import new_id
from tests.support.world import NOW

ME = new_id()
FREE = Situation(
    policy=Programme().notifications,
    preference=Preference(ME),
    zone="Asia/Shanghai",
    is_suspended=False,
    provided=frozenset({Channel.EMAIL}),
    addresses={Channel.EMAIL: ("ming@example.com",)},
    sent={},
)
MUTED = Preference(ME, muted=("reward:email", "reward:in_app", "account:email"))


def told(template: Template = Template.WELCOME) -> Notification:
    return Notification(ME, new_id(), template, "cause", {}, NOW, NOW)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02T21:59:59+08:00", None),
        ("2026-03-02T22:00:00+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-03T00:30:00+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-03T07:59:59+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-03T08:00:00+08:00", None),
    ],
)
def test_the_night_is_quiet_from_ten_to_eight(at: str, until: str | None):
    found = rules.quiet_until(datetime.fromisoformat(at), "Asia/Shanghai", 22, 8)
    assert found == (until and datetime.fromisoformat(until))


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        # Clocks go forward in Berlin on 29 March, back on 25 October.
        (datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC), 9),
        (datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC), 11),
    ],
)
def test_a_night_in_which_clocks_change_is_shorter_or_longer(begins, ends, hours):
    second = timedelta(seconds=1)
    assert rules.quiet_until(begins - second, "Europe/Berlin", 22, 8) is None
    assert rules.quiet_until(begins, "Europe/Berlin", 22, 8) == ends
    assert rules.quiet_until(ends - second, "Europe/Berlin", 22, 8) == ends
    assert rules.quiet_until(ends, "Europe/Berlin", 22, 8) is None
    assert ends - begins == timedelta(hours=hours)


def test_quiet_hours_may_lie_within_a_day_or_be_none():
    noon = datetime.fromisoformat("2026-03-02T13:00:00+08:00")
    end = datetime.fromisoformat("2026-03-02T14:00:00+08:00")
    assert rules.quiet_until(noon, "Asia/Shanghai", 12, 14) == end
    assert rules.quiet_until(end, "Asia/Shanghai", 12, 14) is None
    assert rules.quiet_until(noon, "Asia/Shanghai", 8, 8) is None


def test_the_member_s_own_quiet_hours_come_first():
    own = Preference(ME, quiet_from_hour=11, quiet_until_hour=13)
    found = rules.decide(told(), Channel.EMAIL, replace(FREE, preference=own), NOW)
    assert found == Later(datetime.fromisoformat("2026-03-02T13:00:00+08:00"))


def test_nothing_against_it_it_is_sent_now():
    assert rules.decide(told(), Channel.EMAIL, FREE, NOW) == Now()


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (replace(FREE, is_suspended=True, preference=MUTED), "SUSPENDED"),
        (replace(FREE, preference=MUTED, provided=frozenset[Channel]()), "PREFERENCE"),
        (replace(FREE, provided=frozenset[Channel](), addresses={}), "NO_PROVIDER"),
        (replace(FREE, addresses={}), "NO_ADDRESS"),
        (replace(FREE, sent={Channel.EMAIL: (NOW,) * 3}), "CAPPED"),
    ],
)
def test_what_speaks_against_it_is_told_in_order(situation: Situation, reason):
    assert rules.decide(told(), Channel.EMAIL, situation, NOW) == Skip(reason)
    late = NOW + timedelta(days=3, seconds=1)
    assert rules.decide(told(), Channel.EMAIL, situation, late) == Skip("STALE")


def test_an_account_message_is_neither_muted_by_email_nor_capped():
    full = replace(FREE, preference=MUTED, sent={Channel.EMAIL: (NOW,) * 50})
    assert rules.decide(told(Template.TIER_WARNED), Channel.EMAIL, full, NOW) == Now()


def test_in_the_app_only_what_is_muted_is_left_out():
    hindered = replace(FREE, is_suspended=True, provided=frozenset[Channel](), preference=MUTED)
    night = NOW + timedelta(hours=11)
    assert rules.decide(told(Template.TIER_KEPT), Channel.IN_APP, hindered, night) == Now()
    assert rules.decide(told(), Channel.IN_APP, hindered, night) == Skip("PREFERENCE")


@pytest.mark.parametrize(
    ("ago", "found"),
    [
        ([0, 1, 2], Skip("CAPPED")),
        ([0, 1, 24], Now()),
        ([30 + hours for hours in range(10)], Skip("CAPPED")),
        ([30 + hours for hours in range(9)] + [7 * 24], Now()),
    ],
)
def test_caps_count_24_hours_and_7_days(ago: list[int], found):
    sent = {Channel.EMAIL: tuple(NOW - timedelta(hours=hours) for hours in ago)}
    assert rules.decide(told(), Channel.EMAIL, replace(FREE, sent=sent), NOW) == found


def test_what_was_begun_is_not_capped_by_itself():
    full = replace(FREE, sent={Channel.EMAIL: (NOW,) * 3})
    assert rules.decide(told(), Channel.EMAIL, full, NOW, is_begun=True) == Now()


def test_attempts_are_further_and_further_apart():
    minutes = [(rules.retry_at(NOW, attempts) - NOW).seconds // 60 for attempts in range(1, 5)]
    assert minutes == [1, 4, 16, 64]
