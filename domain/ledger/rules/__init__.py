"""How do the points of one wallet move, and what is due on it?"""

from domain.ledger.rules.book import Book

__all__ = ["Book"]
