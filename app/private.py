"""How does an operator show a member all that is known of them, and have it forgotten for good?"""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.failing import plainly
from app.options import DataDir

privacy = typer.Typer(no_args_is_help=True, help="What is known of members, and erasing it.")

Member = Annotated[str, typer.Argument(help="The member's id, or the shop's id of the customer.")]
Staff = Annotated[str, typer.Option("--by", help="Who does it.")]


@privacy.command(name="export")
@plainly
def export_member(
    member: Member,
    file: Annotated[
        Path | None, typer.Argument(dir_okay=False, help="A new file. [standard output]")
    ] = None,
    *,
    data_dir: DataDir = None,
) -> None:
    """Write everything that concerns a member as one JSON document."""
    from app.commands import privately

    privately.export(data_dir, member, file)


@privacy.command(name="erase")
@plainly
def erase_member(  # noqa: PLR0913  each is an option of the command
    member: Member,
    *,
    request_id: Annotated[
        str, typer.Option("--request-id", help="The request's number in your files.")
    ],
    content: Annotated[
        str, typer.Option(help="What becomes of posts and comments: DELETE or KEEP.")
    ] = "DELETE",
    reason: Annotated[str, typer.Option(help="REQUEST, PURPOSE_ENDED or LEGAL_DUTY.")] = "REQUEST",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: it can't be undone.")] = False,
    by: Staff = "cli",
    data_dir: DataDir = None,
) -> None:
    """Forget who a member is and end what they have. The books stay, under a pseudonym."""
    from app.commands import privately

    if not yes:
        typer.confirm(f"Erase member {member} for good?", abort=True)
    privately.erase(data_dir, member, request_id=request_id, content=content, reason=reason, by=by)


@privacy.command(name="journal")
@plainly
def journal(
    file: Annotated[
        Path | None, typer.Argument(dir_okay=False, help="A new file. [standard output]")
    ] = None,
    *,
    since: Annotated[
        str | None, typer.Option(help="From this instant on, as 2026-11-21T03:00:00Z.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write who was erased, one JSON object a line: keep it apart from the backups."""
    from app.commands import privately

    privately.write_journal(data_dir, file, since)


@privacy.command(name="replay")
@plainly
def replay(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A journal.")
    ],
    *,
    data_dir: DataDir = None,
) -> None:
    """After a restore: erase again who had been erased. Exit code 1 where somebody is left."""
    from app.commands import privately

    privately.replay(data_dir, file)
