"""What can be done from a shell? Every command and its options; the work is in `app.commands`.

A command imports what it needs when it runs, so that help is instant and the image needs no
servers of its own.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.commands.failing import plainly
from app.moving import exporting, importing
from app.options import DataDir
from app.private import privacy

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Membership growth and incentives, self-hosted.",
)
programme = typer.Typer(no_args_is_help=True, help="The programme: tiers, earning, rewards.")
apikey = typer.Typer(no_args_is_help=True, help="Keys by which services call the API.")
jobs = typer.Typer(no_args_is_help=True, help="Scheduled and background work.")
events = typer.Typer(no_args_is_help=True, help="Facts from the shop.")
for name, group in {
    "programme": programme,
    "apikey": apikey,
    "import": importing,
    "export": exporting,
    "jobs": jobs,
    "events": events,
    "privacy": privacy,
}.items():
    app.add_typer(group, name=name)

LogJson = Annotated[bool, typer.Option("--log-json", help="Log lines as JSON. [ACCRUE_LOG_JSON]")]
ProgrammeFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A programme in YAML.")
]
Instant = Annotated[
    str | None, typer.Option("--as-of", help="An instant, as 2026-11-21T03:00:00Z. [now]")
]


class Role(StrEnum):
    """Whom a token is for."""

    MEMBER = "member"
    STAFF = "staff"
    SERVICE = "service"


@app.command()
@plainly
def dev(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the API.")] = 8000,
    data_dir: DataDir = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="With a year of real purchases of 200 households.")
    ] = False,
    households: Annotated[
        int, typer.Option(min=1, help="How many households --demo imports.")
    ] = 200,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Worker processes.")] = 1,
    log_json: LogJson = False,
) -> None:
    """Run everything on this machine, PostgreSQL and Valkey included. Ctrl-C stops it."""
    from app.commands import development

    options = development.Options(
        port=port,
        households=households if demo else 0,
        workers=workers,
        log_json=log_json,
    )
    development.run(data_dir, options)


@app.command()
@plainly
def api(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    data_dir: DataDir = None,
    log_json: LogJson = False,
) -> None:
    """Serve the GraphQL API."""
    from app.commands import processes

    processes.api(data_dir, host, port, log_json=log_json)


@app.command()
@plainly
def worker(*, data_dir: DataDir = None, log_json: LogJson = False) -> None:
    """Do background jobs."""
    from app.commands import processes

    processes.worker(data_dir, log_json=log_json)


@app.command()
@plainly
def relay(*, data_dir: DataDir = None, log_json: LogJson = False) -> None:
    """Call workers to due jobs, and run the schedule."""
    from app.commands import processes

    processes.relay(data_dir, log_json=log_json)


@app.command()
@plainly
def migrate(*, data_dir: DataDir = None) -> None:
    """Bring the database's tables up to date."""
    from app.commands import database

    database.migrate_tables(data_dir)


@programme.command()
@plainly
def validate(file: ProgrammeFile) -> None:
    """Say whether the programme can be published, or every problem of it."""
    from app.commands import programmes

    programmes.validate(file)


@programme.command()
@plainly
def publish(
    file: ProgrammeFile,
    *,
    by: Annotated[str, typer.Option(help="Who publishes, for the record.")] = "",
    starts: Annotated[
        str | None, typer.Option("--from", help="In force from this instant. [now]")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Publish the programme as the next version; the first one is in force since ever."""
    from app.commands import programmes

    programmes.publish(data_dir, file, by=by, starts=starts)


@programme.command()
@plainly
def show(
    version: Annotated[int | None, typer.Argument(help="Its number. [in force now]")] = None,
    *,
    data_dir: DataDir = None,
) -> None:
    """Print a published version as YAML."""
    from app.commands import programmes

    programmes.show(data_dir, version)


@programme.command()
@plainly
def diff(file: ProgrammeFile, *, data_dir: DataDir = None) -> None:
    """Say what publishing the programme would change."""
    from app.commands import programmes

    programmes.differences(data_dir, file)


@app.command()
@plainly
def token(
    *,
    role: Annotated[Role, typer.Option(help="Whom it is for.")],
    subject: Annotated[
        str, typer.Option(help="A member's id or the shop's id of the customer; a name for others.")
    ],
    ttl: Annotated[str, typer.Option(help="How long it is good: 30m, 12h, 7d.")] = "12h",
    data_dir: DataDir = None,
) -> None:
    """Print an access token."""
    from app.commands import access

    access.print_token(data_dir, role.value, subject, ttl)


@apikey.command()
@plainly
def create(
    name: Annotated[str, typer.Argument(help="What the service is called.")],
    *,
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; may be repeated. [everything]")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it: it is shown this once."""
    from app.commands import access

    access.create_key(data_dir, name, scope or [])


@apikey.command()
@plainly
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `apikey list` shows it.")],
    *,
    data_dir: DataDir = None,
) -> None:
    """Shut a key for ever."""
    from app.commands import access

    access.revoke_key(data_dir, key_id)


@apikey.command(name="list")
@plainly
def list_keys(*, data_dir: DataDir = None) -> None:
    """List the keys."""
    from app.commands import access

    access.list_keys(data_dir)


@jobs.command(name="list")
@plainly
def list_jobs(*, data_dir: DataDir = None) -> None:
    """Show how scheduled and background work does."""
    from app.commands import work

    work.list_jobs(data_dir)


@jobs.command(name="run")
@plainly
def run_job(
    name: Annotated[str, typer.Argument(help="A scheduled job, as `jobs list` names it.")],
    *,
    as_of: Instant = None,
    force: Annotated[bool, typer.Option("--force", help="Even as of an instant ahead.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Do a scheduled job now."""
    from app.commands import work

    work.run_job(data_dir, name, as_of, force=force)


@events.command()
@plainly
def replay(
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Those that were set aside.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Give events another try."""
    from app.commands import work

    work.replay(data_dir, dead=dead)


@app.command()
@plainly
def audit(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Check the books. Ends with 1 and names the rows where they are wrong."""
    from app.commands import auditing

    auditing.run(data_dir, as_json=as_json)


@app.command(name="verify-draw")
@plainly
def verify_draw(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="What `verifyDraw` answered, as JSON."
        ),
    ],
) -> None:
    """Recompute a lottery draw from its published values; exit status 1 if it is wrong."""
    from app.commands import draws

    draws.verify(file)


@app.command(name="export-schema")
@plainly
def export_schema() -> None:
    """Print the GraphQL schema."""
    from app.commands import contract

    contract.print_schema()


def main() -> None:
    app()


if __name__ == "__main__":
    main()
