"""Does a process end when it is told to, and does its heartbeat stop with any of its loops?"""

import os
import signal

from app.processes import EXIT_CUT_OFF, Heartbeat
from tests.support.processes import python, read_line

HANGING = """
import asyncio
from app.processes import stop_event

async def hang():
    stop = stop_event()
    print("ready", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.Event().wait()

asyncio.run(hang())
"""


def test_the_first_signal_asks_and_the_second_ends_the_process():
    with python(HANGING) as process:
        assert read_line(process) == "ready"
        process.send_signal(signal.SIGTERM)
        while read_line(process) != "stopping":
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == EXIT_CUT_OFF


def test_a_process_that_does_not_stop_by_itself_is_ended():
    program = f"import app.processes\napp.processes.STOP_SECONDS_MAX = 0.1\n{HANGING}"
    with python(program) as process:
        assert read_line(process) == "ready"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == EXIT_CUT_OFF


def test_the_heartbeat_stops_when_one_of_the_loops_does(tmp_path, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr("app.processes.time.monotonic", lambda: now)
    file = tmp_path / "data" / "relay.alive"
    heartbeat = Heartbeat(file, 2)
    first, second = heartbeat.of(0), heartbeat.of(1)
    first()
    assert not file.exists()
    second()
    os.utime(file, (0, 0))
    now += 14
    first()
    assert file.stat().st_mtime > 0
    os.utime(file, (0, 0))
    now += 2
    first()
    assert file.stat().st_mtime == 0
