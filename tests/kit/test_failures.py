"""Does what is written down of an error say what happened, and nothing of what it is about?"""

import errno
from typing import Any

import asyncpg
import pytest

from kit.errors import NotFound
from kit.failures import described


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("Canary Nick"), "ValueError"),
        (KeyError("canary@example.com"), "KeyError"),
        (NotFound("Canary Nick"), "NotFound: NOT_FOUND"),
        (OSError(errno.ECONNREFUSED, "canary"), "ConnectionRefusedError: Connection refused"),
        (TimeoutError(), "TimeoutError"),
        (asyncpg.InterfaceError("canary"), "InterfaceError"),
    ],
)
def test_an_error_is_told_by_its_kind_alone(error: Exception, told: str) -> None:
    assert described(error) == told


def test_what_postgresql_refuses_is_told_by_what_the_schema_calls_it() -> None:
    refused: Any = asyncpg.UniqueViolationError("duplicate: canary@example.com")
    refused.detail = "Key (kind, value)=(email, canary@example.com) already exists."
    refused.table_name, refused.constraint_name = "contact", "contact_pkey"
    assert described(refused) == "UniqueViolationError: SQLSTATE 23505, contact, contact_pkey"
