"""Can the ladder of tiers be climbed, kept and left as the domain promises?"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.programme.model import Programme
from domain.programme.model.places import Finding, Path
from kit.money import exponent

SPEND_FULL_MIN = 1_000
"""Yuan: below it a single basket would fill the score."""

SCORE_MAX = 1_000
DAYS_OF_A_MONTH_MIN = 28


def steps(programme: Programme) -> Iterator[Finding]:
    """Codes of their own; thresholds start at 0 and rise."""
    tiers = programme.tiers
    codes = [tier.code for tier in tiers.ladder]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            place = ("tiers", "ladder", index, "code")
            message = f"{code} is that of entry {codes.index(code)} too"
            yield Finding(place, message, "another code")
    thresholds = [tier.threshold for tier in tiers.ladder]
    yield from _rising(thresholds, "threshold", f", at most {SCORE_MAX}")
    growth_thresholds = [tier.growth_threshold for tier in tiers.ladder]
    if tiers.basis == "growth" or any(growth_thresholds):
        yield from _rising(growth_thresholds, "growth_threshold", "")


def _rising(values: Sequence[int], key: str, also: str) -> Iterator[Finding]:
    if values[0] != 0:
        message = f"{values[0]} would leave members without any tier"
        yield Finding(("tiers", "ladder", 0, key), message, "0")
    for index in range(1, len(values)):
        value, before = values[index], values[index - 1]
        if value <= before:
            word = "below" if value < before else "equal to"
            yield Finding(
                ("tiers", "ladder", index, key),
                f"{value} is {word} the one before it ({before})",
                f"more than {before}{also}",
            )


def keeps(programme: Programme) -> Iterator[Finding]:
    """Keeping a tier never needs more than reaching it."""
    tiers = programme.tiers
    for index, tier in enumerate(tiers.ladder):
        threshold = tiers.threshold(tier)
        if tier.keep is not None and tier.keep > threshold:
            yield Finding(
                ("tiers", "ladder", index, "keep"),
                f"{tier.keep} is above the threshold ({threshold})",
                f"at most {threshold}",
            )


def score(programme: Programme) -> Iterator[Finding]:
    """Weights of 100 together; a full score takes more than one basket."""
    policy = programme.tiers.score
    together = policy.spend_weight + policy.orders_weight
    if together != 100:  # noqa: PLR2004  percent
        yield Finding(
            ("tiers", "score", "orders_weight"),
            f"{policy.spend_weight} and {policy.orders_weight} make {together}",
            f"{100 - policy.spend_weight}, so that the weights sum to 100",
        )
    yuan_minor: int = 10 ** exponent(programme.currency)
    if policy.spend_full_minor < SPEND_FULL_MIN * yuan_minor:
        yield Finding(
            ("tiers", "score", "spend_full"),
            "a single basket could fill the score",
            f"at least {SPEND_FULL_MIN}",
        )


def terms(programme: Programme) -> Iterator[Finding]:
    """The grace lies inside the warning, the warning inside the period."""
    tiers = programme.tiers
    period_days = tiers.period_months * DAYS_OF_A_MONTH_MIN
    if tiers.warn_days >= period_days:
        yield Finding(
            ("tiers", "warn_days"),
            f"{tiers.warn_days} days do not fit into {tiers.period_months} month(s)",
            f"less than {period_days}",
        )
    if tiers.grace_days > tiers.warn_days:
        yield Finding(
            ("tiers", "grace_days"),
            f"{tiers.grace_days} is more than warn_days ({tiers.warn_days})",
            f"at most {tiers.warn_days}",
        )


def makeup(programme: Programme) -> Iterator[Finding]:
    """Each kind of action stands once; nobody checks in twice a day."""
    tiers = programme.tiers
    kinds = [action.kind for action in tiers.makeup_actions]
    for index, kind in enumerate(kinds):
        if kind in kinds[:index]:
            place = ("tiers", "makeup_actions", index, "kind")
            message = f"{kind} is that of entry {kinds.index(kind)} too"
            yield Finding(place, message, "another kind")
        per_day = tiers.makeup_actions[index].per_day
        if kind == "check_in" and per_day > 1:
            place = ("tiers", "makeup_actions", index, "per_day")
            yield Finding(place, f"{per_day}: a member checks in once a day", "1")


def return_windows(programme: Programme) -> Iterator[Finding]:
    """Points never become available in the moment of payment."""
    if programme.points.delivery_days > 0:
        return
    for index, tier in enumerate(programme.tiers.ladder):
        if tier.return_days == 0:
            yield Finding(
                ("tiers", "ladder", index, "return_days"),
                "0 beside points.delivery_days 0 leaves no time to return an order",
                "at least 1, or points.delivery_days of at least 1",
            )


def multipliers(programme: Programme) -> Iterator[Finding]:
    """No single multiplier is above the ceiling of all of them together."""
    ceiling = programme.points.multiplier_max
    for path, multiplier in _named_multipliers(programme):
        if multiplier > ceiling:
            message = f"{multiplier} is above points.multiplier_max ({ceiling})"
            yield Finding(path, message, f"at most {ceiling}")


def _named_multipliers(programme: Programme) -> Iterator[tuple[Path, Decimal]]:
    for index, tier in enumerate(programme.tiers.ladder):
        place: Path = ("tiers", "ladder", index)
        yield (*place, "points_multiplier"), tier.points_multiplier
        yield (*place, "activity_multiplier"), tier.activity_multiplier
        yield (*place, "benefits", "birthday_multiplier"), tier.benefits.birthday_multiplier
    for index, rule in enumerate(programme.points.rules):
        yield ("points", "rules", index, "multiplier"), rule.multiplier
