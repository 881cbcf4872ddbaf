"""How does a verb reach PostgreSQL? One pool a process, one transaction helper, bounded waits.

The helper is our own because the ORM's leaks its connection when a task is cancelled during BEGIN
and poisons its context variable when the server restarts (docs/adr/0001-transaction-helper.md).
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from db import signals
from db.config import tortoise_config

P = ParamSpec("P")
T = TypeVar("T")

ACQUIRE_SECONDS = 5
COMMAND_SECONDS = 20
ATTEMPTS_MAX = 5
_RETRIED = frozenset({"40001", "40P01", "55P03"})
_SESSION = {
    "role": "accrue_app",
    "timezone": "UTC",
    "jit": "off",
    # Every hot statement looks up by key, so that planning it anew each time only costs.
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "15000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "15000",
}

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    # What asyncpg says where a connection is used at the very moment at which the server ends it.
    asyncpg.InternalClientError,
)
"""What is raised when PostgreSQL is out of reach, restarting or overloaded."""

Watcher = Callable[[str], None]


class Contended(Exception):
    """Another transaction was first; run the verb again."""


class _Connection(asyncpg.Connection):
    """No reset between borrowers: nothing sets session state (session SET and locks are banned)."""

    def get_reset_query(self) -> str:
        return ""


class _State:
    client: AsyncpgDBClient | None = None
    watcher: Watcher | None = None


_state = _State()


Borrowed = asyncpg.Connection | PoolConnectionProxy


class Tx:
    """A borrowed connection; within `transaction()` the first statement brings BEGIN with it."""

    __slots__ = ("_begins", "_connection", "wakes")

    def __init__(self, connection: Borrowed, *, begins: bool = False) -> None:
        self._connection = connection
        self._begins = begins
        self.wakes: list[signals.Signal] = []

    @property
    def is_open(self) -> bool:
        """Whether anything was sent that has to be committed."""
        return not self._begins

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        await self._prepare(sql)
        return await self._connection.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: object) -> asyncpg.Record | None:
        await self._prepare(sql)
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object) -> Any:  # noqa: ANN401  a column of any type
        await self._prepare(sql)
        return await self._connection.fetchval(sql, *args)

    async def fetchjson(self, sql: str, *args: object) -> Any:  # noqa: ANN401  JSON of any shape
        """The one JSON value of the one row; None where there is none."""
        value = await self.fetchval(sql, *args)
        return None if value is None else orjson.loads(value)

    async def execute(self, sql: str, *args: object) -> int:
        """Rows that the statement touched."""
        await self._prepare(sql)
        status = await self._connection.execute(sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def script(self, *statements: str) -> None:
        """Run statements that take no arguments and whose rows don't matter, in one round trip."""
        sql = "; ".join(statements)
        _seen(sql)
        begin, self._begins = ("BEGIN; " if self._begins else ""), False
        await self._connection.execute(begin + sql)

    def wake(self, signal: signals.Signal) -> None:
        """Send `signal` once this transaction has committed."""
        self.wakes.append(signal)

    async def _prepare(self, sql: str) -> None:
        _seen(sql)
        if self._begins:
            self._begins = False
            await self._connection.execute("BEGIN")


def _seen(sql: str) -> None:
    if _state.watcher is not None:
        _state.watcher(sql)


@asynccontextmanager
async def watched(watcher: Watcher) -> AsyncIterator[None]:
    """Tell `watcher` every statement (not BEGIN and COMMIT); for tests and diagnosis."""
    _state.watcher = watcher
    try:
        yield
    finally:
        _state.watcher = None


async def open_pool(database_url: str, *, size: int = 10) -> None:
    """Connect the process, the ORM's default connection included."""
    config = tortoise_config(
        database_url,
        minsize=min(2, size),
        maxsize=size,
        timeout=ACQUIRE_SECONDS,
        command_timeout=COMMAND_SECONDS,
        max_inactive_connection_lifetime=60,
        server_settings=_SESSION,
        connection_class=_Connection,
    )
    await Tortoise.init(config=config, _enable_global_fallback=True)
    client = Tortoise.get_connection("default")
    assert isinstance(client, AsyncpgDBClient)
    await client.create_connection(with_db=True)
    _state.client = client


async def close_pool() -> None:
    if _state.client is not None:
        _state.client = None
        await Tortoise.close_connections()


def pool() -> asyncpg.Pool:
    assert _state.client is not None, "open_pool() first"
    found = _state.client._pool  # noqa: SLF001  the ORM's pool is ours to lend
    assert found is not None, "open_pool() first"
    return found


@asynccontextmanager
async def reader() -> AsyncIterator[Tx]:
    """A connection for single statements, each its own transaction."""
    connection = await pool().acquire(timeout=ACQUIRE_SECONDS)
    try:
        yield Tx(connection)
    finally:
        await _release(connection)


@asynccontextmanager
async def transaction() -> AsyncIterator[Tx]:
    """One transaction: committed at the end of the block, rolled back by any exception in it.

    What the block asked to wake is sent after the commit.
    """
    connection = await pool().acquire(timeout=ACQUIRE_SECONDS)
    tx = Tx(connection, begins=True)
    try:
        try:
            yield tx
            if tx.is_open:
                await connection.execute("COMMIT")
        except BaseException:
            await asyncio.shield(_rollback(connection))
            raise
    finally:
        await _release(connection)
    signals.tell(tx.wakes)


@asynccontextmanager
async def savepoint(tx: Tx) -> AsyncIterator[None]:
    """A part of a transaction that an exception in it undoes, and what it asked to wake; no more.

    The exception goes on.
    """
    await tx.execute("SAVEPOINT part")
    wakes = len(tx.wakes)
    try:
        yield
    except Exception:
        del tx.wakes[wakes:]
        await tx.script("ROLLBACK TO part", "RELEASE part")
        raise
    await tx.execute("RELEASE part")


def transactional(
    verb: Callable[Concatenate[Tx, P], Awaitable[T]],
) -> Callable[P, Awaitable[T]]:
    """Make a verb of `operations.py`: it runs in one transaction, and again where PostgreSQL asks.

    Serialization failures, deadlocks and lock time-outs are tried up to five times in all.
    """

    @wraps(verb)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                async with transaction() as tx:
                    return await verb(tx, *args, **kwargs)
            except (asyncpg.PostgresError, Contended) as error:
                if attempt == ATTEMPTS_MAX or not is_contention(error):
                    raise
            await _pause(0.005 * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311  jitter
        raise AssertionError

    return run


def is_contention(error: Exception) -> bool:
    """Whether other transactions were in the way, so that the same verb may succeed later."""
    return isinstance(error, Contended) or getattr(error, "sqlstate", "") in _RETRIED


async def _pause(seconds: float) -> None:
    with_timeout = asyncio.wait_for(asyncio.Event().wait(), seconds)
    try:
        await with_timeout
    except TimeoutError:
        return


async def _rollback(connection: Borrowed) -> None:
    try:
        if not connection.is_closed() and connection.is_in_transaction():
            await connection.execute("ROLLBACK", timeout=ACQUIRE_SECONDS)
    except (asyncpg.PostgresError, *UNAVAILABLE):
        # One that the server ended has left the pool already.
        with contextlib.suppress(asyncpg.InterfaceError):
            connection.terminate()


async def _release(connection: Borrowed) -> None:
    with contextlib.suppress(asyncpg.InternalClientError):
        await asyncio.shield(pool().release(connection, timeout=ACQUIRE_SECONDS))
