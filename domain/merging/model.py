"""What is asked for, what is kept of a merge, and what came of it?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.members.model import Member

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom staff want to merge into whom, or to part; `key` makes it happen once."""

    survivor_id: UUID
    absorbed_id: UUID
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A row of the table `merge`, kept by the survivor.

    `wallets`: by currency what came (`Brought`). `moved`: by table the keys of the rows that came.
    `standing`: the survivor's row before.
    """

    member_id: UUID
    id: UUID
    absorbed_id: UUID
    merged_at: datetime
    unmerged_at: datetime | None
    wallets: Json
    moved: Json
    standing: Json


@dataclass(frozen=True, slots=True)
class Brought:
    """What a wallet brought. `seq`: the survivor's last transfer by then; `rest` was of no lot."""

    seq: int
    lifetime: int
    debt: int
    rest: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A wallet after the merge or unmerge; `debt` is zero or less."""

    currency: str
    pending: int
    available: int
    debt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a merge or an unmerge did, or would do.

    `balances` and `tier` are the survivor's; `orders`, `lots`, `coupons` and `check_in_days` count
    what went over; `coupons_revoked` what both had and only one may have.
    """

    survivor_id: UUID
    absorbed_id: UUID
    at: datetime
    tier: str
    balances: tuple[Balance, ...]
    lots: int
    orders: int
    coupons: int
    check_in_days: int
    coupons_revoked: int = 0
    referral_reversed: bool = False

    def document(self) -> Json:
        return {
            "survivor_id": str(self.survivor_id),
            "absorbed_id": str(self.absorbed_id),
            "at": self.at.isoformat(),
            "tier": self.tier,
            "balances": [[b.currency, b.pending, b.available, b.debt] for b in self.balances],
            "lots": self.lots,
            "orders": self.orders,
            "coupons": self.coupons,
            "check_in_days": self.check_in_days,
            "coupons_revoked": self.coupons_revoked,
            "referral_reversed": self.referral_reversed,
        }

    @classmethod
    def of(cls, found: Json) -> "Outcome":
        known = dict(found)
        known["survivor_id"] = UUID(found["survivor_id"])
        known["absorbed_id"] = UUID(found["absorbed_id"])
        known["at"] = datetime.fromisoformat(found["at"])
        known["balances"] = tuple(Balance(*balance) for balance in found["balances"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two, with the global ids of them and of the member as whom they go on.

    `last_merge`: when somebody was last merged into them, who is part of them still.
    """

    member: Member
    global_id: str
    survivor_id: str | None = None
    is_reserved: bool = False
    last_merge: datetime | None = None


@dataclass(slots=True)
class Tally:
    """What went over, counted while it goes."""

    lots: int = 0
    coupons_revoked: int = 0
    referral_reversed: bool = False
    moved: Json = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class MergedMember:
    """Somebody who is part of this member now."""

    absorbed_id: UUID
    external_id: str | None
    nickname: str
    merged_at: datetime
