"""Which ports may a server take, and which processes may be stopped for it?"""

import os
import signal
from pathlib import Path

import pytest

from dev.processes import EPHEMERAL_PORTS, LOG_BYTES_MAX, Server, ServiceError, free_port
from tests.support.processes import (
    ENVIRONMENT,
    NOBODY,
    interpreter_for,
    python,
    read_line,
    runs,
)

DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
signal.pause()
"""
STRANGER = """
import sys
from pathlib import Path
from dev.processes import Server, ServiceError

try:
    server = Server("Test", Path("unused"), stop_signal=15, stop_patience_seconds=1)
    server.stop_leftovers(Path(sys.argv[1]))
except ServiceError as error:
    print(error)
"""


def server(folder: Path) -> Server:
    log = folder / "log" / "server.log"
    return Server("Test", log, stop_signal=signal.SIGTERM, stop_patience_seconds=0.1)


def test_a_port_is_remembered_and_not_one_of_outgoing_connections(tmp_path):
    remembered = tmp_path / "port"
    port = free_port(remembered)
    assert free_port(remembered) == port
    assert port >= 10_000
    if EPHEMERAL_PORTS.exists():
        lowest, highest = map(int, EPHEMERAL_PORTS.read_text().split())
        assert lowest < 20_000 or not lowest <= port <= highest


@pytest.mark.parametrize("text", ["", "eighty", "0.5"])
def test_a_damaged_memory_of_the_port_is_replaced(tmp_path, text):
    remembered = tmp_path / "port"
    remembered.write_text(text)
    assert str(free_port(remembered)) == remembered.read_text()


def test_what_an_earlier_owner_left_is_stopped_even_if_it_does_not_listen(tmp_path):
    with python(DEAF, tmp_path / "mine") as mine, python(DEAF, tmp_path / "other") as other:
        assert (read_line(mine), read_line(other)) == ("up", "up")
        server(tmp_path).stop_leftovers(tmp_path / "mine")
        assert not runs(mine.pid)
        assert runs(other.pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")
def test_a_server_of_another_user_is_named_and_left_alone(tmp_path):
    with python(DEAF, tmp_path / "roots") as roots:
        read_line(roots)
        options = {"interpreter": interpreter_for(NOBODY), "env": ENVIRONMENT}
        with python(STRANGER, tmp_path / "roots", **options, **NOBODY.popen_options) as stranger:
            assert read_line(stranger).startswith(f"process {roots.pid} of another user serves")
        assert runs(roots.pid)


def test_a_server_that_is_not_running_has_no_process_id(tmp_path):
    idle = server(tmp_path)
    with pytest.raises(ServiceError, match="Test isn't running"):
        _ = idle.pid
    assert not idle.alive
    assert idle.exited_within(0)
    idle.stop()


def test_a_large_log_is_set_aside_at_the_next_start(tmp_path):
    one = server(tmp_path)
    one.log.parent.mkdir()
    one.log.write_bytes(b"x" * (LOG_BYTES_MAX + 1))
    one.spawn(["/bin/echo", "started"])
    assert one.exited_within(10)
    assert one.log.read_text() == "started\n"
    assert (tmp_path / "log" / "server.log.1").stat().st_size == LOG_BYTES_MAX + 1
    one.kill()
