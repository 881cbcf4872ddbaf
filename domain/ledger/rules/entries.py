"""What is a movement made of? A transfer, its place in the chain, what it took from which lot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from domain.ledger.chain import chain_hash
from domain.ledger.model import (
    WALLET_ACCOUNTS,
    Account,
    Cause,
    Held,
    Hold,
    Kind,
    Lot,
    LotMove,
    Policy,
    Slice,
    Transfer,
    Wallet,
)

_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Posting:
    """Who a movement is made for: a cause, or for what is due the lot's own decision."""

    reason: str
    source_type: str
    source_id: str
    decision_id: UUID
    programme_version: int
    occurred_at: datetime

    @classmethod
    def of(cls, cause: Cause) -> "Posting":
        return cls(
            cause.reason,
            cause.source_type,
            cause.source_id,
            cause.decision.id,
            cause.decision.programme_version,
            cause.occurred_at,
        )

    @classmethod
    def due(cls, lot: Lot, at: datetime) -> "Posting":
        return cls(
            "due", lot.source_type, lot.source_id, lot.decision_id, lot.programme_version, at
        )

    @classmethod
    def lapsed(cls, held: Held) -> "Posting":
        hold = held.hold
        return cls(
            "hold_lapsed",
            hold.source_type,
            hold.source_id,
            hold.decision_id,
            held.programme_version,
            hold.expires_at,
        )


@dataclass(slots=True)
class Entries:
    """One wallet, its lots, and what has moved since it was opened at `now`.

    `lots` must hold every lot with something remaining or held, and those that a movement undoes;
    `holds` every open hold.
    While `activates` is false (a suspended member) pending lots stay pending. `due_before` is the
    wallet's next due instant as it was read.
    """

    wallet: Wallet
    lots: dict[UUID, Lot]
    now: datetime
    policy: Policy = field(default_factory=Policy)
    activates: bool = True
    holds: dict[UUID, Held] = field(default_factory=dict[UUID, Held])
    transfers: list[Transfer] = field(default_factory=list[Transfer])
    moves: list[LotMove] = field(default_factory=list[LotMove])
    changed_lots: dict[UUID, Lot] = field(default_factory=dict[UUID, Lot])
    changed_holds: dict[UUID, Hold] = field(default_factory=dict[UUID, Hold])
    due_before: datetime | None = None

    def _active(self) -> list[Lot]:
        lots = [lot for lot in self.lots.values() if lot.activated_at is not None and lot.remaining]
        return sorted(lots, key=_debit_order)

    def _slices(self, amount: int) -> list[Slice]:
        slices: list[Slice] = []
        for lot in self._active():
            if not amount:
                break
            part = min(amount, lot.remaining)
            slices.append(Slice(lot.id, part))
            amount -= part
        assert not amount, "available is what active lots have remaining"
        return slices

    def _repay(self, posting: Posting) -> None:
        amount = min(-self.wallet.debt, self.wallet.available)
        if amount:
            slices = self._slices(amount)
            for part in slices:
                self._take(self.lots[part.lot_id], part.amount, "spent")
            self._post(Kind.REPAY, amount, posting, debit=Account.AVAILABLE, credit=Account.DEBT)
            self._moved_all(slices)

    def _take(self, lot: Lot, amount: int, bucket: str) -> None:
        lot.remaining -= amount
        setattr(lot, bucket, getattr(lot, bucket) + amount)

    def _moved(self, lot: Lot, amount: int) -> None:
        self._moved_all([Slice(lot.id, amount)])

    def _moved_all(self, slices: Sequence[Slice]) -> None:
        for position, part in enumerate(slices):
            self.changed_lots[part.lot_id] = self.lots[part.lot_id]
            self.moves.append(
                LotMove(
                    self.wallet.member_id,
                    self.wallet.currency,
                    self.wallet.seq,
                    part.lot_id,
                    part.amount,
                    position,
                )
            )

    def _post(
        self, kind: Kind, amount: int, posting: Posting, *, debit: Account, credit: Account
    ) -> int:
        wallet = self.wallet
        wallet.seq += 1
        if debit in WALLET_ACCOUNTS:
            setattr(wallet, debit, getattr(wallet, debit) - amount)
        if credit in WALLET_ACCOUNTS:
            setattr(wallet, credit, getattr(wallet, credit) + amount)
        if debit == Account.ISSUANCE:
            wallet.lifetime_earned += amount
        elif credit == Account.ISSUANCE:
            wallet.lifetime_earned -= amount
        content = (
            amount, debit.value, credit.value, kind.value, posting.reason, posting.source_type,
            posting.source_id, posting.decision_id, posting.programme_version, posting.occurred_at,
            self.now,
        )  # fmt: skip
        wallet.head = chain_hash(
            wallet.head, wallet.member_id, wallet.currency, wallet.seq, content
        )
        self.transfers.append(
            Transfer(wallet.member_id, wallet.currency, wallet.seq, *content, wallet.head)
        )
        return wallet.seq


def _debit_order(lot: Lot) -> tuple[datetime, datetime, UUID]:
    return lot.expires_at or _FOREVER, lot.occurred_at, lot.id
