"""Does an interaction give what is listed, as often as is listed, and no more?"""

from decimal import Decimal
from typing import Any

import pytest

from domain.points.model import InteractionFacts
from domain.points.rules import interact
from domain.programme.model import Programme

DEFAULT = Programme()


def decided(kind="review", *, activity_multiplier="1", **more):
    given: dict[str, Any] = {"kind": kind, "reference": "x1", "counted_today": 0} | more
    facts = InteractionFacts(**given)
    tier = DEFAULT.tiers.tier("GOLD").model_copy(
        update={"activity_multiplier": Decimal(activity_multiplier)}
    )
    return interact(facts, DEFAULT, tier)


@pytest.mark.parametrize(
    ("kind", "with_photo", "points"),
    [("review", False, 20), ("review", True, 30), ("share_opened", False, 5)],
)
def test_an_interaction_gives_what_is_listed(kind, with_photo, points):
    decision = decided(kind, with_photo=with_photo)
    assert (decision.points, decision.growth) == (points, points)
    assert decision.outcome["reason"] is None


@pytest.mark.parametrize(("kind", "per_day"), [("review", 3), ("share_opened", 5)])
def test_the_limit_of_the_day_gives_neither_points_nor_growth(kind, per_day):
    assert decided(kind, counted_today=per_day - 1).points > 0
    decision = decided(kind, counted_today=per_day)
    assert (decision.points, decision.growth) == (0, 0)
    assert decision.outcome["reason"] == "DAILY_LIMIT"


def test_a_link_counts_once_per_opener():
    decision = decided("share_opened", counted_before=True, counted_today=5)
    assert (decision.points, decision.outcome["reason"]) == (0, "COUNTED_BEFORE")


def test_ones_own_link_gives_nothing():
    decision = decided("share_opened", by_member=True, counted_before=True)
    assert (decision.points, decision.outcome["reason"]) == (0, "OWN_LINK")


def test_the_tiers_activity_multiplier_raises_points_and_not_growth():
    decision = decided("share_opened", activity_multiplier="1.5")
    assert (decision.points, decision.growth) == (7, 5)
    assert decision.inputs["multiplier"] == "1.5"
