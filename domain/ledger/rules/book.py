"""How do points move? A book is a working copy of a wallet; its movements are listed, not written.

Order of debits: soonest expiry first (never last), then earliest earned, then id. Every movement
first posts what is due, dated when it was due, so that a late job changes no result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.ledger.errors import (
    HoldResolved,
    InsufficientCommunity,
    InsufficientCredit,
    InsufficientExpiringPoints,
    InsufficientPoints,
)
from domain.ledger.model import Account, Cause, Currency, Held, Hold, Kind, Lot, Slice, Taken
from domain.ledger.rules.entries import Posting
from domain.ledger.rules.moving import Moving
from kit.errors import Refusal


@dataclass(slots=True)
class Book(Moving):
    """The movements of one wallet: the only way in which value moves."""

    def open_lot(
        self,
        lot_id: UUID,
        amount: int,
        cause: Cause,
        *,
        activates_at: datetime | None,
        expires_at: datetime | None,
        debit: Account = Account.ISSUANCE,
    ) -> Lot:
        """Open a lot of `amount`, pending until `activates_at`; None: available at once."""
        pending = activates_at is not None
        account = Account.PENDING if pending else Account.AVAILABLE
        kind = Kind.ADJUST if debit == Account.ADJUSTMENT else Kind.EARN
        seq = self._post(kind, amount, Posting.of(cause), debit=debit, credit=account)
        lot = Lot(
            member_id=self.wallet.member_id,
            id=lot_id,
            currency=self.wallet.currency,
            granted=amount,
            remaining=amount,
            held=0,
            spent=0,
            expired=0,
            taken=0,
            forfeited=0,
            occurred_at=cause.occurred_at,
            activates_at=activates_at,
            activated_at=None if pending else cause.occurred_at,
            expires_at=expires_at,
            reinstated=False,
            opened_by=seq,
            source_type=cause.source_type,
            source_id=cause.source_id,
            decision_id=cause.decision.id,
            programme_version=cause.decision.programme_version,
        )
        self.lots[lot.id] = lot
        self._moved(lot, amount)
        if not pending:
            self._repay(Posting.of(cause))
        self.settle()
        return lot

    def credit(self, amount: int, cause: Cause, *, debit: Account = Account.ISSUANCE) -> None:
        """Credit a currency without lots, which never expires; a debt is repaid first."""
        kind = Kind.ADJUST if debit == Account.ADJUSTMENT else Kind.EARN
        self._put_in(kind, amount, cause, debit=debit)

    def charge(self, amount: int, cause: Cause) -> int:
        """Take `amount` of a currency without lots; the transfer's seq.

        Refuses INSUFFICIENT_COMMUNITY.
        """
        available = self.wallet.available
        if amount > available:
            raise InsufficientCommunity(available, amount)
        posting = Posting.of(cause)
        return self._post(
            Kind.SPEND, amount, posting, debit=Account.AVAILABLE, credit=Account.REDEMPTION
        )

    def uncharge(self, amount: int, cause: Cause) -> None:
        """Give back what `charge` took; a debt that arose meanwhile is repaid first."""
        self._put_in(Kind.RESTORE, amount, cause, debit=Account.REDEMPTION)

    def withdraw(self, amount: int, cause: Cause) -> None:
        """Take back what `credit` gave of a currency without lots; what was spent is a debt."""
        found = min(amount, self.wallet.available)
        if found:
            self.uncredit(found, cause)
        if missing := amount - found:
            self._post(
                Kind.SHORTFALL,
                missing,
                Posting.of(cause),
                debit=Account.DEBT,
                credit=Account.ISSUANCE,
            )

    def owe(self, amount: int, cause: Cause) -> None:
        """A debt that other books had; what is available here repays it at once."""
        self._post(
            Kind.SHORTFALL,
            amount,
            Posting.of(cause),
            debit=Account.DEBT,
            credit=Account.ADJUSTMENT,
        )
        self._repay(Posting.of(cause))
        self.settle()

    def uncredit(self, amount: int, cause: Cause) -> None:
        """Take back what `credit` gave; no more than is there."""
        self._post(
            Kind.TAKE_BACK,
            amount,
            Posting.of(cause),
            debit=Account.AVAILABLE,
            credit=Account.ISSUANCE,
        )

    def reschedule(
        self, lot: Lot, activates_at: datetime | None, expires_at: datetime | None
    ) -> None:
        """Let a pending lot become available at another instant; at once where that has passed.

        None: it waits until it is rescheduled again.
        """
        if lot.activated_at is None:
            lot.activates_at, lot.expires_at = activates_at, expires_at
            self.changed_lots[lot.id] = lot
        self.settle()

    def spend(
        self,
        amount: int,
        cause: Cause,
        *,
        credit: Account = Account.REDEMPTION,
        expiring_by: datetime | None = None,
    ) -> int:
        """Take `amount` of what is available; the transfer's seq.

        Refuses INSUFFICIENT_POINTS, of credit INSUFFICIENT_CREDIT. With `expiring_by` only from
        lots that expire by then: refuses INSUFFICIENT_EXPIRING_POINTS.
        """
        kind = Kind.ADJUST if credit == Account.ADJUSTMENT else Kind.SPEND
        slices = (
            self._debit_slices(amount)
            if expiring_by is None
            else self._expiring_slices(amount, expiring_by)
        )
        for part in slices:
            self._take(self.lots[part.lot_id], part.amount, "spent")
        seq = self._post(kind, amount, Posting.of(cause), debit=Account.AVAILABLE, credit=credit)
        self._moved_all(slices)
        self.settle()
        return seq

    def take(self, amount: int, cause: Cause) -> Taken:
        """Spend `amount` that is owed: what is available of it, the rest as debt.

        Where the policy forgives shortfalls (`only_pending`), the rest is neither taken nor owed.
        """
        self.settle()
        found = min(amount, self.wallet.available)
        seq = self.spend(found, cause) if found else None
        owes = self.policy.shortfall != "only_pending"
        missing = amount - found if owes else 0
        if missing:
            self._post(
                Kind.SHORTFALL,
                missing,
                Posting.of(cause),
                debit=Account.DEBT,
                credit=Account.REDEMPTION,
            )
        return Taken(seq, found, missing)

    def hold(self, hold_id: UUID, amount: int, cause: Cause, *, expires_at: datetime) -> Hold:
        """Set `amount` aside until `expires_at`. Refuses as `spend` does."""
        slices = self._debit_slices(amount)
        for part in slices:
            self._take(self.lots[part.lot_id], part.amount, "held")
        seq = self._post(
            Kind.HOLD, amount, Posting.of(cause), debit=Account.AVAILABLE, credit=Account.HELD
        )
        self._moved_all(slices)
        hold = Hold(
            member_id=self.wallet.member_id,
            id=hold_id,
            currency=self.wallet.currency,
            amount=amount,
            state="open",
            held_by=seq,
            source_type=cause.source_type,
            source_id=cause.source_id,
            decision_id=cause.decision.id,
            created_at=self.now,
            expires_at=expires_at,
            resolved_at=None,
        )
        self.changed_holds[hold.id] = hold
        self.holds[hold.id] = Held(hold, tuple(slices), cause.decision.programme_version)
        self.settle()
        return hold

    def commit(self, hold: Hold, slices: Sequence[Slice], cause: Cause) -> int:
        """Spend what is held, expired meanwhile or not. Refuses HOLD_RESOLVED."""
        self._check_open(hold)
        self._resolve(hold, "committed", self.now)
        for part in slices:
            lot = self.lots[part.lot_id]
            lot.held -= part.amount
            lot.spent += part.amount
        seq = self._post(
            Kind.COMMIT,
            hold.amount,
            Posting.of(cause),
            debit=Account.HELD,
            credit=Account.REDEMPTION,
        )
        self._moved_all(slices)
        self.settle()
        return seq

    def release(
        self, hold: Hold, slices: Sequence[Slice], cause: Cause, *, shop_fault: bool = False
    ) -> None:
        """Give back what is held, to the very lots. Refuses HOLD_RESOLVED."""
        self._check_open(hold)
        self._let_go(hold, slices, Posting.of(cause), at=self.now, shop_fault=shop_fault)
        self.settle()

    def restore(
        self,
        slices: Sequence[Slice],
        cause: Cause,
        *,
        spent_at: datetime,
        shop_fault: bool,
    ) -> None:
        """Give back what a debit at `spent_at` took, to the very lots with their own expiry.

        A lot that has expired since is honoured for `reinstate_days`, once, where the shop is at
        fault; otherwise its part expires at once.
        """
        for part in slices:
            lot = self.lots[part.lot_id]
            lot.spent -= part.amount
            lot.remaining += part.amount
        amount = sum(part.amount for part in slices)
        self._post(
            Kind.RESTORE,
            amount,
            Posting.of(cause),
            debit=Account.REDEMPTION,
            credit=Account.AVAILABLE,
        )
        self._moved_all(slices)
        posting = Posting.of(cause)
        self._returned(slices, posting, since=spent_at, at=self.now, shop_fault=shop_fault)
        self.settle()

    def forgive(
        self, amount: int, cause: Cause, *, lot_id: UUID, expires_at: datetime | None
    ) -> None:
        """Undo `amount` of what `take` made a debt.

        What is still owed is owed no more. What other points have repaid meanwhile comes back as a
        lot of its own, available at once.
        """
        self.settle()
        owed = min(amount, -self.wallet.debt)
        if owed:
            self._post(
                Kind.FORGIVE,
                owed,
                Posting.of(cause),
                debit=Account.REDEMPTION,
                credit=Account.DEBT,
            )
        if repaid := amount - owed:
            self.open_lot(
                lot_id,
                repaid,
                cause,
                activates_at=None,
                expires_at=expires_at,
                debit=Account.REDEMPTION,
            )

    def take_back(self, lot: Lot, amount: int, cause: Cause) -> int:
        """Undo `amount` of what `lot` gave; what was forgiven (0 but for `only_pending`).

        First from the lot itself (what of it has expired counts as taken), then from other active
        lots in debit order, then as debt. Holds and other pending lots are never touched.
        """
        own = min(lot.remaining, amount)
        if own:
            account = Account.PENDING if lot.activated_at is None else Account.AVAILABLE
            self._take(lot, own, "taken")
            self._post(
                Kind.TAKE_BACK, own, Posting.of(cause), debit=account, credit=Account.ISSUANCE
            )
            self._moved(lot, own)
        forfeited = min(lot.expired - lot.forfeited, amount - own)
        if forfeited:
            lot.forfeited += forfeited
            self.wallet.lifetime_earned -= forfeited
            self.changed_lots[lot.id] = lot
        missing = self._recoup(amount - own - forfeited, cause)
        if missing and self.policy.shortfall != "only_pending":
            self._post(
                Kind.SHORTFALL,
                missing,
                Posting.of(cause),
                debit=Account.DEBT,
                credit=Account.ISSUANCE,
            )
            missing = 0
        self.settle()
        return missing

    def extend(self, expires_at: datetime) -> None:
        """Let no lot expire before `expires_at`: the member was active, which is what counts.

        What was heard of late never shortens what a later activity gave.
        """
        for lot in self.lots.values():
            is_sooner = lot.expires_at is None or lot.expires_at < expires_at
            if is_sooner and (lot.remaining or lot.held):
                lot.expires_at = expires_at
                self.changed_lots[lot.id] = lot
        self.settle()

    def expiring_by(self, at: datetime) -> int:
        """Points available now that expire at or before `at`."""
        return sum(
            lot.remaining for lot in self._active() if lot.expires_at and lot.expires_at <= at
        )

    def _put_in(self, kind: Kind, amount: int, cause: Cause, *, debit: Account) -> None:
        posting = Posting.of(cause)
        self._post(kind, amount, posting, debit=debit, credit=Account.AVAILABLE)
        if owed := min(-self.wallet.debt, self.wallet.available):
            self._post(Kind.REPAY, owed, posting, debit=Account.AVAILABLE, credit=Account.DEBT)

    def _recoup(self, amount: int, cause: Cause) -> int:
        slices = self._slices(min(amount, self.wallet.available))
        part = sum(piece.amount for piece in slices)
        if part:
            for piece in slices:
                self._take(self.lots[piece.lot_id], piece.amount, "spent")
            self._post(
                Kind.RECOUP,
                part,
                Posting.of(cause),
                debit=Account.AVAILABLE,
                credit=Account.ISSUANCE,
            )
            self._moved_all(slices)
        return amount - part

    def _debit_slices(self, amount: int) -> list[Slice]:
        self.settle()
        if amount > self.wallet.available:
            raise self._insufficient(amount)
        return self._slices(amount)

    def _expiring_slices(self, amount: int, by: datetime) -> list[Slice]:
        """What expires first is taken first: with enough of it nothing else is."""
        self.settle()
        available = self.expiring_by(by)
        if amount > available:
            raise InsufficientExpiringPoints(available=available, required=amount)
        return self._slices(amount)

    def _insufficient(self, required: int) -> Refusal:
        available = self.wallet.available
        if self.wallet.currency == Currency.CREDIT:
            return InsufficientCredit(available, required, self.policy.money)
        return InsufficientPoints(available, required)

    def _check_open(self, hold: Hold) -> None:
        self.settle()
        if hold.state != "open":
            raise HoldResolved
