"""How does a process of ours end, and how does it show that it is alive?

The first signal asks it to finish what it does; it has ended 20 seconds later, or is ended. The
second ends it at once. Either way nothing is lost: what was cut off is done again after its lease.
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

STOP_SECONDS_MAX = 20
BEAT_SECONDS_MAX = 15
EXIT_CUT_OFF = 1

_log = structlog.get_logger(component="process")


def stop_event() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(EXIT_CUT_OFF)
        _log.info("stopping")
        stop.set()
        deadline = threading.Timer(STOP_SECONDS_MAX, os._exit, (EXIT_CUT_OFF,))
        deadline.daemon = True
        deadline.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop


class Heartbeat:
    """A file whose time is renewed as long as every one of the process's loops goes round."""

    def __init__(self, file: Path, loops: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._beaten_at = [0.0] * loops

    def of(self, loop: int) -> Callable[[], None]:
        """What the loop of this number (from 0) calls each time round."""

        def beat() -> None:
            now = time.monotonic()
            self._beaten_at[loop] = now
            if now - min(self._beaten_at) < BEAT_SECONDS_MAX:
                self._file.touch()

        return beat
