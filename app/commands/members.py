"""How do members come in from another programme's file, and go out into one?"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.commands import member_files
from app.commands.failing import BadInput
from app.commands.member_reading import REFUSED_KEPT_MAX, Reading, chunks
from app.commands.programmes import account
from app.commands.reach import ask
from app.commands.tables import wide_console
from domain.batches import operations as batches
from domain.batches import views as batch_views
from domain.batches.model import Batch, State
from domain.imports import operations, views
from domain.imports.model import BALANCES, Totals
from domain.imports.rules import rows_of
from domain.programme.views import versions
from kit import clock
from kit.calendar import format_instant
from workers.batches import KINDS, Batches

ROWS_LOADED_MAX = 2_000
ROWS_REHEARSED_MAX = 200
WAIT_SECONDS = 0.5
EXIT_REFUSED = 1


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is imported. `expect`: figures, by their names, that it must come to."""

    file: Path
    dry_run: bool = False
    expect: Sequence[str] = ()
    manifest: Path | None = None
    ignore: Sequence[str] = ()
    allow_refused: bool = False


def bring_in(data_dir: Path | None, options: Options) -> None:
    """Read the file, say what it comes to, and book it, or go on with what was begun."""
    member_files.require_parquet(options.file)
    expected = _expected(options)
    is_whole = ask(data_dir, lambda _: _import(options, expected))
    if not is_whole:
        raise typer.Exit(EXIT_REFUSED)


def take_out(data_dir: Path | None, file: Path) -> None:
    """Write all members with what they own into a new file, and a manifest beside it."""
    member_files.require_parquet(file)
    ask(data_dir, lambda _: _export(file))


def manifest_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.manifest.json")


def _expected(options: Options) -> dict[str, int]:
    figures: dict[str, int] = {}
    if options.manifest is not None:
        figures |= _of_manifest(options.manifest, options.file)
    for text in options.expect:
        name, _, number = text.partition("=")
        if name not in Totals().figures() or not number.removeprefix("-").isdigit():
            known = ", ".join(Totals().figures())
            raise BadInput(f"--expect {text}: write it as points=120000; names are {known}")
        figures[name] = int(number)
    return figures


def _of_manifest(manifest: Path, file: Path) -> dict[str, int]:
    try:
        found = orjson.loads(manifest.read_bytes())
        digest, figures = found["sha256"], found["totals"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise BadInput(f"{manifest} is no manifest of an export") from None
    if digest != member_files.checksum(file):
        raise BadInput(f"{file} isn't the file of {manifest}: its sha-256 is another")
    return figures


async def _import(options: Options, expected: dict[str, int]) -> bool:
    """Whether nothing was refused."""
    digest = await asyncio.to_thread(member_files.checksum, options.file)
    known = await views.known(digest)
    if known is not None and known.state == State.DONE and not options.dry_run:
        typer.echo(f"This very file was imported at {known.ended_at}: nothing changes.")
        _show_end(known)
        return not known.refused
    now = clock.now()
    reading = await _read(options, now)
    _require_expected(reading, expected)
    if options.dry_run:
        booked = await _rehearsed(options, reading, now)
        _show(reading, "to be booked", booked)
        return not reading.refused_count
    _show(reading, "to be booked", reading.reconciling.totals.figures())
    if reading.refused_count and not options.allow_refused:
        raise BadInput(
            f"{reading.refused_count} rows are refused, so nothing is booked; correct them, or"
            " leave them out with --allow-refused"
        )
    batch = await _begun(options, digest, now)
    return await _worked_off(batch)


async def _read(options: Options, now: datetime) -> Reading:
    programme = (await versions()).at(now).programme
    reading = Reading(options.file, programme, now, options.ignore)
    for _ in reading.rows():
        pass
    return reading


def _require_expected(reading: Reading, expected: dict[str, int]) -> None:
    found = reading.reconciling.totals.figures()
    wrong = [
        f"{name}: expected {expected[name]:,}, the file has {found.get(name, 0):,}"
        for name in expected
        if expected[name] != found.get(name, 0)
    ]
    if wrong:
        _show_refused(reading)
        raise BadInput(
            "the file isn't what was expected, so nothing is booked: " + "; ".join(wrong)
        )


async def _rehearsed(options: Options, reading: Reading, now: datetime) -> Counter[str]:
    """What would be booked, with what is known of the members taken into account."""
    again = Reading(options.file, reading.programme, now, options.ignore)
    counts: Counter[str] = Counter()
    created: set[str] = set()
    for some in chunks(again.rows(), ROWS_REHEARSED_MAX):
        sound = [row for row in some if "refused" not in row.data]
        booked = await operations.rehearse(sound, now=now)
        for number, refusal in booked.refused.items():
            reading.refuse(number, refusal)
        counts.update(booked.counts)
        created |= booked.created
    reading.refused.sort(key=lambda one: one[0])
    repeated = reading.reconciling.repeated
    counts["rows"] = again.lines - repeated - reading.refused_count - counts["known"]
    counts["members"] = len(created)
    return counts


async def _begun(options: Options, digest: str, now: datetime) -> Batch:
    """The batch of the file, with all of its rows."""
    opened, last = await operations.begin(
        digest, file=options.file.name, created_by=account(), now=now
    )
    batch = opened.batch
    if not opened.is_new:
        typer.echo(f"Going on with what was begun at {format_instant(batch.created_at)}.")
    if batch.state in {State.STOPPED, State.FAILED}:
        batch = await batches.resume(batch.id, now=now)
    if batch.state != State.LOADING:
        return batch
    reading = await _again(options, now)
    for some in chunks(reading.rows(), ROWS_LOADED_MAX):
        rows = [row for row in some if row.number > last]
        if rows and not await operations.load(batch.id, rows):
            break
    return await operations.ready(batch.id, now=clock.now())


async def _again(options: Options, now: datetime) -> Reading:
    return Reading(options.file, (await versions()).at(now).programme, now, options.ignore)


async def _worked_off(batch: Batch) -> bool:
    """Beside the workers, if there are any; one that is stopped meanwhile is left."""
    worker = Batches(KINDS)
    with _Meter(batch) as meter:
        while batch.state in {State.READY, State.RUNNING}:
            if not await worker.turn(only=batch.id):
                await _pause()
            batch = await batch_views.batch(batch.id)
            meter.show(batch)
    _show_end(batch)
    if batch.state != State.DONE:
        raise BadInput(
            f"the import is {batch.state} after {batch.done + batch.refused:,} rows"
            f" ({batch.last_error or 'by staff'}); the same command goes on"
        )
    return not batch.refused


class _Meter:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, batch: Batch) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("Importing members"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=batch.total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, batch: Batch) -> None:
        self._progress.update(self._task, completed=batch.done + batch.refused)


async def _pause() -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), WAIT_SECONDS)


def _show(reading: Reading, title: str, booked: dict[str, int]) -> None:
    """The reconciliation: the file against what is booked of it."""
    totals, console = reading.reconciling.totals, wide_console()
    table = Table(title=f"{reading.file.name}: the file and what is {title}")
    for name in ("", "file", title):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("rows", f"{reading.lines:,}", f"{booked.get('rows', 0):,}")
    table.add_row("rows refused", f"{reading.refused_count:,}", "")
    table.add_row("rows repeated in the file", f"{reading.reconciling.repeated:,}", "")
    table.add_row("rows imported before", f"{booked.get('known', 0):,}", "")
    table.add_row("members", f"{totals.members:,}", f"{booked.get('members', 0):,}")
    for column in BALANCES:
        table.add_row(column, f"{reading.in_file[column]:,}", f"{booked.get(column, 0):,}")
    for name in ("tiers", "coupons"):
        table.add_row(name, f"{totals.figures()[name]:,}", f"{booked.get(name, 0):,}")
    table.add_section()
    for (currency, month), amount in sorted(totals.by_month.items()):
        table.add_row(f"{currency.lower()} that expire: {month}", f"{amount:,}", "")
    for name, counter in (("tier", totals.tiers), ("coupon", totals.coupons)):
        for code, count in sorted(counter.items()):
            table.add_row(f"{name} {code}", f"{count:,}", "")
    console.print(table)
    _show_refused(reading)


def _show_refused(reading: Reading) -> None:
    for number, refusal in reading.refused:
        typer.echo(f"row {number}: {refusal.code}: {refusal.message('en')}")
    if reading.refused_count > REFUSED_KEPT_MAX:
        typer.echo(f"and {reading.refused_count - REFUSED_KEPT_MAX:,} more")


def _show_end(batch: Batch) -> None:
    typer.echo(f"{batch.state}: {batch.done:,} rows booked, {batch.refused:,} refused.")
    for name, count in batch.counts.items():
        typer.echo(f"  {name}: {count:,}")
    for line in batch.lines:
        typer.echo(f"row {line.number}: {line.code}: {line.message('en')}")


async def _export(file: Path) -> None:
    now, written = clock.now(), 0
    with member_files.writing(file) as sink:
        async for owners in operations.export(now=now):
            rows = [row for owner in owners for row in rows_of(owner, now)]
            sink(rows)
            written += len(rows)
    reading = await _read(Options(file), now)
    totals = reading.reconciling.totals
    manifest = {
        "file": file.name,
        "sha256": member_files.checksum(file),
        "exported_at": now,
        "totals": totals.figures(),
        "expiring": {f"{name} {month}": found for (name, month), found in totals.by_month.items()},
        "tiers": totals.tiers,
        "coupons": totals.coupons,
    }
    manifest_of(file).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    typer.echo(f"{written:,} rows of {totals.members:,} members are in {file}.")
    if reading.refused_count:
        _show_refused(reading)
        raise BadInput("an import by the programme in force would refuse the rows above")
