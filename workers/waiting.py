"""How does a loop wait, and how often does it complain? For an event or its time; once a minute."""

import asyncio
import time

QUIET_SECONDS = 60


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event was set, waiting for it at most so long."""
    # `wait_for` of Python 3.11 swallows a cancellation that comes together with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


class OnceAMinute:
    """For what would fill the log while a server is gone."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def may_speak(self) -> bool:
        now = time.monotonic()
        if now < self._silent_until:
            return False
        self._silent_until = now + QUIET_SECONDS
        return True
