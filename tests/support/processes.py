"""How does a test start a small program of its own, and see which processes are left?"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import psutil
import pytest

from dev.places import Account, programs_of_wheel

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 20
# A server with a cluster of its own, on a machine that has much else to do.
START_SECONDS_MAX = 60
NOBODY = Account(65_534, 65_534)
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(programs_of_wheel().parents[1])]),
}


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


def eventually(condition: Callable[[], object], seconds_max: float = DEADLINE_SECONDS) -> None:
    """Fail unless the condition comes true soon."""
    deadline = time.monotonic() + seconds_max
    while not condition():
        assert time.monotonic() < deadline, "it didn't come true in time"
        Event().wait(0.02)


def runs(pid: int) -> bool:
    """Whether the process lives; one that has ended and waits to be reaped doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def interpreter_for(account: Account) -> str:
    """One that this user can start and that finds what we have installed."""
    for interpreter in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError):
            found = subprocess.run(
                [interpreter, "-c", "import dev.services"],
                check=False,
                capture_output=True,
                env=ENVIRONMENT,
                **account.popen_options,
            )
            if found.returncode == 0:
                return interpreter
    pytest.skip("an ordinary user can't reach this checkout or no Python that fits it")
