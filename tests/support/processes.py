"""How does a test start a small program of its own, and see which processes are left?"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psutil

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 20


@contextmanager
def python(
    program: str, *arguments: object, interpreter: str = sys.executable, **popen_options
) -> Iterator[subprocess.Popen[str]]:
    """A Python process that runs this text in the project's root; killed at the end."""
    with subprocess.Popen(
        [interpreter, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **{"cwd": ROOT, **popen_options},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def eventually(condition: Callable[[], object]) -> None:
    """Fail unless the condition comes true soon."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it didn't come true in time"
        Event().wait(0.02)


def runs(pid: int) -> bool:
    """Whether the process lives; one that has ended and waits to be reaped doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
