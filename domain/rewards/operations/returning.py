"""How does a redemption end, and how do its points come back? Once, however often it is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.coupons import by_code
from domain.coupons import steps as coupons
from domain.coupons.model import Coupon
from domain.ledger.steps import Desk, open_desk, post
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.views import Published, versions
from domain.rewards import rules
from domain.rewards.model import Redeemed, Return, State
from domain.rewards.operations.noting import note
from domain.rewards.steps import give_back, redeemed

Actor = Literal["member", "staff"]


_CANCELLED_BY: dict[Actor, Return] = {
    "member": Return(State.CANCELLED, "cancelled_by_member", shop_fault=False),
    "staff": Return(State.CANCELLED, "cancelled_by_shop", shop_fault=True),
}
_FAILED = Return(State.FAILED, "delivery_failed", shop_fault=True)


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
    rules.check_cancellable(found, bought, by_member=actor == "member", now=now)
    for coupon in bought:
        coupons.revoke(desk, coupon)
    return await give_back(tx, desk, found, published=published, why=_CANCELLED_BY[actor])


@transactional
async def fail(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, staff: str, reason: str, now: datetime
) -> Redeemed:
    """It can't be delivered or done: everything comes back, expired lots with their grace.

    Refuses INVALID_INPUT, NOT_FOUND, WRONG_KIND, WRONG_STATE; failing it again answers the same.
    """
    rules.check_reason(reason, ["reason"])
    published, desk, found = await _open(tx, member_id, redemption_id, now=now)
    if found.redemption.state == State.FAILED:
        return found
    rules.check_step(found.redemption.state, found.reward.kind, State.FAILED)
    note(desk, staff=staff, action="redemption.fail", reason=reason)
    return await give_back(tx, desk, found, published=published, why=_FAILED)


@transactional
async def ship(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, staff: str, now: datetime
) -> Redeemed:
    """The parcel has left: from now on it can't be cancelled.

    Refuses NOT_FOUND, WRONG_KIND, WRONG_STATE.
    """
    return await _step(tx, member_id, redemption_id, following=State.SHIPPED, staff=staff, now=now)


@transactional
async def deliver(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, staff: str, now: datetime
) -> Redeemed:
    """The parcel has arrived, the service is done. Refuses NOT_FOUND, WRONG_KIND, WRONG_STATE."""
    return await _step(
        tx, member_id, redemption_id, following=State.DELIVERED, staff=staff, now=now
    )


async def _step(
    tx: Tx, member_id: UUID, redemption_id: UUID, *, following: State, staff: str, now: datetime
) -> Redeemed:
    _, desk, found = await _open(tx, member_id, redemption_id, now=now)
    if found.redemption.state == following:
        return found
    rules.check_step(found.redemption.state, found.reward.kind, following)
    found.redemption.state = following
    found.redemption.resolved_at = now if following == State.DELIVERED else None
    desk.changes.put("redemption", found.redemption)
    note(desk, staff=staff, action=f"redemption.{following.lower()}", reason=str(redemption_id))
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
