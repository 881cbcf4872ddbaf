"""Is every prize as likely as it is published to be, and is a draw that was tampered with found?"""

import hashlib
import hmac
from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.lottery import rules
from domain.lottery.model import Evidence, Replaced, Tally, message
from kit.errors import InvalidInput
from tests.support.lotteries import NOTHING, prize, section

SEED = bytes(range(32))
MEMBER = UUID("0199b2a0-0000-7000-8000-000000000001")
DRAWS = 200_000
# The upper 0.1 % of chi-squared with 4 degrees of freedom (NIST/SEMATECH e-Handbook of Statistical
# Methods, 1.3.6.7.4): odds that are as published exceed it once in a thousand seeds.
CRITICAL = 18.467


def rolled(nonce: int, outcomes: int, *, client_seed: str = "") -> int:
    text = message("SPRING", 1, MEMBER, nonce=nonce, client_seed=client_seed)
    return rules.roll(SEED, text, outcomes)


def test_over_200_000_draws_the_prizes_come_as_often_as_their_weights_say():
    prizes = (("A", 1), ("B", 9), ("C", 90), ("D", 400), ("E", 500))
    weights = dict(prizes)
    counted = Counter(rules.prize_at(prizes, rolled(nonce, 1_000)) for nonce in range(DRAWS))
    assert counted.keys() == weights.keys()
    expected = {code: DRAWS * weight / 1_000 for code, weight in prizes}
    squared = sum((counted[code] - expected[code]) ** 2 / expected[code] for code in weights)
    assert squared < CRITICAL


def words_of(block: bytes) -> list[int]:
    return [int.from_bytes(block[place : place + 8]) for place in (0, 8, 16, 24)]


def texts() -> list[tuple[str, bytes]]:
    """Messages whose first word is in the upper half, with the HMAC of each."""
    found = [message("SPRING", 1, MEMBER, nonce=nonce, client_seed="") for nonce in range(400)]
    hashed = [(text, hmac.new(SEED, text.encode(), hashlib.sha256).digest()) for text in found]
    return [(text, block) for text, block in hashed if block[0] >= 128]


def test_the_message_is_the_round_the_member_the_nonce_and_the_client_seed():
    text = message("SPRING", 3, MEMBER, nonce=7, client_seed="my|luck")
    assert text == "SPRING:3|0199b2a0-0000-7000-8000-000000000001|7|my|luck"


def test_the_first_word_below_the_largest_multiple_of_the_outcomes_decides():
    passed_over = 0
    for text, block in texts():
        first, *others = words_of(block)
        assert rules.roll(SEED, text, 1_000) == first % 1_000
        # With so many outcomes 2^64 holds them once, and the first word is too high by one.
        lower = [word for word in others if word < first]
        if lower:
            passed_over += 1
            assert rules.roll(SEED, text, first) == lower[0]
    assert passed_over > 100


def test_where_all_four_words_are_unfair_they_are_hashed_again():
    hashed_again = 0
    for text, block in texts():
        low = min(words_of(block))
        again = words_of(hmac.new(SEED, block, hashlib.sha256).digest())
        lower = [word for word in again if word < low]
        if low >= 2**63 and lower:
            hashed_again += 1
            assert rules.roll(SEED, text, low) == lower[0]
    assert hashed_again > 5


def test_a_roll_names_the_prize_whose_share_holds_it():
    prizes = (("A", 2), ("NONE", 0), ("B", 3))
    assert [rules.prize_at(prizes, number) for number in range(-1, 6)] == [
        *(None, "A", "A", "B", "B", "B", None)
    ]


def test_one_more_draw_or_another_client_seed_is_another_roll():
    assert len({rolled(nonce, 10**9) for nonce in range(1, 100)}) == 99
    assert rolled(1, 10**9) != rolled(1, 10**9, client_seed="luck")
    assert rolled(1, 10**9) == rolled(1, 10**9)


def test_a_prize_that_is_exhausted_or_over_budget_becomes_the_consolation():
    lottery = section(
        prize("BIKE", 1, value="60", stock=5, gives={"points": 1}),
        prize("LAMP", 1, value="50", stock=1),
        NOTHING,
        budget="100",
    )
    outcomes, after = rules.settle(lottery, [0, 0, 1, 2], Tally(0, {"BIKE": 0, "LAMP": 1}))
    assert [(one.named.code, one.given.code, one.replaced) for one in outcomes] == [
        ("BIKE", "BIKE", None),
        ("BIKE", "NOTHING", Replaced.OVER_BUDGET),
        ("LAMP", "NOTHING", Replaced.EXHAUSTED),
        ("NOTHING", "NOTHING", None),
    ]
    assert after == Tally(6_000, {"BIKE": 1, "LAMP": 1})


@settings(max_examples=60)
@given(
    stocks=st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=3, max_size=3),
    costs=st.lists(st.integers(0, 4), min_size=3, max_size=3),
    budget=st.integers(4, 12),
    rolls=st.lists(st.integers(0, 3), max_size=20),
)
def test_whatever_is_rolled_neither_stock_nor_budget_is_exceeded(stocks, costs, budget, rolls):
    prizes = [
        prize(f"P{number}", 1, cost=str(costs[number]), stock=stocks[number]) for number in range(3)
    ]
    lottery = section(*prizes, prize("NOTHING", 1), budget=str(budget))
    outcomes, after = rules.settle(lottery, rolls, Tally(0, {}))
    given_ = Counter(one.given.code for one in outcomes)
    assert all(stock is None or given_[f"P{n}"] <= stock for n, stock in enumerate(stocks))
    spent = sum(100 * costs[number] * given_[f"P{number}"] for number in range(3))
    assert after.spent_minor == spent <= budget * 100
    for one in outcomes:
        assert (one.replaced is None) == (one.given == one.named)
        assert one.given.code in {one.named.code, "NOTHING"}


def evidence() -> Evidence:
    prizes = (("BIKE", 1), ("LAMP", 2), ("NOTHING", 97))
    roll = rolled(3, 100, client_seed="luck")
    return Evidence(
        lottery="SPRING",
        round=1,
        commitment=rules.commitment(SEED),
        seed=SEED.hex(),
        member=str(MEMBER),
        nonce=3,
        client_seed="luck",
        prizes=prizes,
        consolation="NOTHING",
        roll=roll,
        named=rules.prize_at(prizes, roll) or "",
        given="NOTHING",
    )


def test_an_honest_draw_has_no_problems_with_its_seed_and_without():
    assert rules.problems(evidence()) == []
    assert rules.problems(replace(evidence(), seed=None)) == []


TAMPERED = {
    "another seed": ({"seed": bytes(32).hex()}, "the seed isn't the one whose hash was published"),
    "another member": ({"member": str(UUID(int=1))}, "seed and message roll"),
    "another nonce": ({"nonce": 4}, "seed and message roll"),
    "another client seed": ({"client_seed": "luck "}, "seed and message roll"),
    "another round": ({"round": 2}, "seed and message roll"),
    "another roll": ({"roll": 99}, "seed and message roll"),
    "another prize named": ({"named": "BIKE"}, "doesn't name BIKE"),
    "another prize given": ({"given": "BIKE"}, "neither what was named nor the consolation"),
    "other weights": ({"prizes": (("BIKE", 1), ("NOTHING", 100))}, "seed and message roll"),
    "a roll beyond the weights": ({"roll": 100}, "is not within 0 to 99"),
    "no weights": ({"prizes": ()}, "is not within 0 to -1"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(what):
    changes, problem = TAMPERED[what]
    assert any(problem in found for found in rules.problems(replace(evidence(), **changes)))


@pytest.mark.parametrize("seed", ["x" * 65, "幸运", "a\nb", "é"])
def test_a_client_seed_that_could_be_other_bytes_elsewhere_is_refused(seed):
    with pytest.raises(InvalidInput) as refused:
        rules.check_client_seed(seed)
    assert refused.value.path == ["input", "clientSeed"]


def test_a_client_seed_may_be_empty_and_hold_what_separates_the_parts():
    for seed in ("", "a|b|c", "x" * 64):
        rules.check_client_seed(seed)
