"""May these two be merged or parted, and which of what both have stays?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.coupons.model import USABLE, Coupon, State
from domain.members.errors import MemberMerged
from domain.merging.errors import (
    MergedLately,
    NotMerged,
    SameMember,
    UnmergeTooLate,
    ValueReserved,
)
from domain.merging.model import Asked, MergeRow, Party
from domain.programme.model import Programme
from domain.tiers.model import Standing, TierFloor
from kit.errors import InvalidInput, MemberSuspended

UNMERGE_WITHIN = timedelta(days=30)
KEY_MAX = 200
_EVER = datetime.max.replace(tzinfo=UTC)
_NEVER = datetime.min.replace(tzinfo=UTC)
# From where a member gets one coupon at most, and whether that is for each occasion.
_ONCE = {"referral": False, "gift": True, "batch": True}


def check_asked(asked: Asked) -> None:
    """Refuses INVALID_INPUT (the key), SAME_MEMBER."""
    if not 0 < len(asked.key) <= KEY_MAX or not asked.key.isprintable():
        raise InvalidInput(
            ["input", "idempotencyKey"],
            f"a key has 1 to {KEY_MAX} printable characters",
            f"须为 1 至 {KEY_MAX} 个可打印字符",
        )
    if asked.survivor_id == asked.absorbed_id:
        raise SameMember


def require_mergeable(survivor: Party, absorbed: Party, now: datetime) -> None:
    """Refuses, in this order, MEMBER_MERGED, MEMBER_SUSPENDED, VALUE_RESERVED, MERGED_LATELY.

    Each of the survivor before the absorbed. Who took somebody in may be absorbed once that can't
    be undone any more, so that there is never a question whose what is.
    """
    both = (survivor, absorbed)
    for party in both:
        if party.survivor_id is not None:
            raise MemberMerged(party.survivor_id)
    if any(party.member.suspended_at is not None for party in both):
        raise MemberSuspended
    require_nothing_reserved(both)
    if absorbed.last_merge is not None and now <= absorbed.last_merge + UNMERGE_WITHIN:
        raise MergedLately(absorbed.last_merge + UNMERGE_WITHIN)


def require_nothing_reserved(parties: Iterable[Party]) -> None:
    """Refuses VALUE_RESERVED."""
    for party in parties:
        if party.is_reserved:
            raise ValueReserved(party.global_id)


def require_unmergeable(merge: MergeRow | None, survivor: Party, now: datetime) -> MergeRow:
    """The merge to be undone. Refuses NOT_MERGED, MEMBER_MERGED, UNMERGE_TOO_LATE, VALUE_RESERVED.

    Whose survivor was absorbed since is parted from that one first.
    """
    if merge is None or merge.member_id != survivor.member.member_id:
        raise NotMerged
    if survivor.survivor_id is not None:
        raise MemberMerged(survivor.survivor_id)
    until = merge.merged_at + UNMERGE_WITHIN
    if now > until:
        raise UnmergeTooLate(until)
    require_nothing_reserved([survivor])
    return merge


def duplicates(
    own: Sequence[Coupon], others: Sequence[Coupon], limits: Mapping[str, int], now: datetime
) -> list[Coupon]:
    """Unused coupons of which a member gets so many and the two have more together.

    What is given once (for being invited, for joining, for a birthday, for a tier), and `limits`:
    how many of a template a member ever gets. Those that expire first go; used ones stay. With a
    welcome coupon each, one used, the other is revoked.
    """
    revoked: list[Coupon] = []
    groups: dict[tuple[str, ...], int] = {}
    for coupon in (*own, *others):
        groups |= _groups(coupon, limits)
    for key, most in groups.items():
        mine, theirs = (
            [found for found in side if key in _groups(found, limits) and found not in revoked]
            for side in (own, others)
        )
        excess = len(mine) + len(theirs) - max(most, len(mine), len(theirs))
        unused = [found for found in (*mine, *theirs) if found.state_at(now) in USABLE]
        unused.sort(key=lambda found: (found.expires_at or _EVER, found.id))
        revoked += unused[: max(0, excess)]
    return revoked


def _groups(coupon: Coupon, limits: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    """What it is counted by, and how many a member may have."""
    found: dict[tuple[str, ...], int] = {}
    if coupon.state == State.REVOKED:
        return found
    if coupon.source_type in _ONCE:
        occasion = coupon.source_id if _ONCE[coupon.source_type] else ""
        found[coupon.source_type, occasion, coupon.template] = 1
    if coupon.template in limits:
        found[coupon.template,] = limits[coupon.template]
    return found


def coupon_limits(programme: Programme) -> dict[str, int]:
    """How many of each template a member ever gets, where that is bounded."""
    return {
        face.code: face.limit.count
        for face in programme.coupons
        if face.limit is not None and face.limit.period == "ever"
    }


def together(own: Standing, other: Standing, programme: Programme) -> Standing:
    """The higher tier with its period and what is at stake in it; of one tier, the longer period.

    The better floor stays, and so does what either has to wait for: who fell after a refund doesn't
    escape that by a merge.
    """
    higher = max((own, other), key=lambda found: _height(found, programme))
    floors = [floor for floor in (own.floor, other.floor) if floor is not None]
    waits = [at for at in (own.settled_only_until, other.settled_only_until) if at is not None]
    return replace(
        higher,
        floor=max(floors, key=lambda floor: _floor_height(floor, programme), default=None),
        settled_only_until=max(waits, default=None),
    )


def _height(standing: Standing, programme: Programme) -> tuple[int, bool, datetime]:
    period = standing.period
    return programme.tiers.rank(period.tier_code), not period.provisional, period.ends_at or _NEVER


def _floor_height(floor: TierFloor, programme: Programme) -> tuple[int, datetime]:
    return programme.tiers.rank(floor.tier_code), floor.ends_at or _EVER
