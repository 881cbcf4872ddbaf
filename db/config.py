"""How does a database URL become what Tortoise and asyncpg take?"""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

APP = "accrue"
_SCHEMES = frozenset({"postgres", "postgresql"})
_PARAMETERS = {"host": "host", "port": "port", "user": "user", "password": "password"}
_PARAMETERS |= {"dbname": "database", "sslmode": "ssl"}


class DatabaseUrlInvalid(ValueError):
    """The URL can't be used; says why without repeating it, for it may hold a password."""


def credentials(database_url: str) -> dict[str, Any]:
    """Arguments of a connection.

    Takes `postgres://user:password@host:port/database` and libpq's form for a socket,
    `postgres:///database?host=/folder&port=5432`. A parameter wins over the part it names.
    """
    try:
        url = urlsplit(database_url)
        port = url.port
    except ValueError:
        raise DatabaseUrlInvalid(
            "the database URL can't be read; special characters in a password are percent-encoded"
        ) from None
    if url.scheme not in _SCHEMES:
        raise DatabaseUrlInvalid("a database URL begins with postgres:// or postgresql://")
    found: dict[str, Any] = {
        "user": url.username and unquote(url.username),
        "password": url.password and unquote(url.password),
        "host": url.hostname and unquote(url.hostname),
        "port": port,
        "database": unquote(url.path.removeprefix("/")),
    }
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        if name not in _PARAMETERS:
            raise DatabaseUrlInvalid(f"a database URL takes no parameter {name!r}")
        found[_PARAMETERS[name]] = value
    if not found["database"]:
        raise DatabaseUrlInvalid("a database URL names a database: postgres://host/database")
    if not str(found["port"] or 0).isdecimal():
        raise DatabaseUrlInvalid("the port of a database URL is a number")
    found["port"] = int(found["port"] or 5432)
    return {name: value for name, value in found.items() if value}


def tortoise_config(database_url: str, **pool: object) -> dict[str, Any]:
    """Configuration of the ORM; `pool` goes to its asyncpg pool (minsize, maxsize, role, …)."""
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": credentials(database_url) | pool,
            }
        },
        "apps": {
            APP: {
                "models": ["db.models"],
                "migrations": "db.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }
