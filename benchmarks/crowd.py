"""Who stands in the database that the benchmarks share? 100,000 members with 20 transfers each.

Their ledgers are made by the same rules as real ones and pass the audit; only the writing is by
COPY. The crowd of a seed is the same every time.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path

import asyncpg
import orjson

from db.migrate import migrate
from domain.ledger.model import Cause, Currency, Decision, Lot, LotMove, Transfer, Wallet
from domain.ledger.rules import Book
from domain.programme.model import Programme
from domain.programme.operations import SINCE_EVER
from domain.programme.rules import parse
from kit.calendar import day_of, month_window

ROOT = Path(__file__).resolve().parent.parent
ORDERS_EACH = 7
BATCH = 2_000
SEED = 20261121
_TRANSFER = attrgetter(*(field.name for field in fields(Transfer)))
_LOT = attrgetter(*(field.name for field in fields(Lot)))
_MOVE = attrgetter(*(field.name for field in fields(LotMove)))
# A wallet of credit comes with the first red packet, and the crowd gets none.
_CURRENCIES = [currency for currency in Currency if currency != Currency.CREDIT]
_WALLET = attrgetter(*(field.name for field in fields(Wallet)))
_DECISION = attrgetter(
    "member_id", "id", "key", "kind", "programme_version", "inputs", "outcome", "occurred_at",
    "recorded_at",
)  # fmt: skip

Rows = dict[str, list[tuple[object, ...]]]


def member_id(number: int) -> uuid.UUID:
    """The id of the crowd's member of that number."""
    return uuid.UUID(int=(SEED << 96) | (0x7 << 76) | (0b10 << 62) | number)


async def gather(database_url: str, count: int, now: datetime) -> None:
    """Migrate and fill an empty database."""
    await migrate(database_url)
    programme = parse((ROOT / "programmes" / "default.yaml").read_text(encoding="utf-8"))
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "INSERT INTO programme_version VALUES (1, $1, $2, $3, $4, 'benchmarks')",
            programme.digest,
            orjson.dumps(programme.document()).decode(),
            SINCE_EVER,
            now,
        )
        for first in range(0, count, BATCH):
            rows = _batch(range(first, min(count, first + BATCH)), programme, now)
            for table, records in rows.items():
                columns = (await _columns(connection, table))[: len(records[0])]
                await connection.copy_records_to_table(table, columns=columns, records=records)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _columns(connection: asyncpg.Connection, table: str) -> list[str]:
    """In their order; those that came later have defaults, which are right for a crowd."""
    rows = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        table,
    )
    return [row["attname"] for row in rows]


def _batch(numbers: range, programme: Programme, now: datetime) -> Rows:
    rows: Rows = {}
    for number in numbers:
        for table, record in _member(number, programme, now):
            rows.setdefault(table, []).append(record)
    return rows


def _member(
    number: int, programme: Programme, now: datetime
) -> Iterator[tuple[str, tuple[object, ...]]]:
    chance = random.Random(SEED + number)  # noqa: S311  a crowd, not a secret
    who = member_id(number)
    code = f"B{number:07d}"
    joined_at = now - timedelta(days=400)
    yield "member", (
        who, f"crowd-{number}", f"crowd {number}", None, None, "Asia/Shanghai", None, None,
        "en", code, None, joined_at, None, joined_at, None, None, None,
    )  # fmt: skip
    yield "external_id", (f"crowd-{number}", who)
    yield "referral_code", (code, who)
    yield "standing", (
        who, "NORMAL", False, None, None, None, None, joined_at,
        "NORMAL", None, False, None, None, None, None, None,
    )  # fmt: skip
    books = {currency: Book(Wallet.empty(who, currency), {}, now) for currency in _CURRENCIES}
    for order in range(ORDERS_EACH):
        paid_at = now - timedelta(days=350 - order * 56, seconds=chance.randrange(86_400))
        yield from _order(books, paid_at, 30 + chance.randrange(170), programme)
    for book in books.values():
        book.settle()
        yield "wallet", _WALLET(book.wallet)
        yield from (("transfer", _TRANSFER(transfer)) for transfer in book.transfers)
        yield from (("lot", _LOT(lot)) for lot in book.lots.values())
        yield from (("lot_move", _MOVE(move)) for move in book.moves)


def _order(
    books: dict[Currency, Book], paid_at: datetime, yuan: int, programme: Programme
) -> Iterator[tuple[str, tuple[object, ...]]]:
    points, growth = books[Currency.POINTS], books[Currency.GROWTH]
    who = points.wallet.member_id
    order_id = f"{who}-{int(paid_at.timestamp())}"
    decision = Decision(
        member_id=who,
        id=uuid.uuid5(who, order_id),
        key=f"order:crowd:{order_id}",
        kind="purchase",
        programme_version=1,
        inputs={"order_id": order_id},
        outcome={"points": yuan, "growth": yuan},
        occurred_at=paid_at,
        recorded_at=points.now,
    )
    cause = Cause(decision, "purchase", "order", order_id, paid_at)
    settles_at = paid_at + timedelta(days=15)
    lot = points.open_lot(
        uuid.uuid5(decision.id, "lot"),
        yuan,
        cause,
        activates_at=settles_at,
        expires_at=month_window(settles_at, 24, programme.zone),
    )
    growth.credit(yuan, cause)
    inputs, outcome = map(orjson.dumps, (decision.inputs, decision.outcome))
    yield "decision", (
        *_DECISION(decision)[:5], inputs.decode(), outcome.decode(), *_DECISION(decision)[7:],
    )  # fmt: skip
    minor = yuan * 100
    line = {
        "line_id": "1", "net_minor": minor, "eligible_minor": minor, "base_minor": minor,
        "points": yuan, "growth": yuan, "points_spent": 0, "rule_points": {}, "refunded_minor": 0,
    }  # fmt: skip
    yield "purchase", (
        who, uuid.uuid5(decision.id, "purchase"), "crowd", order_id, paid_at,
        day_of(paid_at, programme.zone), "CNY", orjson.dumps([line]).decode(), minor, minor, minor,
        minor, yuan, yuan, yuan, yuan, lot.id, "NORMAL", settles_at, None, decision.id, 1, None,
    )  # fmt: skip
