"""What is left, and what is lost, when whoever owns the servers is killed?"""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.postgres import psql
from dev.services import Services
from tests.support.processes import eventually, python, read_line, runs
from tests.support.services import servers_folder

OWNER = """
import json, os, signal, sys
from pathlib import Path
import psutil
from dev.services import ServiceError, Services

# Who runs the tests in the background has it ignored, and so would this.
signal.signal(signal.SIGINT, signal.default_int_handler)
services = Services(Path(sys.argv[1]), durable=False)
try:
    endpoints = services.start(wait_seconds=0)
except ServiceError as error:
    print(type(error).__name__, flush=True)
    sys.exit()
watchdog = next(p.pid for p in psutil.Process().children() if "watchdog.py" in p.cmdline()[-1])
servers = [services.postgres.pid, services.valkey.pid]
try:
    print(json.dumps([watchdog, servers, endpoints.database_url]), flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    print("interrupted", all(psutil.pid_exists(pid) for pid in servers), flush=True)
services.stop()
print("stopped", flush=True)
"""
KEEP = ("DROP TABLE IF EXISTS kept", "CREATE TABLE kept AS SELECT 37 AS points")


@pytest.fixture(scope="module")
def stopped_dir() -> Iterator[Path]:
    """A folder whose servers every test here finds and leaves stopped."""
    with servers_folder() as folder:
        yield folder


def test_the_servers_of_a_killed_owner_stop_by_themselves(stopped_dir):
    with python(OWNER, stopped_dir) as owner:
        watchdog, servers, _ = json.loads(read_line(owner))
        owner.kill()
        owner.wait()
        eventually(lambda: not any(map(runs, [watchdog, *servers])))


def test_killing_everything_loses_nothing(stopped_dir):
    with python(OWNER, stopped_dir) as owner:
        watchdog, servers, url = json.loads(read_line(owner))
        psql(url, *KEEP)
        for pid in [watchdog, owner.pid, *servers]:
            os.kill(pid, signal.SIGKILL)
    with Services(stopped_dir, durable=False) as services:
        assert psql(services.postgres.url, "TABLE kept") == "37\n"


def test_servers_that_outlived_their_owner_are_replaced(stopped_dir):
    with python(OWNER, stopped_dir) as owner:
        watchdog, servers, url = json.loads(read_line(owner))
        psql(url, *KEEP)
        os.kill(watchdog, signal.SIGKILL)
        owner.kill()
        owner.wait()
    assert all(map(runs, servers))
    assert not Services(stopped_dir).running()
    with Services(stopped_dir, durable=False) as services:
        eventually(lambda: not any(map(runs, servers)))
        assert psql(services.postgres.url, "TABLE kept") == "37\n"


def test_a_process_id_that_belongs_to_another_process_now_stops_nobody(stopped_dir):
    services = Services(stopped_dir, durable=False)
    services.start()
    options = services.postgres.popen_options
    services.postgres.kill()
    services.stop()
    pid_file = services.postgres.data / "postmaster.pid"
    _, rest = pid_file.read_text().split("\n", 1)
    with subprocess.Popen(["/bin/sleep", "60"], **options) as innocent:
        pid_file.write_text(f"{innocent.pid}\n{rest}")
        with services:
            assert psql(services.postgres.url, "SELECT 1") == "1\n"
        assert innocent.poll() is None
        innocent.kill()


def test_of_two_starts_at_once_one_wins_and_the_other_is_told(stopped_dir):
    with python(OWNER, stopped_dir) as first, python(OWNER, stopped_dir) as second:
        answers = {read_line(first)[:1], read_line(second)[:1]}
        assert answers == {"[", "A"}
        ends = {process.communicate("")[0] for process in (first, second)}
    assert ends == {"stopped\n", ""}


def test_ctrl_c_reaches_the_owner_and_not_its_servers(stopped_dir):
    with python(OWNER, stopped_dir, start_new_session=True) as owner:
        watchdog, servers, _ = json.loads(read_line(owner))
        os.killpg(owner.pid, signal.SIGINT)
        assert owner.communicate()[0] == "interrupted True\nstopped\n"
    assert not any(map(runs, [watchdog, *servers]))
