"""How do a decision's effects become value? By `issue`, and by nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.jobs import Job
from db.queries import rewards as queries
from domain.badges import steps as badges
from domain.coupons import steps as coupons
from domain.coupons.model import Coupon, Source
from domain.effects.model import (
    AwardBadge,
    Effect,
    GrantGrowth,
    GrantPoints,
    IssueCoupon,
    TakeBackGrowth,
    TakeBackPoints,
)
from domain.ledger.model import Account, Cause, Decision, Lot
from domain.ledger.steps import Desk, post, slices_of
from domain.points.rules import expires_at, inactive_at
from domain.programme.model import CouponTemplate, Gives, Programme
from domain.programme.views import Published, Versions, versions
from domain.rewards.model import Redeemed, Redemption, Return
from kit.errors import NotFound
from kit.ids import new_id

RAISE_TIER = "rewards.raise_tier"


@dataclass(slots=True)
class Issued:
    """What came of the effects, in their order.

    `points_forgiven`: what a take-back could not find and the programme doesn't make a debt.
    `growth` is the net change.
    """

    lots: list[Lot] = field(default_factory=list[Lot])
    coupons: list[Coupon] = field(default_factory=list[Coupon])
    badges: list[str] = field(default_factory=list[str])
    growth: int = 0
    points_forgiven: int = 0


async def issue_all(  # noqa: PLR0913  what a transfer must say about its cause
    tx: Tx,
    desk: Desk,
    decision: Decision,
    effects: Sequence[Effect],
    *,
    programme: Programme,
    source_type: str,
    source_id: str,
    occurred_at: datetime,
) -> Issued:
    """`issue`, coupons as well.

    A coupon whose stock, limit, window or audience don't admit it is left out; the decision's
    outcome says so.
    """
    faces: list[CouponTemplate] = []
    for effect in effects:
        if isinstance(effect, IssueCoupon):
            face = programme.coupon(effect.template)
            assert face is not None, effect.template
            faces.append(face)
    issued = issue(
        desk,
        decision,
        [effect for effect in effects if not isinstance(effect, IssueCoupon)],
        programme=programme,
        source_type=source_type,
        source_id=source_id,
        occurred_at=occurred_at,
    )
    if faces:
        source = Source(source_type, source_id)
        issued.coupons = await coupons.give(
            tx, desk, decision, faces, programme=programme, source=source
        )
    return issued


def issue(  # noqa: PLR0913  what a transfer must say about its cause
    desk: Desk,
    decision: Decision,
    effects: Sequence[Effect],
    *,
    programme: Programme,
    source_type: str,
    source_id: str,
    occurred_at: datetime,
) -> Issued:
    """Turn effects into lots, transfers and rows on the desk, to be posted with it.

    Not coupons, whose stock has to be looked at: `issue_all`. `programme` is the version that the
    decision was made under. The lots that are taken back must be in the book
    (`ledger.steps.load_lots`). What a suspended member is given at once waits as pending and is
    posted when the member resumes.
    """
    issued = Issued()
    for effect in effects:
        match effect:
            case IssueCoupon():
                raise TypeError(effect.template)
            case AwardBadge():
                badges.award(
                    desk, decision, effect.code, programme=programme, awarded_at=occurred_at
                )
                issued.badges.append(effect.code)
            case _:
                cause = Cause(decision, effect.reason, source_type, source_id, occurred_at)
                _move(desk, effect, cause, into=issued)
    return issued


async def give(  # noqa: PLR0913  what a transfer must say about its cause
    tx: Tx,
    desk: Desk,
    decision: Decision,
    gives: Gives,
    *,
    programme: Programme,
    source_type: str,
    source_id: str,
    growth: int = 0,
    activates_at: datetime | None = None,
    is_won: bool = False,
) -> Issued:
    """Issue what the programme gives for something done, dated at the decision's `occurred_at`.

    The points wait until `activates_at` (None: available at once) and expire by the programme,
    counted from there; their reason is the decision's kind. `growth` is of class interaction. What
    `is_won` comes from the account `lottery`, not from issuance: it isn't earned.
    """
    at = decision.occurred_at
    active_until = inactive_at(at, programme)
    effects: list[Effect] = []
    if gives.points:
        ends = expires_at(max(at, activates_at or at), programme) or active_until
        effects.append(GrantPoints(gives.points, decision.kind, activates_at, ends, is_won))
    if growth:
        effects.append(GrantGrowth(growth, "interaction"))
    effects += [IssueCoupon(template) for template in gives.coupons]
    effects += [AwardBadge(code) for code in gives.badges]
    issued = await issue_all(
        tx,
        desk,
        decision,
        effects,
        programme=programme,
        source_type=source_type,
        source_id=source_id,
        occurred_at=at,
    )
    if active_until is not None and gives.points:
        desk.points.extend(active_until)
    return issued


def _move(
    desk: Desk,
    effect: GrantPoints | GrantGrowth | TakeBackPoints | TakeBackGrowth,
    cause: Cause,
    *,
    into: Issued,
) -> None:
    match effect:
        case GrantPoints():
            into.lots.append(_grant(desk, effect, cause))
        case GrantGrowth():
            desk.growth.credit(effect.amount, cause)
            into.growth += effect.amount
        case TakeBackPoints():
            lot = desk.points.lots[effect.lot_id]
            into.points_forgiven += desk.points.take_back(lot, effect.amount, cause)
        case TakeBackGrowth():
            amount = min(effect.amount, desk.growth.wallet.available)
            if amount:
                desk.growth.uncredit(amount, cause)
            into.growth -= amount


def _grant(desk: Desk, effect: GrantPoints, cause: Cause) -> Lot:
    activates_at = effect.activates_at
    if activates_at is None and not desk.points.activates:
        activates_at = cause.occurred_at
    return desk.points.open_lot(
        new_id(),
        effect.amount,
        cause,
        activates_at=activates_at,
        expires_at=effect.expires_at,
        debit=Account.LOTTERY if effect.is_won else Account.ISSUANCE,
    )


def shape(row: Mapping[str, Any], published: Versions) -> Redeemed:
    """A row of the table `redemption` with its reward."""
    redemption = Redemption(**row)
    reward = published.numbered(redemption.programme_version).programme.reward(
        redemption.reward_code
    )
    assert reward is not None, "a version doesn't change"
    return Redeemed(redemption, reward)


async def redeemed(tx: Tx, member_id: UUID, redemption_id: UUID) -> Redeemed:
    """Refuses NOT_FOUND."""
    row = await queries.redemption(tx, member_id, redemption_id)
    if row is None:
        raise NotFound("redemption")
    return shape(dict(row), await versions(tx))


async def give_back(
    tx: Tx, desk: Desk, found: Redeemed, *, published: Published, why: Return
) -> Redeemed:
    """Undo a redemption and post the desk: the very lots, the stock and the limit come back."""
    redemption, now = found.redemption, desk.now
    decision = desk.decide(
        f"return {redemption.id}",
        "redemption_return",
        published.version,
        inputs={
            "reward": redemption.reward_code,
            "title": found.reward.title.model_dump(mode="json", by_alias=True),
            "reason": why.reason,
            "from": redemption.state,
        },
        outcome={"points": redemption.price_points, "redemption": str(redemption.id)},
        occurred_at=now,
    )
    slices = await slices_of(tx, desk.points, redemption.debited_by)
    cause = Cause(decision, why.reason, "redemption", str(redemption.id), now)
    desk.points.restore(slices, cause, spent_at=redemption.created_at, shop_fault=why.shop_fault)
    redemption.state, redemption.resolved_at = why.state, now
    desk.changes.put("redemption", redemption)
    await post(tx, desk)
    if found.reward.stock is not None:
        await queries.unsell(tx, redemption.reward_code, redemption.quantity)
    return found


def raise_job(redemption: Redemption, now: datetime) -> Job:
    """A job that lifts the member who has paid for a TIER_UPGRADE."""
    return Job(
        member_id=redemption.member_id,
        kind=RAISE_TIER,
        key=str(redemption.id),
        run_at=now,
        created_at=now,
        payload={"redemption": str(redemption.id)},
    )
