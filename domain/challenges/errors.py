"""Why may a member not take part?"""

from kit.errors import Refusal


class NotInAudience(Refusal):
    """The challenge is for members of other tiers."""

    code = "NOT_IN_AUDIENCE"
    zh = "此挑战面向其他等级的会员。"
    en = "This challenge is for members of other tiers."
