"""How do the points of one wallet move, and what is due on it?"""

from domain.ledger.rules.book import Book
from domain.ledger.rules.dues import first_decay

__all__ = ["Book", "first_decay"]
