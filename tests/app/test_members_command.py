"""Does the command reconcile, book once, go on after an end, and give back what it took out?"""

import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from app.commands import members
from app.commands.failing import BadInput
from app.commands.members import Options, manifest_of
from db.connection import reader
from domain.batches import operations as batches
from domain.imports import operations
from domain.ledger.operations import audit
from domain.members import operations as member_operations
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust, redeem
from kit import clock
from tests.app.test_cli import ACCRUE, ROOT
from tests.domain.imports.files import imported, member_id_of
from tests.support.cleaning import Cleaner
from tests.support.value import give
from tests.support.world import NOW, a_member, counts, nothing_changed, published

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "import.md"
_STATE = {
    "wallets": """SELECT coalesce(external_id, 'accrue:' || member_id) AS name, currency,
        pending, available + held AS own, debt FROM wallet JOIN member USING (member_id)
        WHERE pending + available + held + debt <> 0 ORDER BY 1, 2""",
    "lots": """SELECT coalesce(external_id, 'accrue:' || member_id) AS name, currency,
        remaining + l.held AS own, l.occurred_at, l.activated_at IS NULL AS waits,
        CASE WHEN l.activated_at IS NULL THEN l.activates_at END AS activates_at, expires_at
        FROM lot l JOIN member USING (member_id) WHERE remaining + l.held > 0
        ORDER BY 1, 2, 4, l.expires_at, 3""",
    "tiers": """SELECT coalesce(external_id, 'accrue:' || member_id) AS name, earned_tier,
        period_opened_at, period_ends_at FROM standing JOIN member USING (member_id) ORDER BY 1""",
    "coupons": """SELECT coalesce(external_id, 'accrue:' || member_id) AS name, template, code,
        expires_at FROM coupon JOIN member USING (member_id) WHERE state = 'ISSUED' ORDER BY 3""",
    "members": """SELECT coalesce(external_id, 'accrue:' || member_id) AS name, nickname, email,
        phone, timezone, locale, birthday, joined_at, suspended_at IS NOT NULL AS suspended
        FROM member ORDER BY 1""",
}


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


@pytest.fixture(autouse=True)
async def programme(database: str):
    del database
    return await published()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "members.csv"


async def state() -> dict[str, list[dict]]:
    async with reader() as tx:
        return {name: [dict(row) for row in await tx.fetch(sql)] for name, sql in _STATE.items()}


def write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


async def bring_in(file: Path, *expect: str, **options) -> bool:
    asked = Options(file, expect=expect, **options)
    return await members._import(asked, members._expected(asked))


async def a_shop() -> None:
    """Members with all that can go out: lots, debts, tiers, coupons; one who was suspended."""
    ann = await a_member(external_id="ann", email="ann@shop.example", phone="+8613800138000")
    await give(ann.member_id, 900, expires_at=NOW + timedelta(days=90))
    await give(ann.member_id, 300, activates_at=NOW + timedelta(days=9))
    await give(ann.member_id, 70)
    await redeem(ann.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW)
    ben = await a_member(external_id="ben", nickname='Ben, the "first"')
    await give(ben.member_id, 40, expires_at=NOW + timedelta(days=1))
    await member_operations.suspend(ben.member_id, actor="ada", reason="abuse", now=NOW)
    await imported(
        [
            {"external_id": "cat", "points": -25, "growth": 7, "community": 3},
            {"external_id": "dan", "tier": "GOLD", "tier_ends_at": "2026-06-30", "points": 5,
             "earned_at": "2024-02-29", "expires_at": "never"},
            {"external_id": "eve", "birthday": "1990-05-01", "timezone": "Europe/Berlin"},
        ],
        "former",
    )  # fmt: skip
    asked = Adjustment(await member_id_of("eve"), 11, "sorry", "k", None)
    await adjust("ada", asked, now=NOW)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
async def test_what_goes_out_comes_in_again_with_the_very_same_balances(
    tmp_path: Path, name: str, open_database: Cleaner
):
    await a_shop()
    before, out = await state(), tmp_path / name
    async with nothing_changed():
        await members._export(out)
    await open_database.clean()
    await published()
    assert await bring_in(out, manifest=manifest_of(out))
    assert await state() == before
    assert (await audit(now=NOW)).breaches == []
    again = tmp_path / f"again-{name}"
    await members._export(again)
    first, second = (orjson.loads(manifest_of(one).read_bytes()) for one in (out, again))
    for own in ("file", "sha256"):
        assert first.pop(own) != second.pop(own)
    assert first == second


async def test_the_example_of_the_guide_is_imported_as_the_guide_says(file: Path, capsys):
    (example,) = re.findall(r"```csv\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    write(file, example)
    assert await bring_in(file, "rows=4", "members=3", "points=2340", "tiers=1", "coupons=1")
    capsys.readouterr()
    assert await counts("member", "lot", "coupon", "tier_change") == [3, 3, 1, 1]
    async with nothing_changed():
        assert await bring_in(file)
    assert "This very file was imported" in capsys.readouterr().out


async def test_a_dry_run_reconciles_names_what_is_refused_and_books_nothing(file: Path, capsys):
    await a_member(email="ann@shop.example")
    write(
        file,
        "external_id,email,points,expires_at\n"
        "c-1,ann@shop.example,100,2026-12-31\n"
        "c-2,,50,2026-12-31T00:00:00\n"
        "c-3,,30,2026-12-31\n"
        "c-3,,30,2026-12-31\n"
        "c-4,,x,\n",
    )
    async with nothing_changed():
        assert not await bring_in(file, dry_run=True)
    said = capsys.readouterr().out
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines()]
    shown = {line[0]: " ".join(line[1:]).strip() for line in cells if line}
    assert shown == {
        "rows": "5 1",
        "rows refused": "3",
        "rows repeated in the file": "1",
        "rows imported before": "0",
        "members": "2 1",
        "points": "210 30",
        "growth": "0 0",
        "community": "0 0",
        "tiers": "0 0",
        "coupons": "0 0",
        "points that expire: 2026-12": "130",
    }
    assert "row 2: IMPORTED_CONTACT_TAKEN: Column email" in said
    assert "row 3: ROW_INVALID: Column expires_at: a time needs its zone" in said
    assert "row 6: ROW_INVALID: Column points: must be a whole number" in said


async def test_what_is_not_as_expected_books_nothing(file: Path):
    write(file, "external_id,points\nc-1,100\nc-2,200\n")
    async with nothing_changed():
        with pytest.raises(BadInput, match="points: expected 400, the file has 300"):
            await bring_in(file, "points=400", "members=2")
        with pytest.raises(BadInput, match="names are rows, members, points"):
            await bring_in(file, "pionts=300")
        write(manifest_of(file), '{"sha256": "another", "totals": {}}')
        with pytest.raises(BadInput, match="its sha-256 is another"):
            await bring_in(file, manifest=manifest_of(file))
    assert await bring_in(file, "points=300", "members=2")


async def test_a_file_with_refused_rows_is_booked_only_where_that_is_allowed(file: Path, capsys):
    write(file, "external_id,points\nc-1,100\nc-2,none\n")
    async with nothing_changed():
        with pytest.raises(BadInput, match="1 rows are refused, so nothing is booked"):
            await bring_in(file)
    assert not await bring_in(file, allow_refused=True)
    assert "DONE: 1 rows booked, 1 refused." in capsys.readouterr().out
    assert await counts("member", "lot") == [1, 1]


async def test_a_command_that_was_cut_off_while_loading_or_stopped_goes_on(file: Path):
    write(file, "external_id,points\n" + "".join(f"c-{n},10\n" for n in range(300)))
    digest = members.member_files.checksum(file)
    opened, _ = await operations.begin(digest, file=file.name, created_by="ada", now=NOW)
    reading = await members._again(Options(file), NOW)
    await operations.load(opened.batch.id, list(reading.rows())[:120])
    await batches.stop(opened.batch.id, now=NOW)
    assert await bring_in(file)
    assert await counts("member", "lot", "batch") == [300, 300, 1]


def test_the_command_ends_with_a_code_that_a_script_can_read(database: str, file: Path):
    write(file, "external_id,points\nc-1,100\nc-2,none\n")
    command = [str(ACCRUE), "import", "members", str(file), "--dry-run"]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(database), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "row 3: ROW_INVALID: Column points" in done.stdout


def _environment(database: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": database}
