"""How does a member's wallet look, with what is due shown as if it were posted?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from domain.dashboard.model import Entry
from domain.ledger.model import Account, Transfer
from domain.ledger.rules import Book
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.points.words import Unit
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor

T = TypeVar("T")
_LAST_SEQ = 2**62


@dataclass(frozen=True, slots=True)
class WalletReading:
    """A book with everything due in it, beside what was read of its wallet.

    `expiring` is as it is stored, `due_decisions` are those of what is due, by their ids. `money`:
    the currency that it counts, empty for points. `for_staff`: explanations name staff.
    """

    book: Book
    expiring: int
    due_decisions: Mapping[str, Any]
    locale: str
    money: str = ""
    for_staff: bool = False

    def expiring_by(self, at: datetime) -> int:
        """What is available now and expires by then, `expiring` having been read for it."""
        return self.book.expiring_by(at) if self.book.lots else self.expiring

    def available(self, *, shows_debt: bool) -> int:
        wallet = self.book.wallet
        return wallet.available + (wallet.debt if shows_debt else 0)

    def as_of(self, at: datetime, stored: int) -> int:
        """What was available then, by what is stored of it and what is due."""
        due = [found for found in self.book.transfers if found.occurred_at <= at]
        return stored + sum(map(_available_change, due))

    def history(
        self, rows: Iterable[dict[str, Any]], first: int, after: object, *, explained: bool
    ) -> Page[Entry]:
        """Newest first: what is due crosses the boundary by expiring, and is the newest."""
        limit = before_seq(after)
        due = [
            self._due_entry(transfer, explained=explained)
            for transfer in reversed(self.book.transfers)
            if transfer.credit_account == Account.EXPIRY and transfer.seq < limit
        ]
        entries = due + [self._entry(row) for row in rows]
        return page_of(entries, first, [(entry.seq,) for entry in entries], after=after)

    def _entry(self, row: dict[str, Any]) -> Entry:
        expires_at = row["expires_at"]
        return Entry(
            member_id=self.book.wallet.member_id,
            seq=row["seq"],
            amount=row["amount"],
            kind=row["kind"],
            reason=row["reason"],
            occurred_at=datetime.fromisoformat(row["occurred_at"]),
            expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
            explanation=self._explanation(row["kind"], row["amount"], row["decision"]),
            currency=self.book.wallet.currency,
            money=self.money,
        )

    def _due_entry(self, transfer: Transfer, *, explained: bool) -> Entry:
        decision = self.due_decisions.get(str(transfer.decision_id)) if explained else None
        return Entry(
            member_id=transfer.member_id,
            seq=transfer.seq,
            amount=-transfer.amount,
            kind=transfer.kind,
            reason=transfer.reason,
            occurred_at=transfer.occurred_at,
            expires_at=None,
            explanation=self._explanation(transfer.kind, transfer.amount, decision),
            currency=self.book.wallet.currency,
            money=self.money,
        )

    def _explanation(self, kind: str, amount: int, decision: dict[str, Any] | None) -> str:
        if decision is None:
            return ""
        stored = StoredDecision(**decision)
        unit = Unit(self.book.wallet.currency, self.money)
        return explain(
            *(kind, abs(amount), stored),
            locale=self.locale,
            unit=unit,
            for_staff=self.for_staff,
        )


def before_seq(after: object) -> int:
    """The number below which a page of a history begins. Refuses INVALID_INPUT."""
    if after is None:
        return _LAST_SEQ
    (seq,) = decode_cursor(str(after), int)
    assert isinstance(seq, int)
    if not 0 <= seq <= _LAST_SEQ:
        raise foreign_cursor()
    return seq


def page_of(
    items: list[T], first: int, keys: Sequence[tuple[object, ...]], *, after: object
) -> Page[T]:
    """The first of one more than were asked for, with the keys that their cursors are made of."""
    return Page(
        items=items[:first],
        cursors=[encode_cursor(*key) for key in keys[:first]],
        has_next=len(items) > first,
        has_previous=after is not None,
    )


def _available_change(transfer: Transfer) -> int:
    gained = transfer.amount if transfer.credit_account == Account.AVAILABLE else 0
    lost = transfer.amount if transfer.debit_account == Account.AVAILABLE else 0
    return gained - lost
