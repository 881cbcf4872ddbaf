"""Is every constraint, index, trigger and grant there that was agreed on?

The golden file is written anew, to be read in the diff, by
`ACCRUE_WRITE_GOLDEN=1 .venv/bin/python -m pytest tests/db/test_migrations_golden.py`.
"""

import os
from pathlib import Path

import asyncpg

from tests.db.catalogue import described

GOLDEN = Path(__file__).parent / "golden" / "schema.txt"


async def test_the_tables_are_the_ones_in_the_golden_file(owner: asyncpg.Connection):
    found = await described(owner)
    if os.environ.get("ACCRUE_WRITE_GOLDEN"):
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8")
