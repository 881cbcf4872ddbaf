"""In which contests may members take part, and what do they give?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import Code, Instant, Section, Text, Word
from domain.programme.model.gives import Gives

Metric = Literal["spend", "orders", "check_ins", "reviews", "shares", "posts", "invites"]
RANK_MAX = 10_000
_Rank = Annotated[int, Field(ge=1, le=RANK_MAX)]
_Score = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Prize(Section):
    """For each of the ranks from `from_rank` to `to_rank`."""

    from_rank: _Rank
    to_rank: _Rank
    gives: Gives


class ScoreMilestone(Section):
    """For whoever reaches `score`, once; what orders bring to it counts once they have settled."""

    score: _Score
    gives: Gives


class Challenge(Section):
    """A contest for places on a leaderboard, from `starts_at` until before `ends_at`.

    The score is whole yuan (`spend`) or a count. `categories` and `brands` (empty: all) choose the
    lines of orders that count. `tiers` (empty: all) says who may enter; who has entered stays in.
    `entry`: everyone who scores, or only who has joined. A place takes `score_min`. Late facts are
    waited for until `wait_hours` after the end.
    """

    code: Code
    name: Text
    description: Text | None = None
    metric: Metric
    categories: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    brands: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    starts_at: Instant
    ends_at: Instant
    wait_hours: Annotated[int, Field(ge=1, le=720)] = 24
    tiers: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    entry: Literal["everyone", "joined"] = "everyone"
    score_min: _Score = 1
    prizes: Annotated[tuple[Prize, ...], Field(max_length=20)] = ()
    milestones: Annotated[tuple[ScoreMilestone, ...], Field(max_length=20)] = ()

    @property
    def places(self) -> int:
        """How many ranks win something."""
        return max((prize.to_rank for prize in self.prizes), default=0)

    def prize(self, rank: int) -> Gives | None:
        """What that rank wins."""
        found = (prize for prize in self.prizes if prize.from_rank <= rank <= prize.to_rank)
        return next((prize.gives for prize in found), None)
