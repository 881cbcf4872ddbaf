"""How far is a member from the next tier?"""

from datetime import datetime

import strawberry

from domain.dashboard import model
from resolvers.seeing import Seen
from schema.limits.catalogue import cap
from schema.programme import Tier

_MAKE_UP_TASKS_MAX = 5


@strawberry.type(description="In the grace: deeds that count for keeping the tier.")
class MakeUpTask:
    kind: str = strawberry.field(description="check_in, review, share, quiz or post.")
    progress: int
    target: int
    score_points: int = strawberry.field(description="What all of them together count.")

    @classmethod
    def of(cls, found: model.MakeUpTaskView) -> "MakeUpTask":
        return cls(
            kind=found.kind,
            progress=found.progress,
            target=found.target,
            score_points=found.score_points,
        )


@strawberry.type(description="The fewest that alone suffice; null where no number does.")
class PurchaseNeeded:
    yuan: int | None
    orders: int | None

    @classmethod
    def of(cls, found: model.PurchaseNeeded) -> "PurchaseNeeded":
        return cls(yuan=found.yuan, orders=found.orders)


@strawberry.type(description="A tier that the member may lose, or that they may win back.")
class TierRetention:
    score: int
    needed: int
    gap: int
    warned_at: datetime | None
    grace_from: datetime | None
    ends_at: datetime | None = strawberry.field(description="When it is decided.")
    moved: bool = strawberry.field(description="That is later than the period's own end.")
    otherwise: Tier | None = strawberry.field(description="The tier that follows if it is lost.")
    tasks: list[MakeUpTask] = strawberry.field(metadata=cap(_MAKE_UP_TASKS_MAX))
    purchase: PurchaseNeeded | None = strawberry.field(description="For what no task covers.")
    recover_by: datetime | None
    lost_tier: Tier | None

    @classmethod
    def of(cls, found: model.AtStake, seen: Seen) -> "TierRetention":
        programme, locale = seen.programme, seen.locale
        return cls(
            score=found.score,
            needed=found.needed,
            gap=found.gap,
            warned_at=found.warned_at,
            grace_from=found.grace_from,
            ends_at=found.ends_at,
            moved=found.moved,
            otherwise=found.otherwise and Tier.of(found.otherwise, programme, locale),
            tasks=[MakeUpTask.of(task) for task in found.tasks],
            purchase=found.purchase and PurchaseNeeded.of(found.purchase),
            recover_by=found.recover_by,
            lost_tier=found.lost_tier and Tier.of(found.lost_tier, programme, locale),
        )


@strawberry.type
class TierProgress:
    """Scores are whole numbers; their parts sum to `score`."""

    score: int
    spend_score: int
    frequency_score: int
    next_tier: Tier | None = strawberry.field(description="Null on the highest.")
    score_to_next: int | None
    yuan_to_next: int | None = strawberry.field(
        description="The fewest yuan that alone suffice; null where no amount does."
    )
    orders_to_next: int | None = strawberry.field(
        description="The fewest orders that alone suffice; null where no number does."
    )
    keep_score: int = strawberry.field(description="What keeps the present tier.")
    period_ends_at: datetime | None
    state: str = strawberry.field(description="ACTIVE, PROVISIONAL, WARNED, GRACE or RECOVERY.")
    retention_score: int | None = strawberry.field(
        description="What counts for keeping the tier; null on the lowest."
    )
    retention: TierRetention | None = strawberry.field(description="Null: nothing is at stake.")

    @classmethod
    def of(
        cls, found: model.Progress, retention: model.Retention | None, seen: Seen
    ) -> "TierProgress":
        """`retention` where it was asked for; nobody looks at it otherwise."""
        following, at_stake = found.next_tier, retention and retention.at_stake
        return cls(
            score=found.score,
            spend_score=found.spend_score,
            frequency_score=found.frequency_score,
            next_tier=following and Tier.of(following, seen.programme, seen.locale),
            score_to_next=found.score_to_next,
            yuan_to_next=found.yuan_to_next,
            orders_to_next=found.orders_to_next,
            keep_score=found.keep_score,
            period_ends_at=found.period_ends_at,
            state=found.state,
            retention_score=retention and retention.score,
            retention=at_stake and TierRetention.of(at_stake, seen),
        )
