"""Why may staff not change what is under a member's tier?"""

from kit.errors import Refusal


class NoTierFloor(Refusal):
    code = "NO_TIER_FLOOR"
    zh = "该会员没有等级保底。"
    en = "This member has no tier floor."
