"""How is a programme checked, compared and published from a shell?"""

import getpass
import os
from datetime import datetime, timedelta
from pathlib import Path

import typer
import yaml

from app.commands.failing import BadInput
from app.commands.instants import instant
from app.commands.reach import ask
from domain.programme import operations, views
from domain.programme.errors import ProgrammeInvalid
from domain.programme.model import Programme
from domain.programme.rules import diff, parse
from domain.programme.views import Published
from kit import clock
from kit.calendar import format_instant

KNOWN_AFTER = timedelta(seconds=5)
"""Every process knows a version before it comes into force."""
READY_MADE = Path(__file__).resolve().parents[2] / "programmes"


def validate(file: Path) -> None:
    programme = read(file)
    typer.echo(
        f"{file} is sound: {programme.name.in_(programme.locale)}, in {programme.currency},"
        f" {len(programme.tiers.ladder)} tiers, {len(programme.rewards)} rewards."
    )


def publish(data_dir: Path | None, file: Path, *, by: str, starts: str | None) -> None:
    programme = read(file)
    effective_from = instant(starts) if starts else None
    version, was_new = ask(data_dir, lambda _: _publish(programme, by or account(), effective_from))
    if was_new:
        typer.echo(f"Version {version} is published.")
    else:
        typer.echo(f"Version {version} is the same: nothing to publish.")


def show(data_dir: Path | None, version: int | None) -> None:
    found = ask(data_dir, lambda _: _published(version))
    typer.echo(
        f"# version {found.version}, published by {found.published_by}"
        f" at {format_instant(found.published_at)}"
    )
    document = yaml.safe_dump(found.programme.document(), allow_unicode=True, sort_keys=False)
    typer.echo(document, nl=False)


def differences(data_dir: Path | None, file: Path) -> None:
    programme = read(file)
    latest = ask(data_dir, lambda _: _latest())
    if latest is None:
        raise BadInput("nothing is published yet, so there is nothing to compare with")
    changes = diff(latest.programme, programme)
    for change in changes:
        typer.echo(change)
    typer.echo(f"{len(changes)} changes to version {latest.version}.")


def read(file: Path) -> Programme:
    """The programme in the file, or every problem of it."""
    try:
        return parse(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise BadInput(f"{file} isn't text in UTF-8") from None
    except ProgrammeInvalid as invalid:
        problems = "\n".join(f"  {problem}" for problem in invalid.problems)
        count = len(invalid.problems)
        told = "1 problem" if count == 1 else f"{count} problems"
        raise BadInput(f"{file} has {told}:\n{problems}") from None


async def publish_first(name: str) -> Programme:
    """Publish the ready-made programme where nothing is published yet; what is in force then."""
    latest = await _latest()
    if latest is not None:
        return latest.programme
    programme = read(READY_MADE / f"{name}.yaml")
    await operations.publish(programme, now=clock.now(), published_by="accrue dev")
    return programme


async def _publish(
    programme: Programme, by: str, effective_from: datetime | None
) -> tuple[int, bool]:
    before = await _latest()
    now = clock.now()
    version = await operations.publish(
        programme, now=now, published_by=by, effective_from=effective_from or now + KNOWN_AFTER
    )
    return version, before is None or before.version != version


async def _published(version: int | None) -> Published:
    versions = await views.versions()
    if version is None:
        return versions.at(clock.now())
    if not 1 <= version <= len(versions):
        raise BadInput(f"there is no version {version}; the newest is {len(versions)}")
    return versions.numbered(version)


async def _latest() -> Published | None:
    return (await views.versions()).latest()


def account() -> str:
    """Who is at the shell; in an image the account may have no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
