"""Is a bearer believed exactly as long as it is genuine, current and meant for us?"""

import base64
import hashlib
import hmac
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from structlog.testing import capture_logs

from app import jwks, tokens
from app.jwks import JwksKeys
from app.tokens import (
    ISSUER,
    Claims,
    TokenIssuer,
    TokenVerifier,
    checked_secret,
    load_or_create_secret,
    new_api_key,
    parse_api_key,
)
from kit.errors import Unauthenticated

SECRET = b"s" * 32
OTHER_SECRET = b"o" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROVIDER = "https://id.example"
AUDIENCE = "accrue-api"


def claims(**changes: object) -> dict[str, object]:
    at = int(NOW.timestamp())
    whole = {"iss": ISSUER, "sub": "ada", "role": "member", "iat": at, "exp": at + 3600, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def own(secret: bytes = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


async def test_a_token_we_issued_is_verified() -> None:
    token, expires_at = TokenIssuer(SECRET).issue("ada", "staff", now=NOW, ttl=HOUR)
    assert expires_at == NOW + HOUR
    verified = await TokenVerifier(SECRET).verify(token, NOW)
    assert verified == Claims("ada", "staff", NOW + HOUR, is_own=True, issued_at=NOW)


async def test_a_token_ends_at_its_second_even_when_it_was_verified_before() -> None:
    token, _ = TokenIssuer(SECRET).issue("ada", "member", now=NOW, ttl=timedelta(seconds=10))
    verifier = TokenVerifier(SECRET)
    assert (await verifier.verify(token, NOW + timedelta(seconds=9))).subject == "ada"
    with pytest.raises(Unauthenticated):
        await verifier.verify(token, NOW + timedelta(seconds=10))


def packed(*parts: object) -> bytes:
    encoded = (base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in parts)
    return b".".join(encoded)


def unsigned() -> str:
    return packed({"alg": "none"}, claims()).decode() + "."


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not a token",
        "a.b.c",
        "令牌",
        "x" * 9_000,
        unsigned(),
        own(OTHER_SECRET),
        own() + "x",
        own(b"s" * 64, algorithm="HS512"),
        own(iss="someone"),
        own(iss=None),
        own(sub=None),
        own(sub=""),
        own(sub=1),
        own(exp=None),
        own(exp="soon"),
        own(exp=10**30),
        own(exp=-(10**18)),
        own(exp=int(NOW.timestamp())),
        own(iat=int(NOW.timestamp()) + 31),
        own(nbf=int(NOW.timestamp()) + 31),
        own(role=None),
        own(role="admin"),
        own(role=["staff"]),
    ],
)
async def test_a_token_that_is_not_ours_whole_and_current_is_refused(token: str) -> None:
    verifier = TokenVerifier(SECRET)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token, NOW)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token, NOW)


async def test_the_tokens_kept_are_bounded_and_forgotten_after_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "TOKENS_KEPT_MAX", 3)
    verifier = TokenVerifier(SECRET)
    issued = [own(sub=f"member-{i}") for i in range(5)]
    for token in issued:
        await verifier.verify(token, NOW)
    assert [kept.subject for kept, _ in verifier._kept.values()] == [
        "member-2",
        "member-3",
        "member-4",
    ]
    assert {until for _, until in verifier._kept.values()} == {NOW + timedelta(minutes=5)}


async def test_a_kept_token_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, token = TokenVerifier(SECRET), own()
    first = await verifier.verify(token, NOW)
    monkeypatch.setattr(verifier, "_secret", OTHER_SECRET)
    assert await verifier.verify(token, NOW + timedelta(seconds=299)) is first
    with pytest.raises(Unauthenticated):
        await verifier.verify(token, NOW + timedelta(seconds=300))


@pytest.mark.parametrize("secret", [b"", b"short", b"s" * 31])
def test_a_short_secret_is_not_used(secret: bytes) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        checked_secret(secret)
    with pytest.raises(ValueError, match="at least 32 bytes"):
        TokenIssuer(secret)


class Provider:
    """An identity provider as the network shows it: a key set behind a URL."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.entries: list[Any] = [self.entry(self.rsa, "r1"), self.entry(self.ec, "e1")]
        self.fetches = 0
        self.status = 200
        self.body: bytes | None = None
        self.keys = JwksKeys(PROVIDER + "/jwks", transport=httpx2.MockTransport(self.serve))

    def entry(self, key: Any, key_id: str, **changes: object) -> dict[str, object]:
        is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
        algorithm = ECAlgorithm if is_curve else RSAAlgorithm
        published = orjson.loads(algorithm.to_jwk(key.public_key()))
        return {**published, "kid": key_id, "use": "sig", **changes}

    def serve(self, request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == PROVIDER + "/jwks"
        self.fetches += 1
        body = orjson.dumps({"keys": self.entries}) if self.body is None else self.body
        return httpx2.Response(self.status, content=body)

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(SECRET, provider_keys=self.keys, issuer=PROVIDER, audience=AUDIENCE)

    def token(self, key_id: str | None = "r1", **changes: object) -> str:
        key, algorithm = (self.ec, "ES256") if key_id == "e1" else (self.rsa, "RS256")
        headers = {} if key_id is None else {"kid": key_id}
        payload = claims(**{"iss": PROVIDER, "aud": AUDIENCE, "role": "staff", **changes})
        return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.mark.parametrize("key_id", ["r1", "e1"])
async def test_a_providers_token_makes_a_member_whatever_role_it_claims(
    provider: Provider, key_id: str
) -> None:
    verified = await provider.verifier().verify(provider.token(key_id), NOW)
    assert verified == Claims("ada", "member", NOW + HOUR, is_own=False, issued_at=NOW)


async def test_our_own_tokens_are_good_beside_a_provider(provider: Provider) -> None:
    assert (await provider.verifier().verify(own(), NOW)).is_own
    assert provider.fetches == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ISSUER},
        {"aud": "another-api"},
        {"aud": None},
        {"exp": int(NOW.timestamp())},
        {"exp": None},
        {"sub": None},
    ],
)
async def test_a_providers_token_for_another_or_out_of_date_is_refused(
    provider: Provider, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(provider.token(**changes), NOW)


async def test_a_token_signed_with_a_public_key_as_a_shared_secret_is_refused(
    provider: Provider,
) -> None:
    public = provider.rsa.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = packed({"alg": "HS256", "kid": "r1"}, claims(iss=PROVIDER, aud=AUDIENCE))
    signature = base64.urlsafe_b64encode(hmac.new(public, parts, hashlib.sha256).digest())
    forged = b".".join([parts, signature.rstrip(b"=")]).decode()
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(forged, NOW)


async def test_a_key_serves_its_own_algorithm_only(provider: Provider) -> None:
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(
            jwt.encode(claims(), provider.rsa, algorithm="RS256", headers={"kid": "e1"}), NOW
        )
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(
            jwt.encode(claims(), provider.rsa, algorithm="RS512", headers={"kid": "r1"}), NOW
        )


async def test_without_a_provider_its_tokens_are_refused(provider: Provider) -> None:
    with pytest.raises(Unauthenticated):
        await TokenVerifier(SECRET).verify(provider.token(), NOW)


async def test_a_token_without_key_id_is_verified_by_the_only_key(provider: Provider) -> None:
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(provider.token(None), NOW)
    provider = Provider()
    provider.entries = provider.entries[:1]
    assert (await provider.verifier().verify(provider.token(None), NOW)).subject == "ada"


async def test_an_unknown_key_has_the_set_fetched_at_most_every_thirty_seconds(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 1_000.0
    monkeypatch.setattr(jwks, "monotonic", lambda: seconds)
    for _ in range(3):
        assert await provider.keys.key("r2") is None
    assert provider.fetches == 1
    provider.entries.append(provider.entry(provider.rsa, "r2"))
    seconds += 29.9
    assert await provider.keys.key("r2") is None
    seconds += 0.1
    assert await provider.keys.key("r2") is not None
    assert await provider.keys.key("r1") is not None
    assert provider.fetches == 2
    seconds += jwks.KEPT_SECONDS_MAX
    provider.entries = provider.entries[:1]
    assert await provider.keys.key("r2") is None
    assert provider.fetches == 3


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (302, None),
        (200, b"no"),
        (200, b"[]"),
        (200, b'{"keys": {}}'),
        (200, b" " * 300_000),
    ],
)
async def test_keys_that_are_known_go_on_serving_when_the_provider_fails(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes | None
) -> None:
    seconds = 1_000.0
    monkeypatch.setattr(jwks, "monotonic", lambda: seconds)
    assert await provider.keys.key("r1") is not None
    provider.status, provider.body = status, body
    seconds += jwks.KEPT_SECONDS_MAX
    with capture_logs() as logs:
        assert await provider.keys.key("r1") is not None
    assert [entry["event"] for entry in logs] == ["jwks.unreachable"]


async def test_keys_for_other_uses_and_unreadable_ones_are_passed_over(provider: Provider) -> None:
    curve = ec.generate_private_key(ec.SECP384R1())
    provider.entries = [
        "no",
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "torn"},
        provider.entry(provider.rsa, "encrypts", use="enc"),
        provider.entry(provider.rsa, "another", alg="RS512"),
        provider.entry(curve, "curve"),
        provider.entry(provider.rsa, "r1"),
    ]
    found = [
        key_id
        for key_id in ("shared", "torn", "encrypts", "another", "curve", "r1")
        if await provider.keys.key(key_id) is not None
    ]
    assert found == ["r1"]


def test_a_provider_needs_an_issuer_and_an_audience(provider: Provider) -> None:
    with pytest.raises(ValueError, match="an issuer and an audience"):
        TokenVerifier(SECRET, provider_keys=provider.keys)


def test_an_api_key_is_found_by_its_id_and_matched_by_its_digest() -> None:
    key_id, text, digest = new_api_key()
    assert (len(key_id), len(text), text[:12]) == (8, 55, f"ak_{key_id}_")
    key = parse_api_key(text)
    assert key.key_id == key_id
    assert key.matches(digest)
    assert not parse_api_key(text[:-1] + ("a" if text[-1] != "a" else "b")).matches(digest)
    assert new_api_key()[1] != text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ak_",
        "ak_12345678_",
        "ak_12345678_" + "a" * 42,
        "ak_12345678_" + "a" * 44,
        "ak_1234567_" + "a" * 44,
        "sk_12345678_" + "a" * 43,
        "ak_1234567'_" + "a" * 43,
        "ak_ABCDEFGH_" + "a" * 43,
        "ak_12345678-" + "a" * 43,
    ],
)
def test_an_api_key_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        parse_api_key(text)


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "secret"
    secret = load_or_create_secret(path)
    assert len(secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create_secret(path) == secret
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_processes_that_race_to_make_the_secret_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    found: list[bytes] = []
    barrier = threading.Barrier(8)

    def load() -> None:
        barrier.wait()
        found.append(load_or_create_secret(path))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_secret_that_others_can_read_is_closed_and_a_short_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(0o644)
    assert load_or_create_secret(path) == SECRET
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match="at least 32 bytes"):
        load_or_create_secret(path)
