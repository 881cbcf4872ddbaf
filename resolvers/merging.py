"""How do staff make one member of two, and who is part of a member?"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from domain.merging import operations, views
from domain.merging.model import Asked, MergedMember, Outcome
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context

Verb = Callable[..., Awaitable[Outcome]]


class Pair(NamedTuple):
    """Who goes on and who is absorbed, as clients name them; why, and under which key."""

    survivor: str
    absorbed: str
    reason: str = "preview"
    key: str = "preview"


async def merge(context: Context, pair: Pair, parts: Parts) -> Answer[Outcome]:
    return await answer(context, _done(context, operations.merge, pair), parts, shows=_survivor_id)


async def unmerge(context: Context, pair: Pair, parts: Parts) -> Answer[Outcome]:
    verb = _done(context, operations.unmerge, pair)
    return await answer(context, verb, parts, shows=_survivor_id)


async def preview(context: Context, pair: Pair) -> Answer[Outcome]:
    return await answer(context, _done(context, operations.preview, pair))


async def merged_from(context: Context, member_id: UUID) -> list[MergedMember]:
    """Only for who may read the member; nobody for others."""
    return await views.merged_from(member_id) if context.viewer.may_read(member_id) else []


async def _done(context: Context, verb: Verb, pair: Pair) -> Outcome:
    """Of the very members who are named: an absorbed one's id isn't the survivor's here."""
    survivor, absorbed = ids.member_itself(pair.survivor), ids.member_itself(pair.absorbed)
    asked = Asked(survivor, absorbed, pair.reason, pair.key)
    return await verb(context.viewer.subject, asked, now=context.now)


def _survivor_id(outcome: Outcome) -> UUID:
    return outcome.survivor_id
