"""How does what two members have become one member's, and how is it parted again?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries import merges as queries
from domain.ledger.model import Cause, Currency, Lot
from domain.ledger.rules import Book
from domain.ledger.steps import Desk
from domain.merging.model import Brought, MergeRow

INTERACTION = "interaction"
_NOTHING = asdict(Brought(0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Between:
    """Two desks of locked members, and for each the cause of what moves on it."""

    source: Desk
    target: Desk
    sent: Cause
    got: Cause

    def books(self) -> list[tuple[str, Book, Book]]:
        return [
            (str(currency), book, self.target.books[currency])
            for currency, book in sorted(self.source.books.items())
        ]


@dataclass(frozen=True, slots=True)
class Entry:
    """Signed GROWTH of class interaction, which counts for tiers from its own instant."""

    at: datetime
    amount: int
    decision_id: UUID

    @classmethod
    def of(cls, row: Iterable[tuple[str, Any]]) -> "Entry":
        """From a row as its columns with their values."""
        return cls(**dict(row))


async def load_lots(tx: Tx, *desks: Desk) -> None:
    """Bring every lot into the books, those with nothing left included."""
    found = {desk.member.member_id: desk for desk in desks}
    for row in await queries.lots(tx, list(found)):
        lot = Lot(**row)
        found[lot.member_id].books[lot.currency].lots.setdefault(lot.id, lot)


def join(between: Between, entries: Sequence[Entry]) -> tuple[dict[str, dict[str, int]], list[Lot]]:
    """Move all that the source has into the target's wallets; what each brought, and the lots.

    Lots go one by one with their dates; debt is repaid in debit order from all that is then there.
    """
    brought: dict[str, dict[str, int]] = {}
    lots: list[Lot] = []
    for currency, book, into in between.books():
        wallet = book.wallet
        found = Brought(0, wallet.lifetime_earned, -wallet.debt, book.without_lots)
        here = [lot for lot in book.lots.values() if lot.remaining or not lot.gone]
        lots += [
            into.receive(book.hand_over(lot, between.sent), between.got) for lot in _in_order(here)
        ]
        book.send_debt(found.debt, between.sent)
        into.receive_debt(found.debt, between.got)
        _shift(between, currency, found.rest, entries)
        _count_lifetime(between, currency, found.lifetime)
        brought[currency] = asdict(replace(found, seq=into.wallet.seq))
    return brought, lots


@dataclass(frozen=True, slots=True)
class Share:
    """What of the source's is the target's.

    `came`: lots that came by the merge; `owned`: decisions since on the shop's word about them.
    """

    merge: MergeRow
    came: frozenset[UUID]
    owned: frozenset[UUID]
    caused: Mapping[str, Mapping[str, Any]]
    entries: Sequence[Entry]

    def brought(self, currency: str) -> Brought:
        return Brought(**self.merge.wallets.get(currency, _NOTHING))


def part(between: Between, share: Share) -> list[Lot]:
    """Move the target's lots back with what is left of them, and their part of the rest.

    Debt goes back as far as it came and is still there, so that nobody has more of it than before.
    """
    lots: list[Lot] = []
    for currency, book, into in between.books():
        brought, caused = share.brought(currency), share.caused[currency]
        lifetime = brought.lifetime + caused["earned"]
        for lot in _in_order(book.lots.values()):
            if not lot.gone and (lot.id in share.came or lot.decision_id in share.owned):
                known = into.lots.get(lot.id)
                lifetime -= lot.forfeited - (known.forfeited if known else 0)
                lots.append(into.receive(book.hand_over(lot, between.sent), between.got))
        debt = min(brought.debt, -book.wallet.debt)
        book.send_debt(debt, between.sent)
        into.receive_debt(debt, between.got)
        if not book.lots and not into.lots:
            rest = max(0, min(brought.rest + caused["available"], book.without_lots))
            _shift(between, currency, rest, share.entries, owned=share.owned)
        # What was taken back since, by whatever came of it, isn't the target's either.
        _count_lifetime(between, currency, max(0, min(lifetime, book.wallet.lifetime_earned)))
    return lots


def _shift(
    between: Between,
    currency: str,
    rest: int,
    entries: Sequence[Entry],
    owned: frozenset[UUID] | None = None,
) -> None:
    """Move what belongs to no lot. Of GROWTH, what was given for interactions keeps its instants.

    With `owned` the target has those of its entries that are older, and only gets these.
    """
    book, into = between.source.books[currency], between.target.books[currency]
    mine = entries if currency == Currency.GROWTH else ()
    new = [entry for entry in mine if owned is None or entry.decision_id in owned]
    into.shift(rest - sum(entry.amount for entry in new), between.got)
    for entry in new:
        into.shift(entry.amount, _at(between.got, entry))
    gone = mine if owned is not None else ()
    book.shift(sum(entry.amount for entry in gone) - rest, between.sent)
    for entry in gone:
        book.shift(-entry.amount, _at(between.sent, entry))


def _count_lifetime(between: Between, currency: str, amount: int) -> None:
    book, into = between.source.books[currency], between.target.books[currency]
    book.earned_elsewhere(-amount)
    into.earned_elsewhere(amount)
    book.settle()
    into.arrive(between.got)
    if amount:
        between.source.changes.put("wallet", book.wallet)
        between.target.changes.put("wallet", into.wallet)


def _at(cause: Cause, entry: Entry) -> Cause:
    return replace(cause, reason=INTERACTION, occurred_at=entry.at)


def _in_order(lots: Iterable[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: (lot.occurred_at, lot.id))
