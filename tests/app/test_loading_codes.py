"""Does the command put a file of codes into its pool, and say what became of each row?"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import codes
from app.commands.failing import BadInput
from db.connection import reader
from tests.support.processes import ROOT
from tests.support.world import published

ACCRUE = Path(sys.executable).parent / "accrue"
SECONDS_MAX = 60


@pytest.fixture
async def load(database, tmp_path):
    await published()

    async def run(text: bytes, pool: str = "MUSIC_MONTH") -> subprocess.CompletedProcess[str]:
        file = tmp_path / "codes.csv"
        file.write_bytes(text)
        return await asyncio.to_thread(
            subprocess.run,
            [str(ACCRUE), "import", "reward-codes", pool, str(file)],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_MAX,
        )

    return run


async def test_a_file_is_loaded_by_the_command_itself_with_its_duplicates_reported(load):
    done = await load(b"code\na\nb\na\n")
    assert done.returncode == 0, done.stderr
    assert "3 of 3 codes" in done.stdout
    assert "is DONE: 2 added, 1 duplicates, 1 rows refused." in done.stdout
    assert "  row 3: The code is in the pool already" in done.stdout
    async with reader() as tx:
        rows = await tx.fetch("SELECT code FROM reward_code ORDER BY code")
    assert [row["code"] for row in rows] == ["a", "b"]
    async with reader() as tx:
        by = await tx.fetchval("SELECT created_by FROM batch")
    assert by == "cli"


async def test_what_is_no_such_file_is_refused_in_a_line(load):
    done = await load(b"a\nb\n")
    assert (done.returncode, done.stderr.startswith("accrue: INVALID_INPUT")) == (2, True)
    assert "its header has no column code" in done.stderr
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM batch") == 0


def test_a_file_in_another_encoding_is_refused_before_a_server_is_asked(tmp_path):
    file = tmp_path / "codes.csv"
    file.write_bytes(b"code\n\xff\xfe\n")
    with pytest.raises(BadInput):
        codes.load(None, "MUSIC_MONTH", file, by="cli")
