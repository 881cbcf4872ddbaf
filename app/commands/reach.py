"""Which servers does a command use? Those given, those of a running `dev`, or its own."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from logging import WARNING, getLogger
from pathlib import Path
from typing import TypeVar

from app import logging
from app.commands.failing import BadInput
from db.connection import close_pool, open_pool
from db.migrate import pending
from kit.settings import Settings, settings

T = TypeVar("T")
POOL_SIZE = 4


def read_settings(data_dir: Path | None, *, log_json: bool = False) -> Settings:
    """The settings, with what the command line says over them; the process's own from now on."""
    if data_dir is not None:
        os.environ["ACCRUE_DATA_DIR"] = str(data_dir)
    if log_json:
        os.environ["ACCRUE_LOG_JSON"] = "true"
    settings.cache_clear()
    os.environ["ACCRUE_DATA_DIR"] = str(settings().data_dir.resolve())
    settings.cache_clear()
    logging.configure(json=settings().log_json)
    for name in ("tortoise", "httpx2"):
        getLogger(name).setLevel(WARNING)
    return settings()


@contextmanager
def servers(
    data_dir: Path | None,
    *,
    with_valkey: bool = False,
    may_begin: bool = False,
    log_json: bool = False,
) -> Iterator[Settings]:
    """The settings of a process that reaches its servers.

    `may_begin`: the data folder may be a new one.
    """
    given = read_settings(data_dir, log_json=log_json)
    if given.database_url and (given.redis_url or not with_valkey):
        yield given
        return
    if not may_begin and not given.database_url and not given.data_dir.is_dir():
        raise BadInput(
            f"there is nothing in {given.data_dir}: run `accrue dev` there first, or name its"
            " folder with --data-dir"
        )
    with _services(given).attach_or_start() as endpoints:
        yield use_endpoints(endpoints.database_url, endpoints.redis_url)


def use_endpoints(database_url: str, redis_url: str) -> Settings:
    """Take these servers from now on, in this process and in those it starts."""
    os.environ |= {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    settings.cache_clear()
    return settings()


def ask(data_dir: Path | None, work: Callable[[Settings], Awaitable[T]]) -> T:
    """Do `work` with an open pool on a database that is up to date."""
    with servers(data_dir) as found:
        return asyncio.run(with_pool(found, work))


async def with_pool(found: Settings, work: Callable[[Settings], Awaitable[T]]) -> T:
    """The same, for one who has the servers."""
    await require_tables(found.database_url)
    await open_pool(found.database_url, size=POOL_SIZE)
    try:
        return await work(found)
    finally:
        await close_pool()


async def require_tables(database_url: str) -> None:
    if missing := await pending(database_url):
        raise BadInput(f"the database lacks {', '.join(missing)}: run `accrue migrate` first")


def _services(given: Settings):  # noqa: ANN202  its module is imported here only
    from dev.services import Services  # noqa: PLC0415  the image has no servers of its own

    return Services(
        given.data_dir,
        database_url=given.database_url or None,
        redis_url=given.redis_url or None,
    )
