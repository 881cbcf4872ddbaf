"""How does a test back a database up, restore it, and look through what a backup says?"""

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from dev.places import programs_of_wheel
from dev.postgres import psql
from dev.processes import server_environment
from kit.ids import new_id
from tests.support.services import with_path

DUMP_SECONDS_MAX = 120
OUTSIDE = "outside of tables"
"""Where a dump says something that is no row: names of columns, defaults, texts of functions."""
_COPY = re.compile(r"COPY public\.(\w+) \(")


def environment(url: str) -> dict[str, str]:
    """How PostgreSQL's programs reach a database, and are found."""
    found = urlsplit(url)
    return server_environment() | {
        "PGHOST": found.hostname or "",
        "PGPORT": str(found.port),
        "PGUSER": found.username or "",
        "PGPASSWORD": found.password or "",
        "PGDATABASE": found.path.removeprefix("/"),
    }


def ran(url: str, program: str, *arguments: object) -> str:
    """What one of PostgreSQL's programs prints about a database; it must succeed."""
    done = subprocess.run(
        [str(programs_of_wheel() / "bin" / program), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=DUMP_SECONDS_MAX,
        env=environment(url),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def dumped(url: str) -> str:
    """Everything, as `pg_dump` writes it for people."""
    return ran(url, "pg_dump")


@contextmanager
def restored(url: str, file: Path) -> Iterator[str]:
    """A fresh database beside this one, from a dump in the custom format; its URL."""
    name = f"restored_{new_id().hex}"
    psql(url, f"CREATE DATABASE {name}")
    try:
        ran(with_path(url, name), "pg_restore", "--exit-on-error", "--dbname", name, file)
        yield with_path(url, name)
    finally:
        psql(url, f"DROP DATABASE {name} WITH (FORCE)")


def saying(dump: str, words: Iterable[str]) -> dict[str, set[str]]:
    """By table, which of these words stand in its rows, in whatever case."""
    wanted = {word.casefold(): word for word in words}
    found: dict[str, set[str]] = {}
    table = OUTSIDE
    for line in dump.splitlines():
        if table == OUTSIDE and (begun := _COPY.match(line)):
            table = begun[1]
        elif line == "\\.":
            table = OUTSIDE
        elif said := {word for folded, word in wanted.items() if folded in line.casefold()}:
            found.setdefault(table, set()).update(said)
    return found
