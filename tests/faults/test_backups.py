"""Does the guide's procedure bring everything back that was answered, and nobody who was erased?

The commands are those of docs/guides/backup.md, run as an operator runs them.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from db.connection import UNAVAILABLE
from dev.places import home_of, place_for, programs_of_wheel
from dev.postgres import Postgres
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit import clock
from tests.support.backups import dumped, saying
from tests.support.faults import SECRET, rows_of, until
from tests.support.forgetting import forgotten
from tests.support.processes import ROOT
from tests.support.services import servers_folder
from tests.support.value import give
from tests.support.world import a_member

pytestmark = pytest.mark.fault
GUIDE = (ROOT / "docs" / "guides" / "backup.md").read_text(encoding="utf-8")
BLOCK = r"<!-- tested: {} -->\n+```console\n(.*?)^```"
CLIENTS = 4
ANSWERED_MIN = 40
LOAD_SECONDS_MAX = 60
SCRIPT_SECONDS_MAX = 120
CANARIES = ("Canary Nick", "canary-customer-1", "canary.one@example.com")
HEADS = "SELECT member_id, currency, head FROM wallet"
KNOWN = "SELECT hash FROM transfer WHERE member_id = $1 AND currency = $2 AND hash = $3"
KEYS = "SELECT key FROM service_key WHERE operation = 'adjustPoints'"


def commands(name: str) -> list[str]:
    """Of a block of the guide."""
    (block,) = re.findall(BLOCK.format(name), GUIDE, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def shell(lines: list[str], **environment: object) -> list[str]:
    """How an operator runs these lines: in one bash, with our programs on the path."""
    programs = (Path(sys.executable).parent, programs_of_wheel() / "bin")
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    assignments = [f"{name}={value}" for name, value in environment.items()]
    fixed = [f"PATH={path}", f"ACCRUE_SECRET={SECRET}"]
    script = "\n".join(lines)
    return ["/usr/bin/env", *fixed, *assignments, "bash", "-euo", "pipefail", "-c", script]


async def ran(lines: list[str], **environment: object) -> str:
    """What the lines print; they must succeed."""
    done = await asyncio.to_thread(
        subprocess.run,
        shell(lines, **environment),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=SCRIPT_SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@asynccontextmanager
async def spending(members: list[UUID]) -> AsyncIterator[list[str]]:
    """The keys of what is answered meanwhile, in that order; each member is asked one by one."""
    answered: list[str] = []

    async def spend(member_id: UUID) -> None:
        with suppress(*UNAVAILABLE):  # the server is gone for good
            while True:
                key = f"{member_id} {len(answered)}"
                await adjust("load", Adjustment(member_id, 1, "load", key), now=clock.now())
                answered.append(key)

    clients = [asyncio.create_task(spend(member_id)) for member_id in members]
    try:
        yield answered
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def some_more(answered: list[str]) -> list[str]:
    """What has been answered by the time that so many more have."""
    enough = len(answered) + ANSWERED_MIN

    async def have_come() -> bool:
        return len(answered) >= enough

    await until(have_come, LOAD_SECONDS_MAX, what="commits are answered")
    return list(answered)


@contextmanager
def a_fresh_cluster() -> Iterator[tuple[Postgres, Path]]:
    """Another server that has nothing, and its log."""
    with servers_folder() as folder:
        server = Postgres(folder, durable=False)
        server.start()
        try:
            yield server, folder / "log" / "postgres.log"
        finally:
            server.stop()


async def test_after_a_restore_who_was_erased_is_nobody_and_the_books_are_right(
    shop, data_dir: Path
):
    name, customer, email = CANARIES
    canary = await a_member(nickname=name, external_id=customer, email=email)
    await give(canary.member_id, 100, now=clock.now())
    members = [(await a_member()).member_id for _ in range(CLIENTS)]
    backups = data_dir / "backups"
    backups.mkdir()
    where = {"DATABASE_URL": shop.postgres.url, "BACKUPS": backups}
    dump, journal = commands("back up")
    async with spending(members) as answered:
        before = await some_more(answered)
        await ran([dump], **where)
        await some_more(answered)
        await forgotten(canary, at=clock.now())
        await ran([journal], **where)
    with a_fresh_cluster() as (server, log):
        where["NEW_DATABASE_URL"] = server.url
        restore = commands("restore")
        split = restore.index('accrue privacy replay "$BACKUPS/erasures.jsonl"')
        await ran(restore[:split], **where)
        assert set().union(*saying(dumped(server.url), CANARIES).values()) == set(CANARIES)
        await require_known(server.url, before)
        said = await ran(restore[split:], **where | {"DATABASE_URL": server.url})
        assert "1 erased again, 0 were erased already, 0 aren't in this database" in said
        assert "The books are right" in said
        assert saying(dumped(server.url), CANARIES) == {}
        await require_heads(server.url, erased=canary.member_id)
        await refuse_twice(server.url)
        assert CANARIES[2] not in log.read_text()


async def require_known(url: str, answered: list[str]) -> None:
    """Whatever had been answered is there."""
    connection = await asyncpg.connect(url)
    known = {row["key"] for row in await connection.fetch(KEYS)}
    await connection.close()
    assert set(answered) - known == set()


async def require_heads(url: str, *, erased: UUID) -> None:
    """Each chain ends there at a movement that stands in the books of the first server."""
    connection = await asyncpg.connect(url)
    heads = await connection.fetch(HEADS)
    await connection.close()
    moved = [row for row in heads if row["member_id"] != erased and set(row["head"]) != {"0"}]
    assert len({row["member_id"] for row in moved}) == CLIENTS
    for row in moved:
        assert await rows_of(KNOWN, *row) == [{"hash": row["head"]}]


async def refuse_twice(url: str) -> None:
    """What PostgreSQL refuses, it refuses without a word of whom it is about."""
    connection = await asyncpg.connect(url)
    insert = "INSERT INTO contact SELECT 'email', $1, member_id FROM member LIMIT 1"
    await connection.execute(insert, CANARIES[2])
    with pytest.raises(asyncpg.UniqueViolationError, match="contact_pkey"):
        await connection.execute(insert, CANARIES[2])
    await connection.close()


async def test_with_the_log_kept_nothing_that_was_answered_is_lost_with_the_server(
    shop, data_dir: Path
):
    members = [(await a_member()).member_id for _ in range(CLIENTS)]
    base, wal = data_dir / "base", data_dir / "wal"
    wal.mkdir()
    where = {"DATABASE_URL": shop.postgres.url, "BASE": base, "WAL": wal}
    async with keeping_the_log(where), spending(members) as answered:
        await some_more(answered)
        shop.postgres.kill()
        shutil.rmtree(shop.postgres.data, ignore_errors=True)
    with servers_folder() as folder, from_the_log(folder, data_dir, base, wal) as server:
        await require_known(server.url, answered)
        said = await ran(["accrue audit"], DATABASE_URL=server.url)
        assert "The books are right" in said


@asynccontextmanager
async def keeping_the_log(where: dict[str, object]) -> AsyncIterator[None]:
    """While it is received, as the guide has it."""
    lines = [*commands("keep the log"), "echo kept", "wait"]
    process = await asyncio.create_subprocess_exec(
        *shell(lines, **where), stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"kept\n"
        url = str(where["DATABASE_URL"])
        await until(lambda: is_synchronous(url), LOAD_SECONDS_MAX, what="commits wait for the log")
        yield
    finally:
        os.killpg(process.pid, 9)
        await process.wait()


async def is_synchronous(url: str) -> bool:
    connection = await asyncpg.connect(url)
    state = await connection.fetchval(
        "SELECT sync_state FROM pg_stat_replication WHERE application_name = 'pg_receivewal'"
    )
    await connection.close()
    return state == "sync"


@contextmanager
def from_the_log(folder: Path, first: Path, base: Path, wal: Path) -> Iterator[Postgres]:
    """A server that begins at the base backup and goes on to the log's end."""
    place = place_for(folder)
    data = place.home / "data"
    shutil.copytree(base, data)
    shutil.copytree(wal, place.home / "wal")
    shutil.copy2(home_of(first) / "password", place.home / "password")
    (setting,) = re.findall(r"^    (restore_command = .*)$", GUIDE, re.MULTILINE)
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(setting.replace("$WAL", str(place.home / "wal")) + "\n")
    (data / "recovery.signal").touch()
    for path in (place.home, *place.home.rglob("*")):
        place.account.own(path)
    server = Postgres(folder, durable=False)
    server.start()
    try:
        yield server
    finally:
        server.stop()
