"""Does an operator export, erase, and keep a journal that is replayed, from a shell?"""

import json
import stat
from pathlib import Path

import pytest

from app.commands import privately
from app.commands.failing import BadInput
from kit.ids import global_id
from tests.app.test_cli import accrue
from tests.support.forgetting import holding
from tests.support.merging import column
from tests.support.world import a_member, published

CANARIES = ("Canary Nick", "canary-1", "canary@example.com")


@pytest.fixture
def privacy(database: str):
    def call(*arguments: object) -> tuple[int, str, str]:
        done = accrue("privacy", *arguments, DATABASE_URL=database)
        return done.returncode, done.stdout, done.stderr

    return call


async def test_a_member_is_exported_erased_and_stays_so_after_a_replay(privacy, tmp_path: Path):
    await published()
    name, customer, email = CANARIES
    ming = await a_member(nickname=name, external_id=customer, email=email)
    file, journal = tmp_path / "ming.json", tmp_path / "journal.jsonl"
    assert privacy("export", customer, file) == (0, "", "")
    document = json.loads(file.read_text("utf-8"))
    assert document["member"] == global_id("Member", ming.member_id)
    assert document["sections"]["profile"][0]["email"] == email
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    erase = ("erase", customer, "--yes", "--request-id", "ticket-1", "--content", "KEEP")
    code, told, _ = privacy(*erase)
    assert (code, told.startswith(f"Member {ming.member_id} was erased at ")) == (0, True)
    assert await holding(*CANARIES) == {}

    assert privacy("journal", journal) == (0, "", "")
    (line,) = [json.loads(text) for text in journal.read_text("utf-8").splitlines()]
    assert (line["member_id"], line["request_id"], line["content"], line["erased_by"]) == (
        str(ming.member_id),
        "ticket-1",
        "KEEP",
        "cli",
    )
    replayed = "0 erased again, 1 were erased already, 0 aren't in this database, 0 refused.\n"
    assert privacy("replay", journal) == (0, replayed, "")
    assert await column("SELECT count(*) FROM erasure") == [1]


def test_what_is_no_journal_is_refused_by_its_line_and_no_file_is_overwritten(tmp_path: Path):
    journal = tmp_path / "journal.jsonl"
    journal.write_text('\n{"member_id": "nobody"}\n', "utf-8")
    with pytest.raises(BadInput, match="line 2 is none of a journal"):
        privately.replay(None, journal)
    with pytest.raises(BadInput, match="exists already"), privately._target(journal):
        pass
