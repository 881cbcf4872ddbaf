"""What must hold of coupon templates: do they say what their kind needs, and who may give them?"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from domain.programme.model import Channel, CouponTemplate, Gives, Programme
from domain.programme.model.places import Finding, Path
from domain.programme.rules.missions import traits
from domain.programme.rules.naming import known

_PARTS = {
    "AMOUNT_OFF": "amount_off",
    "PERCENT_OFF": "percent_off",
    "GIFT": "gift",
    "EXCHANGE": "exchange",
    "CASHBACK": "cashback",
}
_VOUCHER_LENGTH = 16


class _Given(NamedTuple):
    """A place that gives a coupon, and what it counts as."""

    code: str | None
    place: Path
    channels: Collection[Channel]


def templates(programme: Programme) -> Iterator[Finding]:
    """Each says all that its kind needs and nothing that it doesn't, and can be had."""
    codes = [face.public_code and meant(face.public_code) for face in programme.coupons]
    for index, face in enumerate(programme.coupons):
        place: Path = ("coupons", index)
        yield from _parts(face, place)
        yield from _cashback(face, place)
        yield from _terms(face, place)
        yield from _public_code(face, place, codes[:index])


def audiences(programme: Programme) -> Iterator[Finding]:
    """Tiers and segments that an audience names are there."""
    segments = [segment.code for segment in programme.segments]
    for index, face in enumerate(programme.coupons):
        place: Path = ("coupons", index, "audience")
        yield from traits(programme, face.audience, place)
        for number, code in enumerate(face.audience.segments):
            yield from known(code, (*place, "segments", number), segments)


def channels(programme: Programme) -> Iterator[Finding]:
    """What gives a coupon is among its template's channels."""
    for given in _given(programme):
        face = None if given.code is None else programme.coupon(given.code)
        if face is not None and not any(face.may_come_by(channel) for channel in given.channels):
            message = f"{face.code} does not come by {' or '.join(given.channels)}"
            yield Finding(given.place, message, "a coupon with that in its channels")


def meant(typed: str) -> str:
    """A code as it is looked up: case, hyphens and spaces, O and 0, I, L and 1 don't matter."""
    return typed.upper().translate(_READ_AS)


_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def _parts(face: CouponTemplate, place: Path) -> Iterator[Finding]:
    written = {
        "amount_off": face.amount_off_minor,
        "percent_off": face.percent_off,
        "gift": face.gift,
        "exchange": face.exchange,
        "cashback": face.cashback,
    }
    for kind, key in _PARTS.items():
        if kind == face.kind and written[key] is None:
            yield Finding(place, f"{face.kind} without {key}", f"{key} beside kind {kind}")
        if kind != face.kind and written[key] is not None:
            yield Finding((*place, key), f"{face.kind} has none", f"{key} with kind {kind} only")
    if face.amount_off_max_minor is not None and face.kind != "PERCENT_OFF":
        at: Path = (*place, "amount_off_max")
        yield Finding(at, f"{face.kind} has none", "amount_off_max with kind PERCENT_OFF only")


def _cashback(face: CouponTemplate, place: Path) -> Iterator[Finding]:
    back = face.cashback
    if back is None:
        return
    if (back.points is None) == (back.percent is None):
        yield Finding((*place, "cashback"), "points and percent", "one of the two")
    if back.points_max is not None and back.percent is None:
        at: Path = (*place, "cashback", "points_max")
        yield Finding(at, "bounds nothing", "points_max beside percent")


def _terms(face: CouponTemplate, place: Path) -> Iterator[Finding]:
    window = face.window
    if window is not None and window.ends_at <= window.starts_at:
        at: Path = (*place, "window", "ends_at")
        yield Finding(at, "is not after starts_at", f"after {window.starts_at.isoformat()}")
    endless = face.limit is None and any(one in face.channels for one in ("claim", "public_code"))
    if endless:
        message = "a member could have it without end, as it can be asked for"
        yield Finding(place, message, "a limit, such as {count: 1, period: ever}")
    for number, channel in enumerate(face.channels):
        if channel in face.channels[:number]:
            yield Finding((*place, "channels", number), f"{channel} stands twice", "each once")


def _public_code(
    face: CouponTemplate, place: Path, others: Sequence[str | None]
) -> Iterator[Finding]:
    code, at = face.public_code, (*place, "public_code")
    if (code is not None) != ("public_code" in face.channels):
        yield Finding(at, "needs the channel of its name", "public_code in channels and as a code")
    if code is None:
        return
    if meant(code) in others:
        yield Finding(at, f"{code} reads like that of entry {others.index(meant(code))}", "another")
    if len(meant(code)) == _VOUCHER_LENGTH:
        message = f"{code} is as long as a voucher's code"
        yield Finding(at, message, f"a code of another length than {_VOUCHER_LENGTH}")


def _given(programme: Programme) -> Iterator[_Given]:
    for index, milestone in enumerate(programme.check_in.milestones):
        yield _Given(milestone.coupon, ("check_in", "milestones", index, "coupon"), ["check_in"])
    for index, reward in enumerate(programme.rewards):
        yield _Given(reward.coupon, ("rewards", index, "coupon"), ["points"])
        yield from _all(reward.gives or Gives(), ("rewards", index, "gives"), ["points"])
    invitee = programme.referral.invitee_coupon
    yield _Given(invitee, ("referral", "invitee_coupon"), ["referral"])
    yield from _all(programme.gifts.welcome, ("gifts", "welcome"), ["welcome"])
    yield from _all(programme.gifts.birthday, ("gifts", "birthday"), ["birthday"])
    for index, tier in enumerate(programme.tiers.ladder):
        yield from _all(tier.gifts, ("tiers", "ladder", index, "gifts"), ["tier_gift"])
    for index, task in enumerate(programme.tasks):
        yield from _all(task.gives, ("tasks", index, "gives"), task.channels)
    for index, coming in enumerate(programme.community.meetups):
        yield from _all(coming.gives, ("community", "meetups", index, "gives"), ["staff"])
    yield from _won(programme)


def _won(programme: Programme) -> Iterator[_Given]:
    for index, lottery in enumerate(programme.lotteries):
        for number, prize in enumerate(lottery.prizes):
            at: Path = ("lotteries", index, "prizes", number, "gives")
            yield from _all(prize.gives, at, ["lottery"])
    for index, challenge in enumerate(programme.challenges):
        within: Path = ("challenges", index)
        for number, prize in enumerate(challenge.prizes):
            yield from _all(prize.gives, (*within, "prizes", number, "gives"), ["challenge"])
        for number, score in enumerate(challenge.milestones):
            yield from _all(score.gives, (*within, "milestones", number, "gives"), ["challenge"])


def _all(gives: Gives, place: Path, channels: Collection[Channel]) -> Iterator[_Given]:
    for number, code in enumerate(gives.coupons):
        yield _Given(code, (*place, "coupons", number), channels)
