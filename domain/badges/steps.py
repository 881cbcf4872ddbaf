"""How is a badge awarded, and how is the member told?"""

from datetime import datetime

from domain.ledger.model import Decision
from domain.ledger.steps import Desk
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import Programme


def award(
    desk: Desk, decision: Decision, code: str, *, programme: Programme, awarded_at: datetime
) -> None:
    """Award a badge; a member who has it keeps the first award, and is told of it once."""
    member_id = desk.member.member_id
    row = {
        "member_id": member_id,
        "code": code,
        "decision_id": decision.id,
        "awarded_at": awarded_at,
    }
    desk.changes.put("badge", row)
    badge = programme.badge(code)
    name = {"zh-CN": code, "en": code}
    if badge is not None:
        name = {"zh-CN": badge.name.zh_cn, "en": badge.name.en}
    notify(
        desk.changes,
        member_id,
        Template.BADGE_AWARDED,
        f"badge:{code}",
        {"badge": name},
        occurred_at=awarded_at,
        now=desk.now,
    )
