"""Which contests are there, who leads, and how does one take part?"""

from datetime import datetime
from typing import Any, cast

import strawberry

from domain.challenges import model
from domain.challenges.model import CHALLENGES_SHOWN_MAX, Round, Shown, State
from resolvers import challenges
from resolvers.answers import Answer
from resolvers.challenges import Listed
from schema.gives import Gives
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points

_PRIZES_MAX = 20
_MILESTONES_MAX = 20
_PLACES_DEFAULT = 10
strawberry.enum(State, name="ChallengeState")
strawberry.enum(Shown, name="LeaderboardName")


@strawberry.type
class ChallengePrize:
    from_rank: int
    to_rank: int
    gives: Gives


@strawberry.type
class ChallengeMilestone:
    score: Points
    gives: Gives


@strawberry.type
class LeaderboardPlace:
    rank: int
    name: str | None = strawberry.field(
        description="As the member wants to be shown; null: anonymous."
    )
    score: Points
    is_me: bool


@strawberry.type(description="The viewer's own part in a challenge.")
class ChallengePart:
    rank: int | None = strawberry.field(description="Null: no place, as for who has left.")
    score: Points
    joined_at: datetime | None
    opted_out: bool
    milestone_score: Points = strawberry.field(
        description="Of the highest milestone paid; 0: none."
    )

    @classmethod
    def of(cls, found: model.Part) -> "ChallengePart":
        entry = found.entry
        return cls(
            rank=found.rank,
            score=entry.score if entry else 0,
            joined_at=entry.joined_at if entry else None,
            opted_out=entry is not None and entry.left_at is not None,
            milestone_score=entry.milestone if entry else 0,
        )


@strawberry.type(description="A contest in a window of time.")
class Challenge:
    code: str
    name: str
    description: str | None
    metric: str = strawberry.field(
        description="spend (whole yuan), orders, check_ins, reviews, shares, posts or invites."
    )
    starts_at: datetime
    ends_at: datetime
    state: State
    must_join: bool = strawberry.field(description="Only who has joined has a place.")
    score_min: Points = strawberry.field(description="What a place takes.")
    tiers: list[str] = strawberry.field(description="Codes of who may enter; empty: everyone.")
    prizes: list[ChallengePrize] = strawberry.field(metadata=cap(_PRIZES_MAX))
    milestones: list[ChallengeMilestone] = strawberry.field(metadata=cap(_MILESTONES_MAX))

    @strawberry.field(description="The first places, at most 100; equal scores by who was first.")
    async def leaderboard(
        self, info: Info, first: int | None = _PLACES_DEFAULT
    ) -> list[LeaderboardPlace]:
        count = _PLACES_DEFAULT if first is None else first
        return [
            LeaderboardPlace(rank=one.rank, name=one.name, score=one.score, is_me=one.is_viewer)
            for one in await challenges.leaderboard(info.context, self.code, count)
        ]

    @strawberry.field(description="Null for who isn't a member.")
    async def me(self, info: Info) -> ChallengePart | None:
        found = await challenges.part(info.context, self.code)
        return found and ChallengePart.of(found)

    @classmethod
    def of(cls, listed: Listed, locale: str) -> "Challenge":
        round_, state = listed
        found = round_.challenge
        return cls(
            code=found.code,
            name=found.name.in_(locale),
            description=found.description and found.description.in_(locale),
            metric=found.metric,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            state=state,
            must_join=found.entry == "joined",
            score_min=found.score_min,
            tiers=list(found.tiers),
            prizes=_prizes(round_, locale),
            milestones=_milestones(round_, locale),
        )


def _prizes(round_: Round, locale: str) -> list[ChallengePrize]:
    return [
        ChallengePrize(
            from_rank=prize.from_rank,
            to_rank=prize.to_rank,
            gives=Gives.of(prize.gives, round_.programme, locale),
        )
        for prize in round_.challenge.prizes
    ]


def _milestones(round_: Round, locale: str) -> list[ChallengeMilestone]:
    return [
        ChallengeMilestone(
            score=milestone.score, gives=Gives.of(milestone.gives, round_.programme, locale)
        )
        for milestone in round_.challenge.milestones
    ]


@strawberry.type
class MemberChallenges:
    @strawberry.field(description="How others see the member on leaderboards; MASKED by default.")
    async def leaderboard_name(self) -> Shown:
        return await challenges.shown_as(cast("Any", self).seen.view.member_id)


@strawberry.type
class ChallengeQueries:
    @strawberry.field(
        extensions=allow("member", "staff"),
        description="Of the programme in force, at most 20: the next to end first, then the last"
        " that is over.",
        metadata=cap(CHALLENGES_SHOWN_MAX),
    )
    async def challenges(self, info: Info) -> list[Challenge]:
        found = await challenges.challenges(info.context)
        return [Challenge.of(one, info.context.locale) for one in found]

    @strawberry.field(extensions=allow("member", "staff"), description="Null: there is none.")
    async def challenge(self, info: Info, code: str) -> Challenge | None:
        found = await challenges.challenge(info.context, code)
        return found and Challenge.of(found, info.context.locale)


@strawberry.type
class ChallengePayload:
    challenge: Challenge | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[Listed], info: Info) -> "ChallengePayload":
        locale = info.context.locale
        return cls(
            challenge=made.value and Challenge.of(made.value, locale),
            refusal=refusal_or_none(made.refusal, locale),
        )


@strawberry.type
class LeaderboardNamePayload:
    shown: Shown | None = None
    refusal: Refusal | None = None


@strawberry.type
class ChallengeMutations:
    @strawberry.mutation(
        extensions=allow("member"), description="Enter a challenge, or come back to it."
    )
    async def join_challenge(self, info: Info, code: str) -> ChallengePayload:
        return ChallengePayload.of(await challenges.join(info.context, code), info)

    @strawberry.mutation(
        extensions=allow("member"), description="Give up the place and the prizes."
    )
    async def leave_challenge(self, info: Info, code: str) -> ChallengePayload:
        return ChallengePayload.of(await challenges.leave(info.context, code), info)

    @strawberry.mutation(extensions=allow("member"), description="How others see the member.")
    async def set_leaderboard_name(self, info: Info, shown: Shown) -> LeaderboardNamePayload:
        made = await challenges.show_as(info.context, shown)
        return LeaderboardNamePayload(
            shown=made.value, refusal=refusal_or_none(made.refusal, info.context.locale)
        )
