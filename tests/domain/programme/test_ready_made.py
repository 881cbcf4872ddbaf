"""Are the ready-made programmes valid, and do they say what the domain says?"""

from pathlib import Path

import pytest

from domain.programme.model import Programme
from domain.programme.rules import diff, parse

FILES = sorted(Path("programmes").glob("*.yaml"))


def ready_made(name: str) -> Programme:
    return parse(Path("programmes", name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_one_parses_and_sells_the_coupon_and_the_mug(path):
    programme = ready_made(path.name)
    assert Programme.of(programme.document()) == programme
    coupon, mug = programme.reward("COUPON_10"), programme.reward("MUG")
    assert coupon is not None
    assert (coupon.kind, coupon.price_points, coupon.stock, coupon.limit) == (
        *("COUPON", 800, None),
        None,
    )
    face = programme.coupon(coupon.coupon or "")
    assert face is not None
    assert face.amount_off_minor == 1_000
    assert mug is not None
    assert (mug.kind, mug.price_points, mug.stock, mug.limit) == ("PHYSICAL", 1_200, 100, None)


def test_there_are_three_of_them():
    assert [path.name for path in FILES] == ["default.yaml", "grocery.yaml", "ladder-levels.yaml"]


def test_the_default_one_is_the_model_s_defaults_and_something_to_sell():
    changes = diff(Programme(), ready_made("default.yaml"))
    assert [change.path for change in changes] == [
        "coupons[COUPON_10]",
        "coupons[NEW_MEMBER_20]",
        "rewards[COUPON_10]",
        "rewards[MUG]",
        "rewards[MUSIC_MONTH]",
        "rewards[POINTS_50]",
        "rewards[CONTRIBUTOR_10]",
        "referral.invitee_coupon",
        "badges[ALL_CATEGORIES]",
        "badges[REVIEWER_10]",
        "badges[INVITER_10]",
        "tasks[FIRST_ORDER]",
        "tasks[PROFILE]",
        "tasks[THREE_DAYS]",
        "tasks[REVIEW_WEEK]",
        "tasks[POINTS_QUIZ]",
        *(f"community.topics[{code}]" for code in ("DAILY", "QUESTIONS", "LOUNGE", "EXPERTS")),
    ]


def test_the_grocer_s_is_in_dollars_of_new_york_and_for_small_baskets():
    grocery = ready_made("grocery.yaml")
    assert (grocery.currency, grocery.zone, grocery.locale) == ("USD", "America/New_York", "en")
    score = grocery.tiers.score
    assert (score.spend_full_minor, score.orders_full, score.order_min_minor) == (
        *(400_000, 120),
        500,
    )
    assert grocery.tiers.ladder == Programme().tiers.ladder


def test_the_other_ladder_has_its_own_names():
    ladder = ready_made("ladder-levels.yaml").tiers.ladder
    assert [tier.name.zh_cn for tier in ladder] == ["新手", "初级", "中级", "高级", "贵宾"]
    assert [tier.threshold for tier in ladder] == [0, 100, 300, 550, 800]
