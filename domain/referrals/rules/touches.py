"""Whose link did somebody open first, and when? They carry it themselves, signed by us.

So nothing is kept of strangers who only look. The token is good for telling whose link it was, and
for nothing else.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from domain.programme.model import CODE_PLACE, Programme
from domain.referrals.model import Touch

TOKEN_LENGTH_MAX = 200
_SIGNATURE_BYTES = 16
_AT_BYTES = 5
_PURPOSE = b"referral touch:"


def touch_of(code: str, at: datetime, secret: bytes) -> Touch:
    """Signed; `at` to the second."""
    at = at.replace(microsecond=0)
    told = int(at.timestamp()).to_bytes(_AT_BYTES) + code.encode()
    raw = _signature(told, secret) + told
    return Touch(code, at, base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


def read_touch(token: str, secret: bytes) -> Touch | None:
    """None for what we didn't sign."""
    if len(token) > TOKEN_LENGTH_MAX:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    signature, told = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(told, secret)):
        return None
    at = datetime.fromtimestamp(int.from_bytes(told[:_AT_BYTES]), UTC)
    return Touch(told[_AT_BYTES:].decode(), at, token)


def counts_until(touch: Touch, programme: Programme) -> datetime:
    """From then on another link may be the first."""
    return touch.at + timedelta(days=programme.referral.attribution_days)


def standing_touch(
    token: str | None, now: datetime, *, secret: bytes, programme: Programme
) -> Touch | None:
    """The touch that still counts; None for none, for one that is over, and for a made-up one."""
    touch = read_touch(token, secret) if token else None
    if touch is None or not touch.at <= now < counts_until(touch, programme):
        return None
    return touch


def link_of(code: str, programme: Programme) -> str | None:
    """Where friends with this code are sent; None where the programme names no place."""
    link = programme.referral.link
    return None if link is None else link.replace(CODE_PLACE, code)


def _signature(told: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE + told, sha256).digest()[:_SIGNATURE_BYTES]
