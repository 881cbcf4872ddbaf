"""What is a coupon?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class Coupon:
    """A row of the table `coupon`; `template` is the code of its face in the programme."""

    member_id: UUID
    id: UUID
    template: str
    code: str
    state: str
    source_type: str
    source_id: str
    decision_id: UUID
    issued_at: datetime
    expires_at: datetime | None
