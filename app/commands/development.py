"""How does everything run on one machine, for those who try Accrue or work on it?"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import typer

from app.access import signing_secret
from app.commands import journeys
from app.commands.failing import BadInput
from app.commands.ports import require_free
from app.commands.programmes import publish_first
from app.commands.reach import POOL_SIZE, read_settings, use_endpoints
from app.commands.stack import HOST, Owned, address, processes, run_stack
from app.tokens import Role, TokenIssuer
from db.connection import close_pool, open_pool, reader
from db.migrate import migrate
from db.queries import overview
from dev.console import line_printer
from dev.services import Services
from dev.supervisor import Stop
from domain.programme.views import versions
from kit import clock
from kit.settings import Settings

TOKEN_LIFETIME = timedelta(days=7)
STAFF = "demo-staff"


@dataclass(frozen=True, slots=True)
class Options:
    """`households`: how many are imported; none without --demo."""

    port: int
    households: int
    workers: int
    log_json: bool


class _Stderr:
    """Whatever stands in for stderr now: a progress bar puts itself under what is written."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


def run(data_dir: Path | None, options: Options) -> None:
    """Run until Ctrl-C; the next run goes on with the data."""
    given = read_settings(data_dir, log_json=options.log_json)
    require_free(HOST, options.port)
    if options.households:
        journeys.require_data()
    services = Services(
        given.data_dir,
        database_url=given.database_url or None,
        redis_url=given.redis_url or None,
    )
    owned: Owned = {
        **({} if given.database_url else {"postgres": services.postgres}),
        **({} if given.redis_url else {"valkey": services.valkey}),
    }
    _say(f"Starting {' and '.join(owned) or 'Accrue'} in {given.data_dir} …")
    endpoints = services.start()
    try:
        settings = use_endpoints(endpoints.database_url, endpoints.redis_url)
        asyncio.run(_develop(settings, options, owned))
    finally:
        _say("Stopping …")
        services.stop()


async def _develop(settings: Settings, options: Options, owned: Owned) -> None:
    await migrate(settings.database_url)
    await open_pool(settings.database_url, size=POOL_SIZE)
    try:
        await publish_first("grocery" if options.households else "default")
        children = processes(options.port, workers=options.workers)
        names = [*owned, *(child.name for child in children)]
        await run_stack(
            settings,
            children,
            line_printer(_Stderr(), names, as_json=settings.log_json),  # pyright: ignore[reportArgumentType]  what it uses of a stream
            url=address(options.port),
            story=lambda url, stop: _tell(settings, options, url, stop),
            owned=owned,
        )
    finally:
        await close_pool()


async def _tell(settings: Settings, options: Options, url: str, stop: Stop) -> None:
    """Say where it runs; then import, if asked to. A failed import stops nothing."""
    del stop
    typer.echo(f"GraphiQL      {url}")
    typer.echo(f"staff token   {_token(settings, STAFF, 'staff')}")
    await _show_member(settings)
    typer.echo(f"READY {url}")
    if not options.households:
        return
    try:
        await journeys.bring_in(url, options.households, None)
    except BadInput as error:
        _say(str(error))
    else:
        await _show_member(settings)
        typer.echo(f"Everything runs: {url}   Ctrl-C stops it.")


async def _show_member(settings: Settings) -> None:
    programme = (await versions()).at(clock.now()).programme
    highest = programme.tiers.ladder[-1].code
    async with reader() as tx:
        member_id = await overview.telling_member(tx, available_points=1_200, but_not_tier=highest)
    if member_id is not None:
        typer.echo(f"member token  {_token(settings, str(member_id), 'member')}")


def _token(settings: Settings, subject: str, role: Role) -> str:
    issuer = TokenIssuer(signing_secret(settings))
    return issuer.issue(subject, role, now=clock.now(), ttl=TOKEN_LIFETIME)[0]


def _say(text: str) -> None:
    typer.echo(text, err=True)
