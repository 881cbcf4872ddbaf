"""Who is a bearer, and is that true? Our own tokens, the shop's identity provider's, API keys.

The header's algorithm chooses the key and each key serves one algorithm: HS256 our secret, RS256
and ES256 the provider's published keys. So a public key can never be used as a shared secret.
"""

import hmac
import os
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast, get_args

import jwt

from app.jwks import JwksKeys
from kit.errors import Unauthenticated
from kit.ids import new_id

Role = Literal["member", "staff", "service"]

ISSUER = "accrue"
SECRET_BYTES = 32
TOKEN_CHARACTERS_MAX = 8 * 1024
TOKENS_KEPT_MAX = 10_000
KEPT_SECONDS_MAX = 300
CLOCK_SKEW_SECONDS_MAX = 30
_OWN_ALGORITHM = "HS256"
_PROVIDER_ALGORITHMS = ("RS256", "ES256")
_ROLES: tuple[str, ...] = get_args(Role)
_KEY_ID_CHARACTERS = 8
_KEY_SECRET_CHARACTERS = 43
_KEY_PREFIX = "ak_"
_KEY_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says.

    `is_own` is false for the provider's: its subjects are members by the shop's customer id,
    whatever role it may claim. `issued_at`: where the token says so.
    """

    subject: str
    role: Role
    expires_at: datetime
    is_own: bool
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it was presented; `digest` is what is stored of one, the sha-256 of its text."""

    key_id: str
    digest: bytes

    def matches(self, stored_digest: bytes) -> bool:
        return hmac.compare_digest(self.digest, stored_digest)


class TokenIssuer:
    """Makes our own access tokens."""

    def __init__(self, secret: bytes) -> None:
        self._secret = checked_secret(secret)

    def issue(
        self, subject: str, role: Role, *, now: datetime, ttl: timedelta
    ) -> tuple[str, datetime]:
        """The token and when it ends, in whole seconds."""
        expires_at = (now + ttl).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "role": role,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": new_id().hex,
        }
        return jwt.encode(claims, self._secret, algorithm=_OWN_ALGORITHM), expires_at


class TokenVerifier:
    """Verifies bearers; one that was good is remembered by its digest for at most five minutes."""

    def __init__(
        self,
        secret: bytes,
        *,
        provider_keys: JwksKeys | None = None,
        issuer: str = "",
        audience: str = "",
    ) -> None:
        if provider_keys is not None and not (issuer and audience):
            raise ValueError("an identity provider needs an issuer and an audience")
        self._secret = checked_secret(secret)
        self._provider_keys = provider_keys
        self._issuer = issuer
        self._audience = audience
        self._kept: dict[bytes, tuple[Claims, datetime]] = {}

    async def verify(self, token: str, now: datetime) -> Claims:
        """The token's claims; refuses UNAUTHENTICATED, always with the same words."""
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Unauthenticated
        digest = sha256(token.encode()).digest()
        claims, until = self._kept.get(digest, (None, now))
        if claims is None or until <= now:
            claims = await self._verified(token, now)
            self._keep(digest, claims, now)
        return claims

    def _keep(self, digest: bytes, claims: Claims, now: datetime) -> None:
        self._kept.pop(digest, None)
        if len(self._kept) >= TOKENS_KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        until = min(claims.expires_at, now + timedelta(seconds=KEPT_SECONDS_MAX))
        self._kept[digest] = (claims, until)

    async def _verified(self, token: str, now: datetime) -> Claims:
        try:
            if self._provider_keys is None:
                return _own(self._decoded(token, self._secret, _OWN_ALGORITHM), now)
            header = jwt.get_unverified_header(token)
            if header.get("alg") == _OWN_ALGORITHM:
                return _own(self._decoded(token, self._secret, _OWN_ALGORITHM), now)
            return await self._from_provider(token, header, now)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, OSError):
            raise Unauthenticated from None

    async def _from_provider(self, token: str, header: dict[str, object], now: datetime) -> Claims:
        assert self._provider_keys is not None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in _PROVIDER_ALGORITHMS:
            raise Unauthenticated
        key = await self._provider_keys.key(str(key_id or ""))
        if key is None or key.algorithm_name != algorithm:
            raise Unauthenticated
        claims = self._decoded(token, key, str(algorithm))
        return _claims(claims, "member", now, is_own=False)

    def _decoded(self, token: str, key: bytes | jwt.PyJWK, algorithm: str) -> dict[str, object]:
        is_own = algorithm == _OWN_ALGORITHM
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=ISSUER if is_own else self._issuer,
            audience=None if is_own else self._audience,
            options={
                "require": ["exp", "sub", "iss"] if is_own else ["exp", "sub", "iss", "aud"],
                # Times are checked against the process's clock, not PyJWT's.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )


def _own(claims: dict[str, object], now: datetime) -> Claims:
    role = claims.get("role")
    if role not in _ROLES:
        raise Unauthenticated
    return _claims(claims, cast("Role", role), now, is_own=True)


def _claims(claims: dict[str, object], role: Role, now: datetime, *, is_own: bool) -> Claims:
    issued_at = claims.get("iat")
    return Claims(
        _subject(claims),
        role,
        _checked_times(claims, now),
        is_own=is_own,
        issued_at=None if issued_at is None else _instant(issued_at),
    )


def _subject(claims: dict[str, object]) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise Unauthenticated
    return subject


def _checked_times(claims: dict[str, object], now: datetime) -> datetime:
    skewed = now + timedelta(seconds=CLOCK_SKEW_SECONDS_MAX)
    expires_at = _instant(claims["exp"])
    starts = [_instant(claims[name]) for name in ("nbf", "iat") if claims.get(name) is not None]
    if expires_at <= now or any(start > skewed for start in starts):
        raise Unauthenticated
    return expires_at


def _instant(seconds: object) -> datetime:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise Unauthenticated
    return datetime.fromtimestamp(seconds, UTC)


def new_api_key() -> tuple[str, str, bytes]:
    """A new key's id, its text to show once, and the digest to store."""
    key_id = "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_KEY_ID_CHARACTERS))
    text = f"{_KEY_PREFIX}{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return key_id, text, sha256(text.encode()).digest()


def is_api_key(bearer: str) -> bool:
    return bearer.startswith(_KEY_PREFIX)


def parse_api_key(text: str) -> ApiKey:
    """The key in `ak_<8 characters>_<43 characters>`; refuses UNAUTHENTICATED."""
    secret_at = len(_KEY_PREFIX) + _KEY_ID_CHARACTERS + 1
    key_id = text[len(_KEY_PREFIX) : secret_at - 1]
    is_whole = len(text) == secret_at + _KEY_SECRET_CHARACTERS and text[secret_at - 1] == "_"
    if not (is_api_key(text) and is_whole and set(key_id) <= set(_KEY_ALPHABET)):
        raise Unauthenticated
    return ApiKey(key_id, sha256(text.encode()).digest())


def checked_secret(secret: bytes) -> bytes:
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"the signing secret needs at least {SECRET_BYTES} bytes")
    return secret


def load_or_create_secret(path: Path) -> bytes:
    """The secret in the file, for its owner's eyes; several processes may race to make it."""
    if not path.exists():
        _create_secret(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return checked_secret(path.read_bytes())


def _create_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{new_id().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces the file of a process that was faster.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
