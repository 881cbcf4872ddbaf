"""What do a mutation's payloads have in common? The member afterwards, or why the rule said no."""

from typing import Any, cast

import strawberry
from graphql import GraphQLResolveInfo

from domain.dashboard.model import Part
from domain.dashboard.views import check
from resolvers.answers import Parts
from resolvers.selection import parts_of
from schema.guards import Info
from schema.members import Member
from schema.refusals import Refusal


@strawberry.type
class MemberPayload:
    member: Member | None = strawberry.field(default=None, description="As they are now.")
    refusal: Refusal | None = None


def member_parts(info: Info) -> Parts:
    """What the payload's field `member` shows; None where it isn't asked for.

    Refuses INVALID_INPUT for arguments that can't be: the verb that follows would have been done.
    """
    parts = parts_of(_raw(info), "member")
    check(parts or (), now=info.context.now)
    return parts


def member_fields(info: Info) -> frozenset[Part]:
    """What this field, itself a member, shows."""
    parts = parts_of(_raw(info))
    assert parts is not None
    return parts


def _raw(info: Info) -> GraphQLResolveInfo[Any]:
    """With the nodes as they are written, variables and fragments included."""
    return cast("GraphQLResolveInfo[Any]", cast("Any", info)._raw_info)  # noqa: SLF001
