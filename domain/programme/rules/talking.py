"""What must hold of a community: can everybody begin, and is all that it names there?"""

from collections.abc import Iterator

from domain.programme.model import Access, Programme
from domain.programme.model.places import Finding, Path
from domain.programme.rules.honours import gives
from domain.programme.rules.naming import known, unique


def levels(programme: Programme) -> Iterator[Finding]:
    """The first is everybody's, each takes more than the one before it."""
    found = programme.community.levels
    place: Path = ("community", "levels")
    yield from unique([level.code for level in found], place, "code")
    if found[0].earned:
        message = f"{found[0].earned} leaves newcomers without a level"
        yield Finding((*place, 0, "earned"), message, "0")
    for index in range(1, len(found)):
        before = found[index - 1].earned
        if found[index].earned <= before:
            message = f"{found[index].earned} is not above the level before it ({before})"
            yield Finding((*place, index, "earned"), message, f"more than {before}")


def links(programme: Programme) -> Iterator[Finding]:
    """A link says which one it is."""
    url = programme.community.share_url
    if url is not None and "{token}" not in url:
        message = "has no {token}: every link would be the same"
        yield Finding(("community", "share_url"), message, "https://shop.example/s/{token}")


def topics(programme: Programme) -> Iterator[Finding]:
    """Codes are unique; tiers and levels that let one in are there."""
    place: Path = ("community", "topics")
    yield from unique([topic.code for topic in programme.community.topics], place, "code")
    for index, topic in enumerate(programme.community.topics):
        yield from access(programme, topic.read, (*place, index, "read"))
        yield from access(programme, topic.write, (*place, index, "write"))


def meetups(programme: Programme) -> Iterator[Finding]:
    """Codes are unique, they end after they begin, and one signs up before the end."""
    place: Path = ("community", "meetups")
    yield from unique([found.code for found in programme.community.meetups], place, "code")
    for index, found in enumerate(programme.community.meetups):
        at: Path = (*place, index)
        starts, ends, until = found.starts_at, found.ends_at, found.sign_up_until
        if ends <= starts:
            message, allowed = "is not after starts_at", f"after {starts.isoformat()}"
            yield Finding((*at, "ends_at"), message, allowed)
        if until is not None and until > ends:
            message, allowed = "is after ends_at", f"at most {ends.isoformat()}"
            yield Finding((*at, "sign_up_until"), message, allowed)
        yield from access(programme, found.access, (*at, "access"))
        if found.gives.has_anything:
            yield from gives(programme, found.gives, (*at, "gives"))


def access(programme: Programme, found: Access, place: Path) -> Iterator[Finding]:
    """The tier and the level are the programme's."""
    tiers = [tier.code for tier in programme.tiers.ladder]
    yield from known(found.tier_min, (*place, "tier_min"), tiers)
    codes = [level.code for level in programme.community.levels]
    yield from known(found.level_min, (*place, "level_min"), codes)
