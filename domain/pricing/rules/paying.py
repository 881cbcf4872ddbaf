"""How much do points and the balance pay, of what coupons left?"""

from dataclasses import dataclass
from fractions import Fraction

from domain.pricing.model import Buyer, Wish
from domain.programme.model import Programme
from kit.money import exponent


@dataclass(frozen=True, slots=True)
class Payer:
    """What points pay at most: `most_minor` in all, `share` of what the eligible lines cost.

    `yuan_minor` minor units are worth `points_per_yuan` points. Money for points is rounded down
    and points for money up, so nobody gets more than they pay for and nobody pays more than the
    money needs: 99 points at 80 a yuan are worth ¥1.23 (123.75), for which 99 points (98.4) are
    taken.
    """

    points_per_yuan: int
    yuan_minor: int
    most_minor: int
    share: Fraction

    def offset(self, eligible_minor: int) -> int:
        """What points pay where the eligible lines cost so much."""
        if not self.most_minor:
            return 0
        allowed = eligible_minor * self.share.numerator // self.share.denominator
        return min(self.most_minor, allowed)

    def points(self, offset_minor: int) -> int:
        """What `offset_minor` costs."""
        return -(-offset_minor * self.points_per_yuan // self.yuan_minor)

    def worth(self, points: int) -> int:
        """What `points` are worth, in minor units."""
        return points * self.yuan_minor // self.points_per_yuan


def payer(buyer: Buyer, programme: Programme, wish: Wish) -> Payer:
    """`buyer` has the points that `wish` asks for."""
    per_yuan = buyer.tier.points_per_yuan
    yuan_minor = 10 ** exponent(programme.currency)
    points = buyer.available_points if wish.points_max else wish.points
    return Payer(
        points_per_yuan=per_yuan,
        yuan_minor=yuan_minor,
        most_minor=points * yuan_minor // per_yuan,
        share=Fraction(programme.checkout.offset_max_percent) / 100,
    )


def credit(buyer: Buyer, wish: Wish, payable_minor: int) -> int:
    """What the balance pays of `payable_minor`."""
    asked_minor = buyer.available_credit_minor
    if not wish.credit_max:
        asked_minor = min(asked_minor, wish.credit_minor)
    return max(0, min(asked_minor, payable_minor))
