"""Is it said of every table that belongs to members what is shown of it and what is forgotten?"""

import pytest

from db.queries.personal import CATALOGUE, Fate
from tests.support.merging import column

pytestmark = pytest.mark.usefixtures("database")
_TABLES = """
SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND a.attname = 'member_id' AND NOT a.attisdropped ORDER BY 1
"""
_COLUMNS = """
SELECT column_name::text FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1
"""
# Nothing that only its owner should know, and nothing that a guess could be checked against.
_SECRET = ("hash", "digest", "secret", "token")


async def test_every_table_with_a_member_says_what_is_shown_and_what_is_forgotten():
    assert sorted(CATALOGUE) == await column(_TABLES)
    sections = [kept.section for kept in CATALOGUE.values()]
    assert len(set(sections)) == len(sections)


@pytest.mark.parametrize("table", sorted(CATALOGUE))
async def test_no_secret_is_shown_and_every_column_that_is_named_is_there(table: str):
    kept = CATALOGUE[table]
    columns = set(await column(_COLUMNS, table))
    ordered = {name.strip() for name in kept.by.split(",")}
    blanked = set() if table == "decision" else set(kept.blanks or ())
    assert (ordered | set(kept.hides) | blanked) - columns == set()
    shown = columns - set(kept.hides)
    assert [name for name in shown if any(secret in name for secret in _SECRET)] == []
    assert (kept.blanks is not None) == (kept.fate == Fate.BLANK)
