"""Is it decided of every table that belongs to members what a merge does with it?"""

import re
from pathlib import Path

from db.queries.merging import MOVED

ROOT = Path(__file__).parents[2]
DECISION = ROOT / "docs/adr/0013-a-merge-moves-state-and-copies-history.md"
# As it is written down, and held to be what is there (tests/db/test_migrations_golden.py).
SCHEMA = (ROOT / "tests/db/golden/schema.txt").read_text("utf-8")


def decided() -> dict[str, list[str]]:
    """The tables of each row of the decision."""
    found = re.findall(
        r"^\| ([a-z ]+) \| (`.*`) \| .* \|$", DECISION.read_text("utf-8"), re.MULTILINE
    )
    return {what: re.findall(r"`(\w+)`", tables) for what, tables in found}


def test_every_table_with_a_member_is_named_once_by_what_becomes_of_its_rows() -> None:
    named = sorted(table for tables in decided().values() for table in tables)
    assert named == sorted(re.findall(r"^(\w+) \d+ member_id ", SCHEMA, re.MULTILINE)), (
        f"say in {DECISION.name} what a merge and an unmerge do with its rows, and have them do it "
        "(db/queries/merging, domain/merging/steps)"
    )


def test_state_moves_by_the_list_of_what_moves_and_jobs_by_their_own_statement() -> None:
    gone = [table for table, moved in MOVED.items() if not moved.is_copied]
    assert sorted(decided()["state"]) == sorted([*gone, "job"])
