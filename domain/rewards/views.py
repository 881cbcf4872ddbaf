"""What can be had for points, and what has a member taken?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from db.connection import Tx, reader
from db.queries import rewards as queries
from domain.ledger.views import desk_of
from domain.members import views as members
from domain.programme.model import Programme, Reward
from domain.programme.views import versions
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
    async with reader() as tx:
        programme = (await versions(tx)).at(now).programme
        asked = programme.rewards[begin : begin + limit]
        shown = await _shown(tx, viewer_id, asked, programme=programme, now=now)
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


async def _shown(
    tx: Tx,
    viewer_id: UUID | None,
    asked: tuple[Reward, ...],
    *,
    programme: Programme,
    now: datetime,
) -> list[Shown]:
    shelf = await queries.shelf(tx, [reward.code_pool for reward in asked if reward.code_pool])
    sold, codes_free = orjson.loads(shelf["sold"]), orjson.loads(shelf["codes_free"])
    tier_code, available, used = programme.tiers.ladder[0].code, 0, dict[str, int]()
    if viewer_id is not None:
        tier_code = await queries.tier_code(tx, viewer_id) or tier_code
        member = await members.member(viewer_id)
        assert member is not None, "a viewer is a member"
        desk = await desk_of(tx, member, programme, now=now)
        available = desk.points.wallet.available
        used = await _used(tx, viewer_id, asked, programme=programme, now=now)
    offers = [
        Offer(
            reward,
            tier_code,
            available,
            sold=sold.get(reward.code, 0),
            used=used.get(reward.code, 0),
            codes_free=codes_free.get(reward.code_pool) if reward.kind == "VIRTUAL" else None,
        )
        for reward in asked
    ]
    return [
        Shown(
            offer.reward,
            offer.reward.price(tier_code),
            offer.stock_left,
            viewer_id is not None and _could_have(offer, programme, now),
        )
        for offer in offers
    ]


async def _used(
    tx: Tx,
    viewer_id: UUID,
    asked: tuple[Reward, ...],
    *,
    programme: Programme,
    now: datetime,
) -> dict[str, int]:
    windows = {
        reward.code: rules.limit_window(reward.limit, programme, now)[0]
        for reward in asked
        if reward.limit is not None
    }
    used: dict[str, int] = {}
    for row in await queries.used_by(tx, viewer_id, list(windows)) if windows else ():
        since = windows[row["reward_code"]]
        if since is None or row["created_at"] >= since:
            used[row["reward_code"]] = used.get(row["reward_code"], 0) + row["quantity"]
    return used


def _could_have(offer: Offer, programme: Programme, now: datetime) -> bool:
    try:
        rules.check_offer(offer, 1, programme, now=now)
    except Refusal:
        return False
    return True
