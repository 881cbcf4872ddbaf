"""Which one of several processes acts? The one that holds an advisory lock of the database.

On a connection of its own outside the pool, for the lock lasts as long as its session: a process
that dies, or whose connection breaks, gives it up.
"""

import asyncpg

from db.config import credentials

PATIENCE_SECONDS = 5
_SESSION = {
    "application_name": "accrue leader",
    # A leader whose machine has vanished is noticed after half a minute, not after two hours.
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class Leadership:
    def __init__(self, database_url: str, lock: int) -> None:
        self._database_url = database_url
        self._lock = lock
        self._connection: asyncpg.Connection | None = None
        self._is_held = False

    async def holds(self) -> bool:
        """Whether this process leads; takes the lock where it is free.

        Raises where PostgreSQL can't be asked, which ends leadership too.
        """
        try:
            connection = await self._connected()
            if self._is_held:
                await connection.execute("SELECT 1")
            else:
                taken = await connection.fetchval("SELECT pg_try_advisory_lock($1)", self._lock)
                self._is_held = bool(taken)
        except BaseException:
            self.drop()
            raise
        return self._is_held

    async def close(self) -> None:
        """Give leadership up at once."""
        connection, self._connection, self._is_held = self._connection, None, False
        if connection is not None:
            await connection.close(timeout=PATIENCE_SECONDS)

    def drop(self) -> None:
        """Break the connection without a word."""
        connection, self._connection, self._is_held = self._connection, None, False
        if connection is not None:
            connection.terminate()

    async def _connected(self) -> asyncpg.Connection:
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = await asyncpg.connect(
                **credentials(self._database_url),
                server_settings=_SESSION,
                timeout=PATIENCE_SECONDS,
                command_timeout=PATIENCE_SECONDS,
            )
            self._connection, self._is_held = connection, False
        return connection
