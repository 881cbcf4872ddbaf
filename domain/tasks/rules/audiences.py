"""Is a task for this member?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.programme.model import Audience, Lifecycle, Programme, Stage
from domain.programme.model import Traits as Wanted
from domain.tasks.model import Traits


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
