"""Which prize does a draw win, and was it drawn as it should have been?

docs/guides/lottery.md writes the same down byte by byte; `tools/verify_draw.py` does it anew with
nothing of ours.
"""

import hashlib
import hmac
from collections.abc import Sequence

from domain.lottery.model import (
    CLIENT_SEED_LENGTH_MAX,
    Evidence,
    Outcome,
    Replaced,
    Tally,
)
from domain.programme.model import Lottery, LotteryPrize
from kit.errors import InvalidInput

_WORD_BYTES = 8
_WORDS = 2 ** (8 * _WORD_BYTES)


def check_client_seed(seed: str) -> None:
    """Refuses INVALID_INPUT: it is ASCII, so that it is the same bytes everywhere."""
    if len(seed) > CLIENT_SEED_LENGTH_MAX or not (seed.isascii() and seed.isprintable()):
        raise InvalidInput(
            ["input", "clientSeed"],
            f"a client seed has at most {CLIENT_SEED_LENGTH_MAX} printable ASCII characters",
            f"自选种子最多 {CLIENT_SEED_LENGTH_MAX} 个可见 ASCII 字符",
        )


def commitment(seed: bytes) -> str:
    """What is published of a seed before the first draw: its SHA-256, in hex."""
    return hashlib.sha256(seed).hexdigest()


def roll(seed: bytes, text: str, outcomes: int) -> int:
    """A number from 0 to `outcomes` - 1, each as likely as any other.

    HMAC-SHA-256 of the message under the seed is read as four big-endian words of 8 bytes; the
    first word below the largest multiple of `outcomes` that 2^64 holds decides, modulo `outcomes`.
    Where all four are above, the next 32 bytes are the HMAC of those 32.
    """
    assert 1 <= outcomes <= _WORDS
    fair = _WORDS - _WORDS % outcomes
    block = hmac.digest(seed, text.encode(), "sha256")
    while True:
        for place in range(0, len(block), _WORD_BYTES):
            word = int.from_bytes(block[place : place + _WORD_BYTES])
            if word < fair:
                return word % outcomes
        block = hmac.digest(seed, block, "sha256")


def prize_at(prizes: Sequence[tuple[str, int]], rolled: int) -> str | None:
    """The code whose share of the weights, in their published order, holds `rolled`.

    With A of weight 2 and B of weight 3 the rolls 0 and 1 are A, 2 to 4 are B.
    """
    begin = 0
    for code, weight in prizes:
        if begin <= rolled < begin + weight:
            return code
        begin += weight
    return None


def named(lottery: Lottery, rolled: int) -> LotteryPrize:
    """The prize that a roll names."""
    code = prize_at(published(lottery), rolled)
    prize = None if code is None else lottery.prize(code)
    assert prize is not None, "a roll is below all weights together"
    return prize


def published(lottery: Lottery) -> tuple[tuple[str, int], ...]:
    """Codes and weights, in their order."""
    return tuple((prize.code, prize.weight) for prize in lottery.prizes)


def settle(
    lottery: Lottery, rolls: Sequence[int], tally: Tally
) -> tuple[tuple[Outcome, ...], Tally]:
    """What each roll gives, one after the other, and what the round has given then.

    A budget of 100 with 60 spent gives no prize of cost 50: its winner gets the consolation.
    """
    consolation = lottery.prize(lottery.consolation)
    assert consolation is not None, "validated"
    spent, given = tally.spent_minor, dict(tally.given)
    outcomes: list[Outcome] = []
    for rolled in rolls:
        prize = named(lottery, rolled)
        why = None
        if prize.stock is not None and given.get(prize.code, 0) >= prize.stock:
            why = Replaced.EXHAUSTED
        elif spent + prize.costs_minor > lottery.budget_minor:
            why = Replaced.OVER_BUDGET
        if why is not None:
            outcomes.append(Outcome(rolled, prize, consolation, why))
            continue
        outcomes.append(Outcome(rolled, prize, prize))
        spent += prize.costs_minor
        if prize.is_limited:
            given[prize.code] = given.get(prize.code, 0) + 1
    return tuple(outcomes), Tally(spent, given)


def problems(found: Evidence) -> list[str]:
    """What is wrong with a draw; nothing where all that was published fits together.

    Before the seed is told only what needs no seed is looked at.
    """
    weights = sum(weight for _, weight in found.prizes)
    wrong: list[str] = []
    if not weights or not 0 <= found.roll < weights:
        return [f"the roll {found.roll} is not within 0 to {weights - 1}"]
    if prize_at(found.prizes, found.roll) != found.named:
        wrong.append(f"the roll {found.roll} doesn't name {found.named}")
    if found.given not in {found.named, found.consolation}:
        wrong.append(f"{found.given} is neither what was named nor the consolation")
    if found.seed is None:
        return wrong
    seed = bytes.fromhex(found.seed)
    if commitment(seed) != found.commitment:
        wrong.append("the seed isn't the one whose hash was published")
    rolled = roll(seed, found.message, weights)
    if rolled != found.roll:
        wrong.append(f"seed and message roll {rolled}, not {found.roll}")
    return wrong
