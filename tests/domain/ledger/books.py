"""How does a test write the history of a wallet in a few lines?"""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from domain.ledger.model import GENESIS, Cause, Decision, Lot, Policy, Slice, Wallet
from domain.ledger.rules import Book

MEMBER = UUID(int=1)
DAY = timedelta(days=1)
_numbers = count(1)


def a_book(now: datetime, **policy) -> Book:
    wallet = Wallet(MEMBER, "POINTS", 0, 0, 0, 0, 0, 0, GENESIS, None, None)
    book = Book(wallet, {}, now, Policy(**policy))
    book.settle()
    return book


def because(at: datetime) -> Cause:
    number = next(_numbers)
    decision = Decision(MEMBER, UUID(int=number), str(number), "test", 1, {}, {}, at, at)
    return Cause(decision, "test", "test", str(number), at)


def earn(
    book: Book,
    amount: int,
    *,
    waits: timedelta | None = None,
    lasts: timedelta | None = None,
    occurred_at: datetime | None = None,
) -> Lot:
    """A lot that is pending so long, then lasts so long; without, at once and for ever."""
    at = occurred_at or book.now
    activates_at = None if waits is None else at + waits
    expires_at = None if lasts is None else (activates_at or at) + lasts
    return book.open_lot(
        UUID(int=next(_numbers)),
        amount,
        because(at),
        activates_at=activates_at,
        expires_at=expires_at,
    )


def spend(book: Book, amount: int) -> list[Slice]:
    """What was taken from which lot."""
    seq = book.spend(amount, because(book.now))
    return [Slice(move.lot_id, move.amount) for move in book.moves if move.seq == seq]


def give_back(book: Book, slices: list[Slice], *, spent_at: datetime, shop_fault: bool = False):
    book.restore(slices, because(book.now), spent_at=spent_at, shop_fault=shop_fault)


def hold(book: Book, amount: int, *, lasts: timedelta = 1_000 * DAY):
    found = book.hold(
        UUID(int=next(_numbers)), amount, because(book.now), expires_at=book.now + lasts
    )
    slices = [Slice(m.lot_id, m.amount) for m in book.moves if m.seq == found.held_by]
    return found, slices


def later(book: Book, by: timedelta) -> None:
    book.now += by
    book.settle()


def kinds(book: Book) -> list[tuple[str, int]]:
    return [(made.kind, made.amount) for made in book.transfers]


def standing(book: Book) -> dict[str, int]:
    """The balances that are not zero."""
    found = {name: getattr(book.wallet, name) for name in ("pending", "available", "held", "debt")}
    return {name: amount for name, amount in found.items() if amount}
