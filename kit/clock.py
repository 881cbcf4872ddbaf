"""What time is it? Read at the edge (a request, an actor, a command) and passed in from there."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


class _Clock:
    def __init__(self) -> None:
        self.at: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """The instant of the process's clock, aware, in UTC; a test may have frozen it."""
    return _clock.at if _clock.at is not None else datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, clock: _Clock, at: datetime) -> None:
        self._clock = clock
        self.set(at)

    def set(self, at: datetime) -> None:
        if at.tzinfo is None:
            msg = "a clock is set to an aware instant"
            raise ValueError(msg)
        self._clock.at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        assert self._clock.at is not None
        self._clock.at += by


@contextmanager
def frozen(at: datetime) -> Generator[FrozenClock]:
    """Freeze the process's clock for a test."""
    before = _clock.at
    try:
        yield FrozenClock(_clock, at)
    finally:
        _clock.at = before
