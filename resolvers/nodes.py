"""What does a global id stand for? For who may not see it, the same as for nothing: None."""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from domain.dashboard.model import Entry, Part, RedemptionView
from domain.ledger.model import Currency
from domain.lottery.model import Drawn
from domain.members import aliases
from domain.rewards.views import Shown
from kit.ids import derived_id, parse_global_id
from kit.paging import Page, encode_cursor
from resolvers.context import Context
from resolvers.lottery import draw_or_none
from resolvers.points import entry_of, entry_part
from resolvers.rewards import shown
from resolvers.seeing import Seen, see

Found = Seen | Entry | RedemptionView | Drawn | Shown | None
_MEMBER, _REDEMPTION, _REWARD, _DRAW = "Member", "Redemption", "Reward", "Draw"
_ENTRIES = {
    "PointsEntry": Currency.POINTS,
    "CreditEntry": Currency.CREDIT,
    "CommunityEntry": Currency.COMMUNITY,
    "GrowthEntry": Currency.GROWTH,
}
_IDS = {_MEMBER: 1, **dict.fromkeys(_ENTRIES, 2), _REDEMPTION: 2, _REWARD: 1, _DRAW: 2}


async def node(context: Context, text: str, parts: frozenset[Part]) -> Found:
    parsed = parse_global_id(text)
    if parsed is None or _IDS.get(parsed[0]) != len(parsed[1]):
        return None
    kind, (first, *more) = parsed
    if kind == _REWARD:
        return await _reward(context, first)
    owner = aliases.current(first)
    if not context.viewer.may_read(owner):
        return None
    if kind == _MEMBER:
        return await see(context, owner, parts)
    # A movement stays in the wallet in which it was.
    found = first if kind in _ENTRIES else owner
    return await _OF_MEMBERS[kind](context, found, more[0])


async def _reward(context: Context, reward_id: UUID) -> Shown | None:
    await context.speak()
    codes = (reward.code for reward in context.programme.rewards)
    code = next((code for code in codes if derived_id("reward", code) == reward_id), None)
    return None if code is None else await shown(context, context.viewer.member_id, code)


async def _entry(
    context: Context, member_id: UUID, number: UUID, currency: Currency
) -> Entry | None:
    if not 0 < number.int < _SEQ_MAX:
        return None
    seen = await see(context, member_id, frozenset({entry_part(number.int, currency)}))
    return None if seen is None else entry_of(seen, number.int, currency)


async def _redemption(
    context: Context, member_id: UUID, redemption_id: UUID
) -> RedemptionView | None:
    """The page of one that begins with it."""
    if redemption_id.int + 1 >= _UUID_END:
        return None
    part = Part("redemptions", (1, encode_cursor(str(UUID(int=redemption_id.int + 1)))))
    seen = await see(context, member_id, frozenset({part}))
    page = None if seen is None else seen.view.parts[part]
    found = page.items if isinstance(page, Page) else ()
    return next((one for one in found if one.id == redemption_id), None)


_OF_MEMBERS: dict[str, Callable[[Context, UUID, UUID], Awaitable[Found]]] = {
    **{kind: partial(_entry, currency=currency) for kind, currency in _ENTRIES.items()},
    _REDEMPTION: _redemption,
    _DRAW: draw_or_none,
}
_SEQ_MAX = 2**62
_UUID_END = 2**128
