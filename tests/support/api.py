"""How does a test ask the API? Over HTTP, in this process, as anybody it likes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2

from app.asgi import Api
from app.tokens import Role, TokenIssuer, new_api_key
from domain.members import operations
from kit import clock
from kit.ids import global_id
from kit.settings import Settings

SECRET = b"a secret of thirty-two bytes, or more"
ADA = "ada@shop"


class Asking:
    """The whole application, without its lifespan: the pool is open already."""

    def __init__(self, database_url: str, **settings: object) -> None:
        given = Settings.model_validate({"DATABASE_URL": database_url, **settings})
        self.api = Api(given, SECRET)
        self.issuer = TokenIssuer(SECRET)
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.api.app), base_url="http://accrue.test"
        )

    async def __call__(
        self,
        query: str,
        token: str | None = None,
        *,
        locale: str = "en",
        on_device: str | None = None,
        **variables: Any,
    ) -> dict[str, Any]:
        """The answer to a POST; errors without their locations."""
        headers = {"accept-language": locale}
        if on_device is not None:
            headers["x-device-id"] = on_device
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables}
        response = await self.client.post("/graphql", json=body, headers=headers)
        answer = response.json()
        for error in answer.get("errors", ()):
            error.pop("locations", None)
        return answer

    def token(self, role: Role, subject: str) -> str:
        text, _ = self.issuer.issue(subject, role, now=clock.now(), ttl=timedelta(hours=1))
        return text

    def member(self, member_id: UUID) -> str:
        return self.token("member", str(member_id))

    def staff(self) -> str:
        return self.token("staff", ADA)

    async def service(self, *scopes: str) -> str:
        """A new API key with exactly these scopes, whose use is noted already."""
        key_id, text, digest = new_api_key()
        key = await operations.create_api_key(
            key_id, name="shop", digest=digest.hex(), scopes=list(scopes), now=clock.now()
        )
        await operations.note_api_key_use(key, now=clock.now())
        return text


def member_global_id(member_id: UUID) -> str:
    return global_id("Member", member_id)


def code_of(answer: dict[str, Any]) -> str | None:
    """The code of its first top-level error."""
    errors = answer.get("errors")
    return errors[0]["extensions"]["code"] if errors else None


REFUSAL = """refusal { __typename code message
  ... on InvalidInput { path } ... on InsufficientPoints { available required }
  ... on AlreadyCheckedIn { checkIn { day streakDays pointsAwarded } }
  ... on LimitReached { limit period resetsAt } ... on ContactTaken { kind }
  ... on TimezoneChangedRecently { againAt } }"""
