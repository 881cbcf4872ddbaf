"""Is it decided of every table that belongs to members what a merge does with it?"""

import re
from pathlib import Path

import pytest

from db.connection import reader
from db.queries.merging import MOVED
from tests.support.merging import column

pytestmark = pytest.mark.usefixtures("database")
DECISION = Path(__file__).parents[3] / ("docs/adr/0013-a-merge-moves-state-and-copies-history.md")
_TABLES = """
SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND a.attname = 'member_id' AND NOT a.attisdropped ORDER BY 1
"""


def decided():
    """The tables of each row of the decision."""
    rows = re.findall(
        r"^\| ([a-z ]+) \| (`.*`) \| .* \|$", DECISION.read_text("utf-8"), re.MULTILINE
    )
    return {what: re.findall(r"`(\w+)`", tables) for what, tables in rows}


async def test_every_table_with_a_member_is_named_once_by_what_becomes_of_its_rows():
    named = sorted(table for tables in decided().values() for table in tables)
    assert named == await column(_TABLES)


def test_state_moves_by_the_list_of_what_moves_and_jobs_by_their_own_statement():
    assert sorted(decided()["state"]) == sorted([*MOVED, "job"])


async def test_a_row_ends_only_in_a_table_whose_rows_move():
    async with reader() as tx:
        source = await tx.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'drop_moved'")
    (listed,) = re.findall(r"name <> ALL \(ARRAY\[(.*?)\]\)", source, re.DOTALL)
    assert sorted(re.findall(r"'(\w+)'", listed)) == sorted([*MOVED, "referral"])
