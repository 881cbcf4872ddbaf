"""What does a file of members come to, row by row, before anything of it is booked?"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from app.commands.member_files import Record, records
from domain.batches.model import Row
from domain.imports.errors import RowInvalid
from domain.imports.model import BALANCES, Entry
from domain.imports.rules import Reconciling, entry_of, parsed, stored
from domain.programme.model import Programme
from kit.errors import Refusal

REFUSED_KEPT_MAX = 10_000


@dataclass(slots=True)
class Reading:
    """One pass over a file; what it came to is known once `rows` is at its end.

    `in_file` adds up all that can be read as a number, in rows that are refused too.
    """

    file: Path
    programme: Programme
    now: datetime
    ignored: Collection[str] = ()
    lines: int = 0
    refused_count: int = 0
    refused: list[tuple[int, Refusal]] = field(default_factory=list[tuple[int, Refusal]])
    in_file: Counter[str] = field(default_factory=Counter[str])
    reconciling: Reconciling = field(init=False)

    def __post_init__(self) -> None:
        self.reconciling = Reconciling(self.programme)

    def rows(self) -> Iterator[Row]:
        """Each row as a batch keeps it, one that is refused as its refusal; none repeated."""
        for number, record in records(self.file, self.ignored):
            self.lines += 1
            found = self._read(number, record)
            if found is not None:
                yield Row(number, stored(found))

    def refuse(self, number: int, refusal: Refusal) -> None:
        self.refused_count += 1
        if len(self.refused) < REFUSED_KEPT_MAX:
            self.refused.append((number, refusal))

    def _read(self, number: int, record: Record | Refusal) -> Entry | Refusal | None:
        try:
            if isinstance(record, Refusal):
                raise record
            self._add_up(record)
            entry = entry_of(record, self.programme, now=self.now)
            is_new = self.reconciling.add(entry)
        except Refusal as refusal:
            self.refuse(number, refusal)
            return refusal
        return entry if is_new else None

    def _add_up(self, record: Record) -> None:
        for column in BALANCES:
            try:
                amount = parsed(column, record.get(column), self.programme)
            except RowInvalid:
                continue
            self.in_file[column] += amount if isinstance(amount, int) else 0


def chunks(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while some := list(islice(rows, size)):
        yield some
