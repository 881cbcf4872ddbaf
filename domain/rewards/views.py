"""What can be had, and what has a member taken?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx, reader
from db.queries import rewards as queries
from domain.ledger.model import Currency
from domain.ledger.views import books_as_of
from domain.lottery.steps import is_of
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

    `stock_left` None: endless. A pool's codes are counted up to a thousand. `locked`: it takes a
    higher tier, `required_tier`, or community level, `required_level`. `expiring_price_points` is
    the lower price (None: there is none).
    """

    reward: Reward
    price: int
    stock_left: int | None
    redeemable: bool
    expiring_price_points: int | None = None
    required_tier: str | None = None
    required_level: str | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rewards of the shelf to show.

    `kinds` None: all. `affordable`: those that the viewer has the price, tier and level for.
    """

    kinds: frozenset[str] | None = None
    affordable: bool = False


EVERYTHING = Wanted()


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
    wanted: Wanted = EVERYTHING,
) -> Page[Shown]:
    """The shelf in the programme's order; without a viewer as the lowest tier sees it.

    What a tier doesn't see isn't on it. Refuses INVALID_INPUT.
    """
    limit = page_size(first)
    begin = 0 if after is None else _position(after) + 1
    published = (await versions()).at(now)
    async with reader() as tx:
        found = {} if viewer_id is None else await queries.viewer(tx, viewer_id, now)
        viewer = _viewer(found, published, now)
        places = [
            place
            for place, reward in enumerate(published.programme.rewards)
            if _is_wanted(reward, viewer, wanted, published.programme)
        ]
        ahead = [place for place in places if place >= begin]
        asked = [published.programme.rewards[place] for place in ahead[:limit]]
        shelf = await _shelf(tx, viewer_id, asked, published, now=now)
    shown = [_shown(shelf, reward, viewer, published.programme, now=now) for reward in asked]
    return Page(
        shown,
        [encode_cursor(place) for place in ahead[:limit]],
        has_next=len(ahead) > limit,
        has_previous=len(ahead) < len(places),
        total=len(places),
    )


def _position(after: str) -> int:
    (position,) = decode_cursor(after, int)
    assert isinstance(position, int)
    if position < 0:
        raise _not_a_cursor()
    return position


@dataclass(frozen=True, slots=True)
class _Viewer:
    """Who looks at the shelf; nobody is on the lowest tier and level, without a point."""

    tier_code: str
    earned_tier: str
    available_points: int = 0
    expiring_points: int = 0
    available_community: int = 0
    earned_community: int = 0
    may_redeem: bool = False
    is_banned: bool = False


def _viewer(found: dict[str, Any], published: Published, now: datetime) -> _Viewer:
    lowest = published.programme.tiers.ladder[0].code
    if not found.get("wallets"):
        return _Viewer(lowest, lowest)
    suspended = found["suspended"]
    books = books_as_of(now, found, published=published, suspended=suspended)
    points, community = books[Currency.POINTS], books[Currency.COMMUNITY].wallet
    return _Viewer(
        found["tier_code"] or lowest,
        found["earned_tier"] or lowest,
        points.wallet.available,
        points.expiring_by(now + rules.EXPIRING),
        community.available,
        community.lifetime_earned,
        may_redeem=not suspended,
        is_banned=found["banned"],
    )


def _is_wanted(reward: Reward, viewer: _Viewer, wanted: Wanted, programme: Programme) -> bool:
    if not rules.is_visible(reward, viewer.tier_code, viewer.earned_community, programme):
        return False
    if wanted.kinds is not None and reward.kind not in wanted.kinds:
        return False
    return not wanted.affordable or _is_affordable(reward, viewer, programme)


def _is_affordable(reward: Reward, viewer: _Viewer, programme: Programme) -> bool:
    if rules.why_locked(reward, viewer.tier_code, viewer.earned_community, programme):
        return False
    price, lower = reward.price(viewer.tier_code), reward.expiring_price(viewer.tier_code)
    if reward.costs_community:
        return price <= viewer.available_community
    return price <= viewer.available_points or (
        lower is not None and lower <= viewer.expiring_points
    )


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is left of some rewards, what the viewer has taken, which lotteries are open."""

    sold: dict[str, int]
    codes_free: dict[str, int]
    used: Counter[str]
    open: frozenset[str]


async def _shelf(
    tx: Tx, viewer_id: UUID | None, asked: Sequence[Reward], published: Published, *, now: datetime
) -> _Shelf:
    found = await queries.shelf(
        tx,
        [reward.code for reward in asked],
        [reward.code_pool for reward in asked if reward.code_pool is not None],
        viewer_id,
        limited=[reward.code for reward in asked if reward.limit is not None],
        lotteries=[reward.lottery for reward in asked if reward.lottery is not None],
        now=now,
    )
    used = _used(found["taken"], asked, published.programme, now=now)
    every = await versions(tx)
    open_ = frozenset(
        one["lottery"]
        for one in found["rounds"]
        if is_of(one["lottery"], published, every.numbered(one["version"]))
    )
    return _Shelf(found["sold"], found["codes_free"], used, open_)


def _used(
    taken: Sequence[dict[str, Any]], asked: Sequence[Reward], programme: Programme, *, now: datetime
) -> Counter[str]:
    windows = {
        reward.code: rules.limit_window(reward.limit, programme, now)[0]
        for reward in asked
        if reward.limit is not None
    }
    used: Counter[str] = Counter()
    for one in taken:
        since = windows[one["reward_code"]]
        if since is None or datetime.fromisoformat(one["created_at"]) >= since:
            used[one["reward_code"]] += one["quantity"]
    return used


def _shown(
    shelf: _Shelf, reward: Reward, viewer: _Viewer, programme: Programme, *, now: datetime
) -> Shown:
    offer = Offer(
        reward,
        viewer.tier_code,
        viewer.earned_tier,
        viewer.available_points,
        viewer.expiring_points,
        viewer.available_community,
        viewer.earned_community,
        sold=shelf.sold.get(reward.code, 0),
        used=shelf.used[reward.code],
        codes_free=shelf.codes_free[reward.code_pool] if reward.code_pool else None,
        is_open=reward.lottery in shelf.open,
    )
    has = (viewer.tier_code, viewer.earned_community)
    return Shown(
        reward,
        reward.price(viewer.tier_code),
        offer.stock_left,
        redeemable=viewer.may_redeem
        and not (reward.costs_community and viewer.is_banned)
        and _could_have(offer, programme, now),
        expiring_price_points=reward.expiring_price(viewer.tier_code),
        required_tier=rules.required_tier(reward, programme),
        required_level=rules.required_level(reward, programme),
        locked=rules.why_locked(reward, *has, programme) is not None,
    )


def _could_have(offer: Offer, programme: Programme, now: datetime) -> bool:
    """At the price, or at the lower one from what expires soon."""
    has_lower = offer.reward.expiring_price(offer.tier_code) is not None
    for from_expiring in (False, True) if has_lower else (False,):
        try:
            rules.check_offer(offer, 1, programme, now=now, from_expiring=from_expiring)
        except Refusal:
            continue
        return True
    return False
