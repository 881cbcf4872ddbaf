"""Why may a member not check in, or not restore a day?"""

from kit.errors import Refusal


class AlreadyCheckedIn(Refusal):
    """`day` is used; `streak_days` and `points_awarded` are the first check-in's."""

    code = "ALREADY_CHECKED_IN"
    zh = "{day} 已签到，连续 {streak_days} 天，获得 {points_awarded} 积分。"
    en = "Checked in on {day} already: day {streak_days} in a row, {points_awarded} points."


class CheckInTooSoon(Refusal):
    """After a change of zone the first check-in waits until `available_at`."""

    code = "CHECK_IN_TOO_SOON"
    zh = "更改时区后，距上次签到需满 {hours} 小时，请在 {available_at} 之后再签到。"
    en = (
        "After a change of time zone the next check-in comes {hours} hours after the last: "
        "try again at {available_at}."
    )


class DayNotMissed(Refusal):
    """There is nothing to restore on `day`: used, made up, skipped, not over or before joining."""

    code = "DAY_NOT_MISSED"
    zh = "{day} 不是漏签日，无需补签。"
    en = "{day} is no missed day: there is nothing to make up."


class MakeUpTooLate(Refusal):
    """Only the last `days_back` days can be restored."""

    code = "MAKE_UP_TOO_LATE"
    zh = "只能补签最近 {days_back} 天，{day} 已超出范围。"
    en = "Only the last {days_back} days can be made up, and {day} is longer ago."


class MakeUpLimitReached(Refusal):
    """`limit` days a month can be restored; `resets_on` is the first day of the next month."""

    code = "MAKE_UP_LIMIT_REACHED"
    zh = "每月最多补签 {limit} 次，{resets_on} 起可再次补签。"
    en = "At most {limit} days a month can be made up; the next one from {resets_on}."
