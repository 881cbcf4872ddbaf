"""Of which facts are endpoints told? Of what is written: a table's rows say which they are.

Rows come from many contexts, so their fields are read by name. A row that changes later is told
again only where its state is another: an event's `key` names the fact, and no fact is kept twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from db.changes import Changes
from domain.webhooks.model import EventType
from kit.ids import global_id


@dataclass(frozen=True, slots=True)
class Told:
    """A fact; `key` is the same for the same fact, and for another fact of its type another."""

    type: EventType
    member_id: UUID
    key: str
    occurred_at: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class _Written:
    """What is written together, which tells what is new of it and which balances it leaves."""

    now: datetime
    decisions: set[UUID] = field(default_factory=set[UUID])
    balances: dict[tuple[UUID, str], dict[str, Any]] = field(
        default_factory=dict[tuple[UUID, str], dict[str, Any]]
    )
    orders: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    joined: set[UUID] = field(default_factory=set[UUID])
    acted_on: set[UUID] = field(default_factory=set[UUID])

    def is_new(self, row: object) -> bool:
        """A row that changed keeps the decision that it was made by."""
        return _of(row, "decision_id") in self.decisions


def told(changes: Changes, *, now: datetime) -> list[Told]:
    """The facts in rows that are about to be written."""
    written = _read(changes, now)
    found = (tell(row, written) for table, tell in TELLERS.items() for row in changes.rows(table))
    return [fact for fact in found if fact is not None]


def _read(changes: Changes, now: datetime) -> _Written:
    written = _Written(now, {_of(row, "id") for row in changes.rows("decision")})
    for wallet in changes.rows("wallet"):
        member_id = _of(wallet, "member_id")
        names = ("available", "pending", "held", "debt")
        written.balances[member_id, _of(wallet, "currency")] = {
            name: _of(wallet, name) for name in names
        }
        if not _of(wallet, "seq"):
            written.joined.add(member_id)
    for row in changes.rows("purchase"):
        order = {"source": _of(row, "source"), "orderId": _of(row, "order_id")}
        written.orders[_of(row, "id")] = order
    acted = [row for row in changes.rows("staff_action") if _of(row, "action") in _ACTIONS]
    written.acted_on = {_of(row, "member_id") for row in acted}
    return written


_POINTS: dict[str, EventType] = {
    "earn": EventType.POINTS_EARNED,
    "activate": EventType.POINTS_ACTIVATED,
    "spend": EventType.POINTS_SPENT,
    "commit": EventType.POINTS_SPENT,
    "hold": EventType.POINTS_HELD,
    "release": EventType.POINTS_RELEASED,
    "restore": EventType.POINTS_RESTORED,
    "expire": EventType.POINTS_EXPIRED,
    "decay": EventType.POINTS_EXPIRED,
    "take_back": EventType.POINTS_TAKEN_BACK,
    "recoup": EventType.POINTS_TAKEN_BACK,
    "shortfall": EventType.POINTS_TAKEN_BACK,
    "repay": EventType.POINTS_REPAID,
    "adjust": EventType.POINTS_ADJUSTED,
}
_GROWTH = {"earn": EventType.GROWTH_EARNED, "take_back": EventType.GROWTH_TAKEN_BACK}
_BY_CURRENCY = {"POINTS": _POINTS, "GROWTH": _GROWTH}


def _transfer(row: object, written: _Written) -> Told | None:
    currency, seq = _of(row, "currency"), _of(row, "seq")
    kind = _BY_CURRENCY.get(currency, {}).get(_of(row, "kind"))
    if kind is None:
        return None
    member_id = _of(row, "member_id")
    data = {
        "amount": _of(row, "amount"),
        "from": _of(row, "debit_account"),
        "to": _of(row, "credit_account"),
        "reason": _of(row, "reason"),
    }
    if currency == "POINTS":
        data["entryId"] = global_id("PointsEntry", member_id, UUID(int=seq))
    data["balance"] = written.balances[member_id, currency]
    return Told(kind, member_id, str(seq), _of(row, "occurred_at"), data)


def _member(row: object, written: _Written) -> Told | None:
    member_id = _of(row, "member_id")
    data = {name: _of(row, name) for name in ("nickname", "locale", "timezone")}
    data["referralCode"] = _of(row, "referral_code")
    if member_id in written.joined:
        at = _of(row, "joined_at")
        return Told(EventType.MEMBER_JOINED, member_id, "", at, data | {"joinedAt": _text(at)})
    if member_id in written.acted_on:
        return None
    return Told(EventType.MEMBER_CHANGED, member_id, written.now.isoformat(), written.now, data)


_ACTIONS = {"suspend": EventType.MEMBER_SUSPENDED, "resume": EventType.MEMBER_RESUMED}


def _staff_action(row: object, written: _Written) -> Told | None:
    del written
    kind = _ACTIONS.get(_of(row, "action"))
    if kind is None:
        return None
    data = {"reason": _of(row, "reason")}
    at = _of(row, "recorded_at")
    return Told(kind, _of(row, "member_id"), str(_of(row, "id")), at, data)


def _tier_change(row: object, written: _Written) -> Told:
    del written
    data = {"from": _of(row, "from_tier"), "to": _of(row, "to_tier"), "reason": _of(row, "reason")}
    key, at = str(_of(row, "id")), _of(row, "occurred_at")
    return Told(EventType.TIER_CHANGED, _of(row, "member_id"), key, at, data)


def _purchase(row: object, written: _Written) -> Told | None:
    if not written.is_new(row):
        return None
    data = {
        **written.orders[_of(row, "id")],
        "points": _of(row, "points"),
        "growth": _of(row, "growth"),
        "tier": _of(row, "tier_code"),
        "settlesAt": _text(_of(row, "settles_at")),
    }
    key, at = str(_of(row, "id")), _of(row, "paid_at")
    return Told(EventType.ORDER_COUNTED, _of(row, "member_id"), key, at, data)


def _refund(row: object, written: _Written) -> Told:
    data = {
        **written.orders[_of(row, "purchase_id")],
        "refundId": _of(row, "refund_id"),
        "points": _of(row, "points"),
        "growth": _of(row, "growth"),
    }
    key, at = str(_of(row, "id")), _of(row, "occurred_at")
    return Told(EventType.REFUND_COUNTED, _of(row, "member_id"), key, at, data)


def _inbox(row: object, written: _Written) -> Told | None:
    if _of(row, "state") != "refused":
        return None
    data = {
        "source": _of(row, "source"),
        "eventId": _of(row, "event_id"),
        "eventType": _of(row, "type"),
        "note": _of(row, "note"),
    }
    key = str(_of(row, "id"))
    return Told(EventType.EVENT_REFUSED, _of(row, "member_id"), key, written.now, data)


def _check_in(row: object, written: _Written) -> Told | None:
    if not written.is_new(row):
        return None
    day = str(_of(row, "day"))
    data = {
        "day": day,
        "streakDays": _of(row, "streak_days"),
        "points": _of(row, "points_awarded"),
        "madeUp": _of(row, "made_up"),
    }
    at = _of(row, "occurred_at")
    return Told(EventType.CHECK_IN_MADE, _of(row, "member_id"), day, at, data)


def _coupon(row: object, written: _Written) -> Told | None:
    is_issued = _of(row, "state") == "ISSUED"
    if is_issued and not written.is_new(row):
        return None
    data = {
        "template": _of(row, "template"),
        "code": _of(row, "code"),
        "expiresAt": _text(_of(row, "expires_at")),
    }
    kind = EventType.COUPON_ISSUED if is_issued else EventType.COUPON_REVOKED
    at = _of(row, "issued_at") if is_issued else written.now
    return Told(kind, _of(row, "member_id"), str(_of(row, "id")), at, data)


def _badge(row: object, written: _Written) -> Told:
    del written
    code = _of(row, "code")
    at = _of(row, "awarded_at")
    return Told(EventType.BADGE_AWARDED, _of(row, "member_id"), code, at, {"badge": code})


def _redemption(row: object, written: _Written) -> Told:
    member_id, state = _of(row, "member_id"), str(_of(row, "state"))
    data = {
        "redemptionId": global_id("Redemption", member_id, _of(row, "id")),
        "reward": _of(row, "reward_code"),
        "quantity": _of(row, "quantity"),
        "points": _of(row, "price_points"),
    }
    at = _of(row, "created_at") if written.is_new(row) else written.now
    kind = EventType(f"redemption.{state.lower()}")
    return Told(kind, member_id, str(_of(row, "id")), at, data)


def _referral(row: object, written: _Written) -> Told:
    data = {
        "inviterId": global_id("Member", _of(row, "inviter_id")),
        "code": _of(row, "code"),
        "boundAt": _text(_of(row, "bound_at")),
    }
    state = _of(row, "state").lower()
    at = _of(row, f"{state}_at") if state in {"bound", "qualified", "rewarded"} else written.now
    return Told(EventType(f"referral.{state}"), _of(row, "member_id"), "", at, data)


Teller = Callable[[object, _Written], Told | None]
TELLERS: dict[str, Teller] = {
    "member": _member,
    "staff_action": _staff_action,
    "transfer": _transfer,
    "tier_change": _tier_change,
    "purchase": _purchase,
    "refund": _refund,
    "inbox": _inbox,
    "check_in": _check_in,
    "coupon": _coupon,
    "badge": _badge,
    "redemption": _redemption,
    "referral": _referral,
}


def _of(row: object, name: str) -> Any:  # noqa: ANN401  rows of any context
    if isinstance(row, dict):
        return cast("dict[str, Any]", row)[name]
    return getattr(row, name)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
