"""Which tier do a member's orders and interactions give? Asked after every event, and by time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.ledger.model import Decision
from domain.orders import telling
from domain.orders.model import Dossier, TierSeen
from domain.programme.model import Programme
from domain.programme.views import Published
from domain.tiers.model import (
    ScoreParts,
    Standing,
    TierFloor,
    TierPeriod,
    TierRecovery,
    TierWarning,
)
from domain.tiers.rules import (
    Step,
    assess,
    due_at,
    effective_tier,
    facts_of,
    next_step,
    score,
)
from domain.tiers.steps import assess_job, gifts_job
from kit.calendar import trailing_start
from kit.ids import new_id

STEPS_MAX = 1_000
_REASONS = {
    "downgraded": "downgrade",
    "recovered": "recovery",
    "floor_ended": "floor_end",
}
_UNTOLD = frozenset({"lifted", "recomposed", "unrecovered"})


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A row of `standing`: `tier_code` is what the member has, the period that of `earned_tier`.

    `retention_at`: the next instant at which time alone may change something.
    """

    member_id: UUID
    tier_code: str
    provisional: bool
    period_opened_at: datetime | None
    period_ends_at: datetime | None
    former: list[dict[str, Any]] | None
    settled_only_until: datetime | None
    changed_at: datetime
    earned_tier: str
    period_anchored_at: datetime | None
    period_helped: bool
    warning: dict[str, Any] | None
    recovery: dict[str, Any] | None
    floor: dict[str, Any] | None
    counts_since: datetime | None
    retention_at: datetime | None

    def standing(self) -> Standing:
        return Standing(
            period=TierPeriod(
                tier_code=self.earned_tier,
                provisional=self.provisional,
                opened_at=self.period_opened_at,
                ends_at=self.period_ends_at,
                anchored_at=self.period_anchored_at,
                helped=self.period_helped,
            ),
            former=tuple(map(TierPeriod.of, self.former or ())),
            settled_only_until=self.settled_only_until,
            warning=TierWarning.of(self.warning) if self.warning else None,
            recovery=TierRecovery.of(self.recovery) if self.recovery else None,
            floor=TierFloor.of(self.floor) if self.floor else None,
        )


def reassess(dossier: Dossier, at: datetime, *, refunded: bool) -> None:
    """Judge the standing as of `at`, and have it looked at again when time may change it."""
    _look_again(dossier, judge(dossier, at, refunded=refunded))


def judge(dossier: Dossier, at: datetime, *, refunded: bool) -> datetime:
    """Confirm, fall or upgrade as of `at`, or of the last that is known if that is later.

    Changes follow one another in time, so that each order's tier can be told for ever after. What
    time had done before (`review`) must have been done. Answers as of when it was.
    """
    at = max([dossier.latest(at), *(change.at for change in dossier.tier_changes[-1:])])
    published = _judging(dossier, at)
    programme, before = published.programme, dossier.standing
    decided = assess(
        before,
        parts_at(dossier, programme, at, settled_only=False),
        parts_at(dossier, programme, at, settled_only=True),
        programme=programme,
        now=at,
        refunded=refunded,
    )
    dossier.standing = decided.standing
    if decided.change is not None:
        reason, key = decided.change, f"tier:{new_id()}"
        decision = dossier.desk.decide(
            key,
            "tier",
            published.version,
            inputs=decided.inputs,
            outcome=decided.outcome,
            occurred_at=at,
        )
        if _put_change(dossier, before, decision, programme, reason=reason):
            telling.moved(dossier, before, programme, at, upgraded=reason == "upgrade")
    if decided.standing != before:
        _give_gifts(dossier, before, programme)
        _put_standing(dossier, programme, at)
    return at


def review(dossier: Dossier, until: datetime, *, may_tell: bool = True) -> None:
    """Do what time has done to the standing by `until`, each thing as of when it was due.

    Without `may_tell` nobody is warned, as more facts are on their way.
    """
    for _ in range(STEPS_MAX):
        published = _judging(dossier, _due(dossier, until))
        step = next_step(
            dossier.standing,
            dossier.history,
            published.programme,
            until=until,
            now=dossier.desk.now,
            may_tell=may_tell,
        )
        if step is None:
            break
        _take(dossier, step, published)
    programme = _judging(dossier, until).programme
    if may_tell and due_at(dossier.standing, programme, dossier.desk.now) != dossier.retention_at:
        _put_standing(dossier, programme, until)


def change_floor(dossier: Dossier, floor: TierFloor | None, reason: str, key: str) -> None:
    """Put a floor under the tier from now on, or take it away."""
    now = dossier.desk.now
    published, before = _judging(dossier, now), dossier.standing
    dossier.standing = replace(before, floor=floor)
    decision = dossier.desk.decide(
        key,
        "tier",
        published.version,
        inputs={"floor": floor and floor.document()},
        outcome=_outcome(before, dossier.standing, published.programme),
        occurred_at=now,
    )
    _put_change(dossier, before, decision, published.programme, reason=reason)
    _put_standing(dossier, published.programme, now)


def adopt(dossier: Dossier, period: TierPeriod, key: str) -> None:
    """Let the member go on where another programme left them, as of the period's begin.

    An earned tier like any other, without gifts; nobody is told. Where the day of the warning has
    passed, the next night looks.
    """
    now, before = dossier.desk.now, dossier.standing
    published, at = _judging(dossier, now), period.opened_at or now
    dossier.standing = replace(before, period=period)
    decision = dossier.desk.decide(
        key,
        "tier",
        published.version,
        inputs={"imported": period.document()},
        outcome=_outcome(before, dossier.standing, published.programme),
        occurred_at=at,
    )
    _put_change(dossier, before, decision, published.programme, reason="import")
    assert period.ends_at is not None, "of a tier above the lowest"
    ahead = timedelta(days=published.programme.tiers.warn_days)
    _put_standing(dossier, published.programme, at, look_at=max(now, period.ends_at - ahead))


def stand(dossier: Dossier, standing: Standing, reason: str, key: str) -> None:
    """Let the member stand as another did, or as they did before, from now on."""
    now = dossier.desk.now
    published, before = _judging(dossier, now), dossier.standing
    dossier.standing = standing
    decision = dossier.desk.decide(
        key,
        "tier",
        published.version,
        inputs={"reason": reason},
        outcome=_outcome(before, standing, published.programme),
        occurred_at=now,
    )
    _put_change(dossier, before, decision, published.programme, reason=reason)
    _put_standing(dossier, published.programme, now)


def _due(dossier: Dossier, until: datetime) -> datetime:
    due = due_at(dossier.standing, _judging(dossier, until).programme, until)
    return until if due is None else min(due, until)


def _take(dossier: Dossier, step: Step, published: Published) -> None:
    before, programme = dossier.standing, published.programme
    dossier.standing = step.standing
    if step.kind not in _UNTOLD:
        decision = dossier.desk.decide(
            f"retention {step.kind} {before.tier_code} {step.at.isoformat()}",
            "retention",
            published.version,
            inputs={"score": step.score, "needed": step.needed, "basis": programme.tiers.basis},
            outcome={"step": step.kind, **_outcome(before, step.standing, programme)},
            occurred_at=step.at,
        )
        reason = _REASONS.get(step.kind, step.kind)
        _put_change(dossier, before, decision, programme, reason=reason)
        telling.judged(dossier, before, step, programme)
    _put_standing(dossier, programme, step.at)


def _outcome(before: Standing, after: Standing, programme: Programme) -> dict[str, Any]:
    return {
        "from_tier": effective_tier(before, programme),
        "to_tier": effective_tier(after, programme),
        "period": after.period.document(),
    }


def _put_change(
    dossier: Dossier, before: Standing, decision: Decision, programme: Programme, *, reason: str
) -> bool:
    """Write down that the tier which the member has is another now; whether it is."""
    from_tier = effective_tier(before, programme)
    to_tier = effective_tier(dossier.standing, programme)
    if from_tier == to_tier:
        return False
    at = max([decision.occurred_at, *(change.at for change in dossier.tier_changes[-1:])])
    dossier.tier_changes.append(TierSeen(at, to_tier, from_tier))
    dossier.desk.changes.put(
        "tier_change",
        {
            "member_id": dossier.desk.member.member_id,
            "id": new_id(),
            "from_tier": from_tier,
            "to_tier": to_tier,
            "reason": reason,
            "decision_id": decision.id,
            "occurred_at": at,
            "recorded_at": dossier.desk.now,
        },
    )
    return True


def _give_gifts(dossier: Dossier, before: Standing, programme: Programme) -> None:
    """Of the tier that is certain now and was not, and of those that it passed."""
    was, is_now = (_certain_rank(standing, programme) for standing in (before, dossier.standing))
    if is_now > was:
        reached = programme.tiers.ladder[is_now].code
        job = gifts_job(dossier.desk.member.member_id, reached, dossier.desk.now)
        dossier.desk.changes.put("job", job)


def _certain_rank(standing: Standing, programme: Programme) -> int:
    bottom = (*standing.former, standing.period)[0]
    return -1 if bottom.provisional else programme.tiers.rank(bottom.tier_code)


def _judging(dossier: Dossier, at: datetime) -> Published:
    """The version in force at `at`; where its ladder had other tiers than today's, today's.

    Nobody can stand on a tier that there is no more, or be told of one that was not yet.
    """
    then, today = dossier.versions.at(at), dossier.versions.at(dossier.desk.now)
    ladders = [{tier.code for tier in found.programme.tiers.ladder} for found in (then, today)]
    return then if ladders[0] == ladders[1] else today


def parts_at(
    dossier: Dossier, programme: Programme, at: datetime, *, settled_only: bool
) -> ScoreParts:
    """The score at `at`, of all orders in the trailing window or of those whose own is over."""
    since = trailing_start(
        at, programme.tiers.window_months, programme.zone, day_start_hour=programme.day_start_hour
    )
    orders = [
        order
        for order in dossier.orders.values()
        if since <= order.paid_at <= at and (not settled_only or order.settles_at <= at)
    ]
    growth = sum(growth for when, growth in dossier.interactions if since <= when <= at)
    return score(facts_of(orders, growth, programme), programme)


def _put_standing(
    dossier: Dossier, programme: Programme, at: datetime, *, look_at: datetime | None = None
) -> None:
    standing, period = dossier.standing, dossier.standing.period
    dossier.retention_at = look_at or due_at(standing, programme, dossier.desk.now)
    row = StandingRow(
        member_id=dossier.desk.member.member_id,
        tier_code=effective_tier(standing, programme),
        provisional=period.provisional,
        period_opened_at=period.opened_at,
        period_ends_at=period.ends_at,
        former=[former.document() for former in standing.former] or None,
        settled_only_until=standing.settled_only_until,
        changed_at=at,
        earned_tier=standing.tier_code,
        period_anchored_at=period.anchored_at,
        period_helped=period.helped,
        warning=standing.warning and standing.warning.document(),
        recovery=standing.recovery and standing.recovery.document(),
        floor=standing.floor and standing.floor.document(),
        counts_since=standing.counts_since,
        retention_at=dossier.retention_at,
    )
    dossier.desk.changes.put("standing", row)


def _look_again(dossier: Dossier, at: datetime) -> None:
    """When the next order's return window is over, if the standing waits for settled orders."""
    standing = dossier.standing
    until = standing.settled_only_until
    instants = [order.settles_at for order in dossier.orders.values() if order.settles_at > at]
    if until is not None and at < until:
        instants.append(until)
    elif not standing.period.provisional:
        return
    if instants:
        member_id = dossier.desk.member.member_id
        job = assess_job(member_id, min(instants), dossier.desk.now)
        dossier.desk.changes.put("job", job)
