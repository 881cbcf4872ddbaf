"""What should a wallet do? Point by point: every point is somewhere, and its lot remembers where.

No sums are kept and nothing is shared with the product, so that the two can only agree by both
being right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
REINSTATED_FOR = timedelta(days=30)
WHAT_IS_DUE = {"activation": ("pending", "available"), "expiry": ("available", "expired")}


@dataclass(eq=False)
class ModelLot:
    """`points[i]` says where the i-th point is; `undone` how many a refund has asked back."""

    number: int
    points: list[str]
    occurred_at: datetime
    activates_at: datetime
    expires_at: datetime
    reinstated: bool = False
    undone: int = 0

    def count(self, *places: str) -> int:
        return sum(self.points.count(place) for place in places)


Taken = list[tuple[ModelLot, int]]


class Model:
    def __init__(self, now: datetime) -> None:
        self.now, self.lots, self.debt = now, list[ModelLot](), 0

    def count(self, *places: str) -> int:
        return sum(lot.count(*places) for lot in self.lots)

    def take(self, amount: int, place: str) -> Taken:
        lots = sorted(self.lots, key=lambda lot: (lot.expires_at, lot.occurred_at, lot.number))
        free = [(lot, i) for lot in lots for i, p in enumerate(lot.points) if p == "available"]
        self.put(free[:amount], place)
        return free[:amount]

    def put(self, points: Iterable[tuple[ModelLot, int]], place: str) -> None:
        for lot, i in points:
            lot.points[i] = place

    def repay(self) -> None:
        self.debt -= len(self.take(self.debt, "spent"))

    def settle(self) -> None:
        while dues := [due for lot in self.lots for due in self.dues(lot) if due[0] <= self.now]:
            _, what, _, lot = min(dues, key=lambda due: due[:3])
            before, after = WHAT_IS_DUE[what]
            self.put([(lot, i) for i, p in enumerate(lot.points) if p == before], after)
            self.repay()

    def dues(self, lot: ModelLot):
        if lot.count("pending"):
            yield lot.activates_at, "activation", lot.number, lot
        elif lot.count("available"):
            yield lot.expires_at, "expiry", lot.number, lot

    def earn(self, amount: int, activates_at: datetime | None, expires_at: datetime) -> ModelLot:
        place = "available" if activates_at is None else "pending"
        at = activates_at or self.now
        lot = ModelLot(len(self.lots), [place] * amount, self.now, at, expires_at)
        self.lots.append(lot)
        self.repay()
        self.settle()
        return lot

    def give_back(self, taken: Taken, *, shop_fault: bool) -> None:
        self.put(taken, "available")
        for lot in dict.fromkeys(lot for lot, _ in taken):
            if lot.expires_at <= self.now and shop_fault and not lot.reinstated:
                lot.reinstated, lot.expires_at = True, self.now + REINSTATED_FOR
        self.expire()
        self.repay()

    def expire(self) -> None:
        for lot in self.lots:
            if lot.expires_at <= self.now:
                gone = [(lot, i) for i, p in enumerate(lot.points) if p == "available"]
                self.put(gone, "expired")

    def take_back(self, lot: ModelLot, amount: int) -> None:
        lot.undone += amount
        for places, after in ((("pending", "available"), "taken"), (("expired",), "forfeited")):
            own = [(lot, i) for i, p in enumerate(lot.points) if p in places][:amount]
            self.put(own, after)
            amount -= len(own)
        self.debt += amount - len(self.take(amount, "spent"))
