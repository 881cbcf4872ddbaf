"""What does a wallet hold now, whatever the jobs have posted so far?"""

from collections.abc import Iterable
from datetime import datetime

from domain.ledger.model import Currency
from domain.ledger.rules import Book
from domain.ledger.steps import books_of, policy_of
from domain.programme.views import Published

Rows = Iterable[dict[str, object]]


def points_as_of(
    now: datetime, wallets: Rows, lots: Rows, *, published: Published, suspended: bool
) -> Book:
    """A member's points from rows as JSON, with what is due by `now` posted, to be read only."""
    (books,) = books_of(wallets, lots, policy_of(published), now).values()
    book = books[Currency.POINTS]
    book.activates = not suspended
    book.settle()
    return book
