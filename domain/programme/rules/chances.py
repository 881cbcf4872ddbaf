"""What must hold of lotteries: can every draw be paid for, and does none pay for itself?"""

from collections.abc import Iterator

from domain.programme.model import Audience, Lottery, LotteryPrize, Programme
from domain.programme.model.places import Finding, Path
from domain.programme.rules.naming import known, known_gives, unique, yuan
from kit.money import exponent

VALUE_MAX_YUAN = 50_000
_PLACE: Path = ("lotteries",)


def lotteries(programme: Programme) -> Iterator[Finding]:
    """Codes are unique, windows end after they begin, and there is always a consolation."""
    yield from unique([lottery.code for lottery in programme.lotteries], _PLACE, "code")
    for index, lottery in enumerate(programme.lotteries):
        place: Path = (*_PLACE, index)
        if lottery.starts_at and lottery.ends_at and lottery.ends_at <= lottery.starts_at:
            at = lottery.starts_at.isoformat()
            yield Finding((*place, "ends_at"), "is not after starts_at", f"after {at}")
        codes = [prize.code for prize in lottery.prizes]
        yield from unique(codes, (*place, "prizes"), "code")
        yield from known(lottery.consolation, (*place, "consolation"), codes)
        yield from _consolation(lottery, place)
        for number, prize in enumerate(lottery.prizes):
            yield from _prize(lottery, prize, (*place, "prizes", number))


def _consolation(lottery: Lottery, place: Path) -> Iterator[Finding]:
    for number, prize in enumerate(lottery.prizes):
        if prize.code != lottery.consolation:
            continue
        at: Path = (*place, "prizes", number)
        if prize.delivered:
            message = "the consolation is given at once"
            yield Finding((*at, "delivered"), message, "points, coupons, badges or nothing")
        elif prize.stock is not None:
            message = "the consolation is for everybody"
            yield Finding((*at, "stock"), message, "none, which is endless")
        if prize.costs_minor:
            key = "value" if prize.cost_minor is None else "cost"
            message = "the consolation is given when the budget is spent, too"
            yield Finding((*at, key), message, "0; cost: 0 beside a value")


def _prize(lottery: Lottery, prize: LotteryPrize, at: Path) -> Iterator[Finding]:
    if prize.weight == 0 and prize.code != lottery.consolation:
        yield Finding((*at, "weight"), "nobody would ever win it", "at least 1")
    if prize.delivered and prize.stock is None:
        yield Finding(at, "a thing without a stock", "stock beside delivered")
    if prize.delivered and not prize.gives.has_anything:
        message = "says nothing for who can't be sent it"
        yield Finding(at, message, "gives beside delivered: points, coupons or badges")
    if prize.costs_minor > lottery.budget_minor:
        key = "value" if prize.cost_minor is None else "cost"
        message = "one alone is above the budget of a round: nobody would ever get it"
        yield Finding((*at, key), message, "at most the budget")


def values(programme: Programme) -> Iterator[Finding]:
    """What a prize is worth, its points at the best rate included, is within the legal limit."""
    per_yuan = min(tier.points_per_yuan for tier in programme.tiers.ladder)
    most = VALUE_MAX_YUAN * 10 ** exponent(programme.currency)
    for index, lottery in enumerate(programme.lotteries):
        for number, prize in enumerate(lottery.prizes):
            place: Path = (*_PLACE, index, "prizes", number)
            if prize.value_minor > most:
                message = f"is worth more than {VALUE_MAX_YUAN}"
                yield Finding((*place, "value"), message, f"at most {VALUE_MAX_YUAN}")
            elif prize.gives.points > VALUE_MAX_YUAN * per_yuan:
                message = f"are worth more than {VALUE_MAX_YUAN}, at {per_yuan} for one"
                at = (*place, "gives", "points")
                yield Finding(at, message, f"at most {VALUE_MAX_YUAN * per_yuan}")


def tickets(programme: Programme) -> Iterator[Finding]:
    """Tickets are of a lottery that there is, and cost more points than they win on average."""
    codes = [lottery.code for lottery in programme.lotteries]
    for index, reward in enumerate(programme.rewards):
        yield from known(reward.lottery, ("rewards", index, "lottery"), codes)
        lottery = None if reward.lottery is None else programme.lottery(reward.lottery)
        # COMMUNITY can't be won, so that points for it never come round.
        if lottery is None or not lottery.weights or reward.costs_community:
            continue
        wins, draws, price = lottery.expected_points(), lottery.weights, reward.lowest_price
        if wins >= price * draws:
            message = (
                f"{draws} tickets cost {price * draws} points at the lowest price and win"
                f" {wins}: drawing would pay"
            )
            yield Finding(("rewards", index, "lottery"), message, "fewer points than tickets cost")


def weights(programme: Programme) -> Iterator[Finding]:
    """Something can be rolled."""
    for index, lottery in enumerate(programme.lotteries):
        if not lottery.weights:
            yield Finding((*_PLACE, index, "prizes"), "no prize has a weight", "at least 1 in all")


def given(programme: Programme) -> Iterator[Finding]:
    """What prizes give exists."""
    for index, lottery in enumerate(programme.lotteries):
        for number, prize in enumerate(lottery.prizes):
            place: Path = (*_PLACE, index, "prizes", number, "gives")
            yield from known_gives(prize.gives, place, programme)
            yield from _paid_for(programme, prize, place[:-1])
            for position, code in enumerate(prize.gives.coupons):
                yield from _unconditional(programme, code, (*place, "coupons", position))


def _paid_for(programme: Programme, prize: LotteryPrize, place: Path) -> Iterator[Finding]:
    """Credit is money of the shop's: a round's budget has it in it."""
    credit_minor = prize.gives.credit_minor
    if credit_minor > prize.costs_minor:
        key = "value" if prize.cost_minor is None else "cost"
        least = yuan(credit_minor, programme)
        yield Finding(
            (*place, key), f"is below the credit that it gives ({least})", f"at least {least}"
        )


def _unconditional(programme: Programme, code: str, place: Path) -> Iterator[Finding]:
    """Who wins a coupon gets it: what bounds a prize is its own stock, and the round's budget."""
    face = programme.coupon(code)
    if face is None:
        return
    bounds = [key for key in ("stock", "limit", "window") if getattr(face, key) is not None]
    bounds += ["audience"] if face.audience != Audience() else []
    if bounds:
        message = f"{code} has a {' and a '.join(bounds)}, so that a winner may not get it"
        yield Finding(place, message, "a coupon without; the prize may have a stock")
