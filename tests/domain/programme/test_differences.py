"""Does a diff say what an operator has to review, and nothing else?"""

from pathlib import Path

from domain.programme.model import Programme
from domain.programme.rules import diff, parse

DEFAULT = Path("programmes/default.yaml").read_text(encoding="utf-8")


def told(before: str, after: str) -> list[str]:
    return [str(change) for change in diff(parse(before), parse(after))]


def test_equal_programmes_do_not_differ():
    assert diff(parse(DEFAULT), parse(DEFAULT)) == ()
    assert told("growth: {per_yuan: 1}", "points: {multiplier_max: 5.0}") == []


def test_a_changed_number_is_shown_at_its_path():
    assert told("tiers: {keep_percent: 80}", "tiers: {keep_percent: 70}") == [
        "tiers.keep_percent: 80 -> 70"
    ]
    assert told("referral: {order_min: 20}", "referral: {order_min: 9.90}") == [
        "referral.order_min: 20 -> 9.9"
    ]
    assert told("locale: en", "points: {expiring_days: [9]}") == [
        "locale: en -> zh-CN",
        "points.expiring_days: [30, 7] -> [9]",
    ]


def test_entries_with_a_code_are_compared_by_it_wherever_they_stand():
    gold = DEFAULT.replace("points_multiplier: 1.25", "points_multiplier: 1.3")
    assert told(DEFAULT, gold) == ["tiers.ladder[GOLD].points_multiplier: 1.25 -> 1.3"]
    mug = DEFAULT.replace("stock: 100", "stock: 90")
    assert told(DEFAULT, mug) == ["rewards[MUG].stock: 100 -> 90"]


def test_an_entry_that_only_one_has_is_one_change():
    without = Programme.of({})
    having = Programme.of(
        {"coupons": [{"code": "TEN", "name": {"zh-CN": "十", "en": "Ten"}, "amount_off": 10}]}
    )
    entry = '{"code": "TEN", "name": {"zh-CN": "十", "en": "Ten"}, "amount_off": "10"}'
    assert [str(change) for change in diff(without, having)] == [f"coupons[TEN]: added {entry}"]
    assert [str(change) for change in diff(having, without)] == [f"coupons[TEN]: removed {entry}"]


def test_another_shape_shows_the_keys_that_came_and_went():
    assert told("points: {expiry: {kind: rolling}}", "points: {expiry: {kind: never}}") == [
        "points.expiry.kind: rolling -> never",
        "points.expiry.months: removed 24",
    ]
    assert told("rates: {}", "rates: {USD: 7.1}") == ["rates.USD: added 7.1"]


def test_another_order_of_the_same_entries_is_one_change():
    one = "{code: ONE, name: {zh-CN: 一, en: One}, amount_off: 1}"
    two = "{code: TWO, name: {zh-CN: 二, en: Two}, amount_off: 2}"
    assert told(f"coupons: [{one}, {two}]", f"coupons: [{two}, {one}]") == [
        "coupons (order): ONE, TWO -> TWO, ONE"
    ]
