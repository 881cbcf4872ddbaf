"""How are members, codes and purchases brought in and taken out from a shell?"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.commands.failing import plainly
from app.options import DataDir

importing = typer.Typer(no_args_is_help=True, help="Bring data in.")
exporting = typer.Typer(no_args_is_help=True, help="Take data out.")

MembersFile = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="Members, as CSV or Parquet."),
]


@importing.command()
@plainly
def journey(
    *,
    households: Annotated[
        int | None, typer.Option(min=1, help="The first so many. [all 2,469]")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Leave out what was bought after this day."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import a year of real purchases through the API. May be interrupted and started again."""
    from app.commands import journeys

    journeys.run(data_dir, households, until.date() if until else None)


@importing.command(name="members")
@plainly
def import_members(  # noqa: PLR0913  each is an option of the command
    file: MembersFile,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it comes to and what is refused; no more.")
    ] = False,
    expect: Annotated[
        list[str] | None,
        typer.Option(help="A figure that it must come to, as points=120000; may be repeated."),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Of the export: expect all its figures."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A column to leave out; may be repeated.")
    ] = None,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Book the rows that aren't refused.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Import members with balances, tiers and coupons. May be interrupted and started again."""
    from app.commands import members

    options = members.Options(
        file=file,
        dry_run=dry_run,
        expect=expect or (),
        manifest=manifest,
        ignore=ignore or (),
        allow_refused=allow_refused,
    )
    members.bring_in(data_dir, options)


@exporting.command(name="members")
@plainly
def export_members(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="A new CSV or Parquet file.")],
    *,
    data_dir: DataDir = None,
) -> None:
    """Write all members with what they own, in the form in which they can be imported."""
    from app.commands import members

    members.take_out(data_dir, file)


@importing.command(name="reward-codes")
@plainly
def reward_codes(
    pool: Annotated[str, typer.Argument(help="The pool of a VIRTUAL reward.")],
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="A CSV file with a column `code`."
        ),
    ],
    *,
    by: Annotated[str, typer.Option("--by", help="Who imports them.")] = "cli",
    data_dir: DataDir = None,
) -> None:
    """Put codes into a pool, with progress and a report of duplicates. May be interrupted."""
    from app.commands import codes

    codes.load(data_dir, pool, file, by=by)
