"""Does a standing go up at once, stand once confirmed, and come back to where it was?"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.programme.model import Programme
from domain.tiers.model import ScoreParts, Standing, TierPeriod, WindowFacts
from domain.tiers.rules import assess, counting

DEFAULT = Programme()
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
PERIOD_ENDS_AT = datetime(2027, 11, 21, 16, tzinfo=UTC)
NEWCOMER = Standing.of_a_newcomer(DEFAULT)


def parts(points: int) -> ScoreParts:
    return ScoreParts(points, 0, 0, WindowFacts())


def assessed(standing, all_orders, settled=0, *, now=NOW, refunded=False):
    return assess(
        standing,
        parts(all_orders),
        parts(settled),
        programme=DEFAULT,
        now=now,
        refunded=refunded,
    )


def test_a_newcomer_stands_on_the_lowest_step_without_a_period():
    assert NEWCOMER.period == TierPeriod(tier_code="NORMAL")
    assert NEWCOMER.state == "ACTIVE"
    decision = assessed(NEWCOMER, 99)
    assert (decision.standing, decision.change) == (NEWCOMER, None)


def test_an_upgrade_goes_as_far_up_as_the_score_reaches_and_opens_a_year():
    decision = assessed(NEWCOMER, 560)
    assert (decision.change, decision.from_tier, decision.to_tier) == (
        "upgrade",
        "NORMAL",
        "PLATINUM",
    )
    assert decision.standing == Standing(
        period=TierPeriod(
            tier_code="PLATINUM",
            provisional=True,
            opened_at=NOW,
            ends_at=PERIOD_ENDS_AT,
            anchored_at=NOW,
        ),
        former=(NEWCOMER.period,),
    )
    assert decision.standing.state == "PROVISIONAL"


def test_an_upgrade_that_the_settled_score_reaches_is_not_provisional():
    decision = assessed(NEWCOMER, 320, 300)
    assert decision.standing.state == "ACTIVE"
    assert decision.standing.former == ()


def test_a_tier_is_confirmed_when_the_settled_score_reaches_it():
    upgraded = assessed(NEWCOMER, 320).standing
    assert assessed(upgraded, 320, 299).confirmed == ()
    decision = assessed(upgraded, 320, 300)
    assert (decision.change, decision.confirmed) == (None, ("GOLD",))
    assert (decision.standing.state, decision.standing.former) == ("ACTIVE", ())
    assert decision.standing.period.ends_at == PERIOD_ENDS_AT


def test_a_tier_that_was_passed_is_confirmed_beneath_a_provisional_one():
    silver = assessed(NEWCOMER, 120).standing
    gold = assessed(silver, 320).standing
    assert [period.tier_code for period in gold.former] == ["NORMAL", "SILVER"]
    decision = assessed(gold, 320, 150)
    assert decision.confirmed == ("SILVER",)
    assert [period.tier_code for period in decision.standing.former] == ["SILVER"]
    assert decision.standing.state == "PROVISIONAL"


def test_a_provisional_tier_falls_by_a_refund_and_the_former_period_resumes():
    silver = assessed(NEWCOMER, 120, 120).standing
    later = NOW + timedelta(days=40)
    gold = assessed(silver, 320, 120, now=later).standing
    decision = assessed(gold, 299, 120, now=later, refunded=True)
    assert (decision.change, decision.to_tier) == ("fall", "SILVER")
    assert decision.standing.period == silver.period
    assert decision.standing.former == ()


def test_a_fall_is_the_work_of_a_refund_only():
    gold = assessed(NEWCOMER, 320).standing
    assert assessed(gold, 250).standing == gold


def test_a_fall_ends_at_the_highest_tier_still_reached_with_the_period_of_the_upgrade():
    platinum = assessed(NEWCOMER, 560).standing
    decision = assessed(platinum, 310, now=NOW + timedelta(days=3), refunded=True)
    assert decision.to_tier == "GOLD"
    assert decision.standing.period == TierPeriod(
        tier_code="GOLD",
        provisional=True,
        opened_at=NOW,
        ends_at=PERIOD_ENDS_AT,
        anchored_at=NOW,
    )
    assert decision.standing.former == (NEWCOMER.period,)


def test_a_fall_through_two_provisional_tiers_ends_below_both():
    silver = assessed(NEWCOMER, 120).standing
    gold = assessed(silver, 320).standing
    decision = assessed(gold, 99, refunded=True)
    assert decision.standing.period == NEWCOMER.period


def test_a_fall_onto_a_provisional_tier_resumes_its_own_period():
    silver = assessed(NEWCOMER, 120).standing
    gold = assessed(silver, 320, now=NOW + timedelta(days=3)).standing
    decision = assessed(gold, 150, now=NOW + timedelta(days=4), refunded=True)
    assert decision.standing.period == silver.period
    assert decision.standing.state == "PROVISIONAL"


def test_a_confirmed_tier_does_not_fall_by_a_refund():
    gold = assessed(NEWCOMER, 320, 320).standing
    decision = assessed(gold, 0, 0, refunded=True)
    assert (decision.standing, decision.change) == (gold, None)


def test_a_provisional_tier_never_falls_below_a_confirmed_one():
    silver = assessed(NEWCOMER, 120, 120).standing
    gold = assessed(silver, 320, 120).standing
    assert assessed(gold, 10, 10, refunded=True).to_tier == "SILVER"


def test_after_a_fall_orders_count_once_settled_for_a_year():
    gold = assessed(NEWCOMER, 320).standing
    fallen = assessed(gold, 20, refunded=True).standing
    assert fallen.settled_only_until == PERIOD_ENDS_AT
    assert assessed(fallen, 400, 99).change is None
    upgraded = assessed(fallen, 400, 120)
    assert (upgraded.to_tier, upgraded.standing.state) == ("SILVER", "ACTIVE")
    a_year_on = assessed(fallen, 400, 120, now=PERIOD_ENDS_AT)
    assert (a_year_on.to_tier, a_year_on.standing.state) == ("GOLD", "PROVISIONAL")


def test_the_score_that_counts_is_the_settled_one_after_a_fall():
    fallen = Standing(period=NEWCOMER.period, settled_only_until=NOW)
    before = NOW - timedelta(seconds=1)
    assert counting(fallen, parts(9), parts(5), now=before).score == 5
    assert counting(fallen, parts(9), parts(5), now=NOW).score == 9
    assert counting(NEWCOMER, parts(9), parts(5), now=NOW).score == 9


def test_the_decision_says_which_score_it_followed():
    decision = assessed(NEWCOMER, 320, 100)
    assert decision.inputs == {
        "score": 320,
        "spend_score": 320,
        "frequency_score": 0,
        "interaction_score": 0,
        "settled_score": 100,
        "basis": "score",
        "refunded": False,
    }
    assert decision.outcome == {
        "change": "upgrade",
        "from_tier": "NORMAL",
        "to_tier": "GOLD",
        "confirmed": [],
        "period": {
            "tier_code": "GOLD",
            "provisional": True,
            "opened_at": "2026-11-21T04:00:00+00:00",
            "ends_at": "2027-11-21T16:00:00+00:00",
            "anchored_at": "2026-11-21T04:00:00+00:00",
            "helped": False,
        },
    }


def test_a_period_reads_back_from_its_document():
    for period in (NEWCOMER.period, assessed(NEWCOMER, 320).standing.period):
        assert TierPeriod.of(period.document()) == period


SCORES = st.integers(0, 1_000)


@given(st.lists(st.tuples(SCORES, SCORES, st.booleans()), max_size=12))
def test_whatever_happens_confirmed_tiers_stand_and_periods_rise(steps):
    standing, confirmed_rank = NEWCOMER, 0
    for day, (one, other, refunded) in enumerate(steps):
        now = NOW + timedelta(days=day)
        standing = assessed(
            standing, max(one, other), min(one, other), now=now, refunded=refunded
        ).standing
        ranks = [
            DEFAULT.tiers.rank(period.tier_code) for period in (*standing.former, standing.period)
        ]
        assert ranks == sorted(set(ranks))
        confirmed = [
            period for period in (*standing.former, standing.period) if not period.provisional
        ]
        assert len(confirmed) == 1
        assert ranks[0] >= confirmed_rank
        confirmed_rank = ranks[0]
