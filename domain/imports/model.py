"""What does a row of an import say, and what do all of them come to?"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from domain.ledger.model import Currency

KIND = "members.import"
"""The kind of the batches."""

BALANCES: dict[str, Currency] = {
    "points": Currency.POINTS,
    "growth": Currency.GROWTH,
    "community": Currency.COMMUNITY,
}
"""Columns of balances; a currency more is a line here."""
IN_LOTS = frozenset({Currency.POINTS})
"""Currencies whose balances have an expiry."""

COLUMNS = (
    "external_id",
    "reference",
    "nickname",
    "email",
    "phone",
    "timezone",
    "locale",
    "birthday",
    "joined_at",
    "suspended",
    *BALANCES,
    "earned_at",
    "activates_at",
    "expires_at",
    "tier",
    "tier_since",
    "tier_ends_at",
    "coupon",
    "coupon_code",
    "coupon_expires_at",
)
NEVER = "never"


_VALUE = (
    *("balances", "earned_at", "activates_at", "expires_at", "is_lasting"),
    *("tier", "tier_since", "tier_ends_at"),
    *("coupon", "coupon_code", "coupon_expires_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row that can be booked: every text in its one spelling, every instant aware.

    `balances` by currency; below zero is a debt. `earned_at`: since when the balance is owned,
    `expires_at` None: as the programme's own that become available now, or never with `is_lasting`.
    """

    external_id: str
    reference: str
    nickname: str | None = None
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    locale: str | None = None
    birthday: date | None = None
    joined_at: datetime | None = None
    suspended: bool = False
    balances: dict[str, int] = field(default_factory=dict[str, int])
    earned_at: datetime | None = None
    activates_at: datetime | None = None
    expires_at: datetime | None = None
    is_lasting: bool = False
    tier: str | None = None
    tier_since: datetime | None = None
    tier_ends_at: datetime | None = None
    coupon: str | None = None
    coupon_code: str | None = None
    coupon_expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """Of the decision that books it: a second one is impossible, whoever they are by now."""
        return f"import\x1f{self.reference}\x1f{self.external_id}"

    @property
    def content(self) -> dict[str, Any]:
        """What may not be another the second time."""
        return {name: getattr(self, name) for name in _VALUE}


@dataclass(slots=True)
class Totals:
    """What rows come to. `by_month`: of a currency, by the month in which it expires."""

    rows: int = 0
    members: int = 0
    balances: Counter[str] = field(default_factory=Counter[str])
    by_month: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    tiers: Counter[str] = field(default_factory=Counter[str])
    coupons: Counter[str] = field(default_factory=Counter[str])

    def figures(self) -> dict[str, int]:
        """By the names under which an operator may expect them."""
        by_column = {column: self.balances[currency] for column, currency in BALANCES.items()}
        return {
            "rows": self.rows,
            "members": self.members,
            **by_column,
            "tiers": self.tiers.total(),
            "coupons": self.coupons.total(),
        }
