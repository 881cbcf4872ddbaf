"""What does a file's row mean, may it be booked, and what do all of them come to?"""

from domain.imports.rules.columns import columns_of, parsed
from domain.imports.rules.entries import checked, entry_of, newcomer_of, stored, unstored
from domain.imports.rules.exported import rows_of
from domain.imports.rules.totals import Reconciling, month_of

__all__ = [
    "Reconciling",
    "checked",
    "columns_of",
    "entry_of",
    "month_of",
    "newcomer_of",
    "parsed",
    "rows_of",
    "stored",
    "unstored",
]
