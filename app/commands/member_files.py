"""How are rows of members read from a file, and written to one? CSV, or Parquet with its library.

Rows come and go one after the other, so that a file may be larger than memory. A row's number is
the line on which it begins in a CSV file, its place in a Parquet file.
"""

import csv
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.commands.failing import BadInput
from domain.imports.errors import RowInvalid
from domain.imports.model import BALANCES, COLUMNS
from domain.imports.rules import columns_of

if TYPE_CHECKING:
    from pyarrow import Schema

Record = Mapping[str, object]
Numbered = tuple[int, Record | RowInvalid]

FIELD_LETTERS_MAX = 4_096
PARQUET = ".parquet"
ROWS_AT_ONCE = 2_000
_SAMPLE_BYTES = 1 << 16
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Sink(Protocol):
    """Takes rows of a file that is written."""

    def __call__(self, rows: Sequence[Record]) -> None: ...


def checksum(file: Path) -> str:
    """The sha-256 of its bytes, as hex digits."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
    return digest.hexdigest()


def records(file: Path, ignored: Collection[str] = ()) -> Iterator[Numbered]:
    """The file's rows; one that can't be read as a row is why. BadInput, COLUMNS_INVALID."""
    if file.suffix.lower() == PARQUET:
        return _parquet_records(file, ignored)
    return _csv_records(file, ignored)


def writing(file: Path) -> AbstractContextManager[Sink]:
    """A new file by its name's ending; it has that name once it is whole."""
    return _parquet_sink(file) if file.suffix.lower() == PARQUET else _csv_sink(file)


def require_parquet(file: Path) -> None:
    """BadInput where the library for this file isn't there."""
    if file.suffix.lower() != PARQUET:
        return
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415  of the extra `parquet`
    except ImportError:
        raise BadInput(
            "Parquet needs the extra `parquet`: pip install -c constraints.txt -e '.[parquet]';"
            " CSV needs nothing"
        ) from None


def _csv_records(file: Path, ignored: Collection[str]) -> Iterator[Numbered]:
    _require_utf_8(file)
    csv.field_size_limit(FIELD_LETTERS_MAX)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = csv.reader(opened, strict=True)
        try:
            headings = next(lines, [])
            _require_commas(headings)
            columns = columns_of(headings, ignored)
            begins = lines.line_num + 1
            for cells in lines:
                if any(cells):
                    yield begins, _record(columns, cells)
                begins = lines.line_num + 1
        except csv.Error as error:
            raise BadInput(f"{file}, line {lines.line_num}: {_told(error)}") from None
        except UnicodeDecodeError:
            raise BadInput(f"{file}, after line {lines.line_num}: {_NOT_UTF_8}") from None


_NOT_UTF_8 = "isn't text in UTF-8; save it as CSV UTF-8"


def _require_utf_8(file: Path) -> None:
    with file.open("rb") as opened:
        sample = opened.read(_SAMPLE_BYTES)
    if sample.startswith(_UTF_16):
        raise BadInput(f"{file} is text in UTF-16; save it as CSV UTF-8")
    if b"\0" in sample:
        raise BadInput(f"{file} isn't text; save it as CSV UTF-8")
    try:
        # What is cut off at the sample's end is no fault.
        sample[: sample.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        hint = _as_gb18030(file, sample)
        raise BadInput(f"{file} {_NOT_UTF_8}{hint}") from None


def _as_gb18030(file: Path, sample: bytes) -> str:
    try:
        sample[: sample.rfind(b"\n") + 1].decode("gb18030")
    except UnicodeDecodeError:
        return ""
    name = file.name
    return f". It looks like GB18030: iconv -f GB18030 -t UTF-8 {name} > utf8-{name}"


def _require_commas(headings: Sequence[str]) -> None:
    if len(headings) == 1:
        for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if sign in headings[0]:
                raise BadInput(f"the columns are parted by {name}; save the file with commas")


def _told(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return f"a field has more than {FIELD_LETTERS_MAX:,} characters; is a quote missing?"
    return text


def _record(columns: Sequence[str | None], cells: Sequence[str]) -> Record | RowInvalid:
    if len(cells) != len(columns):
        return RowInvalid(
            "(row)",
            f"it has {len(cells)} fields and the first line {len(columns)}",
            f"该行有 {len(cells)} 个字段，首行有 {len(columns)} 个",
        )
    return {column: cell for column, cell in zip(columns, cells, strict=True) if column is not None}


def _parquet_records(file: Path, ignored: Collection[str]) -> Iterator[Numbered]:
    require_parquet(file)
    import pyarrow as pa  # noqa: PLC0415  of the extra `parquet`
    from pyarrow import parquet  # noqa: PLC0415

    try:
        opened = parquet.ParquetFile(file)
    except pa.ArrowInvalid as error:
        raise BadInput(f"{file} isn't a Parquet file: {error}") from None
    with opened:
        headings = opened.schema_arrow.names
        columns = columns_of(headings, ignored)
        number = 0
        for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE):
            for row in batch.to_pylist():
                number += 1
                named = zip(columns, row.values(), strict=True)
                yield number, {name: value for name, value in named if name is not None}


@contextmanager
def _csv_sink(file: Path) -> Iterator[Sink]:
    with _replacing(file) as part, part.open("w", encoding="utf-8", newline="") as opened:
        lines = csv.DictWriter(opened, COLUMNS, restval="", lineterminator="\n")
        lines.writeheader()

        def sink(rows: Sequence[Record]) -> None:
            lines.writerows({name: _cell(value) for name, value in row.items()} for row in rows)

        yield sink


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


@contextmanager
def _parquet_sink(file: Path) -> Iterator[Sink]:
    require_parquet(file)
    import pyarrow as pa  # noqa: PLC0415  of the extra `parquet`
    from pyarrow import parquet  # noqa: PLC0415

    schema = _schema()
    with _replacing(file) as part, parquet.ParquetWriter(part, schema) as opened:

        def sink(rows: Sequence[Record]) -> None:
            found = [{name: _typed(name, value) for name, value in row.items()} for row in rows]
            opened.write_table(pa.Table.from_pylist(found, schema))

        yield sink


def _schema() -> "Schema":
    """Instants as text: `never` is one of them."""
    import pyarrow as pa  # noqa: PLC0415  of the extra `parquet`

    kinds: dict[str, Any] = dict.fromkeys(BALANCES, pa.int64())
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])


def _typed(name: str, value: object) -> object:
    if name in BALANCES or value is None:
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(_cell(value))


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    """A file beside it, which takes its place when it is whole."""
    part = file.with_name(f".{file.name}.part")
    try:
        yield part
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
