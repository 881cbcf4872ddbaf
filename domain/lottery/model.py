"""What is a round, what is a draw, and what does one need to verify it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.programme.model import Lottery, LotteryPrize, Programme

CLIENT_SEED_LENGTH_MAX = 64
SEED_BYTES = 32


class State(StrEnum):
    """GIVEN: all at once. A thing is REQUESTED, SHIPPED, then DELIVERED or FAILED."""

    GIVEN = "GIVEN"
    REQUESTED = "REQUESTED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class Replaced(StrEnum):
    """Why the consolation was given instead of the prize that the roll named."""

    EXHAUSTED = "EXHAUSTED"
    OVER_BUDGET = "OVER_BUDGET"


@dataclass(frozen=True, slots=True)
class Round:
    """A row of `lottery_round`; `seed` (hex) is told to nobody before `revealed_at`."""

    lottery: str
    number: int
    programme_version: int
    seed: str
    commitment: str
    opens_at: datetime
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    revealed_at: datetime | None = None

    @property
    def told_seed(self) -> str | None:
        """The seed, once the round is over."""
        return None if self.revealed_at is None else self.seed


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that may be drawn in, and the lottery that it is one of."""

    round: Round
    lottery: Lottery


@dataclass(slots=True)
class Draw:
    """A row of `draw`; `points` and `coupon_codes` are what it gave, `replaced` why not `named`.

    `drawn_by`: as whom it was rolled, who is part of this member now; None: as the member.
    """

    member_id: UUID
    id: UUID
    redemption_id: UUID
    lottery: str
    round: int
    nonce: int
    client_seed: str
    roll: int
    named: str
    given: str
    replaced: str | None
    state: str
    points: int
    coupon_codes: list[str]
    decision_id: UUID
    drawn_at: datetime
    resolved_at: datetime | None
    drawn_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a round has spent of its budget, and given of each prize that is limited."""

    spent_minor: int
    given: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a roll gives: `named` by it, `given` to the member."""

    roll: int
    named: LotteryPrize
    given: LotteryPrize
    replaced: Replaced | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw with its lottery, as the round's programme version has it."""

    draw: Draw
    round: Round
    lottery: Lottery
    programme: Programme

    @property
    def prize(self) -> LotteryPrize:
        """The one that was given."""
        found = self.lottery.prize(self.draw.given)
        assert found is not None, "a round's prizes don't change"
        return found


def message(lottery: str, round_: int, member: UUID | str, *, nonce: int, client_seed: str) -> str:
    """What a roll is made of beside the seed: `SPRING:3|<member's uuid>|1|<client seed>`.

    The client seed comes last, so that nothing in it can be read as another part.
    """
    return f"{lottery}:{round_}|{member}|{nonce}|{client_seed}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a draw can be recomputed from; `seed` is None before it is told."""

    lottery: str
    round: int
    commitment: str
    seed: str | None
    member: str
    nonce: int
    client_seed: str
    prizes: tuple[tuple[str, int], ...]
    consolation: str
    roll: int
    named: str
    given: str

    @property
    def message(self) -> str:
        return message(
            self.lottery, self.round, self.member, nonce=self.nonce, client_seed=self.client_seed
        )
