"""Do the embedded servers start, keep what they were given, and leave nothing behind?"""

import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dev.postgres import psql
from dev.processes import ServiceError
from dev.services import AlreadyRunning, Endpoints, Services
from tests.support.processes import eventually, runs
from tests.support.services import servers_folder

KEPT = 'a b\'s "data"'


def write(endpoints: Endpoints) -> None:
    psql(
        endpoints.database_url,
        "DROP TABLE IF EXISTS kept",
        "CREATE TABLE kept AS SELECT '积分' AS word",
    )
    with redis.Redis.from_url(endpoints.redis_url) as client:
        client.set("kept", "积分")


def read(endpoints: Endpoints) -> tuple[str, str]:
    with redis.Redis.from_url(endpoints.redis_url, decode_responses=True) as client:
        return psql(endpoints.database_url, "SELECT word FROM kept").strip(), str(
            client.get("kept")
        )


@pytest.fixture(scope="module")
def running() -> Iterator[Services]:
    """Servers that every test here finds and leaves running."""
    with servers_folder() as folder, Services(folder, durable=False) as services:
        yield services


@pytest.fixture(scope="module")
def stopped_dir() -> Iterator[Path]:
    """A folder whose servers every test here finds and leaves stopped."""
    with servers_folder() as folder:
        yield folder


@pytest.fixture
def awkward_dir(data_dir: Path) -> Iterator[Path]:
    folder = data_dir / KEPT
    yield folder
    Services(folder).remove()


def test_data_outlives_a_stop_in_a_folder_with_a_space_and_quotes(awkward_dir):
    with Services(awkward_dir) as services:
        first = services.endpoints()
        assert first is not None
        write(first)
    with Services(awkward_dir) as services:
        second = services.endpoints()
        assert second is not None
        assert read(second) == ("积分", "积分")
    assert urlsplit(second.database_url) == urlsplit(first.database_url)
    assert urlsplit(second.redis_url).port == urlsplit(first.redis_url).port


def test_the_server_is_postgresql_18_with_checksums_and_unicode(running):
    url = running.postgres.url
    assert psql(url, "SHOW server_version_num").startswith("18")
    assert (
        psql(url, "SHOW data_checksums", "SELECT lower('ÄÖ')", "SHOW timezone") == "on\näö\nUTC\n"
    )


def test_a_stop_leaves_no_process_and_no_address(stopped_dir):
    services = Services(stopped_dir, durable=False)
    services.start()
    pids = services.postgres.pid, services.valkey.pid
    assert services.running()
    services.stop()
    assert not any(map(runs, pids))
    assert services.endpoints() is None
    assert not (stopped_dir / "services.json").exists()
    services.stop()


def test_a_remembered_port_that_is_taken_is_replaced(stopped_dir):
    with Services(stopped_dir, durable=False) as services:
        first = services.endpoints()
    assert first is not None
    ports = [urlsplit(url).port for url in (first.database_url, first.redis_url)]
    with socket.create_server(("127.0.0.1", ports[0])), socket.create_server(("", ports[1])):
        endpoints = services.start()
        taken = {urlsplit(endpoints.database_url).port, urlsplit(endpoints.redis_url).port}
        assert taken.isdisjoint(ports)
        write(endpoints)
        services.stop()


def test_the_addresses_are_secrets_of_their_owner(running):
    for name in ("services.json", "valkey/valkey.conf", "postgres/password"):
        assert stat.S_IMODE((running.data_dir / name).stat().st_mode) == 0o600
    endpoints = running.endpoints()
    with pytest.raises(ServiceError, match="password authentication failed"):
        psql(endpoints.database_url.replace("accrue:", "accrue:x"), "SELECT 1")
    without_password = "redis://" + endpoints.redis_url.partition("@")[2]
    with (
        redis.Redis.from_url(without_password, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_an_immediate_restart_keeps_the_address_and_every_commit(running):
    before = running.endpoints()
    write(before)
    pid = running.postgres.pid
    running.postgres.restart(immediate=True)
    assert running.postgres.pid != pid
    assert read(before) == ("积分", "积分")


def test_killed_servers_come_back_at_the_same_address_with_their_data(running):
    before = running.endpoints()
    write(before)
    running.postgres.kill()
    running.valkey.kill()
    assert not running.postgres.alive
    assert not running.valkey.alive
    running.postgres.revive()
    running.valkey.revive()
    assert read(before) == ("积分", "积分")


def test_a_second_owner_is_refused_and_told_who_the_first_is(running):
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()} runs the servers"):
        Services(running.data_dir).start(wait_seconds=0)
    assert running.postgres.alive


def test_who_attaches_leaves_the_servers_running(running):
    with Services(running.data_dir).attach_or_start() as endpoints:
        assert endpoints == running.endpoints()
    assert running.postgres.alive
    assert running.valkey.alive


def test_who_starts_for_a_while_stops_only_when_the_last_attached_has_left(stopped_dir):
    first, second = Services(stopped_dir, durable=False), Services(stopped_dir)
    second_may_leave, first_has_left = threading.Event(), threading.Event()

    def attach() -> None:
        with second.attach_or_start():
            attached.set()
            second_may_leave.wait(10)

    attached, attaching = threading.Event(), threading.Thread(target=attach)

    def leave() -> None:
        first_context.__exit__(None, None, None)
        first_has_left.set()

    first_context = first.attach_or_start()
    first_context.__enter__()
    attaching.start()
    assert attached.wait(10)
    leaving = threading.Thread(target=leave)
    leaving.start()
    assert not first_has_left.wait(0.3)
    assert first.postgres.alive
    second_may_leave.set()
    leaving.join()
    attaching.join()
    assert not first.running()


def test_a_given_url_replaces_the_server_of_its_kind(stopped_dir):
    services = Services(stopped_dir, durable=False, database_url="postgresql://elsewhere/shop")
    with services:
        assert services.endpoints() == Endpoints("postgresql://elsewhere/shop", services.valkey.url)
        assert not services.postgres.alive


def test_a_half_made_database_is_made_anew(data_dir):
    (data_dir / "postgres" / "data-partial" / "base").mkdir(parents=True)
    with Services(data_dir, durable=False) as services:
        assert psql(services.postgres.url, "SELECT 1") == "1\n"
    assert not (data_dir / "postgres" / "data-partial").exists()


def test_a_server_that_does_not_start_is_reported_with_its_log(stopped_dir):
    with Services(stopped_dir, durable=False) as services:
        version = services.postgres.data / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(ServiceError, match=r"(?s)postgres\.log.*incompatible"):
        services.start()
    assert not services.running()
    assert not services.valkey.alive
    eventually(lambda: not services.postgres.alive)


def test_a_data_folder_that_is_a_file_is_reported(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ServiceError, match="can't hold the data"):
            Services(path).start()
        with (
            pytest.raises(ServiceError, match="can't hold the data"),
            Services(path).attach_or_start(),
        ):
            pass


def test_nothing_runs_in_a_folder_that_does_not_exist(tmp_path):
    assert Services(tmp_path / "missing").endpoints() is None
    assert not (tmp_path / "missing").exists()
