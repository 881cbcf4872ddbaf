"""What a newcomer's `make run` does: 200 households' year of purchases through the public API.

From the start of `accrue dev --demo` in an empty folder until the audit has passed: time, events
per second, and the peak memory of each process.
"""

import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from benchmarks.bed import RESULTS, free_port, report
from benchmarks.crowd import ROOT

SECONDS_MAX = 600
SAMPLE_SECONDS = 0.2
NAMES = {"api": "API", "worker": "worker", "relay": "relay", "dev": "dev with the importer"}


def main() -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    log = RESULTS / "import.log"
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder, log.open("wb") as out:
        argv = ["-m", "app.cli", "dev", "--demo", "--port", str(free_port()), "--data-dir", folder]
        started = time.perf_counter()
        child = subprocess.Popen([sys.executable, *argv], cwd=ROOT, stdout=out, stderr=out)
        try:
            peaks = _watched(child, log)
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(60)
        seconds = time.perf_counter() - started
    text = log.read_text(encoding="utf-8", errors="replace")
    purchases = _number(r"purchases taken in\D*([\d,]+)", text)
    rate = _number(r"events per second\D*([\d,]+)", text)
    rows: list[dict[str, object]] = [
        {"what": "purchases", "figure": purchases},
        {"what": "events per second, sent to processed", "figure": rate},
        {"what": "seconds, start to audited and stopped", "figure": round(seconds, 1)},
    ]
    rows += [{"what": f"peak MB of {name}", "figure": mb} for name, mb in sorted(peaks.items())]
    report("import", rows)


def _watched(child: subprocess.Popen[bytes], log: Path) -> dict[str, int]:
    """Peak resident memory by process until everything runs."""
    peaks: dict[str, int] = {}
    deadline = time.monotonic() + SECONDS_MAX
    while b"Everything runs" not in log.read_bytes():
        if child.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the import didn't end: see {log}")
        for name, megabytes in _memory(child.pid):
            peaks[name] = max(peaks.get(name, 0), megabytes)
        threading.Event().wait(SAMPLE_SECONDS)
    return peaks


def _memory(pid: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            words = process.cmdline()
            name = next((NAMES[word] for word in words if word in NAMES), None)
            if name is not None:
                found.append((name, process.memory_info().rss // 2**20))
    except psutil.Error:
        pass
    return found


def _number(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"no {pattern} in the output of the import")
    return int(match[1].replace(",", ""))


if __name__ == "__main__":
    main()
