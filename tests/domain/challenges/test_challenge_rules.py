"""What does a member score, and when did they reach it?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.activity.model import BoughtLine, Deed
from domain.challenges import rules
from domain.challenges.model import Entry, Round, Score, Shown
from domain.programme.model import Programme
from kit.ids import new_id
from tests.support.contests import ENDS, STARTS, contest
from tests.support.programmes import changed
from tests.support.world import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SETTLES = NOW + timedelta(days=15)
ENTRY = Entry(member_id=new_id(), challenge="SPRING", updated_at=NOW)


def round_of(programme: Programme | None = None, **facts) -> Round:
    found = programme or changed(challenges=[contest(**facts)])
    return Round(found.challenges[0], 1, found)


def order(yuan, at=NOW, *, settles_at=SETTLES, category=None, brand=None):
    minor = round(yuan * 100)
    line = BoughtLine("tea", category, brand, minor, minor)
    return Deed(kind="order", at=at, reference=str(at), settles_at=settles_at, lines=(line,))


def did(kind, at=NOW):
    return Deed(kind=kind, at=at, reference=str(at))


def test_spending_scores_whole_yuan_since_the_purchase_that_completed_them():
    deeds = [order(60.4, NOW), order(39.6, NOW + DAY), order(0.5, NOW + 2 * DAY)]
    assert rules.score(round_of(), deeds, NOW + 3 * DAY) == Score(
        score=100, reached_at=NOW + DAY, settled=0, settles_at=SETTLES, next_settles_at=SETTLES
    )


def test_what_is_sent_back_leaves_the_score_where_it_was_reached_before():
    deeds = [order(60, NOW)]
    found = rules.score(round_of(), deeds, NOW + DAY)
    assert (found.score, found.reached_at) == (60, NOW)


def test_nobody_has_reached_nothing():
    assert rules.score(round_of(), [], NOW) == Score()


@pytest.mark.parametrize(
    ("at", "score"), [(STARTS, 50), (STARTS - HOUR, 0), (ENDS - HOUR, 50), (ENDS, 0)]
)
def test_the_window_begins_with_its_start_and_is_over_at_its_end(at, score):
    assert rules.score(round_of(), [order(50, at)], SETTLES).score == score


def test_what_has_settled_is_told_apart_from_what_may_still_be_sent_back():
    early = order(30, NOW, settles_at=NOW + DAY)
    late = order(20, NOW + HOUR, settles_at=NOW + 3 * DAY)
    found = rules.score(round_of(), [early, late], NOW + DAY)
    assert (found.score, found.settled) == (50, 30)
    assert (found.settles_at, found.next_settles_at) == (NOW + 3 * DAY, NOW + 3 * DAY)


def test_orders_count_from_twenty_yuan_on_and_once_a_day_as_for_tiers():
    deeds = [
        order(19.99, NOW),
        order(20, NOW + HOUR),
        order(500, NOW + 2 * HOUR),
        order(25, NOW + DAY),
    ]
    found = rules.score(round_of(metric="orders"), deeds, SETTLES)
    assert (found.score, found.reached_at) == (2, NOW + DAY)


def test_only_lines_of_the_categories_and_brands_count():
    deeds = [
        order(10, NOW, category="tea", brand="Leaf"),
        order(20, NOW + HOUR, category="tea", brand="Twig"),
        order(40, NOW + 2 * HOUR, category="mugs", brand="Leaf"),
    ]
    tea = round_of(categories=["tea"])
    leaf_tea = round_of(categories=["tea"], brands=["Leaf"])
    assert rules.score(tea, deeds, SETTLES).score == 30
    assert rules.score(leaf_tea, deeds, SETTLES).score == 10


@pytest.mark.parametrize(
    ("metric", "kind", "per_day"),
    [
        ("reviews", "review", 3),
        ("shares", "share", 5),
        ("posts", "post", 3),
    ],
)
def test_interactions_count_as_often_a_day_as_they_give_points(metric, kind, per_day):
    deeds = [did(kind, NOW + number * timedelta(minutes=1)) for number in range(9)]
    found = rules.score(round_of(metric=metric), [*deeds, did(kind, NOW + DAY)], SETTLES)
    assert (found.score, found.reached_at) == (per_day + 1, NOW + DAY)


@pytest.mark.parametrize(("metric", "kind"), [("check_ins", "check_in"), ("invites", "invite")])
def test_check_ins_and_invites_count_one_each(metric, kind):
    deeds = [did(kind, NOW), did(kind, NOW + HOUR), did("join", NOW + HOUR)]
    assert rules.score(round_of(metric=metric), deeds, SETTLES).score == 2


@pytest.mark.parametrize(
    ("entered", "facts", "suspended", "ranks"),
    [
        (ENTRY, {}, False, True),
        (ENTRY, {}, True, False),
        (ENTRY, {"score_min": 101}, False, False),
        (ENTRY, {"entry": "joined"}, False, False),
        (replace(ENTRY, joined_at=NOW), {"entry": "joined"}, False, True),
        (replace(ENTRY, left_at=NOW), {}, False, False),
    ],
)
def test_a_place_takes_the_score_and_whoever_takes_part(entered, facts, suspended, ranks):
    found = Score(score=100, reached_at=NOW)
    after = rules.assessed(
        round_of(**facts), entered, found, milestone=0, suspended=suspended, now=NOW
    )
    assert (after.ranks, after.score, after.version) == (ranks, 100, 1)


def test_an_entry_that_does_not_change_keeps_its_version():
    found = Score(score=100, reached_at=NOW)
    once = rules.assessed(round_of(), ENTRY, found, milestone=0, suspended=False, now=NOW)
    again = rules.assessed(round_of(), once, found, milestone=0, suspended=False, now=NOW + DAY)
    assert again is once


def test_a_milestone_is_due_once_its_score_has_settled():
    challenge = round_of(
        milestones=[{"score": score, "gives": {"points": 10}} for score in (50, 100, 150)]
    ).challenge
    found = Score(score=150, settled=120, next_settles_at=SETTLES)
    assert [one.score for one in rules.due_milestones(challenge, ENTRY, found)] == [50, 100]
    paid = replace(ENTRY, milestone=50)
    assert [one.score for one in rules.due_milestones(challenge, paid, found)] == [100]
    assert rules.due_milestones(challenge, replace(ENTRY, left_at=NOW), found) == []
    assert rules.looks_again_at(challenge, replace(ENTRY, milestone=100), found) == SETTLES
    assert rules.looks_again_at(challenge, replace(ENTRY, milestone=150), found) is None


def test_who_comes_back_has_joined_when_they_first_did():
    once = rules.taking_part(ENTRY, takes_part=True, now=NOW)
    gone = rules.taking_part(replace(once, ranks=True), takes_part=False, now=NOW + HOUR)
    assert (gone.left_at, gone.ranks) == (NOW + HOUR, False)
    back = rules.taking_part(gone, takes_part=True, now=NOW + DAY)
    assert (back.joined_at, back.left_at) == (NOW, None)


@pytest.mark.parametrize(
    ("shown", "nickname", "name"),
    [
        (Shown.NICKNAME, "小明", "小明"),
        (Shown.MASKED, "小明", "小*"),
        (Shown.MASKED, "Alexander", "A***"),
        (Shown.MASKED, "明", "明*"),
        (Shown.ANONYMOUS, "小明", None),
    ],
)
def test_others_see_the_name_that_the_member_has_chosen(shown, nickname, name):
    assert rules.shown_name(nickname, shown) == name
