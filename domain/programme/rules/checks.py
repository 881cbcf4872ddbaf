"""What must hold between the numbers of a programme, and what would be right where it doesn't?"""

from collections.abc import Callable, Iterator

from domain.programme.model import FixedDate, Programme
from domain.programme.model.places import Finding, Path
from domain.programme.rules import chances, coupons, honours, missions, shelf, talking
from domain.programme.rules.ladder import (
    keeps,
    makeup,
    multipliers,
    return_windows,
    score,
    steps,
    terms,
)
from domain.programme.rules.messages import channels, messages
from domain.programme.rules.naming import falling, known, known_gives, unique, yuan

Check = Callable[[Programme], Iterator[Finding]]


def check(programme: Programme, sound: Callable[[str], bool]) -> list[Finding]:
    """What is wrong between the sections; a check that needs an unsound section is left out."""
    return [
        finding
        for needs, look in _CHECKS
        if all(sound(section) for section in needs)
        for finding in look(programme)
    ]


def _silence(programme: Programme) -> Iterator[Finding]:
    points = programme.points
    if points.completion == "completed_only" and points.silence_days == 0:
        yield Finding(
            ("points", "silence_days"),
            "completed_only waits for ever without a day on which silence decides",
            "at least 1",
        )


def _expiry(programme: Programme) -> Iterator[Finding]:
    expiry = programme.points.expiry
    if isinstance(expiry, FixedDate):
        last = 28 if expiry.month == 2 else 30 if expiry.month in {4, 6, 9, 11} else 31  # noqa: PLR2004  February
        if expiry.day > last:
            yield Finding(
                ("points", "expiry", "day"),
                f"month {expiry.month} does not have a day {expiry.day} every year",
                f"at most {last}",
            )
    yield from falling(programme.points.expiring_days, ("points", "expiring_days"))


def _credit(programme: Programme) -> Iterator[Finding]:
    credit = programme.credit
    if credit.balance_max_minor < credit.packet_max_minor:
        least = yuan(credit.packet_max_minor, programme)
        message = f"{yuan(credit.balance_max_minor, programme)} is below packet_max ({least})"
        yield Finding(("credit", "balance_max"), message, f"at least {least}")
    yield from falling(credit.expiring_days, ("credit", "expiring_days"))


def _adjustments(programme: Programme) -> Iterator[Finding]:
    found, place = programme.adjustments, ("adjustments",)
    alone, codes = found.alone, [reason.code for reason in found.reasons]
    if alone.points_per_day < alone.points:
        message = f"{alone.points_per_day} is below what is allowed at once ({alone.points})"
        yield Finding((*place, "alone", "points_per_day"), message, f"at least {alone.points}")
    if alone.credit_per_day_minor < alone.credit_minor:
        least = yuan(alone.credit_minor, programme)
        day = yuan(alone.credit_per_day_minor, programme)
        message = f"{day} is below what is allowed at once ({least})"
        yield Finding((*place, "alone", "credit_per_day"), message, f"at least {least}")
    yield from unique(codes, (*place, "reasons"), "code")
    if found.reason_default is not None and found.reason_default not in codes:
        message = f"{found.reason_default} is not among the reasons"
        yield Finding((*place, "reason_default"), message, f"null, or one of {', '.join(codes)}")


def _earning_rules(programme: Programme) -> Iterator[Finding]:
    rules = programme.points.rules
    yield from unique([rule.code for rule in rules], ("points", "rules"), "code")
    for index, rule in enumerate(rules):
        caps: dict[str, int] = {**rule.cap_points}
        for shorter, longer in (("day", "week"), ("day", "month"), ("week", "month")):
            if shorter in caps and longer in caps and caps[longer] < caps[shorter]:
                yield Finding(
                    ("points", "rules", index, "cap_points", longer),
                    f"{caps[longer]} is below the cap of a {shorter} ({caps[shorter]})",
                    f"at least {caps[shorter]}",
                )


def _rates(programme: Programme) -> Iterator[Finding]:
    if programme.currency in programme.rates:
        yield Finding(
            ("rates", programme.currency),
            "the programme's own currency has no rate",
            f"currencies other than {programme.currency}",
        )


def _check_in(programme: Programme) -> Iterator[Finding]:
    milestones = programme.check_in.milestones
    place = ("check_in", "milestones")
    yield from unique([milestone.every_days for milestone in milestones], place, "every_days")
    for index, milestone in enumerate(milestones):
        if not (milestone.points or milestone.badge or milestone.coupon):
            yield Finding((*place, index), "gives nothing", "points, a badge or a coupon")
    bonus = programme.check_in.bonus_points(7)
    price = programme.check_in.makeup.price_points
    if price < bonus:
        yield Finding(
            ("check_in", "makeup", "price_points"),
            f"{price} is below the bonus of the 7th day ({bonus}), so that missing days would pay",
            f"at least {bonus}",
        )


def _coupons(programme: Programme) -> Iterator[Finding]:
    codes = [coupon.code for coupon in programme.coupons]
    yield from unique(codes, ("coupons",), "code")
    for index, milestone in enumerate(programme.check_in.milestones):
        place: Path = ("check_in", "milestones", index, "coupon")
        yield from known(milestone.coupon, place, codes)
    for index, reward in enumerate(programme.rewards):
        yield from known(reward.coupon, ("rewards", index, "coupon"), codes)
    invitee_coupon = programme.referral.invitee_coupon
    yield from known(invitee_coupon, ("referral", "invitee_coupon"), codes)


def _referral(programme: Programme) -> Iterator[Finding]:
    milestones = programme.referral.milestones
    for index in range(1, len(milestones)):
        before = milestones[index - 1].count
        if milestones[index].count <= before:
            yield Finding(
                ("referral", "milestones", index, "count"),
                f"{milestones[index].count} is not above the one before it ({before})",
                f"more than {before}",
            )


def _gifts(programme: Programme) -> Iterator[Finding]:
    gifts = programme.gifts
    yield from known_gives(gifts.welcome, ("gifts", "welcome"), programme)
    yield from known_gives(gifts.birthday, ("gifts", "birthday"), programme)
    for index, tier in enumerate(programme.tiers.ladder):
        place: Path = ("tiers", "ladder", index, "gifts")
        yield from known_gives(tier.gifts, place, programme)
        if index == 0 and tier.gifts.has_anything:
            message = f"{tier.code} is where everybody begins: nobody is upgraded to it"
            yield Finding(place, message, "nothing here; gifts.welcome is for who joins")


_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("tiers",), steps),
    (("tiers",), keeps),
    (("tiers", "currency"), score),
    (("tiers",), terms),
    (("tiers",), makeup),
    (("tiers", "points"), return_windows),
    (("tiers", "points"), multipliers),
    (("points",), _silence),
    (("points",), _expiry),
    (("points",), _earning_rules),
    (("credit", "currency"), _credit),
    (("adjustments", "currency"), _adjustments),
    (("currency", "rates"), _rates),
    (("check_in",), _check_in),
    (("coupons", "check_in", "rewards", "referral"), _coupons),
    (("coupons",), coupons.templates),
    (("coupons", "segments", "tiers"), coupons.audiences),
    (
        (
            *("coupons", "check_in", "rewards", "referral", "gifts", "tiers", "tasks"),
            *("challenges", "lotteries", "community"),
        ),
        coupons.channels,
    ),
    (("rewards", "tiers"), shelf.rewards),
    (("rewards",), shelf.prices),
    (("rewards", "community"), shelf.levels),
    (("rewards",), shelf.sources),
    (("rewards", "coupons", "badges", "credit", "currency"), shelf.bundles),
    (("rewards", "tiers"), shelf.upgrades),
    (("lotteries",), chances.lotteries),
    (("lotteries",), chances.weights),
    (("lotteries", "tiers", "currency"), chances.values),
    (("lotteries", "rewards"), chances.tickets),
    (("lotteries", "coupons", "badges", "credit", "currency"), chances.given),
    (("referral",), _referral),
    (("badges", "check_in"), honours.badges),
    (("challenges", "tiers"), honours.challenges),
    (("challenges", "coupons", "badges", "credit", "currency"), honours.given),
    (("gifts", "tiers", "coupons", "badges", "credit", "currency"), _gifts),
    (("community",), talking.levels),
    (("community",), talking.links),
    (("community", "tiers"), talking.topics),
    (("community", "tiers", "coupons", "badges", "credit", "currency"), talking.meetups),
    (("notifications",), messages),
    (("notifications",), channels),
    (("lifecycle",), missions.lifecycle),
    (("tasks", "segments", "tiers"), missions.audiences),
    (("tasks",), missions.tasks),
    (("tasks", "coupons", "badges", "credit", "currency"), missions.given),
)
