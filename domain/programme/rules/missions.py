"""What must hold of tasks: can they be reached, and is all that they name there?"""

from collections.abc import Iterator
from datetime import timedelta

from domain.programme.model import ORDER_KINDS, Audience, OrderFilter, Programme, Task, Traits
from domain.programme.model.places import Finding, Path
from domain.programme.rules.honours import gives
from domain.programme.rules.naming import known, unique

WINDOW_DAYS_MAX = 366
# Days that every period of the recurrence has.
_DAYS = {"daily": 1, "weekly": 7, "monthly": 28}
_PARTS = {"fields": "profile", "quiz": "quiz", "campaign": "campaign"}


def lifecycle(programme: Programme) -> Iterator[Finding]:
    """Lapsing comes before lapsed."""
    days = programme.lifecycle
    if days.lapsed_days <= days.lapsing_days:
        message = f"{days.lapsed_days} is not above lapsing_days ({days.lapsing_days})"
        yield Finding(("lifecycle", "lapsed_days"), message, f"more than {days.lapsing_days}")


def audiences(programme: Programme) -> Iterator[Finding]:
    """Tiers and segments that an audience names are there."""
    codes = [segment.code for segment in programme.segments]
    yield from unique(codes, ("segments",), "code")
    for index, segment in enumerate(programme.segments):
        yield from traits(programme, segment, ("segments", index))
        if not (segment.tiers or segment.stages or segment.tags):
            yield Finding(("segments", index), "is everybody", "tiers, stages or tags")
    for index, task in enumerate(programme.tasks):
        place: Path = ("tasks", index, "audience")
        yield from traits(programme, task.audience, place)
        for number, code in enumerate(task.audience.segments):
            yield from known(code, (*place, "segments", number), codes)


def tasks(programme: Programme) -> Iterator[Finding]:
    """Each can be reached, has what its kind needs and nothing else, and waits for no circle."""
    codes = [task.code for task in programme.tasks]
    yield from unique(codes, ("tasks",), "code")
    for index, task in enumerate(programme.tasks):
        place: Path = ("tasks", index)
        yield from _parts(task, place)
        yield from _window(task, place)
        yield from _target(task, place)
        for number, code in enumerate(task.requires):
            yield from known(code, (*place, "requires", number), codes)
            if task.code in _needed(programme, code):
                message = f"{code} waits for {task.code} itself"
                yield Finding((*place, "requires", number), message, "tasks that can come before")


def given(programme: Programme) -> Iterator[Finding]:
    """What tasks give exists."""
    for index, task in enumerate(programme.tasks):
        yield from gives(programme, task.gives, ("tasks", index, "gives"))


def traits(programme: Programme, found: Traits | Audience, place: Path) -> Iterator[Finding]:
    """Tiers that an audience names are there."""
    tiers = [tier.code for tier in programme.tiers.ladder]
    for number, code in enumerate(found.tiers):
        yield from known(code, (*place, "tiers", number), tiers)


def _parts(task: Task, place: Path) -> Iterator[Finding]:
    for key, kind in _PARTS.items():
        has = bool(getattr(task, key))
        if has and task.kind != kind:
            message = f"a task of kind {task.kind} has none"
            yield Finding((*place, key), message, f"{key} with kind {kind} only")
        if not has and task.kind == kind:
            yield Finding(place, f"a {kind} task without {key}", f"{key} beside kind {kind}")
    for number, name in enumerate(task.fields):
        if name in task.fields[:number]:
            yield Finding((*place, "fields", number), f"{name} stands twice", "each field once")
    if task.orders != OrderFilter() and task.kind not in ORDER_KINDS:
        kinds = ", ".join(sorted(ORDER_KINDS))
        message = f"a task of kind {task.kind} has none"
        yield Finding((*place, "orders"), message, f"orders with one of {kinds}")
    if task.quiz is not None:
        yield from _quiz(task, place)


def _quiz(task: Task, place: Path) -> Iterator[Finding]:
    quiz = task.quiz
    assert quiz is not None
    for number, question in enumerate(quiz.questions):
        if question.right > len(question.options):
            at: Path = (*place, "quiz", "questions", number, "right")
            message = f"there is no option {question.right}"
            yield Finding(at, message, f"at most {len(question.options)}")
    if quiz.right_needed > len(quiz.questions):
        message = f"{quiz.right_needed} are more than there are questions"
        yield Finding((*place, "quiz", "pass_right"), message, f"at most {len(quiz.questions)}")


def _window(task: Task, place: Path) -> Iterator[Finding]:
    starts_at, ends_at = task.starts_at, task.ends_at
    if task.recurrence == "window":
        for key in ("starts_at", "ends_at"):
            if getattr(task, key) is None:
                yield Finding((*place, key), "is missing", "an instant, for recurrence window")
    if starts_at is None or ends_at is None:
        return
    if ends_at <= starts_at:
        yield Finding(
            (*place, "ends_at"), "is not after starts_at", f"after {starts_at.isoformat()}"
        )
    elif task.recurrence == "window" and ends_at - starts_at > timedelta(days=WINDOW_DAYS_MAX):
        latest = starts_at + timedelta(days=WINDOW_DAYS_MAX)
        message = f"a window of more than {WINDOW_DAYS_MAX} days"
        yield Finding((*place, "ends_at"), message, f"until {latest.isoformat()}")


def _target(task: Task, place: Path) -> Iterator[Finding]:
    at: Path = (*place, "target")
    if task.kind in _PARTS.values():
        if task.target != 1:
            yield Finding(at, f"a {task.kind} is done once", "1")
        if task.kind == "profile" and task.recurrence not in {"once", "window"}:
            message = "a profile is filled in once"
            yield Finding((*place, "recurrence"), message, "once")
    if task.kind in {"order_days", "consecutive_order_days"}:
        days = _DAYS.get(task.recurrence)
        if task.starts_at and task.ends_at and task.recurrence == "window":
            days = (task.ends_at - task.starts_at).days + 1
        if days is not None and task.target > days:
            message = f"{task.target} days do not fit into every period"
            yield Finding(at, message, f"at most {max(days, 1)}")


def _needed(programme: Programme, code: str) -> set[str]:
    """`code` and all that must be done before it."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        task = programme.task(waiting.pop())
        if task is not None and task.code not in found:
            found.add(task.code)
            waiting += task.requires
    return found
