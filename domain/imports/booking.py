"""What is written for a row, on the desk of its member?"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from domain.coupons import steps as coupons
from domain.imports.model import BALANCES, IN_LOTS, Entry
from domain.ledger.model import Account, Cause
from domain.ledger.steps import Desk
from domain.members.model import Member
from domain.orders.model import Dossier
from domain.orders.standing import adopt
from domain.points.rules import expires_at as expiry_of
from domain.points.rules import inactive_at
from domain.programme.model import Programme
from domain.programme.views import Published
from domain.tiers.model import TierPeriod
from kit.calendar import add_months, day_of, day_start, month_window
from kit.hashing import input_hash
from kit.ids import new_id

_FILLED = ("email", "phone", "birthday")


def filled(member: Member, entry: Entry, now: datetime) -> Member:
    """The member with what the row knows and nobody did; what is known stays."""
    new = {
        name: value
        for name in _FILLED
        if getattr(member, name) is None and (value := getattr(entry, name)) is not None
    }
    if "birthday" in new:
        new["birthday_set_at"] = now
    return replace(member, **new) if new else member


def book(
    desk: Desk, entry: Entry, published: Published, *, dossier: Dossier | None, source_id: str
) -> Counter[str]:
    """Write what the row says; what is to be counted of it. A tier needs the dossier."""
    now = desk.now
    decision = desk.decide(
        entry.key,
        "opening_balance",
        published.version,
        inputs={"reference": entry.reference, "content": input_hash(entry.content)},
        outcome={"balances": entry.balances, "tier": entry.tier, "coupon": entry.coupon},
        occurred_at=min(entry.earned_at or now, now),
    )
    cause = Cause(decision, decision.kind, "import", source_id, decision.occurred_at)
    counts: Counter[str] = Counter()
    for column, currency in BALANCES.items():
        if (amount := entry.balances.get(currency)) is not None:
            _credit(desk, entry, currency, cause, published.programme)
            counts[column] += amount
    if entry.tier is not None:
        assert dossier is not None, "a tier needs the member's standing"
        _stand(dossier, entry, published.programme)
        counts["tiers"] += 1
    if entry.coupon is not None:
        face = published.programme.coupon(entry.coupon)
        assert face is not None, "looked at before"
        coupons.bring_in(
            desk,
            decision,
            face,
            source_id=source_id,
            code=entry.coupon_code,
            expires_at=entry.coupon_expires_at,
        )
        counts["coupons"] += 1
    return counts


def suspend(desk: Desk, source_id: str) -> None:
    """Who was barred there is barred here; what came with them is theirs when they are back."""
    if desk.member.suspended_at is not None:
        return
    desk.member = replace(desk.member, suspended_at=desk.now)
    desk.changes.put("member", desk.member)
    action = {
        "member_id": desk.member.member_id,
        "id": new_id(),
        "actor": f"import {source_id}",
        "action": "suspend",
        "reason": "suspended in the former programme",
        "recorded_at": desk.now,
    }
    desk.changes.put("staff_action", action)


def _credit(desk: Desk, entry: Entry, currency: str, cause: Cause, programme: Programme) -> None:
    book, amount, now = desk.books[currency], entry.balances[currency], desk.now
    if currency not in IN_LOTS:
        book.credit(amount, cause, debit=Account.ADJUSTMENT)
        return
    if amount < 0:
        book.owe(-amount, cause)
        return
    activates_at = entry.activates_at
    if activates_at is not None and activates_at <= now:
        activates_at = None
    if activates_at is None and not book.activates:
        activates_at = now
    book.open_lot(
        new_id(),
        amount,
        cause,
        activates_at=activates_at,
        expires_at=_expiry(entry, activates_at or now, programme),
        debit=Account.ADJUSTMENT,
    )


def _expiry(entry: Entry, active_at: datetime, programme: Programme) -> datetime | None:
    if entry.expires_at is not None or entry.is_lasting:
        return entry.expires_at
    return expiry_of(active_at, programme) or inactive_at(active_at, programme)


def _stand(dossier: Dossier, entry: Entry, programme: Programme) -> None:
    """The lowest tier is everybody's and has no period."""
    if entry.tier is None or entry.tier == dossier.standing.tier_code:
        return
    opened_at = min(entry.tier_since or dossier.desk.now, dossier.desk.now)
    period = _period(entry.tier, opened_at, entry.tier_ends_at, programme)
    adopt(dossier, period, f"{entry.key} tier")


def _period(
    tier_code: str, opened_at: datetime, ends_at: datetime | None, programme: Programme
) -> TierPeriod:
    """Periods after it are as long as the programme's, counted back from the given end.

    A tier until 30 June 2027 by periods of 12 months is followed by one until 30 June 2028.
    """
    months, zone, hour = programme.tiers.period_months, programme.zone, programme.day_start_hour
    anchor = opened_at
    if ends_at is not None:
        last_day = day_of(ends_at - timedelta(microseconds=1), zone, hour)
        anchor = day_start(add_months(last_day, -months), zone, hour)
    return TierPeriod(
        tier_code=tier_code,
        opened_at=opened_at,
        ends_at=ends_at or month_window(opened_at, months, zone, day_start_hour=hour),
        anchored_at=anchor,
    )
