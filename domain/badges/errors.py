"""Why may a member not be called that?"""

from kit.errors import Refusal


class TitleNotHeld(Refusal):
    """Fact: `badge`, the code that was named."""

    code = "TITLE_NOT_HELD"
    zh = "您没有可带来头衔的徽章 {badge}。"
    en = "You have no badge {badge} that gives a title."

    def __init__(self, badge: str) -> None:
        super().__init__(badge=badge)
