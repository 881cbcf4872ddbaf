"""What is the application that a server serves? GraphQL, probes and metrics, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from app.auth import DEVICE_HEADER, Doorkeeper, asked_locale
from app.examples import EXAMPLES
from app.gauges import Gauges
from app.graphiql import page
from app.graphql import GraphQLApp, guarded
from app.health import Readiness, alive
from app.jwks import JwksKeys
from app.leaderboards import Leaderboards
from app.live import Live
from app.logging import AccessLog, note
from app.metrics import CONTENT_TYPE, Metrics
from app.throttle import Throttle
from app.tokens import TokenIssuer, TokenVerifier
from app.unsubscribing import PATH, Unsubscribing
from db import signals
from db.connection import close_pool, open_pool
from domain.challenges import boards
from domain.challenges.views import entries_after
from domain.devices.rules import device_of
from domain.members import aliases
from domain.programme.views import versions
from kit import clock
from kit.settings import Settings
from resolvers.context import Context
from schema.build import build
from workers.broker import make_client

TOKEN_TTL = timedelta(hours=12)


class Api:
    """One process's application; `secret` signs its tokens."""

    def __init__(self, settings: Settings, secret: bytes) -> None:
        self._settings = settings
        self._secret = secret
        self._issuer = TokenIssuer(secret)
        self._doorkeeper = Doorkeeper(_verifier(settings, secret))
        self._valkey: Redis | None = None
        self._throttle = Throttle(secret, lambda: self._valkey)
        self._live = Live()
        self.metrics = Metrics()
        self._gauges = Gauges(self.metrics)
        self.graphql = GraphQLApp(
            build(),
            self._context,
            metrics=self.metrics,
            page=page(EXAMPLES) if settings.debug else None,
            allowed_origins=settings.origins_of_sockets,
        )
        edge = guarded(self.graphql, self.metrics, with_page=settings.debug)
        self.app = Starlette(
            routes=[
                Route("/graphql", edge),
                WebSocketRoute("/graphql", edge),
                Route("/livez", alive),
                Route("/readyz", Readiness(self._client).respond),
                Route("/metrics", self._render),
                Route(f"{PATH}{{token}}", Unsubscribing(secret).respond, methods=["GET", "POST"]),
            ],
            middleware=[Middleware(AccessLog)],
            lifespan=self._lifespan,
        )
        # A redirect would send the bearer wherever the Host header says.
        self.app.router.redirect_slashes = False

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        await open_pool(self._settings.database_url, size=self._settings.api_pool_size)
        try:
            async with make_client(self._settings.redis_url) as self._valkey:
                signals.use(self._valkey)  # pyright: ignore[reportArgumentType]  its overloads
                boards.use(Leaderboards(self._valkey, entries_after))
                stop = asyncio.Event()
                listening = asyncio.create_task(self._live.run(stop, self._valkey))
                try:
                    yield
                finally:
                    stop.set()
                    await listening
        finally:
            boards.use(None)
            signals.use(None)
            await self._gauges.close()
            await close_pool()

    async def _context(self, connection: HTTPConnection) -> Context:
        now = clock.now()
        await aliases.refresh()
        viewer = await self._doorkeeper.viewer(connection.headers, now)
        if viewer.subject:
            note(connection.scope, role=viewer.role, subject=viewer.subject)
        published = (await versions()).at(now)
        default = published.programme.locale
        asked = asked_locale(connection.headers.get("accept-language", ""))
        learn = None
        if asked is None and viewer.member_id is not None:
            learn = partial(self._doorkeeper.own_locale, viewer.member_id, now, default)
        return Context(
            viewer=viewer,
            now=now,
            locale=asked or default,
            learn_locale=learn,
            programme=published.programme,
            version=published.version,
            issue_token=self._issue,
            device_secret=self._secret,
            voucher_secret=self._settings.voucher_secret.encode() or self._secret,
            count_refusal=self.metrics.refused,
            attempts=self._throttle.of(_address(connection), now),
            hints=self._live,
            device=device_of(connection.headers.get(DEVICE_HEADER), self._secret),
            webhooks_may_be_private=self._settings.webhook_allow_private,
        )

    def _issue(self, member_id: UUID, now: datetime) -> tuple[str, datetime]:
        return self._issuer.issue(str(member_id), "member", now=now, ttl=TOKEN_TTL)

    def _client(self) -> Redis:
        assert self._valkey is not None, "within the lifespan"
        return self._valkey

    async def _render(self, request: Request) -> Response:
        del request
        await self._gauges.refresh()
        return Response(self.metrics.render(), media_type=CONTENT_TYPE)


def _address(connection: HTTPConnection) -> str | None:
    """As the server knows it, which believes the proxies that it is told to believe."""
    return connection.client.host if connection.client else None


def _verifier(settings: Settings, secret: bytes) -> TokenVerifier:
    if not settings.jwks_url:
        return TokenVerifier(secret)
    return TokenVerifier(
        secret,
        provider_keys=JwksKeys(settings.jwks_url),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )
