"""Was this request made before? A key is kept with a hash of its input and the first answer."""

from typing import Any
from uuid import UUID

import orjson

from db.connection import Tx
from kit.errors import IdempotencyKeyReused
from kit.hashing import input_hash

__all__ = ["input_hash", "recall", "recall_service", "recalled", "used_for"]


async def recall(
    tx: Tx, member_id: UUID, operation: str, key: str, asked: str
) -> dict[str, Any] | None:
    """The first answer under a member's key, None for a new key. Refuses IDEMPOTENCY_KEY_REUSED.

    The member must be locked, so that two requests with one key can't both be new.
    """
    row = await tx.fetchrow(
        "SELECT input_hash, result FROM idempotency"
        " WHERE member_id = $1 AND operation = $2 AND key = $3",
        member_id,
        operation,
        key,
    )
    return _answer(row, asked)


def recalled(found: dict[str, Any] | None, asked: str) -> dict[str, Any] | None:
    """As `recall`, of a key's `input_hash` and `result` that were read with something else."""
    if found is None:
        return None
    if found["input_hash"] != asked:
        raise IdempotencyKeyReused
    return found["result"]


async def recall_service(
    tx: Tx, caller: str, operation: str, key: str, asked: str
) -> dict[str, Any] | None:
    """The same for a staff member's or a service's key, whichever member it was used for."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{caller}\x1f{key}")
    row = await tx.fetchrow(
        "SELECT input_hash, result FROM service_key"
        " WHERE caller = $1 AND operation = $2 AND key = $3",
        caller,
        operation,
        key,
    )
    return _answer(row, asked)


async def used_for(tx: Tx, caller: str, operation: str, key: str) -> UUID | None:
    """Which member a key of a staff member or a service was used for; None: for nobody yet."""
    return await tx.fetchval(
        "SELECT member_id FROM service_key WHERE caller = $1 AND operation = $2 AND key = $3",
        caller,
        operation,
        key,
    )


def _answer(row: Any, asked: str) -> dict[str, Any] | None:  # noqa: ANN401  a record or None
    return recalled(row and {**row, "result": orjson.loads(row["result"])}, asked)
