"""Who may ask for a field? Stated on every root field and on what is private below one.

A guard refuses before the resolver runs: UNAUTHENTICATED for nobody, FORBIDDEN for somebody else.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from domain.members.model import Scope
from resolvers.context import Context, Role

Info = strawberry.Info[Context, None]
EVERYBODY: tuple[Role, ...] = ("anonymous", "member", "staff", "service")


class Guard(FieldExtension):
    """Lets `roles` pass; a service needs `scope` as well."""

    def __init__(self, roles: tuple[Role, ...], scope: Scope | None = None) -> None:
        self.roles = roles
        self.scope = scope

    def resolve(
        self,
        next_: Callable[..., Any],
        source: object,
        info: Info,
        **kwargs: object,
    ) -> Any:  # noqa: ANN401  what the field returns
        self.check(info.context)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: object,
        info: Info,
        **kwargs: object,
    ) -> Any:  # noqa: ANN401  what the field returns
        self.check(info.context)
        return await next_(source, info, **kwargs)

    def check(self, context: Context) -> None:
        viewer = context.viewer
        if viewer.role not in self.roles:
            viewer.require(*self.roles)
        if self.scope is not None:
            viewer.require_scope(self.scope)


class StreamGuard(Guard):
    """The same before a stream begins: its resolver is a generator, which nobody awaits."""

    async def resolve_async(
        self,
        next_: Callable[..., Any],
        source: object,
        info: Info,
        **kwargs: object,
    ) -> Any:  # noqa: ANN401  the stream
        self.check(info.context)
        return next_(source, info, **kwargs)


def watch(*roles: Role) -> list[FieldExtension]:
    """`@strawberry.subscription(extensions=watch("member"))`."""
    return [StreamGuard(roles)]


def allow(*roles: Role, scope: Scope | None = None) -> list[FieldExtension]:
    """`strawberry.field(extensions=allow("staff"))`; a scope goes with the role "service"."""
    assert ("service" in roles) == (scope is not None), "a service's right is a scope"
    return [Guard(roles, scope)]


def allow_everybody() -> list[FieldExtension]:
    """For what shows nobody's own data, and for who isn't signed in yet."""
    return [Guard(EVERYBODY)]
