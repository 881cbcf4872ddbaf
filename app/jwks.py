"""Which keys does the shop's identity provider sign with? Fetched by URL and kept by key id."""

import asyncio
from time import monotonic

import httpx2
import jwt
import orjson
import structlog

TIMEOUT_SECONDS = 5
REFRESH_SECONDS_MIN = 30
KEPT_SECONDS_MAX = 3_600
RESPONSE_BYTES_MAX = 256 * 1024
KEYS_MAX = 50
_ALGORITHM_OF = {("RSA", None): "RS256", ("EC", "P-256"): "ES256"}

_log = structlog.get_logger(component="jwks")


class JwksKeys:
    """Keys of one provider.

    An unknown key id has them fetched anew, at most every 30 seconds; while the provider can't be
    reached, the keys that are known go on serving.
    """

    def __init__(self, url: str, *, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._transport = transport
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = 0.0
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> jwt.PyJWK | None:
        """The key with this id; an empty id means the only key there is."""
        found = self._find(key_id)
        if found is not None and monotonic() - self._fetched_at < KEPT_SECONDS_MAX:
            return found
        async with self._lock:
            if self._tried_at is None or monotonic() - self._tried_at >= REFRESH_SECONDS_MIN:
                await self._refresh()
        return self._find(key_id)

    def _find(self, key_id: str) -> jwt.PyJWK | None:
        if not key_id and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        self._tried_at = monotonic()
        try:
            self._keys = _usable_keys(await self._fetch())
            self._fetched_at = self._tried_at
        except (httpx2.HTTPError, ValueError, TypeError, KeyError, TimeoutError) as error:
            _log.warning("jwks.unreachable", url=self._url, reason=str(error))

    async def _fetch(self) -> object:
        body = bytearray()
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            httpx2.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as client,
            client.stream("GET", self._url) as response,
        ):
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > RESPONSE_BYTES_MAX:
                    raise ValueError("the key set is too large")
        return orjson.loads(body)


def _usable_keys(document: object) -> dict[str, jwt.PyJWK]:
    """Signing keys for RS256 and ES256; others, and what can't be read, are passed over."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise TypeError("not a JSON Web Key Set")
    keys: dict[str, jwt.PyJWK] = {}
    for entry in document["keys"][:KEYS_MAX]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        algorithm = _ALGORITHM_OF.get((str(entry.get("kty")), entry.get("crv")))
        if algorithm is None or entry.get("alg", algorithm) != algorithm:
            continue
        try:
            keys[str(entry.get("kid", ""))] = jwt.PyJWK(entry, algorithm)
        except jwt.PyJWTError:
            _log.warning("jwks.key_unreadable", key_id=str(entry.get("kid", "")))
    return keys
