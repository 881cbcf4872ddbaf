"""Where does a shop want to hear of facts, and what became of each?"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.webhooks import operations, views
from domain.webhooks.model import Endpoint, State
from domain.webhooks.views import Sent
from kit.ids import global_id
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context


class Wanted(NamedTuple):
    """What staff say of an endpoint; None: as it is."""

    url: str | None
    event_types: Collection[str] | None
    description: str | None


async def endpoints() -> list[Endpoint]:
    return await views.endpoints()


async def deliveries(endpoint: str, state: str | None, first: int, after: str | None) -> Page[Sent]:
    endpoint_id = _endpoint_id(endpoint)
    return await views.deliveries(
        endpoint_id, None if state is None else State(state), first=first, after=after
    )


async def create(context: Context, wanted: Wanted) -> Answer[Endpoint]:
    verb = operations.create(
        wanted.url or "",
        event_types=wanted.event_types or (),
        description=wanted.description or "",
        staff=context.viewer.subject,
        allows_private=context.webhooks_may_be_private,
        now=context.now,
    )
    return await answer(context, verb)


async def update(context: Context, endpoint: str, wanted: Wanted) -> Answer[Endpoint]:
    async def verb() -> Endpoint:
        endpoint_id = _endpoint_id(endpoint)
        return await operations.update(
            endpoint_id,
            **wanted._asdict(),
            allows_private=context.webhooks_may_be_private,
        )

    return await answer(context, verb())


async def rotate_secret(context: Context, endpoint: str) -> Answer[Endpoint]:
    async def verb() -> Endpoint:
        endpoint_id = _endpoint_id(endpoint)
        return await operations.rotate_secret(endpoint_id, now=context.now)

    return await answer(context, verb())


async def enable(context: Context, endpoint: str) -> Answer[Endpoint]:
    async def verb() -> Endpoint:
        endpoint_id = _endpoint_id(endpoint)
        return await operations.enable(endpoint_id)

    return await answer(context, verb())


async def disable(context: Context, endpoint: str, reason: str) -> Answer[Endpoint]:
    async def verb() -> Endpoint:
        endpoint_id = _endpoint_id(endpoint)
        return await operations.disable(
            endpoint_id, staff=context.viewer.subject, reason=reason, now=context.now
        )

    return await answer(context, verb())


async def delete(context: Context, endpoint: str) -> Answer[Endpoint]:
    async def verb() -> Endpoint:
        endpoint_id = _endpoint_id(endpoint)
        return await operations.delete(endpoint_id)

    return await answer(context, verb())


async def test(context: Context, endpoint: str) -> Answer[str]:
    """The message's id."""

    async def verb() -> str:
        endpoint_id = _endpoint_id(endpoint)
        event = await operations.send_test(endpoint_id, now=context.now)
        return global_id("WebhookEvent", event.member_id, event.id)

    return await answer(context, verb())


async def replay(context: Context, delivery: str) -> Answer[int]:
    """How many are sent again: this one."""

    async def verb() -> int:
        key = ids.uuids(delivery, "WebhookDelivery", 3, "webhook delivery")
        await operations.replay((key[0], key[1], key[2]), now=context.now)
        return 1

    return await answer(context, verb())


async def replay_since(
    context: Context, endpoint: str, since: datetime, *, with_sent: bool
) -> Answer[int]:
    """How many are sent again."""

    async def verb() -> int:
        endpoint_id = _endpoint_id(endpoint)
        return await operations.replay_since(
            endpoint_id, since, with_sent=with_sent, now=context.now
        )

    return await answer(context, verb())


def _endpoint_id(endpoint: str) -> UUID:
    """Refuses NOT_FOUND."""
    (found,) = ids.uuids(endpoint, "WebhookEndpoint", 1, "webhook endpoint")
    return found
