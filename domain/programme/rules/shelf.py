"""What must hold of rewards: is all there that they name, and has each what its kind needs?"""

from collections.abc import Iterator

from domain.programme.model import Limit, Programme, Reward
from domain.programme.model.places import Finding, Path
from domain.programme.rules.honours import gives
from domain.programme.rules.naming import known, unique

# What a kind needs beside it, and no other kind has.
_SOURCES = {
    "coupon": "COUPON",
    "code_pool": "VIRTUAL",
    "lottery": "LOTTERY_TICKET",
    "gives": "BUNDLE",
}
_MONTHS = "TIER_UPGRADE"
_ONCE = Limit(count=1, period="ever")
_RETURNED = ("COUPON", "PHYSICAL", "SERVICE")


def rewards(programme: Programme) -> Iterator[Finding]:
    """Codes are unique, tiers are there, windows end after they begin."""
    yield from unique([reward.code for reward in programme.rewards], ("rewards",), "code")
    tiers = [tier.code for tier in programme.tiers.ladder]
    for index, reward in enumerate(programme.rewards):
        place: Path = ("rewards", index)
        yield from known(reward.tier_min, (*place, "tier_min"), tiers)
        yield from known(reward.visible_from, (*place, "visible_from"), tiers)
        for key in ("prices", "expiring_prices"):
            for code in getattr(reward, key):
                yield from known(code, (*place, key, code), tiers)
        if reward.starts_at and reward.ends_at and reward.ends_at <= reward.starts_at:
            yield Finding(
                (*place, "ends_at"),
                "is not after starts_at",
                f"after {reward.starts_at.isoformat()}",
            )
        yield from _hidden(reward, ("visible_from", "tier_min"), place, tiers)
        if reward.price_points is not None and not reward.costs_community:
            yield from _expiring(reward, place, tiers)


def levels(programme: Programme) -> Iterator[Finding]:
    """Community levels that rewards ask for are there."""
    codes = [level.code for level in programme.community.levels]
    for index, reward in enumerate(programme.rewards):
        place: Path = ("rewards", index)
        yield from known(reward.level_min, (*place, "level_min"), codes)
        yield from known(reward.visible_from_level, (*place, "visible_from_level"), codes)
        yield from _hidden(reward, ("visible_from_level", "level_min"), place, codes)


def _hidden(
    reward: Reward, keys: tuple[str, str], place: Path, codes: list[str]
) -> Iterator[Finding]:
    seen, had = (getattr(reward, key) for key in keys)
    if seen in codes and had in codes and codes.index(seen) > codes.index(had):
        message = f"{seen} is above {keys[1]} ({had}): who may have it doesn't see it"
        yield Finding((*place, keys[0]), message, f"at most {had}")


def prices(programme: Programme) -> Iterator[Finding]:
    """Each reward is paid in one currency, and what only points have isn't asked of another."""
    for index, reward in enumerate(programme.rewards):
        place: Path = ("rewards", index)
        in_points, in_community = reward.price_points is not None, reward.costs_community
        if not in_points and not in_community:
            yield Finding(place, "has no price", "price_points or price_community")
        if in_points and in_community:
            message = "stands beside price_points: one is paid in one currency"
            yield Finding((*place, "price_community"), message, "one of the two")
        for key in ("expiring_price_points", "expiring_prices"):
            if in_community and getattr(reward, key):
                message = "COMMUNITY never expires"
                yield Finding((*place, key), message, f"{key} beside price_points only")


def bundles(programme: Programme) -> Iterator[Finding]:
    """What bundles give exists and is worth its price, however often one is bought."""
    for index, reward in enumerate(programme.rewards):
        if reward.gives is None:
            continue
        place: Path = ("rewards", index)
        yield from gives(programme, reward.gives, (*place, "gives"))
        if reward.gives.points and not reward.costs_community:
            message = "points for points: what expires soon would come back young"
            allowed = "credit, coupons or badges; points beside price_community"
            yield Finding((*place, "gives", "points"), message, allowed)
        if reward.gives.badges and reward.limit != _ONCE:
            message = "a badge is had once, and would be paid for again"
            yield Finding((*place, "limit"), message, "{count: 1, period: ever} beside badges")


def _expiring(reward: Reward, place: Path, tiers: list[str]) -> Iterator[Finding]:
    """The price for what expires soon is the lower one, on every tier."""
    for tier in tiers:
        lower, price = reward.expiring_price(tier), reward.price(tier)
        if lower is not None and lower >= price:
            key = "expiring_prices" if tier in reward.expiring_prices else "expiring_price_points"
            at = (*place, key, tier) if key == "expiring_prices" else (*place, key)
            message = f"{lower} is not below the price for {tier} ({price})"
            yield Finding(at, message, f"at most {price - 1}")
            return


def sources(programme: Programme) -> Iterator[Finding]:
    """Each reward has what its kind needs, and nothing that belongs to another."""
    for index, reward in enumerate(programme.rewards):
        place: Path = ("rewards", index)
        for key, kind in _SOURCES.items():
            has = getattr(reward, key) is not None
            if has and reward.kind != kind:
                message = f"a {reward.kind} reward has none"
                yield Finding((*place, key), message, f"{key} with kind {kind} only")
            if not has and reward.kind == kind:
                message = f"a {kind} reward without {key}"
                yield Finding(place, message, f"{key} beside kind {kind}")
        if reward.months is not None and reward.kind != _MONTHS:
            message = f"a {reward.kind} reward has none"
            yield Finding((*place, "months"), message, f"months with kind {_MONTHS} only")
        if not reward.cancellable and reward.kind not in _RETURNED:
            message = f"a {reward.kind} reward can never be cancelled"
            allowed = f"nothing here; cancellable with kind {', '.join(_RETURNED)}"
            yield Finding((*place, "cancellable"), message, allowed)


def upgrades(programme: Programme) -> Iterator[Finding]:
    """Who is on the lowest of a single step has nowhere to go."""
    if len(programme.tiers.ladder) > 1:
        return
    for index, reward in enumerate(programme.rewards):
        if reward.kind == _MONTHS:
            message = "the ladder has one tier: there is none above"
            yield Finding(("rewards", index, "kind"), message, f"no {_MONTHS}, or more tiers")
