"""What must hold between contests, badges and what gives them?"""

from collections.abc import Iterator

from domain.programme.model import BadgeRule, Challenge, Gives, Programme
from domain.programme.model.places import Finding, Path
from domain.programme.rules.naming import known, known_gives, unique


def badges(programme: Programme) -> Iterator[Finding]:
    """A rule says how much; whoever gives a badge names one that there is."""
    codes = [badge.code for badge in programme.badges]
    yield from unique(codes, ("badges",), "code")
    for index, badge in enumerate(programme.badges):
        if badge.rule is not None:
            yield from _rule(badge.rule, ("badges", index, "rule"))
    for index, milestone in enumerate(programme.check_in.milestones):
        yield from known(milestone.badge, ("check_in", "milestones", index, "badge"), codes)


def _rule(rule: BadgeRule, place: Path) -> Iterator[Finding]:
    lists = rule.metric == "categories"
    if lists and not rule.categories:
        message = "says from which categories one must have bought, and is empty"
        yield Finding((*place, "categories"), message, "at least one")
    if lists and rule.count is not None:
        yield Finding((*place, "count"), "all categories are needed", "none")
    if not lists and rule.count is None:
        yield Finding((*place, "count"), "is missing", "at least 1")
    if not lists and rule.categories:
        message = f"a rule of {rule.metric} has none"
        yield Finding((*place, "categories"), message, "categories with metric categories only")


def challenges(programme: Programme) -> Iterator[Finding]:
    """Windows end after they begin, each rank has one prize, none is left out below another."""
    yield from unique([challenge.code for challenge in programme.challenges], _PLACE, "code")
    tiers = [tier.code for tier in programme.tiers.ladder]
    for index, challenge in enumerate(programme.challenges):
        place: Path = (*_PLACE, index)
        if challenge.ends_at <= challenge.starts_at:
            at = challenge.starts_at.isoformat()
            yield Finding((*place, "ends_at"), "is not after starts_at", f"after {at}")
        for key in ("categories", "brands"):
            if getattr(challenge, key) and challenge.metric not in {"spend", "orders"}:
                message = f"{challenge.metric} have none"
                yield Finding((*place, key), message, f"{key} with metric spend or orders only")
        for number, code in enumerate(challenge.tiers):
            yield from known(code, (*place, "tiers", number), tiers)
        yield from _ranks(challenge, place)
        yield from _milestones(challenge, place)


def given(programme: Programme) -> Iterator[Finding]:
    """What contests give exists."""
    for index, challenge in enumerate(programme.challenges):
        for number, prize in enumerate(challenge.prizes):
            yield from gives(programme, prize.gives, (*_PLACE, index, "prizes", number, "gives"))
        for number, milestone in enumerate(challenge.milestones):
            place = (*_PLACE, index, "milestones", number, "gives")
            yield from gives(programme, milestone.gives, place)


def gives(programme: Programme, found: Gives, place: Path) -> Iterator[Finding]:
    """What a section gives can be given, and is something."""
    yield from known_gives(found, place, programme)
    if not found.has_anything:
        yield Finding(place, "gives nothing", "points, credit, coupons or badges")


_PLACE: Path = ("challenges",)


def _ranks(challenge: Challenge, place: Path) -> Iterator[Finding]:
    following = 1
    for number, prize in enumerate(challenge.prizes):
        at: Path = (*place, "prizes", number)
        if prize.from_rank != following:
            message = f"{prize.from_rank} does not follow the rank before it"
            yield Finding((*at, "from_rank"), message, str(following))
        if prize.to_rank < prize.from_rank:
            message = f"{prize.to_rank} is above from_rank in the list"
            yield Finding((*at, "to_rank"), message, f"at least {prize.from_rank}")
        following = prize.to_rank + 1


def _milestones(challenge: Challenge, place: Path) -> Iterator[Finding]:
    before = 0
    for number, milestone in enumerate(challenge.milestones):
        if milestone.score <= before:
            message = f"{milestone.score} is not above the one before it ({before})"
            at: Path = (*place, "milestones", number, "score")
            yield Finding(at, message, f"more than {before}")
        before = milestone.score
