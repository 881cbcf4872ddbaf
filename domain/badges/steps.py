"""How is a badge awarded?"""

from datetime import datetime

from domain.ledger.model import Decision
from domain.ledger.steps import Desk


def award(desk: Desk, decision: Decision, code: str, *, awarded_at: datetime) -> None:
    """Award a badge; a member who has it keeps the first award."""
    row = {
        "member_id": desk.member.member_id,
        "code": code,
        "decision_id": decision.id,
        "awarded_at": awarded_at,
    }
    desk.changes.put("badge", row)
