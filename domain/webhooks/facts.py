"""Of which facts are endpoints told? Of what is written: a table's rows say which they are.

Rows come from many contexts, so their fields are read by name. A row that changes later is told
again only where its state is another: an event's `key` names the fact, and no fact is kept twice.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from db.changes import Changes, value_of
from domain.webhooks import checkouts, community, privacy
from domain.webhooks.model import NOBODY, EventType
from domain.webhooks.telling import Told, Written, text
from kit.ids import global_id


def told(changes: Changes, *, now: datetime) -> list[Told]:
    """The facts in rows that are about to be written."""
    written = _read(changes, now)
    found = (tell(row, written) for table, tell in TELLERS.items() for row in changes.rows(table))
    return [fact for fact in found if fact is not None]


def _read(changes: Changes, now: datetime) -> Written:
    written = Written(now, {value_of(row, "id") for row in changes.rows("decision")})
    for wallet in changes.rows("wallet"):
        member_id = value_of(wallet, "member_id")
        names = ("available", "pending", "held", "debt")
        written.balances[member_id, value_of(wallet, "currency")] = {
            name: value_of(wallet, name) for name in names
        }
        if not value_of(wallet, "seq"):
            written.joined.add(member_id)
    for row in changes.rows("purchase"):
        order = {"source": value_of(row, "source"), "orderId": value_of(row, "order_id")}
        written.orders[value_of(row, "id")] = order
    for row in changes.rows("decision"):
        if value_of(row, "kind") in _IN_WORDS:
            written.words[value_of(row, "id")] = value_of(row, "inputs")["reason"]
    acted = [row for row in changes.rows("staff_action") if value_of(row, "action") in _ACTIONS]
    written.acted_on = {value_of(row, "member_id") for row in acted}
    return written


# Decisions whose reason somebody wrote.
_IN_WORDS = frozenset({"adjustment", "credit_grant"})
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
_CREDIT = {kind: EventType(told.replace("points.", "credit.")) for kind, told in _POINTS.items()}
_GROWTH = {"earn": EventType.GROWTH_EARNED, "take_back": EventType.GROWTH_TAKEN_BACK}
_BY_CURRENCY = {"POINTS": _POINTS, "GROWTH": _GROWTH, "CREDIT": _CREDIT}
_ENTRIES = {"POINTS": "PointsEntry", "CREDIT": "CreditEntry"}


def _transfer(row: object, written: Written) -> Told | None:
    currency, seq = value_of(row, "currency"), value_of(row, "seq")
    kind = _BY_CURRENCY.get(currency, {}).get(value_of(row, "kind"))
    if kind is None:
        return None
    member_id = value_of(row, "member_id")
    data = {
        "amount": value_of(row, "amount"),
        "from": value_of(row, "debit_account"),
        "to": value_of(row, "credit_account"),
        "reason": written.words.get(value_of(row, "decision_id")) or value_of(row, "reason"),
    }
    if currency in _ENTRIES:
        data["entryId"] = global_id(_ENTRIES[currency], member_id, UUID(int=seq))
    data["balance"] = written.balances[member_id, currency]
    return Told(kind, member_id, str(seq), value_of(row, "occurred_at"), data)


def _member(row: object, written: Written) -> Told | None:
    member_id = value_of(row, "member_id")
    data = {name: value_of(row, name) for name in ("nickname", "locale", "timezone")}
    data["referralCode"] = value_of(row, "referral_code")
    if member_id in written.joined:
        at = value_of(row, "joined_at")
        return Told(EventType.MEMBER_JOINED, member_id, "", at, data | {"joinedAt": text(at)})
    if member_id in written.acted_on:
        return None
    return Told(EventType.MEMBER_CHANGED, member_id, written.now.isoformat(), written.now, data)


_ACTIONS = {"suspend": EventType.MEMBER_SUSPENDED, "resume": EventType.MEMBER_RESUMED}


def _staff_action(row: object, written: Written) -> Told | None:
    del written
    kind = _ACTIONS.get(value_of(row, "action"))
    if kind is None:
        return None
    data = {"reason": value_of(row, "reason")}
    at = value_of(row, "recorded_at")
    return Told(kind, value_of(row, "member_id"), str(value_of(row, "id")), at, data)


def _merge(row: object, written: Written) -> Told:
    """Of the survivor. Rows that go with the absorbed are no news of their own."""
    del written
    survivor_id = value_of(row, "member_id")
    data = {
        "survivorId": global_id("Member", survivor_id),
        "absorbedId": global_id("Member", value_of(row, "absorbed_id")),
    }
    undone_at = value_of(row, "unmerged_at")
    kind = EventType.MEMBER_MERGED if undone_at is None else EventType.MEMBER_UNMERGED
    at = undone_at or value_of(row, "merged_at")
    return Told(kind, survivor_id, str(value_of(row, "id")), at, data)


def _tier_change(row: object, written: Written) -> Told:
    del written
    data = {
        "from": value_of(row, "from_tier"),
        "to": value_of(row, "to_tier"),
        "reason": value_of(row, "reason"),
    }
    key, at = str(value_of(row, "id")), value_of(row, "occurred_at")
    return Told(EventType.TIER_CHANGED, value_of(row, "member_id"), key, at, data)


def _purchase(row: object, written: Written) -> Told | None:
    if not written.is_new(row):
        return None
    data = {
        **written.orders[value_of(row, "id")],
        "points": value_of(row, "points"),
        "growth": value_of(row, "growth"),
        "tier": value_of(row, "tier_code"),
        "settlesAt": text(value_of(row, "settles_at")),
    }
    key, at = str(value_of(row, "id")), value_of(row, "paid_at")
    return Told(EventType.ORDER_COUNTED, value_of(row, "member_id"), key, at, data)


def _refund(row: object, written: Written) -> Told:
    data = {
        **written.orders.get(value_of(row, "purchase_id"), {}),
        "refundId": value_of(row, "refund_id"),
        "points": value_of(row, "points"),
        "growth": value_of(row, "growth"),
        "pointsRestored": value_of(row, "points_restored"),
        "creditRestoredMinor": value_of(row, "credit_restored_minor"),
        "giftChargeMinor": value_of(row, "gift_charge_minor"),
    }
    key, at = str(value_of(row, "id")), value_of(row, "occurred_at")
    return Told(EventType.REFUND_COUNTED, value_of(row, "member_id"), key, at, data)


def _inbox(row: object, written: Written) -> Told | None:
    if value_of(row, "state") != "refused":
        return None
    data = {
        "source": value_of(row, "source"),
        "eventId": value_of(row, "event_id"),
        "eventType": value_of(row, "type"),
        "note": value_of(row, "note"),
    }
    key = str(value_of(row, "id"))
    return Told(EventType.EVENT_REFUSED, value_of(row, "member_id"), key, written.now, data)


def _check_in(row: object, written: Written) -> Told | None:
    if not written.is_new(row):
        return None
    day = str(value_of(row, "day"))
    data = {
        "day": day,
        "streakDays": value_of(row, "streak_days"),
        "points": value_of(row, "points_awarded"),
        "madeUp": value_of(row, "made_up"),
    }
    at = value_of(row, "occurred_at")
    return Told(EventType.CHECK_IN_MADE, value_of(row, "member_id"), day, at, data)


_COUPON_STATES = {
    "REDEEMED": EventType.COUPON_REDEEMED,
    "RETURNED": EventType.COUPON_RETURNED,
    "FORFEITED": EventType.COUPON_FORFEITED,
    "EXPIRED": EventType.COUPON_EXPIRED,
    "REVOKED": EventType.COUPON_REVOKED,
}


def _coupon(row: object, written: Written) -> Told | None:
    """Which checkout reserves it is that checkout's affair; what is changed now is told."""
    state, at = value_of(row, "state"), value_of(row, "changed_at")
    key = f"{value_of(row, 'id')} {at.isoformat()}"
    if state == "ISSUED" and written.is_new(row):
        kind, key = EventType.COUPON_ISSUED, str(value_of(row, "id"))
    elif state in _COUPON_STATES and at == written.now:
        kind = _COUPON_STATES[state]
    else:
        return None
    data = {
        "template": value_of(row, "template"),
        "code": value_of(row, "code"),
        "expiresAt": text(value_of(row, "expires_at")),
    }
    return Told(kind, value_of(row, "member_id"), key, at, data)


def _badge(row: object, written: Written) -> Told:
    del written
    code = value_of(row, "code")
    at = value_of(row, "awarded_at")
    return Told(EventType.BADGE_AWARDED, value_of(row, "member_id"), code, at, {"badge": code})


def _gift(row: object, written: Written) -> Told:
    del written
    kind, code = value_of(row, "kind"), value_of(row, "code")
    data = {"gift": kind, "for": code, "points": value_of(row, "points")}
    at = value_of(row, "given_at")
    return Told(EventType.GIFT_GIVEN, value_of(row, "member_id"), f"{kind}:{code}", at, data)


_OF_TASKS = {"task": EventType.TASK_REWARDED, "task_undone": EventType.TASK_UNDONE}


def _decision(row: object, written: Written) -> Told | None:
    del written
    if value_of(row, "kind") == "checkout_completed":
        return checkouts.overused(row)
    kind = _OF_TASKS.get(value_of(row, "kind"))
    if kind is None:
        return None
    data = {
        name: value_of(row, "inputs")[name] for name in ("task", "period", "progress", "target")
    }
    data["points"] = value_of(row, "outcome")["points"]
    key, at = value_of(row, "key"), value_of(row, "occurred_at")
    return Told(kind, value_of(row, "member_id"), key, at, data)


def _task_progress(row: object, written: Written) -> Told | None:
    del written
    if value_of(row, "state") != "CLAIMABLE":
        return None
    data = {name: value_of(row, name) for name in ("task", "period", "progress", "target")}
    at = value_of(row, "completed_at")
    key = f"{data['task']}:{data['period']}:{at.isoformat()}"
    return Told(EventType.TASK_CLAIMABLE, value_of(row, "member_id"), key, at, data)


def _challenge_result(row: object, written: Written) -> Told | None:
    if not written.is_new(row):
        return None
    data = {name: value_of(row, name) for name in ("challenge", "rank", "score")}
    key, at = data["challenge"], value_of(row, "closed_at")
    return Told(EventType.CHALLENGE_WON, value_of(row, "member_id"), key, at, data)


_MESSAGES = {
    "points_expiring": EventType.POINTS_EXPIRING,
    "credit_expiring": EventType.CREDIT_EXPIRING,
    "tier_warned": EventType.TIER_WARNED,
    "tier_grace": EventType.TIER_GRACE,
    "tier_kept": EventType.TIER_KEPT,
    "tier_floor_ending": EventType.TIER_FLOOR_ENDING,
}


def _notification(row: object, written: Written) -> Told | None:
    """What no row of its own says: what lies ahead, as the member is told of it."""
    del written
    kind = _MESSAGES.get(value_of(row, "template"))
    if kind is None:
        return None
    data = {_in_camel_case(name): fact for name, fact in value_of(row, "facts").items()}
    key, at = value_of(row, "cause"), value_of(row, "occurred_at")
    return Told(kind, value_of(row, "member_id"), key, at, data)


def _redemption(row: object, written: Written) -> Told:
    member_id, state = value_of(row, "member_id"), str(value_of(row, "state"))
    data = {
        "redemptionId": global_id("Redemption", member_id, value_of(row, "id")),
        "reward": value_of(row, "reward_code"),
        "quantity": value_of(row, "quantity"),
        "points": value_of(row, "price_points"),
        "community": value_of(row, "price_community"),
    }
    at = value_of(row, "created_at") if written.is_new(row) else written.now
    kind = EventType(f"redemption.{state.lower()}")
    return Told(kind, member_id, str(value_of(row, "id")), at, data)


def _draw(row: object, written: Written) -> Told:
    member_id, draw_id = value_of(row, "member_id"), value_of(row, "id")
    data = {
        "drawId": global_id("Draw", member_id, draw_id),
        "redemptionId": global_id("Redemption", member_id, value_of(row, "redemption_id")),
        "lottery": value_of(row, "lottery"),
        "round": value_of(row, "round"),
        "named": value_of(row, "named"),
        "given": value_of(row, "given"),
        "points": value_of(row, "points"),
    }
    is_new = written.is_new(row)
    kind = EventType.LOTTERY_DRAWN if is_new else _BY_PRIZE[str(value_of(row, "state"))]
    return Told(
        kind, member_id, str(draw_id), value_of(row, "drawn_at") if is_new else written.now, data
    )


_BY_PRIZE = {
    "SHIPPED": EventType.PRIZE_SHIPPED,
    "DELIVERED": EventType.PRIZE_DELIVERED,
    "FAILED": EventType.PRIZE_FAILED,
}


def _referral(row: object, written: Written) -> Told:
    data = {
        "inviterId": global_id("Member", value_of(row, "inviter_id")),
        "code": value_of(row, "code"),
        "boundAt": text(value_of(row, "bound_at")),
    }
    state = value_of(row, "state").lower()
    at = (
        value_of(row, f"{state}_at") if state in {"bound", "qualified", "rewarded"} else written.now
    )
    return Told(EventType(f"referral.{state}"), value_of(row, "member_id"), "", at, data)


_ENDS = {"DONE": EventType.BATCH_DONE, "FAILED": EventType.BATCH_FAILED}


def _batch(row: object, written: Written) -> Told | None:
    """One that failed, was resumed and failed again is told of twice."""
    del written
    kind = _ENDS.get(value_of(row, "state"))
    if kind is None:
        return None
    batch_id, at = value_of(row, "id"), value_of(row, "ended_at")
    data = {"batchId": global_id("Batch", batch_id)}
    data |= {name: value_of(row, name) for name in ("kind", "total", "done", "refused")}
    return Told(kind, NOBODY, f"{batch_id}:{value_of(row, 'token')}", at, data)


Teller = Callable[[object, Written], Told | None]
TELLERS: dict[str, Teller] = {
    "member": _member,
    "staff_action": _staff_action,
    "merge": _merge,
    "erasure": privacy.erasure,
    "transfer": _transfer,
    "tier_change": _tier_change,
    "purchase": _purchase,
    "refund": _refund,
    "inbox": _inbox,
    "check_in": _check_in,
    "coupon": _coupon,
    "checkout": checkouts.checkout,
    "badge": _badge,
    "gift": _gift,
    "decision": _decision,
    "task_progress": _task_progress,
    "challenge_result": _challenge_result,
    "notification": _notification,
    "redemption": _redemption,
    "draw": _draw,
    "referral": _referral,
    "batch": _batch,
    "community_post": community.post,
    "community_action": community.action,
    "meetup_sign_up": community.sign_up,
}


def _in_camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
