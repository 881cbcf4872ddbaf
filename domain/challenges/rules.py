"""What does a member score, may they enter, and which milestones are due?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.activity.model import Deed
from domain.activity.rules import Counted, counted
from domain.challenges.model import Entry, Round, Score, Shown
from domain.programme.model import Challenge, ScoreMilestone
from kit.money import exponent


def score(round_: Round, deeds: Sequence[Deed], now: datetime) -> Score:
    """The score as of now, from deeds in the order of time.

    It is reached by the deed that completes it: ¥60 and ¥40 on two days are 100 since the second,
    and after a refund of the ¥40 they are 60 since the first.
    """
    challenge, programme = round_.challenge, round_.programme
    inside = [deed for deed in deeds if challenge.starts_at <= deed.at < challenge.ends_at]
    counts = counted(
        challenge.metric,
        inside,
        programme,
        categories=challenge.categories,
        brands=challenge.brands,
    )
    unit = 10 ** exponent(programme.currency) if challenge.metric == "spend" else 1
    total = sum(one.amount for one in counts) // unit
    open_ = [one.settles_at for one in counts if one.settles_at is not None]
    return Score(
        score=total,
        reached_at=_reached_at(counts, total, unit),
        settled=sum(one.amount for one in counts if _is_settled(one, now)) // unit,
        settles_at=max(open_, default=None),
        next_settles_at=min((at for at in open_ if at > now), default=None),
    )


def assessed(
    round_: Round,
    entry: Entry,
    found: Score,
    *,
    milestone: int,
    suspended: bool,
    now: datetime,
) -> Entry:
    """The entry with that score, and whether it has a place; the same one where nothing changes."""
    challenge = round_.challenge
    takes_part = entry.left_at is None and (
        challenge.entry == "everyone" or entry.joined_at is not None
    )
    after = replace(
        entry,
        score=found.score,
        reached_at=found.reached_at,
        settles_at=found.settles_at,
        milestone=milestone,
        ranks=takes_part and not suspended and found.score >= challenge.score_min,
    )
    if after == entry:
        return entry
    return replace(after, version=entry.version + 1, updated_at=now)


def due_milestones(challenge: Challenge, entry: Entry, found: Score) -> list[ScoreMilestone]:
    """What the settled part of the score has reached and wasn't paid yet, for who takes part."""
    if entry.left_at is not None or (challenge.entry == "joined" and entry.joined_at is None):
        return []
    return [
        milestone
        for milestone in challenge.milestones
        if entry.milestone < milestone.score <= found.settled
    ]


def looks_again_at(challenge: Challenge, entry: Entry, found: Score) -> datetime | None:
    """When a milestone that is reached may be settled; None: nothing waits."""
    waits = any(entry.milestone < one.score <= found.score for one in challenge.milestones)
    return found.next_settles_at if waits else None


def may_enter(challenge: Challenge, tier_code: str | None) -> bool:
    """Whether a member of that tier is of the audience."""
    return not challenge.tiers or tier_code in challenge.tiers


def taking_part(entry: Entry, *, takes_part: bool, now: datetime) -> Entry:
    """The entry of who joins, comes back or leaves; the first instant of each stays."""
    if takes_part:
        return replace(entry, joined_at=entry.joined_at or now, left_at=None)
    return replace(entry, left_at=entry.left_at or now, ranks=False)


def shown_name(nickname: str, shown: Shown) -> str | None:
    """小明 is masked as 小*, Ann as A**, at most three stars; anonymous: None."""
    match shown:
        case Shown.NICKNAME:
            return nickname
        case Shown.MASKED:
            return nickname[0] + "*" * min(3, max(1, len(nickname) - 1))
        case Shown.ANONYMOUS:
            return None


def _reached_at(counts: Sequence[Counted], total: int, unit: int) -> datetime | None:
    so_far = 0
    for one in counts:
        so_far += one.amount
        if total and so_far // unit == total:
            return one.at
    return None


def _is_settled(one: Counted, now: datetime) -> bool:
    return one.settles_at is None or one.settles_at <= now
