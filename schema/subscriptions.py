"""What may one be told of as it happens? Over a WebSocket, while the token is good."""

from collections.abc import AsyncIterator

import strawberry

from resolvers import live
from schema.guards import Info
from schema.notifications import Notification


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="What the signed-in member is told from now on, each once; UNAUTHENTICATED"
        " error for anyone else."
    )
    async def notification_received(self, info: Info) -> AsyncIterator[Notification]:
        info.context.viewer.require("member")
        async for shown in live.received(info.context):
            yield Notification.of(shown)
