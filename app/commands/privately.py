"""How does an operator export, erase, and erase again after a restore?"""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import UUID

import orjson
import typer

from app.commands.access import member_id_of
from app.commands.failing import BadInput
from app.commands.instants import instant
from app.commands.reach import ask
from domain.privacy import operations, views
from domain.privacy.model import Asked, Content, Erasure, Reason, Replayed
from kit import clock
from kit.calendar import format_instant

EXIT_LEFT = 1


def export(data_dir: Path | None, member: str, file: Path | None) -> None:
    async def work() -> None:
        member_id = await member_id_of(member)
        with _target(file) as target:
            await _write(operations.written(member_id, now=clock.now()), target)

    ask(data_dir, lambda _: work())


def erase(
    data_dir: Path | None, member: str, *, request_id: str, content: str, reason: str, by: str
) -> None:
    asked = Asked(by, _reason(reason), request_id, _content(content))

    async def work() -> Erasure:
        return await operations.erase(await member_id_of(member), asked, now=clock.now())

    erased = ask(data_dir, lambda _: work())
    typer.echo(f"Member {erased.member_id} was erased at {format_instant(erased.erased_at)}.")


def write_journal(data_dir: Path | None, file: Path | None, since: str | None) -> None:
    begin = datetime(1970, 1, 1, tzinfo=UTC) if since is None else instant(since)

    async def work() -> None:
        with _target(file) as target:
            async for erasure in views.journal(since=begin, until=clock.now()):
                target.write(orjson.dumps(asdict(erasure), default=str).decode() + "\n")

    ask(data_dir, lambda _: work())


def replay(data_dir: Path | None, file: Path) -> None:
    lines = [_line(text, number) for number, text in _texts(file)]
    found = ask(data_dir, lambda _: operations.replay(lines, now=clock.now()))
    _tell(found)
    if found.refused:
        raise typer.Exit(EXIT_LEFT)


def _tell(found: Replayed) -> None:
    typer.echo(
        f"{found.erased:,} erased again, {found.already:,} were erased already,"
        f" {found.unknown:,} aren't in this database, {len(found.refused):,} refused."
    )
    for member_id, code in found.refused.items():
        typer.echo(f"  member {member_id}: {code}")


def _texts(file: Path) -> list[tuple[int, str]]:
    lines = enumerate(file.read_text("utf-8").splitlines(), start=1)
    return [(number, text) for number, text in lines if text.strip()]


def _line(text: str, number: int) -> Erasure:
    try:
        found = orjson.loads(text)
        return Erasure(
            UUID(found["member_id"]),
            datetime.fromisoformat(found["erased_at"]),
            str(found["erased_by"]),
            Reason(found["reason"]),
            str(found["request_id"]),
            Content(found["content"]),
        )
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"line {number} is none of a journal") from None


@contextmanager
def _target(file: Path | None) -> Iterator[TextIO]:
    """A new file that its owner alone may read, or standard output."""
    if file is None:
        yield sys.stdout
        return
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise BadInput(f"{file} exists already") from None
    with file.open("w", encoding="utf-8") as target:
        yield target


async def _write(pieces: AsyncIterator[str], target: TextIO) -> None:
    async for piece in pieces:
        target.write(piece)
    target.write("\n")


def _reason(text: str) -> Reason:
    try:
        return Reason(text)
    except ValueError:
        raise BadInput("the reason is REQUEST, PURPOSE_ENDED or LEGAL_DUTY") from None


def _content(text: str) -> Content:
    try:
        return Content(text)
    except ValueError:
        raise BadInput("the content is DELETE or KEEP") from None
