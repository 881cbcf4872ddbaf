"""What does a request carry?"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from domain.devices.model import Visit
from domain.programme.model import Programme
from kit.errors import Forbidden, Unauthenticated

Role = Literal["anonymous", "member", "staff", "service"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. `subject`: a member's id, a staff member's name, an API key's id.

    `issued_at`: when a member's token was made, where it says so.
    """

    role: Role
    subject: str = ""
    member_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    issued_at: datetime | None = None

    def require(self, *roles: Role) -> None:
        """Refuses UNAUTHENTICATED for nobody, FORBIDDEN for somebody else.

        What is for members alone asks anybody else to sign in as one.
        """
        if self.role in roles:
            return
        if self.role == "anonymous" or roles == ("member",):
            raise Unauthenticated
        raise Forbidden

    def require_scope(self, scope: str) -> None:
        """What a service's key must allow. Refuses FORBIDDEN."""
        if self.role == "service" and scope not in self.scopes:
            raise Forbidden

    def own_member_id(self) -> UUID:
        """The viewer's own member id; refuses anybody who isn't a member."""
        if self.role != "member" or self.member_id is None:
            raise Unauthenticated
        return self.member_id

    def may_read(self, member_id: UUID) -> bool:
        """Members read only themselves, staff everybody, services with `members:read` too."""
        if self.role == "service":
            return "members:read" in self.scopes
        return self.role == "staff" or self.member_id == member_id


NOBODY = Viewer("anonymous")


class Attempts(Protocol):
    """How often this request's client may try what strangers may; asked before the verb.

    Refuses TOO_MANY_ATTEMPTS, the same for contacts that are somebody's and that are nobody's.
    """

    async def sign_in(self, contact: str) -> None: ...
    async def signed_in(self, contact: str) -> None:
        """The contact's failures so far don't count any more."""
        ...

    async def register(self) -> None: ...
    async def landing(self) -> None: ...
    async def export(self, account: str) -> None: ...
    async def prove(self, account: str) -> None:
        """Somebody who is signed in says their password, or that they just signed in."""
        ...

    async def device_code(self, account: str) -> None:
        """A code is sent."""
        ...

    async def device_code_try(self, account: str) -> None:
        """A code is entered."""
        ...

    async def write(self, account: str) -> None:
        """Somebody says, reports or shares something."""
        ...

    async def coupon_code(self, account: str) -> None:
        """Refuses COUPON_CODES_UNAVAILABLE as well: what can't be counted isn't tried."""
        ...

    async def coupon_code_worked(self, account: str) -> None:
        """That try doesn't count."""
        ...


class Hints(Protocol):
    """Says when there may be news of a member or a challenge: a hint, never a fact."""

    def listening(self, channel: str, *topics: str) -> AbstractContextManager[asyncio.Event]:
        """`channel`: such as member:ID; without `topics` any of them matters."""
        ...

    async def turn(self) -> None:
        """Wait for one's turn to look."""
        ...

    def may_pass(self, error: Exception) -> bool:
        """Whether looking again later helps."""
        ...


@dataclass(slots=True)
class Context:
    """One per request (or per operation of a WebSocket). `now` is read once.

    `locale` is what the client asked for, else the member's own, which is read when it is needed
    (`speak`), else the programme's; `programme` is the one in force now and `version` its number.
    `device`: the keyed hash of the device that the client names. `repeats_nothing`: of a stream's
    equal answers the first is sent.
    """

    viewer: Viewer
    now: datetime
    locale: str
    programme: Programme
    version: int
    issue_token: Callable[[UUID, datetime], tuple[str, datetime]]
    device_secret: bytes
    voucher_secret: bytes
    count_refusal: Callable[[str], None]
    attempts: Attempts
    hints: Hints
    learn_locale: Callable[[], Awaitable[str]] | None = None
    device: UUID | None = None
    webhooks_may_be_private: bool = False
    repeats_nothing: bool = False
    loaders: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def asked_locale(self) -> str | None:
        """None while the member's own language isn't known yet."""
        return None if self.learn_locale else self.locale

    async def speak(self) -> None:
        """Make `locale` the viewer's language: something is about to be said to them."""
        if self.learn_locale is not None:
            self.locale, self.learn_locale = await self.learn_locale(), None

    def renew(self, now: datetime, programme: Programme, version: int) -> None:
        """What a stream shows next is as of `now`."""
        self.now, self.programme, self.version = now, programme, version

    @property
    def visit(self) -> Visit | None:
        """From where a member asks for themselves; a shop and staff vouch for whom they act for."""
        return Visit(self.device) if self.viewer.role == "member" else None

    @property
    def caller(self) -> str:
        """Who they are for a limit on connections; "" for nobody in particular."""
        return f"{self.viewer.role}:{self.viewer.subject}" if self.viewer.subject else ""

    @property
    def expires_at(self) -> datetime | None:
        """When the viewer's token ends, and with it their WebSocket."""
        return self.viewer.expires_at
