"""Why isn't something for this member?"""

from kit.errors import Refusal


class NotInAudience(Refusal):
    """It is offered to other members."""

    code = "NOT_IN_AUDIENCE"
    zh = "此活动面向其他会员。"
    en = "This is for other members."
