"""What does each event tell? Rows as contexts write them, for the guide and for its test."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from db.changes import Changes
from domain.webhooks.facts import told
from domain.webhooks.model import EventType
from kit.ids import global_id
from tests.support.world import NOW

MEMBER = UUID(int=1)
ROW = UUID(int=2)
DECISION = UUID(int=3)
LATER = NOW + timedelta(days=30)
Rows = list[tuple[str, dict[str, Any]]]

_OWN = {"member_id": MEMBER, "id": ROW, "decision_id": DECISION}
_DECISION = ("decision", {"member_id": MEMBER, "id": DECISION, "kind": "other"})
_WALLET = {"member_id": MEMBER, "available": 120, "pending": 0, "held": 0, "debt": 0}
_PROFILE = {
    "member_id": MEMBER,
    "nickname": "小明",
    "locale": "zh-CN",
    "timezone": "Asia/Shanghai",
    "referral_code": "7K3M9QXZ",
    "joined_at": NOW,
}
_PURCHASE = {
    **_OWN,
    "source": "shop",
    "order_id": "A-1001",
    "points": 120,
    "growth": 120,
    "tier_code": "V1",
    "paid_at": NOW,
    "settles_at": LATER,
}
_REFUND = {
    **_OWN,
    "purchase_id": ROW,
    "refund_id": "R-1",
    "points": 40,
    "growth": 40,
    "points_restored": 800,
    "credit_restored_minor": 0,
    "gift_charge_minor": 0,
    "occurred_at": NOW,
}
_INBOX = {
    **_OWN,
    "state": "refused",
    "source": "shop",
    "event_id": "e-77",
    "type": "order.refunded",
    "note": "REFUND_EXCEEDS_ORDER: More is sent back than was bought.",
}
_POST = {
    **_OWN,
    "kind": "REVIEW",
    "state": "VISIBLE",
    "topic": "TEA",
    "skus": ["tea-1"],
    "rating": 5,
    "like_count": 0,
    "published_at": NOW,
    "changed_at": NOW,
}


def _acted(action: str, subject_kind: str = "POST") -> Rows:
    facts = {"action": action, "subject_kind": subject_kind, "subject_id": DECISION}
    said = {"actor": "ada@shop", "reason": "advertising", "recorded_at": NOW}
    return [("community_action", _OWN | facts | said)]


def _sign_up(state: str) -> Rows:
    row = {"member_id": MEMBER, "meetup": "TASTING", "position": 7, "changed_at": NOW}
    return [("meetup_sign_up", row | {"state": state})]


_CHECK_IN = {
    **_OWN,
    "day": date(2026, 3, 2),
    "streak_days": 7,
    "points_awarded": 20,
    "made_up": False,
    "occurred_at": NOW,
}
_COUPON = {
    **_OWN,
    "template": "OFF10",
    "code": "4F7KQ2M9",
    "issued_at": NOW,
    "expires_at": LATER,
    "changed_at": NOW,
}
_CHECKOUT = {
    **_OWN,
    "payable_minor": 8_500,
    "points": 800,
    "credit_minor": 0,
    "coupon_ids": [str(ROW)],
    "opened_at": NOW,
    "expires_at": NOW + timedelta(minutes=15),
    "resolved_at": NOW,
    "source": "shop",
    "order_id": "A-1001",
    "debt_points": 0,
    "credit_debt_minor": 0,
}
_REDEMPTION = {
    **_OWN,
    "reward_code": "MUG",
    "quantity": 1,
    "price_points": 500,
    "price_community": 0,
    "created_at": NOW,
}
_BATCH = {
    "id": ROW,
    "kind": "members.import",
    "total": 20_000,
    "done": 19_998,
    "refused": 2,
    "token": 102,
    "ended_at": NOW,
}
_DRAW = {
    **_OWN,
    "redemption_id": UUID(int=2),
    "lottery": "SPRING",
    "round": 3,
    "named": "BICYCLE",
    "given": "FIVE_POINTS",
    "points": 5,
    "drawn_at": NOW,
}
_REFERRAL = {
    "member_id": MEMBER,
    "inviter_id": UUID(int=4),
    "code": "7K3M9QXZ",
    "bound_at": NOW,
    "qualified_at": NOW,
    "rewarded_at": NOW,
}
_TASK = {"task": "FIRST_ORDER", "period": "once", "progress": 1, "target": 1}
_GOLD = {"zh-CN": "金卡", "en": "Gold"}
_SILVER = {"zh-CN": "银卡", "en": "Silver"}
_AT_STAKE = {
    "tier": _GOLD,
    "score": 700,
    "needed": 1000,
    "gap": 300,
    "ends_at": "2026-04-01T04:00:00Z",
    "otherwise": _SILVER,
}


def _transfer(kind: str, debit: str, credit: str, reason: str, currency: str = "POINTS") -> Rows:
    row = {
        "member_id": MEMBER,
        "currency": currency,
        "seq": 9,
        "amount": 120,
        "debit_account": debit,
        "credit_account": credit,
        "kind": kind,
        "decision_id": DECISION,
        "reason": reason,
        "occurred_at": NOW,
    }
    return [("transfer", row), ("wallet", _WALLET | {"currency": currency, "seq": 9})]


def _action(action: str) -> Rows:
    row = {**_OWN, "action": action, "reason": "card fraud", "recorded_at": NOW}
    return [("member", _PROFILE), ("staff_action", row)]


def _decided(kind: str) -> Rows:
    row = {
        "member_id": MEMBER,
        "id": DECISION,
        "kind": kind,
        "key": f"{kind}:FIRST_ORDER:once:1",
        "inputs": _TASK,
        "outcome": {"points": 100},
        "occurred_at": NOW,
    }
    return [("decision", row)]


_ERASURE = {
    "member_id": MEMBER,
    "erased_at": NOW,
    "request_id": "ticket-1",
    "content": "DELETE",
    "external_ids": ["customer-1"],
}
_MERGE = {
    "member_id": MEMBER,
    "id": ROW,
    "absorbed_id": UUID(int=4),
    "merged_at": NOW,
    "unmerged_at": None,
}


def _message(template: str, **facts: object) -> Rows:
    row = {"member_id": MEMBER, "template": template, "cause": "x", "facts": facts}
    return [("notification", {**row, "id": ROW, "occurred_at": NOW})]


def _coupon(state: str) -> Rows:
    return [("coupon", _COUPON | {"state": state})]


def _checkout(state: str) -> Rows:
    return [("checkout", _CHECKOUT | {"state": state})]


def _redemption(state: str) -> Rows:
    return [("redemption", _REDEMPTION | {"state": state})]


def _draw(state: str) -> Rows:
    return [("draw", _DRAW | {"state": state})]


def _referral(state: str) -> Rows:
    return [("referral", _REFERRAL | {"state": state})]


ROWS: dict[EventType, Rows] = {
    EventType.MEMBER_JOINED: [
        ("member", _PROFILE),
        ("wallet", _WALLET | {"currency": "POINTS", "seq": 0}),
    ],
    EventType.MEMBER_CHANGED: [("member", _PROFILE)],
    EventType.MEMBER_SUSPENDED: _action("suspend"),
    EventType.MEMBER_RESUMED: _action("resume"),
    EventType.MEMBER_ERASED: [("erasure", _ERASURE)],
    EventType.MEMBER_MERGED: [("merge", _MERGE)],
    EventType.MEMBER_UNMERGED: [("merge", _MERGE | {"unmerged_at": NOW})],
    EventType.POINTS_EARNED: _transfer("earn", "issuance", "pending", "purchase"),
    EventType.POINTS_ACTIVATED: _transfer("activate", "pending", "available", "purchase"),
    EventType.POINTS_SPENT: _transfer("spend", "available", "redemption", "redemption"),
    EventType.POINTS_HELD: _transfer("hold", "available", "held", "lottery"),
    EventType.POINTS_RELEASED: _transfer("release", "held", "available", "lottery"),
    EventType.POINTS_RESTORED: _transfer("restore", "redemption", "available", "cancelled"),
    EventType.POINTS_EXPIRED: _transfer("expire", "available", "expiry", "purchase"),
    EventType.POINTS_TAKEN_BACK: _transfer("take_back", "available", "issuance", "refund"),
    EventType.POINTS_REPAID: _transfer("repay", "available", "debt", "purchase"),
    EventType.POINTS_ADJUSTED: _transfer("adjust", "adjustment", "available", "goodwill"),
    EventType.POINTS_EXPIRING: _message(
        "points_expiring", points=80, days=7, expires_at="2026-03-09T04:00:00Z"
    ),
    EventType.CREDIT_EARNED: _transfer("earn", "issuance", "available", "welcome_gift", "CREDIT"),
    EventType.CREDIT_ACTIVATED: _transfer("activate", "pending", "available", "task", "CREDIT"),
    EventType.CREDIT_SPENT: _transfer("commit", "held", "redemption", "checkout", "CREDIT"),
    EventType.CREDIT_HELD: _transfer("hold", "available", "held", "checkout", "CREDIT"),
    EventType.CREDIT_RELEASED: _transfer("release", "held", "available", "checkout", "CREDIT"),
    EventType.CREDIT_RESTORED: _transfer("restore", "redemption", "available", "refund", "CREDIT"),
    EventType.CREDIT_EXPIRED: _transfer("expire", "available", "expiry", "task", "CREDIT"),
    EventType.CREDIT_TAKEN_BACK: _transfer("take_back", "available", "issuance", "task", "CREDIT"),
    EventType.CREDIT_REPAID: _transfer("repay", "available", "debt", "task", "CREDIT"),
    EventType.CREDIT_ADJUSTED: _transfer("adjust", "adjustment", "available", "sorry", "CREDIT"),
    EventType.CREDIT_EXPIRING: _message(
        "credit_expiring",
        amount={"zh-CN": "¥8.88", "en": "CN¥8.88"},
        amount_minor=888,
        days=7,
        expires_at="2026-03-09T04:00:00Z",
    ),
    EventType.GROWTH_EARNED: _transfer("earn", "issuance", "available", "purchase", "GROWTH"),
    EventType.GROWTH_TAKEN_BACK: _transfer(
        "take_back", "available", "issuance", "refund", "GROWTH"
    ),
    EventType.TIER_CHANGED: [
        (
            "tier_change",
            {
                **_OWN,
                "from_tier": "V1",
                "to_tier": "V2",
                "reason": "upgrade",
                "occurred_at": NOW,
            },
        )
    ],
    EventType.TIER_WARNED: _message("tier_warned", **_AT_STAKE),
    EventType.TIER_GRACE: _message(
        "tier_grace", **_AT_STAKE, tasks=[{"zh-CN": "评价 2 次", "en": "Review twice"}]
    ),
    EventType.TIER_KEPT: _message("tier_kept", tier=_GOLD, ends_at="2027-03-02T04:00:00Z"),
    EventType.TIER_FLOOR_ENDING: _message(
        "tier_floor_ending", tier=_GOLD, otherwise=_SILVER, ends_at="2026-04-01T04:00:00Z"
    ),
    EventType.ORDER_COUNTED: [_DECISION, ("purchase", _PURCHASE)],
    EventType.REFUND_COUNTED: [
        ("purchase", _PURCHASE | {"decision_id": ROW}),
        ("refund", _REFUND),
    ],
    EventType.EVENT_REFUSED: [("inbox", _INBOX)],
    EventType.CHECK_IN_MADE: [_DECISION, ("check_in", _CHECK_IN)],
    EventType.COUPON_ISSUED: [_DECISION, ("coupon", _COUPON | {"state": "ISSUED"})],
    EventType.COUPON_REDEEMED: _coupon("REDEEMED"),
    EventType.COUPON_RETURNED: _coupon("RETURNED"),
    EventType.COUPON_FORFEITED: _coupon("FORFEITED"),
    EventType.COUPON_EXPIRED: _coupon("EXPIRED"),
    EventType.COUPON_REVOKED: _coupon("REVOKED"),
    EventType.CHECKOUT_OPENED: [_DECISION, *_checkout("OPEN")],
    EventType.CHECKOUT_COMPLETED: _checkout("COMPLETED"),
    EventType.CHECKOUT_CANCELLED: _checkout("CANCELLED"),
    EventType.CHECKOUT_EXPIRED: _checkout("EXPIRED"),
    EventType.COUPON_OVERUSED: [
        (
            "decision",
            {
                "member_id": MEMBER,
                "id": DECISION,
                "kind": "checkout_completed",
                "key": f"checkout completed {ROW}",
                "inputs": {"checkout": str(ROW), "order_id": "A-1001"},
                "outcome": {"overused": [str(ROW)]},
                "occurred_at": NOW,
            },
        )
    ],
    EventType.BADGE_AWARDED: [
        ("badge", {**_OWN, "code": "EARLY_BIRD", "awarded_at": NOW}),
    ],
    EventType.GIFT_GIVEN: [
        ("gift", {**_OWN, "kind": "birthday", "code": "2026", "points": 50, "given_at": NOW}),
    ],
    EventType.TASK_CLAIMABLE: [
        (
            "task_progress",
            {"member_id": MEMBER, **_TASK, "state": "CLAIMABLE", "completed_at": NOW},
        )
    ],
    EventType.TASK_REWARDED: _decided("task"),
    EventType.TASK_UNDONE: _decided("task_undone"),
    EventType.CHALLENGE_WON: [
        _DECISION,
        (
            "challenge_result",
            {**_OWN, "challenge": "SPRING", "rank": 3, "score": 4200, "closed_at": NOW},
        ),
    ],
    EventType.REDEMPTION_REQUESTED: _redemption("REQUESTED"),
    EventType.REDEMPTION_ISSUED: _redemption("ISSUED"),
    EventType.REDEMPTION_SHIPPED: _redemption("SHIPPED"),
    EventType.REDEMPTION_DELIVERED: _redemption("DELIVERED"),
    EventType.REDEMPTION_FAILED: _redemption("FAILED"),
    EventType.REDEMPTION_CANCELLED: _redemption("CANCELLED"),
    EventType.LOTTERY_DRAWN: [*_draw("GIVEN"), _DECISION],
    EventType.PRIZE_SHIPPED: _draw("SHIPPED"),
    EventType.PRIZE_DELIVERED: _draw("DELIVERED"),
    EventType.PRIZE_FAILED: _draw("FAILED"),
    EventType.REFERRAL_BOUND: _referral("BOUND"),
    EventType.REFERRAL_QUALIFIED: _referral("QUALIFIED"),
    EventType.REFERRAL_REWARDED: _referral("REWARDED"),
    EventType.REFERRAL_REVERSED: _referral("REVERSED"),
    EventType.REFERRAL_LAPSED: _referral("LAPSED"),
    EventType.REFERRAL_REJECTED: _referral("REJECTED"),
    EventType.POST_PUBLISHED: [("community_post", _POST)],
    EventType.CONTENT_HELD: _acted("HELD"),
    EventType.CONTENT_HIDDEN: _acted("HIDDEN"),
    EventType.CONTENT_RESTORED: _acted("RESTORED"),
    EventType.CONTENT_PICKED: _acted("PICKED"),
    EventType.COMMUNITY_BANNED: _acted("BANNED", "BAN"),
    EventType.COMMUNITY_BAN_LIFTED: _acted("BAN_LIFTED", "BAN"),
    EventType.MEETUP_SEATED: _sign_up("SEATED"),
    EventType.MEETUP_WAITING: _sign_up("WAITING"),
    EventType.MEETUP_CANCELLED: _sign_up("CANCELLED"),
    EventType.MEETUP_ATTENDED: _sign_up("ATTENDED"),
    EventType.BATCH_DONE: [("batch", _BATCH | {"state": "DONE"})],
    EventType.BATCH_FAILED: [("batch", _BATCH | {"state": "FAILED"})],
}


def example(kind: EventType) -> dict[str, Any]:
    """The `data` of an event of this type, without `member`."""
    if kind is EventType.TEST:
        return {"endpointId": global_id("WebhookEndpoint", ROW)}
    changes = Changes()
    for table, row in ROWS[kind]:
        changes.put(table, row)
    (fact,) = told(changes, now=NOW)
    assert fact.type is kind
    assert fact.occurred_at == NOW
    return fact.data
