"""How does what is in a wallet go to another member's wallet? Lot by lot, with dates and history.

What leaves is debited here and credited to the account `merge`; what arrives is debited there. A
lot keeps its id: it is gone from the one book and lives on in the other, until it comes back.
"""

from dataclasses import dataclass, replace

from domain.ledger.model import Account, Cause, Kind, Lot
from domain.ledger.rules.dues import Dues
from domain.ledger.rules.entries import Posting


@dataclass(slots=True)
class Moving(Dues):
    """Movements between the wallets of two members who are one, or no longer."""

    def hand_over(self, lot: Lot, cause: Cause) -> Lot:
        """Let a lot go, with all that remains of it; the lot as it was."""
        sent, amount = replace(lot), lot.remaining
        assert not lot.held, "what is held can't go"
        if amount:
            self._take(lot, amount, "moved")
            account = _account_of(lot)
            self._post(
                Kind.MERGE_OUT, amount, Posting.of(cause), debit=account, credit=Account.MERGE
            )
            self._moved(lot, amount)
        lot.gone = True
        self.changed_lots[lot.id] = lot
        return sent

    def receive(self, sent: Lot, cause: Cause) -> Lot:
        """Take in a lot that another book handed over; debt is repaid when all is in (`arrive`).

        A lot that was here before and went is the same one again. What was restored to it while it
        was away counts as remaining, and no longer as spent.
        """
        before = self.lots.get(sent.id)
        lot = _arrived(sent, before, self)
        self.lots[lot.id] = lot
        self.changed_lots[lot.id] = lot
        if sent.remaining:
            seq = self._post(
                Kind.MERGE_IN,
                sent.remaining,
                Posting.of(cause),
                debit=Account.MERGE,
                credit=_account_of(sent),
            )
            if before is None:
                lot.opened_by = seq
            self._moved(lot, sent.remaining)
        return lot

    def send_debt(self, amount: int, cause: Cause) -> None:
        """Let so much of the debt go."""
        if amount:
            self._post(
                Kind.MERGE_DEBT, amount, Posting.of(cause), debit=Account.MERGE, credit=Account.DEBT
            )

    def receive_debt(self, amount: int, cause: Cause) -> None:
        if amount:
            self._post(
                Kind.MERGE_DEBT, amount, Posting.of(cause), debit=Account.DEBT, credit=Account.MERGE
            )

    @property
    def without_lots(self) -> int:
        """What is available and belongs to no lot: all of it in a currency that has none."""
        return self.wallet.available - sum(lot.remaining for lot in self._active())

    def shift(self, amount: int, cause: Cause) -> None:
        """Take in `amount` that belongs to no lot; where it is negative, let it go."""
        if amount > 0:
            self._post(
                Kind.MERGE_IN,
                amount,
                Posting.of(cause),
                debit=Account.MERGE,
                credit=Account.AVAILABLE,
            )
        elif amount < 0:
            self._post(
                Kind.MERGE_OUT,
                -amount,
                Posting.of(cause),
                debit=Account.AVAILABLE,
                credit=Account.MERGE,
            )

    def earned_elsewhere(self, amount: int) -> None:
        """Count `amount` more as earned in this member's life; negative: less."""
        self.wallet.lifetime_earned += amount
        self.wallet.lifetime_moved += amount

    def arrive(self, cause: Cause) -> None:
        """Repay debt from what came, in debit order, and post what is due."""
        self._repay(Posting.of(cause))
        self.settle()


def _account_of(lot: Lot) -> Account:
    return Account.PENDING if lot.activated_at is None else Account.AVAILABLE


def _arrived(sent: Lot, before: Lot | None, book: Moving) -> Lot:
    """The lot as it goes on here. `came_…` is whatever this book's own movements don't explain."""
    here = book.wallet.member_id
    if before is None:
        return replace(
            sent,
            member_id=here,
            opened_by=None,
            gone=False,
            moved=0,
            came_spent=sent.spent,
            came_expired=sent.expired,
            came_taken=sent.taken,
            came_forfeited=sent.forfeited,
        )
    spent = sent.spent - before.remaining
    return replace(
        sent,
        member_id=here,
        remaining=before.remaining + sent.remaining,
        spent=spent,
        gone=False,
        moved=0,
        opened_by=before.opened_by,
        came_spent=before.came_spent + spent - before.spent,
        came_expired=before.came_expired + sent.expired - before.expired,
        came_taken=before.came_taken + sent.taken - before.taken,
        came_forfeited=before.came_forfeited + sent.forfeited - before.forfeited,
    )
