"""How does the shop tell what happened?"""

from collections.abc import Sequence

from domain.intake import operations
from domain.intake.model import EVENTS_MAX, Fact, Recorded
from kit.errors import InvalidInput, Refusal
from resolvers.context import Context


async def record(context: Context, facts: Sequence[Fact]) -> Recorded:
    """Each on its own; too many refuse the whole call with INVALID_INPUT."""
    if len(facts) > EVENTS_MAX:
        raise InvalidInput(["events"], f"at most {EVENTS_MAX} at once", f"一次最多 {EVENTS_MAX} 个")
    recorded = await operations.record(facts, now=context.now)
    for _, refusal in recorded.refused:
        assert isinstance(refusal, Refusal)
        context.count_refusal(refusal.code)
    return recorded


async def replay_dead(context: Context) -> int:
    """Try the events that were set aside again; how many."""
    return await operations.replay_dead(now=context.now)
