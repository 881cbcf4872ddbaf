"""Who stops the servers and children of an owner that was killed with SIGKILL?

A process of its own that reads a pipe from its owner; the kernel closes the pipe however the owner
ends. (PR_SET_PDEATHSIG follows the thread that made the process, knows nothing of grandchildren and
exists on Linux alone.) Lines `hold PID SIGNAL SECONDS` and `release PID` keep the list; at the end
of input each process still held gets its signal, and after SECONDS its whole group gets SIGKILL.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

POLL_SECONDS = 0.05


class Watchdog:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def hold(self, pid: int, signal_number: int, *, patience_seconds: float) -> None:
        self._tell(f"hold {pid} {int(signal_number)} {patience_seconds}")

    def release(self, pid: int) -> None:
        self._tell(f"release {pid}")

    def close(self) -> None:
        """End the watch; what is still held is stopped now."""
        with self._process, contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()


def held_at_the_end(lines: Iterable[str]) -> dict[int, tuple[int, float]]:
    held: dict[int, tuple[int, float]] = {}
    for line in lines:
        match line.split():
            case ["hold", pid, signal_number, seconds]:
                held[int(pid)] = (int(signal_number), float(seconds))
            case ["release", pid]:
                held.pop(int(pid), None)
            case _:
                raise ValueError(line)
    return held


def stop_all(held: dict[int, tuple[int, float]]) -> None:
    started = time.monotonic()
    for pid, (signal_number, _) in held.items():
        _signal(pid, signal_number)
    pause = threading.Event()
    while held:
        for pid, (_, patience_seconds) in list(held.items()):
            if time.monotonic() - started > patience_seconds or _ended(pid):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                del held[pid]
        pause.wait(POLL_SECONDS)


def _ended(pid: int) -> bool:
    """A zombie has ended: in a container nobody may ever collect it."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return not _signal(pid, 0)


def _signal(pid: int, signal_number: int) -> bool:
    try:
        os.kill(pid, signal_number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    stop_all(held_at_the_end(sys.stdin))
