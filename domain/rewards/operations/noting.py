"""How is it kept what staff did to a redemption or a prize?"""

from domain.ledger.steps import Desk
from kit.ids import new_id


def note(desk: Desk, *, staff: str, action: str, reason: str) -> None:
    """Write down who did what, with the change that they made."""
    row = {
        "member_id": desk.member.member_id,
        "id": new_id(),
        "actor": staff,
        "action": action,
        "reason": reason,
        "recorded_at": desk.now,
    }
    desk.changes.put("staff_action", row)
