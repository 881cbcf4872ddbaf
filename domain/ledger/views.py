"""What does a wallet hold now, whatever the jobs have posted so far?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.ledger.rules import Book
from domain.ledger.steps import books_of, policies_of
from domain.programme.views import Published


def books_as_of(
    now: datetime, found: Mapping[str, Any], *, published: Published, suspended: bool
) -> dict[str, Book]:
    """A member's books from rows as JSON (`wallets`, `lots`, `holds`), to be read only.

    What is due by `now` is posted in them.
    """
    rows = (found["wallets"], found["lots"] or (), found["holds"] or ())
    (books,) = books_of(*rows, policies_of(published), now=now).values()
    for book in books.values():
        book.activates = not suspended
        book.settle()
    return books
