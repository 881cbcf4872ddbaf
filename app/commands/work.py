"""How does background work do, and how is it started by hand?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.table import Column, Table

from app.commands.failing import BadInput
from app.commands.instants import instant
from app.commands.reach import ask
from app.commands.tables import wide_console
from app.relay import schedule
from db.connection import reader
from db.queries import overview
from domain.intake import operations as intake
from kit import clock
from kit.settings import Settings
from workers.night import phase_of
from workers.schedule import Report, UnknownEntry


def list_jobs(data_dir: Path | None) -> None:
    reports, waiting = ask(data_dir, lambda _: _reports())
    console = wide_console()
    console.print(_schedule_table(reports))
    console.print(_waiting_table(waiting) if waiting else "No background job waits.")


def run_job(data_dir: Path | None, name: str, as_of: str | None, *, force: bool) -> None:
    now = clock.now()
    at = instant(as_of) if as_of else now
    if at > now and not force:
        raise BadInput(
            f"{at.isoformat()} lies ahead: what isn't due yet would expire for good;"
            " --force does it all the same"
        )

    async def run(_: Settings) -> Report:
        try:
            return await schedule().run_now(name, at)
        except UnknownEntry as unknown:
            raise BadInput(str(unknown)) from None

    report = ask(data_dir, run)
    if report.state != "done":
        raise BadInput(
            f"{name} is {report.state}: {report.last_error or 'another process does it'}"
        )
    typer.echo(f"{name} as of {at.isoformat()}: done, {report.progress} in all.")


def replay(data_dir: Path | None, *, dead: bool) -> None:
    if not dead:
        raise BadInput("say which events: --dead, those that were set aside")
    count = ask(data_dir, lambda _: _replay())
    typer.echo(f"{count} events will be tried again.")


async def _replay() -> int:
    total = 0
    while count := await intake.replay_dead(now=clock.now()):
        total += count
    return total


async def _reports() -> tuple[list[Report], Sequence[Mapping[str, Any]]]:
    reports = await schedule().reports()
    async with reader() as tx:
        return reports, [dict(row) for row in await overview.jobs_by_kind(tx)]


def _schedule_table(reports: Sequence[Report]) -> Table:
    table = _table("scheduled", "cron", "last", "state", "did", "late by", "next")
    for report in reports:
        table.add_row(
            report.name,
            report.cron,
            _minute(report.last_period) if report.last_period else "never",
            _state(report),
            str(report.progress),
            str(report.lag).partition(".")[0] if report.lag else "",
            _minute(report.next_period),
            report.last_error or "",
        )
    return table


def _state(report: Report) -> str:
    phase = phase_of(report.cursor) if report.state in {"ready", "running"} else ""
    return f"{report.state}: {phase}" if phase else report.state or ""


def _waiting_table(waiting: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("background", "state", "jobs", "oldest due")
    for row in waiting:
        table.add_row(
            row["kind"],
            row["state"],
            str(row["jobs"]),
            _minute(row["oldest_run_at"]),
            row["last_error"] or "",
        )
    return table


def _table(*columns: str) -> Table:
    return Table(*(Column(name, no_wrap=True) for name in columns), "last error")


def _minute(at: datetime) -> str:
    return f"{at:%m-%d %H:%M}"
