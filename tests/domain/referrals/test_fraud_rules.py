"""Is every trick seen, and are honest friends let be? By the pure decision, at scale."""

import itertools
import random
from collections import Counter
from uuid import UUID

import pytest

from domain.programme.model import Programme
from domain.referrals.model import Suspicion, Verdict
from domain.referrals.rules import judge
from tests.support.inviting import (
    TRICKS,
    Town,
    broken_ring,
    chain,
    farm,
    honest_friends,
    in_between,
    mailbox,
    oneself,
    ring,
    same_thing,
)

DEFAULT = Programme()
CLEAR = Verdict()
SEED = 20260302
RINGS = 1_000
PAIRS = 10_000


def a_town() -> Town:
    return Town(random.Random(SEED))  # noqa: S311  made-up people


def codes(verdict: Verdict) -> set[str]:
    refused = () if verdict.refused is None else (verdict.refused.code,)
    return {*refused, *(suspicion.code for suspicion in verdict.suspicions)}


def test_of_1000_rings_and_aliases_none_is_paid():
    town = a_town()
    bound = [invitee for n in range(RINGS) for invitee in TRICKS[n % len(TRICKS)](town)]
    verdicts = judge(town.seen(DEFAULT), DEFAULT)
    assert verdicts.keys() == set(bound)
    assert [invitee for invitee in bound if verdicts[invitee] == CLEAR] == []


def test_of_10000_honest_friends_less_than_one_percent_wait():
    town = a_town()
    bound = honest_friends(town, PAIRS)
    verdicts = judge(town.seen(DEFAULT), DEFAULT)
    held = [invitee for invitee in bound if verdicts[invitee] != CLEAR]
    assert len(bound) == len(verdicts) == PAIRS
    # Who lives with their inviter waits; the generator makes such, so that it isn't nobody.
    assert 0 < len(held) < PAIRS / 100
    assert Counter(code for one in held for code in codes(verdicts[one]))["SAME_ADDRESS"] > 0


def test_honest_friends_wait_no_more_for_the_rings_around_them():
    alone, among = a_town(), a_town()
    expected = honest_friends(alone, 1_000)
    assert honest_friends(among, 1_000) == expected
    for number in range(200):
        TRICKS[number % len(TRICKS)](among)
    before = judge(alone.seen(DEFAULT), DEFAULT)
    after = judge(among.seen(DEFAULT), DEFAULT)
    assert {invitee: after[invitee] for invitee in expected} == before


@pytest.mark.parametrize(
    ("trick", "expected"),
    [
        (oneself, "SAME_CONTACT"),
        (mailbox, "SHARED_CONTACT"),
        (ring, "RING"),
        (broken_ring, "RING"),
        (in_between, "RING"),
        (chain, "CHAIN"),
    ],
)
def test_each_trick_is_called_by_its_name(trick, expected):
    town = a_town()
    bound = trick(town)
    verdicts = judge(town.seen(DEFAULT), DEFAULT)
    assert all(expected in codes(verdicts[invitee]) for invitee in bound)


def test_a_second_account_is_refused_by_what_it_shares():
    for _ in range(20):
        town = a_town()
        (other,) = same_thing(town)
        verdict = judge(town.seen(DEFAULT), DEFAULT)[other]
        assert verdict.refused is not None
        assert verdict.refused.code in {"SAME_DEVICE", "SAME_PAYMENT"}


def test_a_crowd_is_held_as_a_whole_and_who_are_few_enough_are_not():
    town = a_town()
    boss = town.member(orders=9)
    few = town.bind(boss, *(town.member(device="a family's tablet") for _ in range(3)))
    many = town.bind(boss, *(town.member(device="a farm") for _ in range(4)))
    verdicts = judge(town.seen(DEFAULT), DEFAULT)
    assert [verdicts[one] for one in few] == [CLEAR] * 3
    shared = Suspicion("SHARED_DEVICE", tuple(sorted(many)), 4, 3)
    assert [verdicts[one] for one in many] == [Verdict(None, (shared,))] * 4


def test_five_a_day_pass_and_the_sixth_waits():
    town = a_town()
    boss = town.member(orders=9)
    for _ in range(6):
        town.bind(boss, town.member())
    verdicts = judge(town.seen(DEFAULT), DEFAULT)
    *five, sixth = (verdicts[binding.invitee_id] for binding in town.bindings)
    assert five == [CLEAR] * 5
    assert sixth == Verdict(None, (Suspicion("MANY_A_DAY", (), 6, 5),))


def test_a_ring_names_who_is_part_of_it_and_nobody_else():
    town = a_town()
    outsider = town.member(orders=9)
    bound = ring(town)
    people = {UUID(int=number) for number in range(2, len(town.orders) + 1)}
    town.bind(town.bindings[0].inviter_id, town.member(orders=5))
    verdicts = judge(town.seen(DEFAULT), DEFAULT)
    (found,) = verdicts[bound[0]].suspicions
    assert found == Suspicion("RING", tuple(sorted(people)), len(people))
    assert outsider not in found.members
    assert verdicts[town.bindings[-1].invitee_id] == CLEAR


def test_a_chain_in_which_somebody_shops_or_invites_others_is_none():
    for change in ("shops", "invites"):
        town = a_town()
        people = [town.member() for _ in range(6)]
        for one, other in itertools.pairwise(people):
            town.bind(one, other)
        if change == "shops":
            town.orders[people[3]] = 2
        else:
            town.bind(people[3], town.member())
        verdicts = judge(town.seen(DEFAULT), DEFAULT)
        assert {binding.invitee_id for binding in town.bindings} == verdicts.keys()
        assert set(verdicts.values()) == {CLEAR}


def test_a_programme_says_how_many_pass():
    lax = Programme.of(
        {
            "referral": {
                "review": {
                    "bindings_per_day": 40,
                    "members_per_device": 40,
                    "members_per_payment": 40,
                    "chain_members": 50,
                }
            }
        }
    )
    town = a_town()
    bound = [*farm(town), *chain(town)]
    assert {judge(town.seen(lax), lax)[one] for one in bound} == {CLEAR}
    assert CLEAR not in {judge(town.seen(DEFAULT), DEFAULT)[one] for one in bound}
