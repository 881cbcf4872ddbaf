"""How does a redemption end, and how do its points come back? Once, however often it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from db.connection import Tx, transactional
from db.queries import rewards as queries
from db.queries.coupons import by_code
from domain.coupons import steps as coupons
from domain.coupons.model import Coupon
from domain.ledger.model import Cause
from domain.ledger.steps import Desk, open_desk, post, slices_of
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.views import Published, versions
from domain.rewards import rules
from domain.rewards.model import Redeemed, State
from domain.rewards.steps import redeemed
from kit.ids import new_id

Actor = Literal["member", "staff"]


@dataclass(frozen=True, slots=True)
class _Return:
    """Why points go back; where the shop is at fault, lots that have expired get some grace."""

    state: State
    reason: str
    shop_fault: bool


_CANCELLED_BY: dict[Actor, _Return] = {
    "member": _Return(State.CANCELLED, "cancelled_by_member", shop_fault=False),
    "staff": _Return(State.CANCELLED, "cancelled_by_shop", shop_fault=True),
}
_FAILED = _Return(State.FAILED, "delivery_failed", shop_fault=True)


@transactional
async def cancel(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, actor: Actor, now: datetime
) -> Redeemed:
    """Undo a redemption: the very lots, the stock and the limit come back, coupons are revoked.

    A second cancel answers the same and changes nothing. Refuses NOT_FOUND, MEMBER_SUSPENDED (the
    member's own cancel), NOT_CANCELLABLE.
    """
    published, desk, found = await _open(tx, member_id, redemption_id, now=now)
    if actor == "member":
        desk.require_standing()
    if found.redemption.state == State.CANCELLED:
        return found
    bought = await _coupons(tx, found)
    rules.check_cancellable(found.redemption, found.reward.kind, bought, now=now)
    for coupon in bought:
        coupons.revoke(desk, coupon)
    return await _give_back(tx, desk, found, published=published, why=_CANCELLED_BY[actor])


@transactional
async def fail(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, staff: str, reason: str, now: datetime
) -> Redeemed:
    """The parcel can't be delivered: everything comes back, expired lots with their grace.

    Refuses INVALID_INPUT, NOT_FOUND, WRONG_STATE; failing it again answers the same.
    """
    rules.check_reason(reason, ["reason"])
    published, desk, found = await _open(tx, member_id, redemption_id, now=now)
    if found.redemption.state == State.FAILED:
        return found
    rules.check_step(found.redemption, State.FAILED)
    _note(desk, staff=staff, action="redemption.fail", reason=reason)
    return await _give_back(tx, desk, found, published=published, why=_FAILED)


@transactional
async def ship(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, staff: str, now: datetime
) -> Redeemed:
    """The parcel has left: from now on it can't be cancelled. Refuses NOT_FOUND, WRONG_STATE."""
    return await _step(tx, member_id, redemption_id, following=State.SHIPPED, staff=staff, now=now)


@transactional
async def deliver(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, staff: str, now: datetime
) -> Redeemed:
    """The parcel has arrived. Refuses NOT_FOUND, WRONG_STATE."""
    return await _step(
        tx, member_id, redemption_id, following=State.DELIVERED, staff=staff, now=now
    )


async def _step(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, following: State, staff: str, now: datetime
) -> Redeemed:
    _, desk, found = await _open(tx, member_id, redemption_id, now=now)
    if found.redemption.state == following:
        return found
    rules.check_step(found.redemption, following)
    found.redemption.state = following
    found.redemption.resolved_at = now if following == State.DELIVERED else None
    desk.changes.put("redemption", found.redemption)
    _note(desk, staff=staff, action=f"redemption.{following.lower()}", reason=str(redemption_id))
    if following == State.SHIPPED:
        _tell_shipped(desk, found)
    await post(tx, desk)
    return found


def _tell_shipped(desk: Desk, found: Redeemed) -> None:
    cause, now = f"redemption:{found.redemption.id}", desk.now
    title = found.reward.title.model_dump(mode="json", by_alias=True)
    notify(
        *(desk.changes, desk.member.member_id, Template.REWARD_SHIPPED, cause, {"reward": title}),
        occurred_at=now,
        now=now,
    )


async def _open(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, now: datetime
) -> tuple[Published, Desk, Redeemed]:
    published = (await versions(tx)).at(now)
    desk = await open_desk(tx, member_id, now)
    return published, desk, await redeemed(tx, member_id, redemption_id)


async def _coupons(tx: Tx, found: Redeemed) -> Sequence[Coupon]:
    if found.reward.kind != "COUPON":
        return ()
    rows = await by_code(tx, found.redemption.member_id, found.redemption.codes)
    return [Coupon(**row) for row in rows]


async def _give_back(
    tx: Tx, desk: Desk, found: Redeemed, *, published: Published, why: _Return
) -> Redeemed:
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


def _note(desk: Desk, *, staff: str, action: str, reason: str) -> None:
    row = {
        "member_id": desk.member.member_id,
        "id": new_id(),
        "actor": staff,
        "action": action,
        "reason": reason,
        "recorded_at": desk.now,
    }
    desk.changes.put("staff_action", row)
