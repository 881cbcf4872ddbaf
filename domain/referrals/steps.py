"""What does an order mean for a referral? A job looks at it when the order's return window is over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.jobs import Job
from domain.ledger.steps import Desk
from domain.orders.model import PurchaseRow

QUALIFY = "referral.qualify"
REVERSE = "referral.reverse"


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A row of `referral`: who invited this member, and how far it has come."""

    member_id: UUID
    inviter_id: UUID
    code: str
    state: str
    bound_at: datetime
    qualified_at: datetime | None
    rewarded_at: datetime | None
    purchase_id: UUID | None
    programme_version: int


def order_settles(desk: Desk, referral: ReferralRow | None, row: PurchaseRow) -> None:
    """Look at the order when its return window is over: does the referral qualify by it?"""
    if referral is not None and referral.state == "BOUND":
        _later(desk, QUALIFY, row, row.settles_at)


def order_refunded(desk: Desk, referral: ReferralRow | None, row: PurchaseRow) -> None:
    """Look at the award again if it was this order that qualified."""
    if referral is not None and referral.purchase_id == row.id:
        _later(desk, REVERSE, row, desk.now)


def _later(desk: Desk, kind: str, row: PurchaseRow, run_at: datetime) -> None:
    job = Job(
        member_id=row.member_id,
        kind=kind,
        key=f"{row.id}:{run_at.isoformat()}",
        run_at=run_at,
        created_at=desk.now,
        payload={"purchase_id": str(row.id)},
    )
    desk.changes.put("job", job)
