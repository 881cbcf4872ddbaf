"""What waits for a second of the staff, what becomes of it, and what did they do?"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from domain.dashboard.model import Entry
from domain.rewards import operations as rewards
from domain.rewards.model import Adjusted, Operation
from domain.staff import operations, views
from domain.staff.model import Proposal, StaffAct, State
from kit.errors import NotFound
from kit.paging import Page
from resolvers import ids, points
from resolvers.answers import Answer, answer
from resolvers.context import Context
from resolvers.seeing import see

Paging = tuple[int, str | None]


class Decided(NamedTuple):
    """`entry`: what was posted by it, of a balance that it changed."""

    proposal: Proposal
    entry: Entry | None = None


async def proposals(context: Context, state: State, page: Paging) -> Page[Proposal]:
    first, after = page
    return await views.proposals(state, now=context.now, first=first, after=after)


async def proposal(context: Context, proposal_id: str) -> Proposal | None:
    """None for what isn't there."""
    await context.speak()
    try:
        return await views.proposal(_id(proposal_id))
    except NotFound:
        return None


async def acts(
    context: Context, actor: str | None, member: str | None, page: Paging
) -> Page[StaffAct]:
    """Refuses NOT_FOUND, INVALID_INPUT."""
    await context.speak()
    first, after = page
    member_id = None if member is None else ids.member_itself(member)
    return await views.acts(actor, member_id, first=first, after=after)


async def approve(context: Context, proposal_id: str, note: str) -> Answer[Decided]:
    async def verb() -> Decided:
        staff, now = context.viewer.subject, context.now
        found = await rewards.approve(_id(proposal_id), staff=staff, note=note, now=now)
        if found.adjusted is None:
            return Decided(found.proposal)
        return Decided(found.proposal, await _entry(context, found.proposal, found.adjusted))

    return await answer(context, verb())


async def reject(context: Context, proposal_id: str, note: str) -> Answer[Decided]:
    return await _decide(context, proposal_id, note, operations.reject)


async def withdraw(context: Context, proposal_id: str, note: str) -> Answer[Decided]:
    return await _decide(context, proposal_id, note, operations.withdraw)


async def _decide(
    context: Context, proposal_id: str, note: str, operation: Callable[..., Awaitable[Proposal]]
) -> Answer[Decided]:
    async def verb() -> Decided:
        staff = context.viewer.subject
        return Decided(await operation(_id(proposal_id), staff=staff, note=note, now=context.now))

    return await answer(context, verb())


async def _entry(context: Context, proposal: Proposal, adjusted: Adjusted) -> Entry | None:
    currency = Operation(proposal.verb).currency
    wanted = frozenset({points.entry_part(adjusted.seq, currency)})
    seen = await see(context, adjusted.member_id, wanted)
    assert seen is not None, "who was adjusted is there"
    return points.entry_of(seen, adjusted.seq, currency)


def _id(text: str) -> UUID:
    """Refuses NOT_FOUND."""
    (found,) = ids.uuids(text, "StaffProposal", 1, "proposal")
    return found
