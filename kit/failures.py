"""What may be written down of an error? Of what kind it is and where; never what it is about.

An error's text holds values: an address in `Key (email)=(…) already exists`, a nickname in a
ValueError. So logs, jobs and runs keep its class and what a rule or PostgreSQL calls it by; the
line of code that a traceback names says the rest.
"""

import os

from kit.errors import Refusal

_NAMES = ("table_name", "column_name", "constraint_name")


def described(error: BaseException) -> str:
    """Its class, with what is known of it that is no value.

    `UniqueViolationError: SQLSTATE 23505, contact, contact_pkey`, `NotFound: NOT_FOUND`,
    `ConnectionRefusedError: Connection refused`, `ValueError`.
    """
    details = ", ".join(_details(error))
    name = type(error).__name__
    return f"{name}: {details}" if details else name


def details(error: BaseException) -> str:
    """The same without the class."""
    return ", ".join(_details(error))


def _details(error: BaseException) -> list[str]:
    if isinstance(error, Refusal):
        return [error.code]
    # asyncpg's, which this layer doesn't import: names of what is in the schema are no values.
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        named = [getattr(error, name, None) for name in _NAMES]
        return [f"SQLSTATE {sqlstate}", *(name for name in named if isinstance(name, str))]
    if isinstance(error, OSError) and error.errno:
        return [os.strerror(error.errno)]
    return []
