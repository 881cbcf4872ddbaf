"""How does the shop tell what happened?"""

from collections.abc import Sequence

from domain.intake import operations, views
from domain.intake.model import EVENTS_MAX, Fact, InboxEvent, Recorded
from domain.intake.views import SET_ASIDE, SetAside
from kit.errors import InvalidInput, Refusal
from kit.paging import Page
from resolvers.context import Context


async def record(context: Context, facts: Sequence[Fact]) -> Recorded:
    """Each on its own; too many refuse the whole call with INVALID_INPUT."""
    if len(facts) > EVENTS_MAX:
        raise InvalidInput(["events"], f"at most {EVENTS_MAX} at once", f"一次最多 {EVENTS_MAX} 个")
    recorded = await operations.record(facts, now=context.now, secret=context.device_secret)
    for _, refusal in recorded.refused:
        assert isinstance(refusal, Refusal)
        context.count_refusal(refusal.code)
    return recorded


async def replay_dead(context: Context) -> int:
    """Try the events that were set aside again; how many."""
    return await operations.replay_dead(now=context.now)


async def set_aside(state: str | None, first: int, after: str | None) -> Page[InboxEvent]:
    """Events without effect; of every such state where none is named."""
    states: Sequence[SetAside] = [one for one in SET_ASIDE if state in {None, one.upper()}]
    return await views.set_aside(states, first=first, after=after)
