"""Where does a shop want to hear of facts, and what became of each?"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from domain.webhooks import model
from domain.webhooks.rules import ENDPOINTS_MAX
from domain.webhooks.views import Sent
from kit.ids import global_id
from resolvers import webhooks
from resolvers.answers import Answer
from resolvers.webhooks import Wanted
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Json


@strawberry.enum
class WebhookState(StrEnum):
    """WAITING: for an attempt, the first or another. DEAD: given up."""

    WAITING = "WAITING"
    SENT = "SENT"
    DEAD = "DEAD"


@strawberry.type(description="An address that is told of facts; docs/guides/webhooks.md.")
class WebhookEndpoint:
    id: strawberry.ID
    url: str
    description: str
    event_types: list[str] = strawberry.field(
        description="None: every type.", metadata=cap(len(model.EventType))
    )
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None = strawberry.field(description="No attempt succeeded since.")

    @classmethod
    def of(cls, found: model.Endpoint) -> "WebhookEndpoint":
        return cls(
            id=strawberry.ID(global_id("WebhookEndpoint", found.id)),
            url=found.url,
            description=found.description,
            event_types=list(found.event_types),
            created_at=found.created_at,
            created_by=found.created_by,
            disabled_at=found.disabled_at,
            disabled_reason=found.disabled_reason,
            failing_since=found.failing_since,
        )


@strawberry.type(description="A fact on its way to an endpoint.")
class WebhookDelivery:
    id: strawberry.ID
    message_id: str = strawberry.field(description="The header webhook-id, of every attempt.")
    type: str
    data: Json = strawberry.field(description="As it is told, without `member`.")
    occurred_at: datetime
    state: WebhookState
    attempts: int
    last_status: int | None = strawberry.field(description="HTTP; null where nobody answered.")
    last_error: str | None
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None = strawberry.field(description="When it was sent or given up.")

    @classmethod
    def of(cls, found: Sent) -> "WebhookDelivery":
        one, event = found.delivery, found.event
        key = (one.member_id, one.event_id, one.endpoint_id)
        return cls(
            id=strawberry.ID(global_id("WebhookDelivery", *key)),
            message_id=global_id("WebhookEvent", *key[:2]),
            type=event.type,
            data=event.data,
            occurred_at=event.occurred_at,
            state=WebhookState(one.state),
            attempts=one.attempts,
            last_status=one.last_status,
            last_error=one.last_error,
            next_at=one.next_at,
            created_at=one.created_at,
            ended_at=one.ended_at,
        )


@strawberry.input
class CreateWebhookEndpointInput:
    url: str
    event_types: list[str] | None = strawberry.field(default=None, description="None: every type.")
    description: str = ""

    def wanted(self) -> Wanted:
        return Wanted(self.url, self.event_types or (), self.description)


@strawberry.input(description="What is left out stays as it is.")
class UpdateWebhookEndpointInput:
    id: strawberry.ID
    url: str | None = None
    event_types: list[str] | None = None
    description: str | None = None

    def wanted(self) -> Wanted:
        return Wanted(self.url, self.event_types, self.description)


@strawberry.input
class ReplayWebhooksInput:
    endpoint_id: strawberry.ID
    since: datetime
    with_sent: bool = strawberry.field(default=False, description="What was sent, too.")


@strawberry.type
class WebhookEndpointPayload:
    endpoint: WebhookEndpoint | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[model.Endpoint], info: Info) -> "WebhookEndpointPayload":
        return cls(
            endpoint=made.value and WebhookEndpoint.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class WebhookSecretPayload:
    endpoint: WebhookEndpoint | None = None
    secret: str | None = strawberry.field(
        default=None, description="What messages are signed with; shown this once."
    )
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[model.Endpoint], info: Info) -> "WebhookSecretPayload":
        return cls(
            endpoint=made.value and WebhookEndpoint.of(made.value),
            secret=made.value and made.value.secret,
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class TestWebhookPayload:
    message_id: str | None = strawberry.field(default=None, description="The header webhook-id.")
    refusal: Refusal | None = None


@strawberry.type
class ReplayWebhooksPayload:
    replayed: int = 0
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[int], info: Info) -> "ReplayWebhooksPayload":
        refusal = refusal_or_none(made.refusal, info.context.locale)
        return cls(replayed=made.value or 0, refusal=refusal)


@strawberry.type
class WebhookQueries:
    @strawberry.field(
        extensions=allow("staff"),
        description="The oldest first, disabled ones too.",
        metadata=cap(ENDPOINTS_MAX),
    )
    async def webhook_endpoints(self) -> list[WebhookEndpoint]:
        return [WebhookEndpoint.of(found) for found in await webhooks.endpoints()]

    @strawberry.field(
        extensions=allow("staff"), description="Of the last 30 days, the newest first."
    )
    async def webhook_deliveries(
        self,
        endpoint_id: strawberry.ID,
        state: WebhookState | None = strawberry.UNSET,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[WebhookDelivery]:
        page = await webhooks.deliveries(endpoint_id, state or None, *page_arguments(first, after))
        return Connection(
            nodes=[WebhookDelivery.of(found) for found in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )


_Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(
        extensions=allow("staff"), description="Tell an address of facts from now on."
    )
    async def create_webhook_endpoint(
        self,
        info: Info,
        asked: Annotated[CreateWebhookEndpointInput, strawberry.argument(name="input")],
    ) -> WebhookSecretPayload:
        return WebhookSecretPayload.of(await webhooks.create(info.context, asked.wanted()), info)

    @strawberry.mutation(extensions=allow("staff"))
    async def update_webhook_endpoint(
        self,
        info: Info,
        asked: Annotated[UpdateWebhookEndpointInput, strawberry.argument(name="input")],
    ) -> WebhookEndpointPayload:
        made = await webhooks.update(info.context, asked.id, asked.wanted())
        return WebhookEndpointPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="A new secret; for 24 hours messages are signed with the one before as well.",
    )
    async def rotate_webhook_secret(self, info: Info, id_: _Id) -> WebhookSecretPayload:
        return WebhookSecretPayload.of(await webhooks.rotate_secret(info.context, id_), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Tell it from now on; `replayWebhooks` sends what it missed.",
    )
    async def enable_webhook_endpoint(self, info: Info, id_: _Id) -> WebhookEndpointPayload:
        return WebhookEndpointPayload.of(await webhooks.enable(info.context, id_), info)

    @strawberry.mutation(
        extensions=allow("staff"), description="What is on its way is given up, too."
    )
    async def disable_webhook_endpoint(
        self, info: Info, id_: _Id, reason: str
    ) -> WebhookEndpointPayload:
        return WebhookEndpointPayload.of(await webhooks.disable(info.context, id_, reason), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="The endpoint as it was; what is on its way is given up.",
    )
    async def delete_webhook_endpoint(self, info: Info, id_: _Id) -> WebhookEndpointPayload:
        return WebhookEndpointPayload.of(await webhooks.delete(info.context, id_), info)

    @strawberry.mutation(extensions=allow("staff"), description="Send a `webhook.test`.")
    async def test_webhook(self, info: Info, endpoint_id: strawberry.ID) -> TestWebhookPayload:
        made = await webhooks.test(info.context, endpoint_id)
        refusal = refusal_or_none(made.refusal, info.context.locale)
        return TestWebhookPayload(message_id=made.value, refusal=refusal)

    @strawberry.mutation(
        extensions=allow("staff"), description="Send one again, sent or not, under its message id."
    )
    async def replay_webhook(self, info: Info, delivery_id: strawberry.ID) -> ReplayWebhooksPayload:
        return ReplayWebhooksPayload.of(await webhooks.replay(info.context, delivery_id), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Send again what was given up since then; the oldest first, at most 5,000.",
    )
    async def replay_webhooks(
        self, info: Info, asked: Annotated[ReplayWebhooksInput, strawberry.argument(name="input")]
    ) -> ReplayWebhooksPayload:
        made = await webhooks.replay_since(
            info.context, asked.endpoint_id, asked.since, with_sent=asked.with_sent
        )
        return ReplayWebhooksPayload.of(made, info)
