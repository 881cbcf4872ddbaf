"""Which make-up tasks cover a gap, and what have a member's deeds given for them?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.programme.model import MakeUpAction, Programme, Tier, Tiers
from domain.tiers.model import CountedDeed, MakeUpTask, TierWarning

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Deeds that counted for a task, the earliest first, and the score points that they give."""

    task: MakeUpTask
    deeds: tuple[CountedDeed, ...]

    @property
    def points(self) -> int:
        return min(len(self.deeds) * self.task.each, self.task.points)


def made_up(
    warning: TierWarning, deeds: Sequence[CountedDeed], *, until: datetime
) -> tuple[MadeUp, ...]:
    """What was done for each task by `until`; a deed counts for the one task of its kind."""
    return tuple(MadeUp(task, _counted(task, warning, deeds, until)) for task in warning.tasks)


def _counted(
    task: MakeUpTask, warning: TierWarning, deeds: Sequence[CountedDeed], until: datetime
) -> tuple[CountedDeed, ...]:
    if warning.tasks_from is None:
        return ()
    of_day: Counter[object] = Counter()
    counted: list[CountedDeed] = []
    for deed in sorted(deeds, key=lambda deed: deed.at):
        if deed.kind == task.kind and warning.tasks_from <= deed.at <= until:
            of_day[deed.day] += 1
            if of_day[deed.day] <= task.per_day and len(counted) < task.target:
                counted.append(deed)
    return tuple(counted)


def feasible(programme: Programme) -> Tiers:
    """Without quizzes where the programme has none that can be passed every day."""
    if any(task.kind == "quiz" and task.recurrence == "daily" for task in programme.tasks):
        return programme.tiers
    actions = [action for action in programme.tiers.makeup_actions if action.kind != "quiz"]
    return programme.tiers.model_copy(update={"makeup_actions": tuple(actions)})


def compose(
    tiers: Tiers, tier: Tier, *, gap: int, days: int, begun: Sequence[MadeUp] = ()
) -> tuple[MakeUpTask, ...]:
    """Tasks that together give `gap` score points, or as many as may be and can be done in `days`.

    Never more than `makeup_max`. What is begun stays and may grow; the rest follows in the
    programme's order. GOLD is kept by 240: a gap of 30 is 5 check-ins of 4 and 2 reviews of 9.
    """
    room = tiers.makeup_max(tier)
    wanted = min(gap, room)
    tasks = {done.task.kind: done.task for done in begun if done.deeds}
    counts = {done.task.kind: len(done.deeds) for done in begun}
    for action in tiers.makeup_actions:
        others = sum(task.points for kind, task in tasks.items() if kind != action.kind)
        task = _grown(
            action,
            tasks.get(action.kind),
            each=max(1, tiers.keep(tier) * action.keep_percent // _PERCENT),
            wanted=wanted - others,
            room=room - others,
            times_max=counts.get(action.kind, 0) + action.per_day * days,
        )
        if task is not None:
            tasks[action.kind] = task
    return tuple(tasks.values())


def _grown(
    action: MakeUpAction,
    task: MakeUpTask | None,
    *,
    each: int,
    wanted: int,
    room: int,
    times_max: int,
) -> MakeUpTask | None:
    """The task with as many times more as `wanted` takes and can be done; None: not needed."""
    if task is not None:
        each = task.each
        if task.points >= wanted:
            return task
    target = min(-(-max(0, wanted) // each), action.most, times_max)
    target = max(target, 0 if task is None else task.target)
    if target <= 0 or room <= 0:
        return task
    points = min(target * each, room)
    if task is not None:
        return replace(task, target=target, points=max(points, task.points))
    return MakeUpTask(
        kind=action.kind, target=target, each=each, points=points, per_day=action.per_day
    )


def rest(tasks: Sequence[MakeUpTask], gap: int) -> int:
    """What of the gap no task covers: a purchase must."""
    return max(0, gap - sum(task.points for task in tasks))


def names(tasks: Sequence[MakeUpTask]) -> list[Mapping[str, str]]:
    """The tasks as a member reads them."""
    return [
        {language: text.format(task.target) for language, text in _NAMES[task.kind].items()}
        for task in tasks
    ]


_NAMES: dict[str, dict[str, str]] = {
    "check_in": {"zh-CN": "签到 {} 天", "en": "Check in on {} days"},
    "review": {"zh-CN": "评价 {} 次", "en": "Reviews: {}"},
    "share": {"zh-CN": "分享被打开 {} 次", "en": "Shares opened by others: {}"},
    "quiz": {"zh-CN": "通过问答 {} 次", "en": "Quizzes passed: {}"},
    "post": {"zh-CN": "发帖 {} 篇", "en": "Posts: {}"},
}
