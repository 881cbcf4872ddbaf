"""How do staff make one member of two, and who is part of a member?"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.merging import operations, views
from domain.merging.model import Asked, MergedMember, Outcome
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context

Verb = Callable[..., Awaitable[Outcome]]


async def merge(
    context: Context, survivor: str, absorbed: str, *, reason: str, key: str, parts: Parts
) -> Answer[Outcome]:
    verb = _done(context, operations.merge, survivor, absorbed, (reason, key))
    return await answer(context, verb, parts, shows=_survivor_id)


async def unmerge(
    context: Context, survivor: str, absorbed: str, *, reason: str, key: str, parts: Parts
) -> Answer[Outcome]:
    verb = _done(context, operations.unmerge, survivor, absorbed, (reason, key))
    return await answer(context, verb, parts, shows=_survivor_id)


async def preview(context: Context, survivor: str, absorbed: str) -> Answer[Outcome]:
    verb = _done(context, operations.preview, survivor, absorbed, ("preview", "preview"))
    return await answer(context, verb)


async def merged_from(context: Context, member_id: UUID) -> list[MergedMember]:
    """Only for who may read the member; nobody for others."""
    return await views.merged_from(member_id) if context.viewer.may_read(member_id) else []


async def _done(
    context: Context, verb: Verb, survivor: str, absorbed: str, why: tuple[str, str]
) -> Outcome:
    """Of the very members who are named: an absorbed one's id isn't the survivor's here."""
    asked = Asked(ids.member_itself(survivor), ids.member_itself(absorbed), *why)
    return await verb(context.viewer.subject, asked, now=context.now)


def _survivor_id(outcome: Outcome) -> UUID:
    return outcome.survivor_id
