"""Who is let in by what they carry, and in which language are they answered?"""

import base64
from datetime import timedelta

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.auth import KEPT_SECONDS, Doorkeeper, asked_locale
from app.jwks import JwksKeys
from app.tokens import TokenIssuer, TokenVerifier
from db.connection import watched
from domain.members import operations
from domain.members.model import Member
from kit.errors import Unauthenticated
from kit.ids import new_id
from resolvers.context import NOBODY, Viewer
from tests.support.api import SECRET, Asking
from tests.support.world import NOW, a_member, published

EXPIRES = NOW + timedelta(hours=1)


@pytest.fixture
async def member(database: str) -> Member:
    del database
    await published()
    return await a_member(external_id="customer-1", locale="en")


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def own(role: str, subject: str) -> dict[str, str]:
    text, _ = TokenIssuer(SECRET).issue(
        subject,
        role,  # pyright: ignore[reportArgumentType]
        now=NOW,
        ttl=timedelta(hours=1),
    )
    return bearer(text)


@pytest.fixture
def doorkeeper() -> Doorkeeper:
    return Doorkeeper(TokenVerifier(SECRET))


async def test_nobody_is_who_carries_nothing(doorkeeper: Doorkeeper) -> None:
    assert await doorkeeper.viewer({}, NOW) == NOBODY


async def test_our_tokens_tell_members_staff_and_services(
    doorkeeper: Doorkeeper, member: Member
) -> None:
    member_id = member.member_id
    found = await doorkeeper.viewer(own("member", str(member_id)), NOW)
    assert found == Viewer("member", str(member_id), member_id, expires_at=EXPIRES, issued_at=NOW)
    staff = await doorkeeper.viewer(own("staff", "ada"), NOW)
    assert staff == Viewer("staff", "ada", expires_at=EXPIRES)
    service = await doorkeeper.viewer(own("service", "shop"), NOW)
    assert service.scopes == {
        *("events:write", "members:write", "members:read", "points:adjust"),
        "checkouts:write",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": ""},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer"},
        bearer("forged"),
        bearer("ak_abcdefgh_" + "x" * 43),
        own("member", "customer-1"),
    ],
)
async def test_what_proves_nothing_lets_nobody_in(
    doorkeeper: Doorkeeper, member: Member, headers: dict[str, str]
) -> None:
    del member
    with pytest.raises(Unauthenticated):
        await doorkeeper.viewer(headers, NOW)


async def test_a_key_lets_a_service_in_until_it_is_revoked(database: str) -> None:
    text = await Asking(database).service("events:write")
    doorkeeper = Doorkeeper(TokenVerifier(SECRET))
    key_id = text[3:11]
    service = Viewer("service", key_id, scopes=frozenset({"events:write"}))
    assert await doorkeeper.viewer(bearer(text), NOW) == service
    with pytest.raises(Unauthenticated):
        await doorkeeper.viewer(bearer(text[:-1] + ("a" if text[-1] != "a" else "b")), NOW)
    await operations.revoke_api_key(key_id, now=NOW)
    later = NOW + timedelta(seconds=KEPT_SECONDS)
    assert await doorkeeper.viewer(bearer(text), later - timedelta(seconds=1)) == service
    with pytest.raises(Unauthenticated):
        await doorkeeper.viewer(bearer(text), later)


async def test_the_shops_own_sign_in_is_known_by_the_customers_id(member: Member) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    doorkeeper = Doorkeeper(_provider(key))

    def customer(subject: str) -> dict[str, str]:
        claims = {"iss": "shop", "aud": "accrue", "sub": subject, "exp": EXPIRES, "role": "staff"}
        return bearer(jwt.encode(claims, key, algorithm="RS256", headers={"kid": "1"}))

    expected = Viewer("member", str(member.member_id), member.member_id, expires_at=EXPIRES)
    assert await doorkeeper.viewer(customer("customer-1"), NOW) == expected
    seen: list[str] = []
    async with watched(seen.append):
        assert await doorkeeper.viewer(customer("customer-1"), NOW) == expected
    assert seen == []
    for stranger in ("customer-2", str(member.member_id)):
        with pytest.raises(Unauthenticated):
            await doorkeeper.viewer(customer(stranger), NOW)


def _provider(key: rsa.RSAPrivateKey) -> TokenVerifier:
    numbers = key.public_key().public_numbers()
    published_key = {"kid": "1", "kty": "RSA", "n": _base64(numbers.n), "e": _base64(numbers.e)}

    async def respond(request: httpx2.Request) -> httpx2.Response:
        del request
        return httpx2.Response(200, json={"keys": [published_key]})

    keys = JwksKeys("https://shop.test/jwks", transport=httpx2.MockTransport(respond))
    return TokenVerifier(SECRET, provider_keys=keys, issuer="shop", audience="accrue")


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", None),
        ("fr", None),
        ("*", None),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh-TW,en", "zh-CN"),
        ("fr, en;q=0.8, zh;q=0.9", "zh-CN"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=x, en;q=0.1", "en"),
        ("en;level=1", "en"),
    ],
)
def test_the_best_of_our_languages_is_chosen(header: str, locale: str | None) -> None:
    assert asked_locale(header) == locale


async def test_without_a_wish_a_member_is_answered_in_their_own_language(
    doorkeeper: Doorkeeper, member: Member
) -> None:
    assert await doorkeeper.own_locale(member.member_id, NOW, "zh-CN") == "en"
    assert await doorkeeper.own_locale(new_id(), NOW, "zh-CN") == "zh-CN"
