"""What does a review, a post or an opened link give?"""

from decimal import Decimal
from math import floor

from domain.points.model import InteractionDecision, InteractionFacts
from domain.programme.model import Programme, Tier, plain_decimal


def interact(facts: InteractionFacts, programme: Programme, tier: Tier) -> InteractionDecision:
    """Points at once, times the tier's activity multiplier, rounded down; GROWTH without it.

    Nothing for one's own link, for what has counted before, or above the limit of the day.
    """
    base_points, per_day = _listed(facts, programme)
    reason = _reason(facts, per_day)
    multiplier = tier.activity_multiplier
    growth = 0 if reason else base_points
    points = floor(Decimal(growth) * multiplier)
    return InteractionDecision(
        points=points,
        growth=growth,
        inputs={
            "interaction": facts.kind,
            "reference": facts.reference,
            "with_photo": facts.with_photo,
            "base_points": base_points,
            "tier": tier.code,
            "tier_name": tier.name.model_dump(mode="json", by_alias=True),
            "multiplier": plain_decimal(multiplier),
            "per_day": per_day,
            "counted_today": facts.counted_today,
        },
        outcome={"points": points, "growth": growth, "reason": reason},
    )


def _listed(facts: InteractionFacts, programme: Programme) -> tuple[int, int]:
    """Points, and how often a day."""
    listed = programme.points.interactions
    if facts.kind == "share_opened":
        return listed.share_opened.points, listed.share_opened.per_day
    if facts.kind == "post":
        return listed.post.points, listed.post.per_day
    review = listed.review
    return review.with_photo_points if facts.with_photo else review.points, review.per_day


def _reason(facts: InteractionFacts, per_day: int) -> str | None:
    """Why it gives nothing."""
    if facts.by_member:
        return "OWN_LINK"
    if facts.counted_before:
        return "COUNTED_BEFORE"
    return "DAILY_LIMIT" if facts.counted_today >= per_day else None
