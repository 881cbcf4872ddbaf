"""How does one process of Accrue run: API, worker or relay?"""

import asyncio
from pathlib import Path

from app.commands.ports import require_free
from app.commands.reach import require_tables, servers


def api(data_dir: Path | None, host: str, port: int, *, log_json: bool) -> None:
    require_free(host, port)
    with servers(data_dir, with_valkey=True, log_json=log_json) as settings:
        asyncio.run(require_tables(settings.database_url))
        from app.serving import serve  # noqa: PLC0415  worker and relay need no GraphQL

        serve(settings, host=host, port=port)


def worker(data_dir: Path | None, *, log_json: bool) -> None:
    with servers(data_dir, with_valkey=True, log_json=log_json) as settings:
        asyncio.run(require_tables(settings.database_url))
        from app.worker import run_worker  # noqa: PLC0415

        run_worker(settings)


def relay(data_dir: Path | None, *, log_json: bool) -> None:
    with servers(data_dir, with_valkey=True, log_json=log_json) as settings:
        asyncio.run(require_tables(settings.database_url))
        from app.relay import run_relay  # noqa: PLC0415

        run_relay(settings)
