"""How does staff correct a balance?"""

from dataclasses import dataclass
from datetime import datetime

from domain.dashboard.model import Entry, Part, PartName
from domain.ledger.model import Currency
from domain.members import aliases
from domain.rewards import operations
from domain.rewards.model import Adjusted, Adjustment, Operation
from kit.paging import Page, encode_cursor
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context
from resolvers.seeing import Seen, see


@dataclass(frozen=True, slots=True)
class Asked:
    """An adjustment as it is asked for, whoever it may be for."""

    amount: int
    reason: str
    key: str
    expires_at: datetime | None
    operation: Operation = Operation.ADJUST_POINTS
    reason_code: str | None = None


def entry_part(seq: int, currency: Currency = Currency.POINTS) -> Part:
    """The part that shows one entry: the page of one that begins with it."""
    return Part(_HISTORIES[currency], (1, encode_cursor(seq + 1), True))


_HISTORIES: dict[Currency, PartName] = {
    Currency.POINTS: "history",
    Currency.CREDIT: "credit_history",
    Currency.COMMUNITY: "community_history",
    Currency.GROWTH: "growth_history",
}


def entry_of(seen: Seen, seq: int, currency: Currency = Currency.POINTS) -> Entry | None:
    page = seen.view.parts[entry_part(seq, currency)]
    assert isinstance(page, Page)
    return next((entry for entry in page.items if entry.seq == seq), None)


async def as_whom(context: Context, seen: Seen, parts: Parts) -> Seen:
    """Who was seen, or the member as whom they go on since a merge."""
    owner = aliases.current(seen.view.member_id)
    if owner == seen.view.member_id:
        return seen
    found = await see(context, owner, parts or frozenset())
    assert found is not None, "who took somebody in is there"
    return found


async def adjust(
    context: Context, member: str, asked: Asked, parts: Parts
) -> tuple[Answer[Adjusted], Entry | None]:
    """The adjustment with its entry; what the payload's member shows is read with it."""

    async def verb() -> Adjusted:
        adjustment = Adjustment(
            ids.member_id(member),
            asked.amount,
            asked.reason,
            asked.key,
            asked.expires_at,
            asked.operation,
            asked.reason_code,
        )
        await context.speak()
        return await operations.adjust(context.viewer.subject, adjustment, now=context.now)

    made = await answer(context, verb())
    if made.value is None:
        return made, None
    currency = asked.operation.currency
    wanted = (parts or frozenset()) | {entry_part(made.value.seq, currency)}
    seen = await see(context, made.value.member_id, wanted)
    assert seen is not None, "who was adjusted is there"
    entry = entry_of(seen, made.value.seq, currency)
    return Answer(made.value, member=await as_whom(context, seen, parts)), entry
