"""How much do a member's deeds count for, who has to look, and is something for this member?"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.activity.model import Deed, DeedKind, Traits
from domain.programme.model import (
    Audience,
    BadgeMetric,
    Challenge,
    Lifecycle,
    Metric,
    Programme,
    Stage,
)
from domain.programme.model import Traits as Wanted
from kit.calendar import day_of

METRIC_DEEDS: Mapping[Metric | BadgeMetric, DeedKind] = {
    "spend": "order",
    "orders": "order",
    "categories": "order",
    "check_ins": "check_in",
    "check_in_streak": "check_in",
    "reviews": "review",
    "shares": "share",
    "posts": "post",
    "invites": "invite",
}


Touched = tuple[DeedKind, datetime | None]
"""A kind of deeds, and when the one that came, changed or went was done, where that is known."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one deed counts for; minor units for `spend`, 1 for all else.

    `settles_at`: until when it may still be sent back; None: it can't be.
    """

    at: datetime
    amount: int
    settles_at: datetime | None


def counted(
    metric: Metric,
    deeds: Iterable[Deed],
    programme: Programme,
    *,
    categories: Collection[str] = (),
    brands: Collection[str] = (),
) -> list[Counted]:
    """What counts of these deeds, which stand in the order of time.

    Orders count as they do for tiers: from `order_min` on, at most `orders_per_day`, so that
    splitting a basket doesn't pay. Reviews, shares and posts count as often a day as they earn.
    Days are the programme's. `categories` and `brands` (empty: all) choose the lines.
    """
    kind = METRIC_DEEDS[metric]
    amounts: Callable[[Deed], int] = (
        (lambda deed: _left_minor(deed, categories, brands)) if kind == "order" else (lambda _: 1)
    )
    amount_min = programme.tiers.score.order_min_minor if metric == "orders" else 1
    per_day = _per_day(metric, programme)
    used: Counter[object] = Counter()
    found: list[Counted] = []
    for deed in deeds:
        amount = amounts(deed) if deed.kind == kind else 0
        if amount < amount_min:
            continue
        day = day_of(deed.at, programme.zone, programme.day_start_hour)
        if per_day is not None and used[day] >= per_day:
            continue
        used[day] += 1
        found.append(Counted(deed.at, amount if metric == "spend" else 1, deed.settles_at))
    return found


def concerns(challenge: Challenge, touched: Collection[Touched]) -> bool:
    """Whether what came, changed or went may change a contest's scores.

    Its time decides, and not when it was told. A member's own row says whether they are suspended.
    """
    kinds = {METRIC_DEEDS[challenge.metric], "profile"}
    return any(
        kind in kinds and (at is None or challenge.starts_at <= at < challenge.ends_at)
        for kind, at in touched
    )


def _left_minor(deed: Deed, categories: Collection[str], brands: Collection[str]) -> int:
    return sum(
        line.base_left_minor
        for line in deed.lines
        if (not categories or line.category in categories) and (not brands or line.brand in brands)
    )


def _per_day(metric: Metric, programme: Programme) -> int | None:
    interactions = programme.points.interactions
    match metric:
        case "orders":
            return programme.tiers.score.orders_per_day
        case "reviews":
            return interactions.review.per_day
        case "shares":
            return interactions.share_opened.per_day
        case "posts":
            return interactions.post.per_day
        case _:
            return None


def suits(audience: Audience, traits: Traits, at: datetime, programme: Programme) -> bool:
    """Whether the member has one of each list that isn't empty; their stage is that of `at`."""
    if audience.is_everybody:
        return True
    stage = stage_at(traits.orders, at, programme.lifecycle)
    segments = [programme.segment(code) for code in audience.segments]
    in_segment = not segments or any(
        segment is not None and _has(segment, traits, stage) for segment in segments
    )
    return in_segment and _has(audience, traits, stage)


def stage_at(orders: Sequence[datetime], at: datetime, lifecycle: Lifecycle) -> Stage:
    """`new` without an order before `at`, `first_order` with one, `active` with more.

    `lapsing` 60 and `lapsed` 180 days after the last one, however many there were.
    """
    before = [paid_at for paid_at in orders if paid_at < at]
    if not before:
        return "new"
    idle = at - max(before)
    if idle >= timedelta(days=lifecycle.lapsed_days):
        return "lapsed"
    if idle >= timedelta(days=lifecycle.lapsing_days):
        return "lapsing"
    return "first_order" if len(before) == 1 else "active"


def _has(wanted: Wanted, traits: Traits, stage: Stage) -> bool:
    return (
        (not wanted.tiers or traits.tier_code in wanted.tiers)
        and (not wanted.stages or stage in wanted.stages)
        and (not wanted.tags or not traits.tags.isdisjoint(wanted.tags))
    )
