"""Do points become available and expire at the very instant that the policy says?"""

from datetime import UTC, datetime, timedelta

import pytest

from domain.points.rules import expires_at, inactive_at, pending_until
from domain.programme.model import Programme


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def programme(**points) -> Programme:
    return Programme.of({"points": points})


PAID_AT = utc("2026-11-21T04:30")
ROLLING = programme()
DECAY = programme(expiry={"kind": "annual_decay"})
FIXED = programme(expiry={"kind": "fixed_date"})
INACTIVITY = programme(expiry={"kind": "inactivity"})
NEVER = programme(expiry={"kind": "never"})


def test_points_wait_for_the_return_window_and_the_delivery():
    tier = ROLLING.tiers.tier("GOLD")
    assert pending_until(PAID_AT, tier, ROLLING) == utc("2026-12-06T04:30")


def test_a_tier_with_a_longer_return_window_waits_longer():
    tier = ROLLING.tiers.tier("GOLD").model_copy(update={"return_days": 30})
    assert pending_until(PAID_AT, tier, ROLLING) == PAID_AT + timedelta(days=38)


def test_a_programme_that_waits_for_the_shops_word_ends_the_wait_after_60_days():
    patient = programme(completion="completed_only")
    assert pending_until(PAID_AT, patient.tiers.tier("GOLD"), patient) == utc("2027-01-20T04:30")


def test_rolling_points_expire_with_the_day_24_months_on():
    assert expires_at(PAID_AT, ROLLING) == utc("2028-11-21T16:00")
    assert expires_at(PAID_AT, programme(expiry={"kind": "rolling", "months": 18})) == utc(
        "2028-05-21T16:00"
    )


def test_the_day_of_activation_is_the_programmes():
    chicago = Programme.of({"zone": "America/Chicago", "day_start_hour": 4})
    assert expires_at(utc("2026-11-21T09:00"), chicago) == utc("2028-11-21T10:00")


@pytest.mark.parametrize(
    ("activated_at", "expected"),
    [
        ("2026-06-30T04:00", "2026-12-31T16:00"),
        ("2026-07-01T04:00", "2027-12-31T16:00"),
        ("2026-12-31T04:00", "2027-12-31T16:00"),
    ],
)
def test_the_fixed_date_is_the_next_one_at_least_six_months_away(activated_at, expected):
    assert expires_at(utc(activated_at), FIXED) == utc(expected)


def test_the_29th_of_february_is_the_28th_where_there_is_none():
    leap = programme(expiry={"kind": "fixed_date", "month": 2, "day": 29, "min_months": 0})
    assert expires_at(utc("2026-11-21T04:00"), leap) == utc("2027-02-28T16:00")
    assert expires_at(utc("2027-11-21T04:00"), leap) == utc("2028-02-29T16:00")


def test_decaying_points_expire_by_age_only_where_the_policy_says_so():
    assert expires_at(PAID_AT, DECAY) is None
    both = programme(expiry={"kind": "annual_decay", "months": 12})
    assert expires_at(PAID_AT, both) == utc("2027-11-21T16:00")


def test_points_never_expire_by_age_where_inactivity_or_nothing_ends_them():
    assert expires_at(PAID_AT, INACTIVITY) is None
    assert expires_at(PAID_AT, NEVER) is None


def test_a_year_without_earning_or_spending_ends_all_points():
    assert inactive_at(PAID_AT, INACTIVITY) == utc("2027-11-21T16:00")
    assert inactive_at(PAID_AT, ROLLING) is None
