"""What can be had for points, and what has a member taken?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import reader
from db.queries import rewards as queries
from domain.ledger.views import points_as_of
from domain.programme.model import Programme, Reward
from domain.programme.views import Published, versions
from domain.rewards import rules
from domain.rewards.model import Offer, Redeemed
from domain.rewards.steps import redeemed, shape
from kit.errors import InvalidInput, Refusal
from kit.paging import Page, decode_cursor, encode_cursor, page_size


@dataclass(frozen=True, slots=True)
class Shown:
    """A reward on the shelf: its price for the viewer, and whether they could redeem one now.

    `stock_left` None: endless. A pool's codes are counted up to a thousand.
    """

    reward: Reward
    price_points: int
    stock_left: int | None
    redeemable: bool


async def redemption(member_id: UUID, redemption_id: UUID) -> Redeemed:
    """Refuses NOT_FOUND."""
    async with reader() as tx:
        return await redeemed(tx, member_id, redemption_id)


async def redemptions(
    member_id: UUID, *, first: int = 20, after: str | None = None
) -> Page[Redeemed]:
    """A member's redemptions, newest first. Refuses INVALID_INPUT."""
    limit = page_size(first)
    before = None if after is None else _redemption_cursor(after)
    async with reader() as tx:
        rows = await queries.redemptions(tx, member_id, before=before, limit=limit + 1)
        published = await versions(tx)
    items = [shape(dict(row), published) for row in rows[:limit]]
    cursors = [encode_cursor(str(item.redemption.id)) for item in items]
    return Page(items, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _redemption_cursor(after: str) -> UUID:
    (text,) = decode_cursor(after, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise _not_a_cursor() from None


def _not_a_cursor() -> Refusal:
    return InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标")


async def rewards(
    viewer_id: UUID | None,
    *,
    now: datetime,
    first: int = 20,
    after: str | None = None,
) -> Page[Shown]:
    """The shelf in the programme's order; without a viewer at the lowest tier's price.

    Refuses INVALID_INPUT.
    """
    limit = page_size(first)
    begin = 0 if after is None else _position(after) + 1
    published = (await versions()).at(now)
    programme = published.programme
    asked = programme.rewards[begin : begin + limit]
    pools = [reward.code_pool for reward in asked if reward.code_pool is not None]
    limited = [reward.code for reward in asked if reward.limit is not None]
    async with reader() as tx:
        found = await queries.shelf(tx, pools, viewer_id, limited=limited)
    shown = _shown(found, asked, published, now=now)
    cursors = [encode_cursor(begin + place) for place in range(len(shown))]
    return Page(
        shown,
        cursors,
        has_next=begin + limit < len(programme.rewards),
        has_previous=begin > 0,
        total=len(programme.rewards),
    )


def _position(after: str) -> int:
    (position,) = decode_cursor(after, int)
    assert isinstance(position, int)
    if position < 0:
        raise _not_a_cursor()
    return position


@dataclass(frozen=True, slots=True)
class _Viewer:
    """Who looks at the shelf; nobody is on the lowest tier, without a point."""

    tier_code: str
    available_points: int = 0
    may_redeem: bool = False


def _viewer(found: dict[str, Any], published: Published, now: datetime) -> _Viewer:
    tier_code = found["tier_code"] or published.programme.tiers.ladder[0].code
    if not found["wallets"]:
        return _Viewer(tier_code)
    suspended = found["suspended"]
    book = points_as_of(now, found, published=published, suspended=suspended)
    return _Viewer(tier_code, book.wallet.available, may_redeem=not suspended)


def _used(
    found: dict[str, Any], asked: Sequence[Reward], programme: Programme, *, now: datetime
) -> Counter[str]:
    windows = {
        reward.code: rules.limit_window(reward.limit, programme, now)[0]
        for reward in asked
        if reward.limit is not None
    }
    used: Counter[str] = Counter()
    for taken in found["taken"]:
        since = windows[taken["reward_code"]]
        if since is None or datetime.fromisoformat(taken["created_at"]) >= since:
            used[taken["reward_code"]] += taken["quantity"]
    return used


def _shown(
    found: dict[str, Any], asked: Sequence[Reward], published: Published, *, now: datetime
) -> list[Shown]:
    programme = published.programme
    viewer, used = _viewer(found, published, now), _used(found, asked, programme, now=now)
    shown: list[Shown] = []
    for reward in asked:
        offer = Offer(
            reward,
            viewer.tier_code,
            viewer.available_points,
            sold=found["sold"].get(reward.code, 0),
            used=used[reward.code],
            codes_free=found["codes_free"][reward.code_pool] if reward.code_pool else None,
        )
        redeemable = viewer.may_redeem and _could_have(offer, programme, now)
        price = reward.price(viewer.tier_code)
        shown.append(Shown(reward, price, offer.stock_left, redeemable))
    return shown


def _could_have(offer: Offer, programme: Programme, now: datetime) -> bool:
    try:
        rules.check_offer(offer, 1, programme, now=now)
    except Refusal:
        return False
    return True
