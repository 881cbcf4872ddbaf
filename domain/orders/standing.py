"""Which tier do a member's orders and interactions give? Asked after every event that counts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.orders.model import Dossier, OrderSeen, TierSeen
from domain.programme.model import Programme
from domain.programme.views import Published
from domain.tiers.model import ScoreParts, Standing, TierDecision, TierPeriod, WindowFacts
from domain.tiers.rules import assess, orders_counted, score
from domain.tiers.steps import assess_job
from kit.calendar import trailing_start
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A row of `standing`."""

    member_id: UUID
    tier_code: str
    provisional: bool
    period_opened_at: datetime | None
    period_ends_at: datetime | None
    former: list[dict[str, Any]] | None
    settled_only_until: datetime | None
    changed_at: datetime

    def standing(self) -> Standing:
        return Standing(
            period=TierPeriod(
                tier_code=self.tier_code,
                provisional=self.provisional,
                opened_at=self.period_opened_at,
                ends_at=self.period_ends_at,
            ),
            former=tuple(map(TierPeriod.of, self.former or ())),
            settled_only_until=self.settled_only_until,
        )


def reassess(dossier: Dossier, at: datetime, *, refunded: bool) -> None:
    """Judge the standing as of `at`, and have it looked at again when time may change it."""
    _look_again(dossier, judge(dossier, at, refunded=refunded))


def judge(dossier: Dossier, at: datetime, *, refunded: bool) -> datetime:
    """Confirm, fall or upgrade as of `at`, or of the last that is known if that is later.

    Changes follow one another in time, so that each order's tier can be told for ever after.
    Answers as of when it was.
    """
    at = max([dossier.latest(at), *(change.at for change in dossier.tier_changes[-1:])])
    published = _judging(dossier, at)
    programme = published.programme
    decided = assess(
        dossier.standing,
        parts_at(dossier, programme, at, settled_only=False),
        parts_at(dossier, programme, at, settled_only=True),
        programme=programme,
        now=at,
        refunded=refunded,
    )
    if decided.standing != dossier.standing:
        dossier.standing = decided.standing
        _put_standing(dossier, at)
    if decided.change is not None:
        _put_change(dossier, decided, published.version, at)
    return at


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
    facts = WindowFacts(
        spend_minor=sum(order.base_left_minor for order in orders),
        orders_counted=orders_counted(map(_day_and_amount, orders), programme),
        purchase_growth=sum(order.growth_left for order in orders),
        interaction_growth=sum(
            growth for when, growth in dossier.interactions if since <= when <= at
        ),
    )
    return score(facts, programme)


def _day_and_amount(order: OrderSeen) -> tuple[date, int]:
    return order.day, order.eligible_left_minor


def _put_standing(dossier: Dossier, at: datetime) -> None:
    standing = dossier.standing
    dossier.desk.changes.put(
        "standing",
        StandingRow(
            member_id=dossier.desk.member.member_id,
            tier_code=standing.tier_code,
            provisional=standing.period.provisional,
            period_opened_at=standing.period.opened_at,
            period_ends_at=standing.period.ends_at,
            former=[period.document() for period in standing.former] or None,
            settled_only_until=standing.settled_only_until,
            changed_at=at,
        ),
    )


def _put_change(dossier: Dossier, decided: TierDecision, version: int, at: datetime) -> None:
    change_id = new_id()
    decision = dossier.desk.decide(
        f"tier:{change_id}",
        "tier",
        version,
        inputs=decided.inputs,
        outcome=decided.outcome,
        occurred_at=at,
    )
    dossier.tier_changes.append(TierSeen(at, decided.to_tier, decided.from_tier))
    dossier.desk.changes.put(
        "tier_change",
        {
            "member_id": dossier.desk.member.member_id,
            "id": change_id,
            "from_tier": decided.from_tier,
            "to_tier": decided.to_tier,
            "reason": decided.change,
            "decision_id": decision.id,
            "occurred_at": at,
            "recorded_at": dossier.desk.now,
        },
    )


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
