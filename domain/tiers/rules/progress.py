"""How far is it to the next tier, or to any score?"""

from domain.programme.model import Programme
from domain.tiers.model import ScoreParts, Standing, TierProgress
from domain.tiers.rules.scoring import Weighing
from kit.money import exponent


def progress(standing: Standing, parts: ScoreParts, programme: Programme) -> TierProgress:
    """How far it is to the next tier, from the score that counts (`counting`)."""
    tiers = programme.tiers
    tier = tiers.tier(standing.tier_code)
    above = tiers.ladder[tiers.rank(tier.code) + 1 :]
    next_tier = above[0] if above else None
    threshold = tiers.threshold(next_tier) if next_tier else 0
    return TierProgress(
        parts=parts,
        tier=tier,
        next_tier=next_tier,
        score_to_next=max(0, threshold - parts.score) if next_tier else None,
        yuan_to_next=yuan_missing(parts, threshold, programme) if next_tier else None,
        orders_to_next=orders_missing(parts, threshold, programme) if next_tier else None,
        keep_score=tiers.keep(tier),
        period_ends_at=standing.period.ends_at,
        state=standing.state,
    )


def yuan_missing(parts: ScoreParts, threshold: int, programme: Programme) -> int | None:
    unit = 10 ** exponent(programme.currency)
    if programme.tiers.basis == "growth":
        per_yuan = programme.growth.per_yuan
        return _ceiling(max(0, threshold - parts.score), per_yuan) if per_yuan else None
    weighing = Weighing.of(programme)
    wanted = (threshold - parts.interaction_score) * weighing.point
    wanted -= weighing.orders(parts.facts.orders_counted)
    missing_minor = _missing(
        wanted, parts.facts.spend_minor, weighing.per_minor, most=weighing.spend_full_minor
    )
    return None if missing_minor is None else _ceiling(missing_minor, unit)


def orders_missing(parts: ScoreParts, threshold: int, programme: Programme) -> int | None:
    if programme.tiers.basis == "growth":
        return None
    weighing = Weighing.of(programme)
    wanted = (threshold - parts.interaction_score) * weighing.point
    wanted -= weighing.spend(parts.facts.spend_minor)
    return _missing(
        wanted, parts.facts.orders_counted, weighing.per_order, most=weighing.orders_full
    )


def _missing(wanted: int, has: int, each: int, *, most: int) -> int | None:
    """How many more it takes until so many times `each` is `wanted`; None above `most`."""
    if wanted <= 0:
        return 0
    needed = _ceiling(wanted, each) if each else most + 1
    return max(0, needed - has) if needed <= most else None


def _ceiling(amount: int, each: int) -> int:
    return -(-amount // each)
