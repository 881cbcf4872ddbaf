"""How does a wallet's chain go on? A transfer's hash covers the one before and its own content."""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID


def chain_hash(
    previous: str, member_id: UUID, currency: str, seq: int, content: tuple[object, ...]
) -> str:
    """sha-256 (hex) over the previous hash and the content; instants count in microseconds.

    `content`: amount, both accounts, kind, reason, source type and id, decision id, programme
    version, occurred at, recorded at.
    """
    parts = [previous, str(member_id), currency, str(seq)]
    parts += [_text(part) for part in content]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _text(part: object) -> str:
    if isinstance(part, datetime):
        return part.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(part)
