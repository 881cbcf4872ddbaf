"""What is due on a wallet? Activations, expiries, decay, the end of holds that have lapsed.

They are posted in order, each dated when it was due.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.ledger.model import Account, Decay, Hold, Kind, Lot, Policy, Slice
from domain.ledger.rules.entries import Entries, Posting
from kit.calendar import day_of, day_start

_ACTIVATION, _EXPIRY, _DECAY, _LAPSE = range(4)


@dataclass(slots=True)
class Dues(Entries):
    """Entries that post by themselves what is due, before anything else moves."""

    def settle(self) -> None:
        """Post what is due in the order of its instants, and note when the next will be."""
        self.wallet.decays_at = next_decay(
            self.wallet.decays_at, self.lots.values(), self.policy, self.now
        )
        while (due := self._next_due()) is not None and due[0] <= self.now:
            self._post_due(*due)
        following = self._next_due()
        self.wallet.next_due_at = None if following is None else following[0]

    def end(self) -> None:
        """Let all that is left expire now, what is pending once it is available.

        So a debt is repaid first. Of a suspended member as well: it is for good.
        """
        self.activates = True
        for lot in self.lots.values():
            if lot.remaining:
                lot.activates_at = lot.activates_at if lot.activated_at else self.now
                lot.expires_at = self.now
                self.changed_lots[lot.id] = lot
        self.settle()

    def _post_due(self, at: datetime, what: int, of: UUID) -> None:
        if what == _DECAY:
            self._decay(at)
        elif what == _ACTIVATION:
            self._activate(self.lots[of], at)
        elif what == _EXPIRY:
            self._expire(self.lots[of], at)
        else:
            held = self.holds[of]
            self._let_go(held.hold, held.slices, Posting.lapsed(held), at=at)

    def _next_due(self) -> tuple[datetime, int, UUID] | None:
        found = [
            (lot.activates_at, _ACTIVATION, lot.id)
            for lot in self.lots.values()
            if lot.activated_at is None and lot.remaining and self.activates and lot.activates_at
        ]
        found += [
            (lot.expires_at, _EXPIRY, lot.id)
            for lot in self.lots.values()
            if lot.activated_at is not None and lot.remaining and lot.expires_at
        ]
        if self.policy.decay is not None and self.wallet.decays_at is not None:
            found.append((self.wallet.decays_at, _DECAY, UUID(int=0)))
        found += [(held.hold.expires_at, _LAPSE, hold_id) for hold_id, held in self.holds.items()]
        return min(found, default=None)

    def _activate(self, lot: Lot, at: datetime) -> None:
        lot.activated_at = at
        posting = Posting.due(lot, at)
        self._post(
            Kind.ACTIVATE, lot.remaining, posting, debit=Account.PENDING, credit=Account.AVAILABLE
        )
        self._moved(lot, lot.remaining)
        self._repay(posting)

    def _expire(self, lot: Lot, at: datetime) -> None:
        amount = lot.remaining
        self._take(lot, amount, "expired")
        self._post(
            Kind.EXPIRE,
            amount,
            Posting.due(lot, at),
            debit=Account.AVAILABLE,
            credit=Account.EXPIRY,
        )
        self._moved(lot, amount)

    def _decay(self, at: datetime) -> None:
        assert self.policy.decay is not None
        self.wallet.decays_at = _year_start(at, 1, self.policy)
        young = at - timedelta(days=self.policy.decay.spared_days)
        lots = [
            lot
            for lot in self._active()
            if lot.activated_at is not None and lot.activated_at <= young
        ]
        amount = sum(lot.remaining for lot in lots) * self.policy.decay.percent // 100
        self._lose(amount, lots, at)

    def _lose(self, amount: int, lots: Iterable[Lot], at: datetime) -> None:
        for lot in lots:
            part = min(amount, lot.remaining)
            if part:
                self._take(lot, part, "expired")
                self._post(
                    Kind.DECAY,
                    part,
                    Posting.due(lot, at),
                    debit=Account.AVAILABLE,
                    credit=Account.EXPIRY,
                )
                self._moved(lot, part)
            amount -= part

    def _let_go(
        self,
        hold: Hold,
        slices: Sequence[Slice],
        posting: Posting,
        *,
        at: datetime,
        shop_fault: bool = False,
    ) -> None:
        """Give back at `at` what was held, to the very lots."""
        self._resolve(hold, "released", at)
        for part in slices:
            lot = self.lots[part.lot_id]
            lot.held -= part.amount
            lot.remaining += part.amount
        self._post(Kind.RELEASE, hold.amount, posting, debit=Account.HELD, credit=Account.AVAILABLE)
        self._moved_all(slices)
        self._returned(slices, posting, since=hold.created_at, at=at, shop_fault=shop_fault)

    def _resolve(self, hold: Hold, state: str, at: datetime) -> None:
        hold.state = state
        hold.resolved_at = at
        self.holds.pop(hold.id, None)
        self.changed_holds[hold.id] = hold

    def _returned(
        self,
        slices: Sequence[Slice],
        posting: Posting,
        *,
        since: datetime,
        at: datetime,
        shop_fault: bool,
    ) -> None:
        """What befalls lots whose points were away from `since` until `at`."""
        decayed = self.policy.decay
        for part in slices:
            lot = self.lots[part.lot_id]
            if lot.expires_at is not None and lot.expires_at <= at:
                if shop_fault and not lot.reinstated:
                    lot.reinstated = True
                    lot.expires_at = at + timedelta(days=self.policy.reinstate_days)
                else:
                    self._expire(lot, at)
            if decayed is not None and lot.remaining:
                self._lose(self._missed_decay(part, since, decayed), [lot], at)
        self._repay(posting)

    def _missed_decay(self, part: Slice, since: datetime, decay: Decay) -> int:
        """What a slice that was away `since` then would have lost meanwhile."""
        lot = self.lots[part.lot_id]
        kept, at = part.amount, self.wallet.decays_at
        while at is not None and (at := _year_start(at, -1, self.policy)) > since:
            young = at - timedelta(days=decay.spared_days)
            if at <= self.now and lot.activated_at is not None and lot.activated_at <= young:
                kept -= kept * decay.percent // 100
        return part.amount - kept


def next_decay(
    decays_at: datetime | None, lots: Iterable[Lot], policy: Policy, now: datetime
) -> datetime | None:
    """When the wallet decays next; None where nothing decays.

    A wallet that was never dated starts with the first year's end of its lots under the policy, so
    that one that nobody opened meanwhile misses none.
    """
    if policy.decay is None or decays_at is not None:
        return decays_at if policy.decay is not None else None
    earliest = min((lot.occurred_at for lot in lots), default=now)
    return _year_start(max(earliest, policy.since), 1, policy)


def _year_start(at: datetime, years: int, policy: Policy) -> datetime:
    hour = policy.day_start_hour
    year = day_of(at, policy.zone, hour).year + years
    return day_start(date(year, 1, 1), policy.zone, hour)
