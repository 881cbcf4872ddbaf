"""How is an error shown in a log? Where it was raised and of which kind; without what it says.

Neither texts of errors nor local variables nor notes: there are names and contacts of members in
them (`kit.failures`).
"""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

from kit.failures import described, details

FRAMES_MAX = 20
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def as_rows(exc_info: _ExcInfo) -> list[dict[str, Any]]:
    """For JSON: the error and, one after the other, what caused it."""
    return [_row(error, is_cause=is_cause) for error, is_cause in _chain(exc_info[1])]


def as_text(stream: TextIO, exc_info: _ExcInfo) -> None:
    """For people, as Python prints it: the first cause first."""
    for error, _ in reversed(list(_chain(exc_info[1]))):
        print("Traceback (most recent call last):", file=stream)
        stream.writelines(traceback.format_tb(error.__traceback__))
        print(described(error), file=stream)
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                print("One of the group:", file=stream)
                as_text(stream, (type(one), one, one.__traceback__))


def _row(error: BaseException, *, is_cause: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "exc_type": type(error).__name__,
        "exc_value": details(error),
        "is_cause": is_cause,
        "frames": _frames(error.__traceback__),
    }
    if isinstance(error, BaseExceptionGroup):
        row["exceptions"] = [as_rows((type(one), one, None)) for one in error.exceptions]
    return row


def _frames(found: TracebackType | None) -> list[dict[str, Any]]:
    """The outermost and the innermost."""
    frames = [
        {"filename": frame.f_code.co_filename, "lineno": line, "name": frame.f_code.co_name}
        for frame, line in traceback.walk_tb(found)
    ]
    half = FRAMES_MAX // 2
    return frames if len(frames) <= FRAMES_MAX else [*frames[:half], *frames[-half:]]


def _chain(error: BaseException) -> Iterator[tuple[BaseException, bool]]:
    """The error and what it came from, with whether it was named as the cause of the one before."""
    is_cause, seen = False, set[int]()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found, is_cause
        is_cause = found.__cause__ is not None
        hidden = found.__suppress_context__
        found = found.__cause__ or (None if hidden else found.__context__)
