"""Do the commands do what they say, with servers of their own or of a running `dev`?"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import pytest

from dev.postgres import psql
from dev.services import Services
from tests.support.processes import ROOT, eventually
from tests.support.services import servers_folder

ACCRUE = Path(sys.executable).parent / "accrue"
COMMAND_SECONDS_MAX = 60
READY_SECONDS_MAX = 90
STOP_SECONDS_MAX = 45
BAD_INPUT = 2
DASHBOARD = "{ me { nickname externalId tier { code } points { available pending } } }"


@dataclass
class Dev:
    """A running `accrue dev`, and what it has printed."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def await_line(self, beginning: str) -> str:
        eventually_within(
            READY_SECONDS_MAX, lambda: self.find(beginning) or self.process.poll() is not None
        )
        line = self.find(beginning)
        assert line is not None, "\n".join(self.lines) + self.log()
        return line

    def find(self, beginning: str) -> str | None:
        return next((line for line in self.lines if line.startswith(beginning)), None)

    def log(self) -> str:
        return (self.folder / "dev.log").read_text()

    def family(self) -> list[psutil.Process]:
        """It and everything it has started, the servers and the watchdog included."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_SECONDS_MAX)
        self.reading.join(STOP_SECONDS_MAX)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def eventually_within(seconds: int, condition) -> None:
    tick = threading.Event()
    for _ in range(seconds * 20):
        if condition():
            return
        tick.wait(0.05)
    pytest.fail("it didn't come true in time")


def start(folder: Path, *options: str) -> Dev:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (folder / "dev.log").open("a") as log:
        process = subprocess.Popen(
            [ACCRUE, "dev", "--port", str(port), "--data-dir", folder, *options],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    return Dev(process, port, folder)


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}


def accrue(
    *arguments: object, data_dir: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    options = ["--data-dir", str(data_dir)] if data_dir is not None else []
    return subprocess.run(
        [ACCRUE, *map(str, arguments), *options],
        cwd=ROOT,
        env=environment() | variables,
        capture_output=True,
        check=False,
        text=True,
        timeout=COMMAND_SECONDS_MAX,
    )


def ask(url: str, token: str, query: str, **variables: object) -> dict:
    answer = httpx2.post(
        url,
        json={"query": query, "variables": variables},
        headers={"authorization": f"Bearer {token}"},
        timeout=30,
    )
    return answer.json()


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that couldn't."""
    assert done.returncode == BAD_INPUT, done
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("accrue: ")
    return done.stderr.removeprefix("accrue: ").strip()


@pytest.fixture(scope="module")
def dev() -> Iterator[Dev]:
    """With the purchases of five households, imported."""
    with servers_folder() as folder:
        running = start(folder, "--demo", "--households", "5")
        try:
            running.await_line("Everything runs")
            yield running
        finally:
            if running.process.poll() is None:
                running.stop()


@pytest.fixture(scope="module")
def published(dev: Dev) -> str:
    """A member token that `dev` has printed."""
    return dev.await_line("member token").split()[-1]


def test_dev_says_that_it_is_ready_and_answers_a_member_with_history(dev, published):
    assert dev.await_line("READY").strip() == f"READY {dev.url}"
    me = ask(dev.url, published, DASHBOARD)["data"]["me"]
    assert re.fullmatch(r"Household \d+", me["nickname"])
    assert me["points"]["available"] > 0


def test_the_demo_ends_in_a_table_and_an_audit_that_passes(dev):
    text = "".join(dev.lines)
    assert re.search(r"purchases taken in\s+│\s+[\d,]+", text)
    assert re.search(r"points issued\s+│\s+[\d,]+", text)
    assert re.search(r"The books are right: .* 5 members", text)


def test_dev_offers_graphiql_and_its_own_secret_is_for_its_owner_alone(dev):
    page = httpx2.get(dev.url, headers={"accept": "text/html"})
    assert "Dashboard" in page.text
    assert (dev.folder / "secret").stat().st_mode & 0o777 == 0o600


def test_a_second_dev_on_the_same_port_or_folder_is_refused(dev):
    with servers_folder() as other:
        taken = accrue("dev", "--port", dev.port, data_dir=other)
    assert refused(taken) == f"port {dev.port} is taken: choose another one with --port"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert "runs the servers of" in refused_dev(accrue("dev", "--port", port, data_dir=dev.folder))


def test_an_api_on_a_taken_port_or_an_address_that_is_not_ours_says_so_in_a_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = accrue("api", "--port", port)
    assert refused(taken) == f"port {port} is taken: choose another one with --port"
    strange = accrue("api", "--host", "192.0.2.1", "--port", port)
    assert refused(strange).startswith(f"nobody can be served at 192.0.2.1:{port}: ")


def refused_dev(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == BAD_INPUT, done
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_token_is_for_a_member_by_our_id_or_the_shops(dev, published):
    me = ask(dev.url, published, "{ me { id externalId } }")["data"]["me"]
    for subject in (me["id"], me["externalId"]):
        made = accrue("token", "--role", "member", "--subject", subject, data_dir=dev.folder)
        assert ask(dev.url, made.stdout.strip(), "{ me { id } }")["data"]["me"]["id"] == me["id"]


def test_an_unknown_member_or_a_strange_lifetime_is_refused(dev):
    told = accrue("token", "--role", "member", "--subject", "nobody", data_dir=dev.folder)
    assert refused(told) == "no member has the id nobody, neither ours nor the shop's"
    told = accrue("token", "--role", "staff", "--subject", "ada", "--ttl", "soon")
    assert refused(told) == "soon is no span from 1s to 366d; write it as 30m, 12h or 7d"


def test_an_api_key_lets_a_service_in_until_it_is_revoked(dev):
    made = accrue("apikey", "create", "shop", "--scope", "members:write", data_dir=dev.folder)
    key = made.stdout.strip()
    enrol = """mutation { enrolMember(input: { externalId: "new", nickname: "New" })
      { created member { nickname } } }"""
    assert ask(dev.url, key, enrol)["data"]["enrolMember"]["member"] == {"nickname": "New"}
    key_id = key.split("_")[1]
    assert key_id in accrue("apikey", "list", data_dir=dev.folder).stdout
    revoked = accrue("apikey", "revoke", key_id, data_dir=dev.folder)
    assert revoked.stdout == f"Key {key_id} of shop is revoked.\n"
    assert "NOT_FOUND" in refused(accrue("apikey", "revoke", "nothing", data_dir=dev.folder))


def test_a_scope_that_does_not_exist_is_refused(dev):
    told = accrue("apikey", "create", "shop", "--scope", "everything", data_dir=dev.folder)
    assert "INVALID_INPUT" in refused(told)


def test_a_programme_is_shown_compared_and_published_once(dev, tmp_path):
    shown = accrue("programme", "show", data_dir=dev.folder).stdout
    assert shown.startswith("# version 1, published by accrue dev")
    changed = tmp_path / "changed.yaml"
    grocery = (ROOT / "programmes" / "grocery.yaml").read_text(encoding="utf-8")
    changed.write_text(grocery.replace("order_min: 5 ", "order_min: 6 "), encoding="utf-8")
    told = accrue("programme", "diff", changed, data_dir=dev.folder).stdout
    assert told.endswith("1 changes to version 1.\n")
    for words in ("Version 2 is published.\n", "Version 2 is the same: nothing to publish.\n"):
        assert accrue("programme", "publish", changed, data_dir=dev.folder).stdout == words
    assert "version 9" in refused(accrue("programme", "show", "9", data_dir=dev.folder))


def test_a_programme_in_another_currency_is_not_published(dev):
    default = ROOT / "programmes" / "default.yaml"
    assert "CURRENCY_FIXED" in refused(accrue("programme", "publish", default, data_dir=dev.folder))


def test_an_unsound_programme_is_refused_with_each_problem_and_its_line(tmp_path):
    file = tmp_path / "unsound.yaml"
    file.write_text("currency: QQQ\nsurprise: 1\n")
    told = refused(accrue("programme", "validate", file)).splitlines()
    assert told[0] == f"{file} has 2 problems:"
    assert told[1].startswith("  line 1: currency: ")
    assert told[2].startswith("  line 2: surprise: ")
    sound = accrue("programme", "validate", ROOT / "programmes" / "default.yaml")
    assert " is sound: " in sound.stdout


def test_a_later_import_adds_what_is_missing_and_nothing_twice(dev):
    first = accrue("import", "journey", "--households", "6", data_dir=dev.folder)
    assert first.returncode == 0, first.stderr
    before, added = _taken_in(first.stdout)
    assert added > 0
    again = accrue("import", "journey", "--households", "6", data_dir=dev.folder)
    assert _taken_in(again.stdout) == (before, 0)


def _taken_in(text: str) -> tuple[int, int]:
    names = ("purchases taken in", "of these by this import")
    counts = [re.search(rf"{name}\s+│\s+([\d,]+)", text) for name in names]
    total, added = (int(found[1].replace(",", "")) for found in counts if found)
    return total, added


def test_scheduled_jobs_are_listed_and_run_as_of_an_instant(dev):
    assert "ledger.settle" in accrue("jobs", "list", data_dir=dev.folder).stdout
    at = "2026-01-01T00:00:00+00:00"
    done = accrue("jobs", "run", "ledger.settle", "--as-of", at, data_dir=dev.folder)
    assert done.stdout.startswith(f"ledger.settle as of {at}: done")
    assert "not one of" in refused(accrue("jobs", "run", "nothing", data_dir=dev.folder))
    naive = accrue(
        "jobs", "run", "ledger.settle", "--as-of", "2026-01-01T00:00", data_dir=dev.folder
    )
    assert "lacks its zone" in refused(naive)


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "3000-01-01T00:00Z"]
)
def test_a_job_as_of_an_instant_beyond_all_calendars_is_refused_and_leaves_the_schedule(dev, at):
    found = accrue("jobs", "run", "ledger.settle", "--as-of", at, data_dir=dev.folder)
    assert f"{at} is not within the years 1970 to 2999" in refused(found)
    assert accrue("jobs", "list", data_dir=dev.folder).returncode == 0


def test_a_job_as_of_an_instant_ahead_is_refused_unless_forced(dev):
    command = ("jobs", "run", "intake.unpark", "--as-of", "2998-01-01T00:00:00Z")
    assert "lies ahead" in refused(accrue(*command, data_dir=dev.folder))
    assert accrue(*command, "--force", data_dir=dev.folder).returncode == 0


def test_events_that_were_set_aside_are_tried_again(dev):
    done = accrue("events", "replay", "--dead", data_dir=dev.folder)
    assert done.stdout == "0 events will be tried again.\n"


def test_the_exported_schema_is_the_file_byte_for_byte():
    exported = accrue("export-schema").stdout
    assert exported == (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")


def test_a_folder_without_data_and_a_database_out_of_reach_are_told_apart(tmp_path):
    nowhere = accrue("audit", data_dir=tmp_path / "nowhere")
    assert refused(nowhere).startswith("there is nothing in ")
    unreachable = accrue("audit", DATABASE_URL="postgres://a:b@127.0.0.1:1/accrue")
    assert refused(unreachable).startswith("PostgreSQL can't be used: ")
    malformed = accrue("audit", DATABASE_URL="mysql://somewhere")
    assert refused(malformed) == "a database URL begins with postgres:// or postgresql://"


@pytest.mark.parametrize("command", ["api", "worker", "relay"])
@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("REDIS_URL", "localhost", "REDIS_URL: begins with redis://, rediss:// or unix://"),
        ("REDIS_URL", "redis://a:b", "REDIS_URL: Port could not be cast to integer value as 'b'"),
        (
            "ACCRUE_JWKS_URL",
            "https://shop.test/keys",
            "ACCRUE_JWKS_URL needs ACCRUE_JWT_ISSUER and ACCRUE_JWT_AUDIENCE beside it",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_told_in_a_line(command, variable, value, told):
    assert refused(accrue(command, **{variable: value})) == f"a setting is wrong: {told}"


def test_the_audit_names_the_row_that_somebody_has_changed(dev):
    endpoints = Services(dev.folder).endpoints()
    assert endpoints is not None
    sound = accrue("audit", "--json", data_dir=dev.folder)
    assert sound.returncode == 0
    assert json.loads(sound.stdout)["sound"] is True
    pick = "SELECT member_id FROM wallet WHERE currency = 'POINTS' AND available > 0 LIMIT 1"
    member = psql(endpoints.database_url, pick).strip()
    _add_to_available(endpoints.database_url, member, 1)
    try:
        broken = accrue("audit", data_dir=dev.folder)
    finally:
        _add_to_available(endpoints.database_url, member, -1)
    assert broken.returncode == 1
    assert f"breach: member {member}, wallet POINTS available" in broken.stdout
    assert "The books are WRONG" in broken.stdout


def test_a_server_and_a_worker_that_are_killed_come_back(dev, published):
    (postmaster,) = [one for one in dev.family() if one.name() == "postgres" and _is_first(one)]
    (worker,) = [one for one in dev.family() if one.cmdline()[-1:] == ["worker"]]
    worker.kill()
    postmaster.kill()
    eventually_within(READY_SECONDS_MAX, lambda: "has died, starts again" in dev.log())
    eventually_within(READY_SECONDS_MAX, lambda: "data" in ask(dev.url, published, DASHBOARD))
    assert "worker   | ended with signal SIGKILL" in dev.log()


def _is_first(server: psutil.Process) -> bool:
    """The postmaster, not one of its children, whose command line says what they do."""
    return "-D" in server.cmdline()


def _add_to_available(database_url: str, member_id: str, points: int) -> None:
    psql(
        database_url,
        f"UPDATE wallet SET available = available + {points}"  # noqa: S608  of this test's own
        f" WHERE member_id = '{member_id}' AND currency = 'POINTS'",
    )


def test_dev_stops_at_ctrl_c_leaves_no_process_and_goes_on_with_its_data(dev, published):
    me = ask(dev.url, published, "{ me { id points { lifetimeEarned } } }")["data"]["me"]
    family = dev.family()
    assert dev.stop() == 0
    eventually(lambda: not any(one.is_running() and one.status() != "zombie" for one in family))
    told = accrue("token", "--role", "member", "--subject", me["id"], data_dir=dev.folder)
    again = start(dev.folder)
    try:
        again.await_line("READY")
        answer = ask(again.url, told.stdout.strip(), "{ me { id points { lifetimeEarned } } }")
        assert answer["data"]["me"] == me
    finally:
        family = again.family()
        again.stop()
    eventually(lambda: not any(one.is_running() and one.status() != "zombie" for one in family))
