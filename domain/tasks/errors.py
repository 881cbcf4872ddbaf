"""Why can't a task be claimed, or a quiz be tried?"""

from datetime import datetime

from kit.errors import Refusal


class AlreadyClaimed(Refusal):
    """Fact: `period`, the one whose reward the member has or is about to get."""

    code = "ALREADY_CLAIMED"
    zh = "该任务本期（{period}）的奖励已领取。"
    en = "The reward of this task for {period} was claimed already."

    def __init__(self, period: str) -> None:
        super().__init__(period=period)


class TaskNotClaimable(Refusal):
    """Facts: how far the member is, `progress` of `target`."""

    code = "TASK_NOT_CLAIMABLE"
    zh = "该任务暂不可领取奖励，当前进度 {progress}/{target}。"
    en = "This task has nothing to claim yet: {progress} of {target}."

    def __init__(self, progress: int, target: int) -> None:
        super().__init__(progress=progress, target=target)


class QuizTriesUsedUp(Refusal):
    """Facts: `tries_per_day`, and `resets_at`, when the member's next day begins."""

    code = "QUIZ_TRIES_USED_UP"
    zh = "今日答题次数（{tries_per_day} 次）已用完，{resets_at} 后可再试。"
    en = "Today's {tries_per_day} tries are used up; there are new ones at {resets_at}."

    def __init__(self, tries_per_day: int, resets_at: datetime) -> None:
        super().__init__(tries_per_day=tries_per_day, resets_at=resets_at)


class QuizAnswered(Refusal):
    """The attempt was answered before, otherwise."""

    code = "QUIZ_ANSWERED"
    zh = "这次答题已提交过其他答案。"
    en = "This try was answered before, otherwise."


class TaskLocked(Refusal):
    """Fact: `requires`, the codes of the tasks that must be done before, with commas."""

    code = "TASK_LOCKED"
    zh = "请先完成前置任务：{requires}。"
    en = "These tasks come first: {requires}."

    def __init__(self, requires: str) -> None:
        super().__init__(requires=requires)
