"""When can't two members be merged, or be parted again?"""

from datetime import datetime

from kit.errors import Refusal


class SameMember(Refusal):
    code = "SAME_MEMBER"
    zh = "不能将会员与其自身合并。"
    en = "A member can't be merged with themselves."


class ValueReserved(Refusal):
    """Facts: `member_id`, the global id of who has something held or a checkout open."""

    code = "VALUE_RESERVED"
    zh = "会员 {member_id} 有冻结的积分或未完成的结账。"
    en = "Member {member_id} has points on hold or a checkout open."

    def __init__(self, member_id: str) -> None:
        super().__init__(member_id=member_id)


class MergedLately(Refusal):
    """Facts: `until`, to when the merges into this member may still be undone."""

    code = "MERGED_LATELY"
    zh = "{until} 之前仍可撤销合并到该会员的操作，请反向合并或先撤销。"
    en = (
        "Somebody was merged into this member, which may be undone until {until}:"
        " merge the other way round, or undo that first."
    )

    def __init__(self, until: datetime) -> None:
        super().__init__(until=until)


class NotMerged(Refusal):
    code = "NOT_MERGED"
    zh = "该会员未合并到此会员。"
    en = "This member isn't merged into that one."


class UnmergeTooLate(Refusal):
    """Facts: `until`, to when it could have been undone."""

    code = "UNMERGE_TOO_LATE"
    zh = "合并只能在 30 天内撤销，已于 {until} 截止。"
    en = "A merge can be undone for 30 days; that was until {until}."

    def __init__(self, until: datetime) -> None:
        super().__init__(until=until)
