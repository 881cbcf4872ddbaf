"""Who is asking? From a request's bearer to a viewer, and from its languages to a locale.

A suspended member still signs in and reads; every verb of theirs is refused by the domain.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from app.tokens import Claims, TokenVerifier, is_api_key, parse_api_key
from domain.members import aliases, operations, views
from domain.members.model import ApiKey, Scope
from kit.errors import Unauthenticated
from resolvers.context import NOBODY, Viewer

DEVICE_HEADER = "x-device-id"
KEPT_SECONDS = 30
KEPT_MAX = 10_000
LANGUAGES_MAX = 20
_EVERY_SCOPE = frozenset(scope.value for scope in Scope)

T = TypeVar("T")


class Kept(Generic[T]):
    """What was looked up, for half a minute; the oldest goes where there are too many."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[T, datetime]] = {}

    def get(self, key: str, now: datetime) -> T | None:
        value, until = self._kept.get(key, (None, now))
        return value if until > now else None

    def put(self, key: str, value: T, now: datetime) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (value, now + timedelta(seconds=KEPT_SECONDS))


class Doorkeeper:
    """Knows members by our tokens and the shop's, staff by our tokens, services by their keys."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier
        self._api_keys: Kept[ApiKey] = Kept()
        self._members: Kept[UUID] = Kept()
        self._locales: Kept[str] = Kept()

    async def viewer(self, headers: Mapping[str, str], now: datetime) -> Viewer:
        """Refuses UNAUTHENTICATED for a bearer that proves nothing; without one, nobody."""
        authorization = headers.get("authorization")
        if authorization is None:
            return NOBODY
        scheme, _, bearer = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        bearer = bearer.strip()
        if is_api_key(bearer):
            return await self._service(bearer, now)
        return await self._bearer(await self._verifier.verify(bearer, now), now)

    async def own_locale(self, member_id: UUID, now: datetime, default: str) -> str:
        """The language that a member chose, as of half a minute ago at most."""
        kept = self._locales.get(str(member_id), now)
        if kept is None:
            member = await views.member(member_id)
            kept = default if member is None else member.locale
            self._locales.put(str(member_id), kept, now)
        return kept

    async def _service(self, bearer: str, now: datetime) -> Viewer:
        presented = parse_api_key(bearer)
        key = self._api_keys.get(presented.key_id, now)
        if key is None:
            key = await views.api_key(presented.key_id)
            if key is None:
                raise Unauthenticated
            self._api_keys.put(presented.key_id, key, now)
            await operations.note_api_key_use(key, now=now)
        if not presented.matches(bytes.fromhex(key.digest)):
            raise Unauthenticated
        return Viewer("service", subject=key.id, scopes=frozenset(key.scopes))

    async def _bearer(self, claims: Claims, now: datetime) -> Viewer:
        if claims.role != "member":
            scopes = _EVERY_SCOPE if claims.role == "service" else frozenset[str]()
            return Viewer(claims.role, claims.subject, scopes=scopes, expires_at=claims.expires_at)
        member_id = aliases.current(await self._member_id(claims, now))
        if aliases.is_erased(member_id):
            raise Unauthenticated
        return Viewer(
            "member",
            str(member_id),
            member_id,
            expires_at=claims.expires_at,
            issued_at=claims.issued_at,
        )

    async def _member_id(self, claims: Claims, now: datetime) -> UUID:
        if claims.is_own:
            try:
                return UUID(claims.subject)
            except ValueError:
                raise Unauthenticated from None
        # As whom a customer goes on may have changed since they were looked up.
        customer = f"{aliases.news()} {claims.subject}"
        member_id = self._members.get(customer, now)
        if member_id is None:
            member = await views.by_external_id(claims.subject)
            if member is None:
                raise Unauthenticated
            member_id = member.member_id
            self._members.put(customer, member_id, now)
        return member_id


def asked_locale(accept_language: str) -> str | None:
    """The best of our two languages in an Accept-Language header; None where it names neither.

    `fr, en;q=0.8, zh;q=0.9` is zh-CN.
    """
    best: tuple[float, str] | None = None
    for entry in accept_language.split(",")[:LANGUAGES_MAX]:
        tag, _, parameter = entry.strip().partition(";")
        locale = {"zh": "zh-CN", "en": "en"}.get(tag.strip().lower().partition("-")[0])
        weight = _weight(parameter)
        if locale is not None and weight > 0 and (best is None or weight > best[0]):
            best = (weight, locale)
    return None if best is None else best[1]


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
