"""Which ids do rows carry, and clients see? Time-ordered UUIDs inside, opaque ids outside."""

import base64
import binascii
import os
import threading
import time
from hashlib import sha256
from uuid import UUID

_lock = threading.Lock()
_last = 0
_COUNTER_BITS = 12
_NODE_BYTES = 16


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562) that is later than every one this process made before.

    Milliseconds and a 12-bit counter keep the order; 62 bits are random.
    """
    global _last  # noqa: PLW0603  the one counter of the process
    with _lock:
        tick = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        _last = max(tick, _last + 1)
        stamp = _last
    millis, counter = stamp >> _COUNTER_BITS, stamp & 0xFFF
    random = int.from_bytes(os.urandom(8)) & (2**62 - 1)
    return UUID(int=(millis << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | random)


def id_before(seconds: int) -> UUID:
    """Ids that are made from now on, or were in so many seconds before, are above this one."""
    return UUID(int=new_id().int - (seconds * 1_000 << 80))


def derived_id(*parts: object) -> UUID:
    """The same UUID for the same parts, for rows of which a natural key allows one.

    Version 8 (RFC 9562), the first 16 bytes of sha-256 over the parts.
    """
    digest = bytearray(sha256("\x1f".join(map(str, parts)).encode()).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(digest))


def global_id(kind: str, *ids: UUID) -> str:
    """The opaque id that clients hold: the kind and its uuids, base64url."""
    raw = kind.encode() + b":" + b"".join(i.bytes for i in ids)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parse_global_id(text: str) -> tuple[str, tuple[UUID, ...]] | None:
    """The kind and uuids of a global id; None where it is none of ours."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        kind, _, rest = raw.partition(b":")
        name = kind.decode("ascii")
    except (ValueError, binascii.Error):
        return None
    if not name.isalpha() or not rest or len(rest) % _NODE_BYTES:
        return None
    ids = tuple(UUID(bytes=rest[i : i + _NODE_BYTES]) for i in range(0, len(rest), _NODE_BYTES))
    return name, ids
