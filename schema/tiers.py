"""How far is a member from the next tier?"""

from datetime import datetime

import strawberry

from domain.dashboard import model
from resolvers.seeing import Seen
from schema.programme import Tier


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

    @classmethod
    def of(cls, found: model.Progress, seen: Seen) -> "TierProgress":
        following = found.next_tier
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
        )
