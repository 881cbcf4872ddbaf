"""How do the tables come up to date from a shell?"""

import asyncio
from pathlib import Path

import typer

from app.commands.reach import servers
from db.migrate import head, migrate, pending


def migrate_tables(data_dir: Path | None) -> None:
    with servers(data_dir, may_begin=True) as found:
        applied = asyncio.run(_migrate(found.database_url))
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo(f"The tables are at {head()}.")


async def _migrate(database_url: str) -> list[str]:
    missing = await pending(database_url)
    await migrate(database_url)
    return missing
