"""What may one be told of as it happens? Over a WebSocket, while the token is good."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

import strawberry

from resolvers import live
from schema.answers import member_fields
from schema.challenges import Challenge
from schema.community import Post
from schema.guards import Info, watch
from schema.members import Member
from schema.notifications import Notification


@strawberry.type
class Subscription:
    @strawberry.subscription(
        extensions=watch("member"),
        description="The signed-in member as `me` shows them: at once, and again whenever what is"
        " asked for has changed. Changes that come together are one.",
    )
    async def me_changed(self, info: Info) -> AsyncIterator[Member]:
        async with aclosing(live.me(info.context, member_fields(info))) as stream:
            async for seen in stream:
                yield Member.of(seen)

    @strawberry.subscription(
        extensions=watch("member"),
        description="What the signed-in member is told from now on, each once.",
    )
    async def notification_received(self, info: Info) -> AsyncIterator[Notification]:
        async with aclosing(live.received(info.context)) as stream:
            async for shown in stream:
                yield Notification.of(shown)

    @strawberry.subscription(
        extensions=watch("member", "staff"),
        description="A challenge as `challenge` shows it, with its leaderboard: at once, and again"
        " whenever what is asked for has changed. Null, once: there is none.",
    )
    async def challenge_changed(self, info: Info, code: str) -> AsyncIterator[Challenge | None]:
        async with aclosing(live.challenge(info.context, code)) as stream:
            async for found in stream:
                yield found and Challenge.of(found, info.context.locale)

    @strawberry.subscription(
        extensions=watch("member", "staff"),
        description="A post as `post` shows it, with its comments: at once, and again whenever what"
        " is asked for has changed. Null: not there for the viewer.",
    )
    async def post_changed(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> AsyncIterator[Post | None]:
        async with aclosing(live.post(info.context, id_)) as stream:
            async for found in stream:
                yield found and Post.of(found, info)
