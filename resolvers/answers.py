"""What does a mutation answer? The verb's value or its refusal, and the member as they are now."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from domain.dashboard.model import Part
from kit.errors import Forbidden, Refusal, Unauthenticated
from resolvers.context import Context
from resolvers.seeing import Seen, see

T = TypeVar("T")
Parts = frozenset[Part] | None


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """`member` where it was asked for and the verb didn't refuse."""

    value: T | None = None
    refusal: Refusal | None = None
    member: Seen | None = None


async def answer(
    context: Context,
    verb: Awaitable[T],
    parts: Parts = None,
    *,
    shows: Callable[[T], UUID] | None = None,
) -> Answer[T]:
    """Await the verb; UNAUTHENTICATED and FORBIDDEN are raised, whatever else it refuses answered.

    `shows` says whose dashboard to read; the viewer's own by default.
    """
    try:
        value = await verb
    except (Unauthenticated, Forbidden):
        raise
    except Refusal as refusal:
        context.count_refusal(refusal.code)
        await context.speak()
        return Answer(refusal=refusal)
    if parts is None:
        return Answer(value)
    member_id = context.viewer.own_member_id() if shows is None else shows(value)
    return Answer(value, member=await see(context, member_id, parts))
