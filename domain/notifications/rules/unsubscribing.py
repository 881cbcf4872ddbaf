"""Which class of emails does a link mute, and did we make it?

The token is the member's id and the class, signed; it is good for as long as the secret is, and for
nothing but muting.
"""

import base64
import binascii
import hmac
from hashlib import sha256
from uuid import UUID

from domain.notifications.model import MessageClass

_ID_BYTES = 16
_SIGNATURE_BYTES = 16
_PURPOSE = b"unsubscribe:"


def token(member_id: UUID, class_: MessageClass, secret: bytes) -> str:
    told = member_id.bytes + class_.value.encode()
    return base64.urlsafe_b64encode(_signature(told, secret) + told).rstrip(b"=").decode()


def read_token(text: str, secret: bytes) -> tuple[UUID, MessageClass] | None:
    """None for what we didn't sign."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    signature, told = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(told, secret)):
        return None
    return UUID(bytes=told[:_ID_BYTES]), MessageClass(told[_ID_BYTES:].decode())


def _signature(told: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE + told, sha256).digest()[:_SIGNATURE_BYTES]
