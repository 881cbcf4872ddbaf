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
    GrantCommunity,
    GrantCredit,
    GrantGrowth,
    GrantPoints,
    IssueCoupon,
    Movement,
    TakeBackCommunity,
    TakeBackCredit,
    TakeBackGrowth,
    TakeBackPoints,
)
from domain.ledger.model import Account, Cause, Currency, Decision, Lot
from domain.ledger.rules import Book
from domain.ledger.steps import Desk, lots_of, post, slices_of
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.points.rules import expires_at, inactive_at
from domain.points.words import in_money
from domain.programme.model import CouponTemplate, Gives, Programme
from domain.programme.views import Published, Versions, versions
from domain.rewards import rules
from domain.rewards.errors import CommunityBanned
from domain.rewards.model import Redeemed, Redemption, Return
from kit.errors import NotFound
from kit.ids import new_id

RAISE_TIER = "rewards.raise_tier"


@dataclass(slots=True)
class Issued:
    """What came of the effects, in their order.

    `lots` are of points, `packets` of credit. `points_forgiven`, `credit_forgiven_minor`: what a
    take-back could not find and the programme doesn't make a debt. `growth` is the net change.
    """

    lots: list[Lot] = field(default_factory=list[Lot])
    packets: list[Lot] = field(default_factory=list[Lot])
    coupons: list[Coupon] = field(default_factory=list[Coupon])
    badges: list[str] = field(default_factory=list[str])
    growth: int = 0
    points_forgiven: int = 0
    credit_forgiven_minor: int = 0


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
    decision was made under. The lots that are taken back must be in their books (`undoing` brings
    them there). What a suspended member is given at once waits as pending and is posted when the
    member resumes. A red packet is told of.
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
    for packet in issued.packets:
        _tell_packet(desk, packet, programme)
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
    community: int = 0,
    activates_at: datetime | None = None,
    is_won: bool = False,
) -> Issued:
    """Issue what the programme gives for something done, dated at the decision's `occurred_at`.

    Points and credit wait until `activates_at` (None: available at once) and expire by the
    programme, counted from there; their reason is the decision's kind. `growth` is of class
    interaction, `community` of COMMUNITY. What `is_won` comes from the account `lottery`, not from
    issuance: it isn't earned.
    """
    at = decision.occurred_at
    active_until = inactive_at(at, programme)
    effects: list[Effect] = []
    if gives.points:
        ends = expires_at(max(at, activates_at or at), programme) or active_until
        effects.append(GrantPoints(gives.points, decision.kind, activates_at, ends, is_won))
    if gives.credit_minor:
        ends = rules.packet_expires_at(max(at, activates_at or at), programme)
        effects.append(GrantCredit(gives.credit_minor, decision.kind, activates_at, ends, is_won))
    if growth:
        effects.append(GrantGrowth(growth, "interaction"))
    if community:
        effects.append(GrantCommunity(community, decision.kind))
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


async def undoing(tx: Tx, desk: Desk, lot_ids: Sequence[UUID], reason: str) -> list[Effect]:
    """The effects that take back all that these lots gave, points or credit, now in their books."""
    return [
        TakeBackCredit(lot.id, lot.granted, reason)
        if lot.currency == Currency.CREDIT
        else TakeBackPoints(lot.id, lot.granted, reason)
        for lot in await lots_of(tx, desk, lot_ids)
    ]


def let_wait(
    desk: Desk, lot: Lot, until: datetime, programme: Programme, *, awaits_word: bool
) -> None:
    """Let what is pending wait until then, its expiry counted from there.

    No sooner than it was given; with `awaits_word` until it is told again. Points whose end isn't
    by their age keep it.
    """
    until = max(until, lot.occurred_at)
    if lot.currency == Currency.CREDIT:
        ends = rules.packet_expires_at(until, programme)
    else:
        ends = expires_at(until, programme) or lot.expires_at
    desk.books[lot.currency].reschedule(lot, None if awaits_word else until, ends)


def _move(desk: Desk, effect: Movement, cause: Cause, *, into: Issued) -> None:
    match effect:
        case GrantPoints():
            into.lots.append(_open(desk.points, effect.amount, effect, cause))
        case GrantCredit():
            into.packets.append(_open(desk.credit, effect.amount_minor, effect, cause))
        case TakeBackPoints():
            lot = desk.points.lots[effect.lot_id]
            into.points_forgiven += desk.points.take_back(lot, effect.amount, cause)
        case TakeBackCredit():
            packet = desk.credit.lots[effect.lot_id]
            missing = desk.credit.take_back(packet, effect.amount_minor, cause)
            into.credit_forgiven_minor += missing
        case _:
            _move_without_lots(desk, effect, cause, into=into)


def _move_without_lots(
    desk: Desk,
    effect: GrantGrowth | TakeBackGrowth | GrantCommunity | TakeBackCommunity,
    cause: Cause,
    *,
    into: Issued,
) -> None:
    match effect:
        case GrantGrowth():
            desk.growth.credit(effect.amount, cause)
            into.growth += effect.amount
        case TakeBackGrowth():
            amount = min(effect.amount, desk.growth.wallet.available)
            if amount:
                desk.growth.uncredit(amount, cause)
            into.growth -= amount
        case GrantCommunity():
            desk.community.credit(effect.amount, cause)
        case TakeBackCommunity():
            desk.community.withdraw(effect.amount, cause)


def _open(book: Book, amount: int, effect: GrantPoints | GrantCredit, cause: Cause) -> Lot:
    activates_at = effect.activates_at
    if activates_at is None and not book.activates:
        activates_at = cause.occurred_at
    return book.open_lot(
        new_id(),
        amount,
        cause,
        activates_at=activates_at,
        expires_at=effect.expires_at,
        debit=Account.LOTTERY if effect.is_won else Account.ISSUANCE,
    )


def _tell_packet(desk: Desk, packet: Lot, programme: Programme) -> None:
    """A packet that waits has no end yet that could be told."""
    waits = packet.activated_at is None
    ends = None if waits or packet.expires_at is None else packet.expires_at.isoformat()
    facts = {
        "amount": in_money(packet.granted, programme.currency).named,
        "amount_minor": packet.granted,
        "waits": int(waits),
        "expires_at": ends,
    }
    cause, template = f"credit:{packet.id}", Template.CREDIT_RECEIVED
    notify(
        *(desk.changes, packet.member_id, template, cause, facts),
        occurred_at=packet.occurred_at,
        now=desk.now,
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
    """Undo a redemption and post the desk: what it cost, the stock and the limit come back.

    Points to the very lots; COMMUNITY has none.
    """
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
        outcome={**price(redemption), "redemption": str(redemption.id)},
        occurred_at=now,
    )
    cause = Cause(decision, why.reason, "redemption", str(redemption.id), now)
    if redemption.price_community:
        desk.community.uncharge(redemption.price_community, cause)
    else:
        slices = await slices_of(tx, desk.points, redemption.debited_by, redemption.paid_by)
        spent_at, shop_fault = redemption.created_at, why.shop_fault
        desk.points.restore(slices, cause, spent_at=spent_at, shop_fault=shop_fault)
    redemption.state, redemption.resolved_at = why.state, now
    desk.changes.put("redemption", redemption)
    await post(tx, desk)
    if found.reward.stock is not None:
        await queries.unsell(tx, redemption.reward_code, redemption.quantity)
    return found


def price(redemption: Redemption) -> dict[str, int]:
    """What it cost, as decisions keep it."""
    if redemption.price_community:
        return {"community": redemption.price_community}
    return {"points": redemption.price_points}


def require_unbanned(desk: Desk) -> None:
    """Refuses COMMUNITY_BANNED to whom a ban is in force that was read with the desk (`ban`)."""
    ban = desk.also["ban"]
    if ban is not None:
        ends_at = ban["ends_at"] and datetime.fromisoformat(ban["ends_at"])
        raise CommunityBanned(ban["reason"], ends_at)


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
