"""How does a person's chain go on? An act's hash covers the one before and its own content."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

START = "0" * 64
"""Before the first act."""
_COVERED = (
    *("person", "seq", "actor", "act", "member_id", "subject", "unit", "amount", "alone_total"),
    *("reason_code", "programme_version", "recorded_at"),
)


def chain_hash(previous: str, act: Mapping[str, Any]) -> str:
    """sha-256 (hex) over the previous hash and the act; instants count in microseconds.

    Each part stands with its length before it, so that no two acts read alike.
    """
    parts = [previous, *(_text(act[name]) for name in _COVERED)]
    return sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


def _text(part: object) -> str:
    if part is None:
        return "-"
    if isinstance(part, datetime):
        return part.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"={part}"
