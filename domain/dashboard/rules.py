"""What is at stake of a member's tier?"""

from datetime import datetime

from domain.dashboard.model import AtStake, MakeUpTaskView, PurchaseNeeded, Retention
from domain.programme.model import Programme
from domain.tiers.model import History, ScoreParts, Standing, TierRecovery, TierWarning
from domain.tiers.rules import (
    falls_to,
    made_up,
    needed,
    orders_missing,
    recovered,
    retained,
    yuan_missing,
)


def retention(
    standing: Standing, history: History, programme: Programme, now: datetime
) -> Retention:
    """By the rules that will judge it."""
    score = None
    if standing.period.opened_at is not None:
        score = retained(standing, history, programme, until=now).score
    warning, lost = standing.warning, standing.recovery
    if warning is not None and not warning.lifted:
        return Retention(score, _at_stake(standing, warning, history, programme, now))
    if lost is not None:
        return Retention(score, _lost(standing, lost, history, programme, now))
    return Retention(score, None)


def _at_stake(
    standing: Standing,
    warning: TierWarning,
    history: History,
    programme: Programme,
    now: datetime,
) -> AtStake:
    found = retained(standing, history, programme, until=now)
    wanted = needed(programme.tiers.tier(standing.tier_code), programme)
    tasks = tuple(
        MakeUpTaskView(one.task.kind, len(one.deeds), one.task.target, one.task.points)
        for one in made_up(warning, history.deeds, until=now)
    )
    covered = sum(task.score_points for task in tasks)
    return AtStake(
        score=found.score,
        needed=wanted,
        gap=max(0, wanted - found.score),
        warned_at=warning.warned_at,
        grace_from=warning.grace_at,
        ends_at=warning.ends_at,
        moved=warning.moved,
        otherwise=falls_to(standing, found.score, programme),
        tasks=tasks,
        purchase=_purchase(found.base, wanted - covered, programme),
    )


def _lost(
    standing: Standing,
    lost: TierRecovery,
    history: History,
    programme: Programme,
    now: datetime,
) -> AtStake:
    found = recovered(standing, history, programme, until=now)
    score = found.score + lost.credit
    return AtStake(
        score=score,
        needed=lost.needed,
        gap=max(0, lost.needed - score),
        purchase=_purchase(found, lost.needed - lost.credit, programme),
        recover_by=lost.by,
        lost_tier=programme.tiers.tier(lost.tier_code),
    )


def _purchase(found: ScoreParts, wanted: int, programme: Programme) -> PurchaseNeeded | None:
    if found.score >= wanted:
        return None
    return PurchaseNeeded(
        yuan_missing(found, wanted, programme), orders_missing(found, wanted, programme)
    )
