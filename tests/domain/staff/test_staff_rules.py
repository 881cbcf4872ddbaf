"""What may one of the staff do alone, and who is somebody else?"""

import pytest

from domain.staff.model import Unit
from domain.staff.rules import fits, is_own, person_of
from tests.support.programmes import changed
from tests.support.staff import LIMITS

PROGRAMME = changed(adjustments=LIMITS)


@pytest.mark.parametrize(
    ("amount", "spent", "may"),
    [(500, 0, True), (501, 0, False), (-501, 0, False), (300, 700, True), (-301, 700, False)],
)
def test_one_adjustment_and_a_day_have_their_limits_up_and_down_alike(amount, spent, may):
    assert fits(Unit.POINTS, amount, spent, PROGRAMME) is may


def test_credit_is_counted_in_minor_units_and_coupons_only_by_the_day():
    assert [fits(Unit.CREDIT, amount, 0, PROGRAMME) for amount in (500, 501)] == [True, False]
    assert [fits(Unit.VOUCHERS, 2, spent, PROGRAMME) for spent in (1, 2)] == [True, False]
    nothing = changed(adjustments={"alone": {"coupons_per_day": 0}})
    assert fits(Unit.COUPONS, 1, 0, nothing) is False


def test_a_person_is_one_however_their_subject_is_written():
    assert {person_of(name) for name in ("Ada", "ada", " ADA ", "ａｄａ")} == {"ada"}
    assert person_of("ada@shop") != person_of("ada@store")


def test_who_acts_is_the_member_whose_id_customer_id_or_email_they_carry():
    assert is_own("Ada@Shop", ("id", None, "ada@shop")) is True
    assert is_own("ada", ("id", None, None)) is False
