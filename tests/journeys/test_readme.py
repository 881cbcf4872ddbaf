"""Do the README's commands do what it shows?

A console block under `<!-- tested -->` is run as one bash script against an `accrue dev` of its
own, whose port stands in for 8000. Lines after `$ ` are the commands, the others what they print,
where … stands for anything. A block without output has only to succeed.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import START_SECONDS_MAX, eventually
from tests.support.services import servers_folder

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- tested -->\n+```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
STOP_SECONDS_MAX = 45
BLOCK_SECONDS_MAX = 120

pytestmark = pytest.mark.readme


def test_the_readme_shows_the_main_job_in_tested_commands():
    assert BLOCKS


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:60])
def test_the_commands_print_what_the_readme_shows(block: str, running: dict[str, str]):
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", _script(block, running["PORT"])],
        cwd=ROOT,
        env=running,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=BLOCK_SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if wanted := _shown(block, running["PORT"]):
        pattern = ".*".join(map(re.escape, wanted.split("…")))
        assert re.fullmatch(pattern, done.stdout.strip(), re.DOTALL), done.stdout


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, str]]:
    """Give the environment of the commands while `accrue dev` answers on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    binaries = Path(sys.executable).parent
    with servers_folder() as data:
        environment = os.environ | {
            "ACCRUE_DATA_DIR": str(data),
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "PORT": port,
        }
        log = data / "dev.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [binaries / "accrue", "dev", "--port", port, "--data-dir", data],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
            try:
                eventually(
                    lambda: b"READY " in log.read_bytes() or process.poll() is not None,
                    START_SECONDS_MAX,
                )
                assert process.poll() is None, log.read_text(encoding="utf-8")
                yield environment
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(STOP_SECONDS_MAX)


def _script(block: str, port: str) -> str:
    """Keep the commands; a line that ends in a backslash goes on in the next."""
    lines, is_going_on = [], False
    for line in block.splitlines():
        if is_going_on or line.startswith("$ "):
            lines.append(line if is_going_on else line.removeprefix("$ "))
            is_going_on = line.endswith("\\")
    return "\n".join(lines).replace(":8000", f":{port}")


def _shown(block: str, port: str) -> str:
    shown, is_going_on = [], False
    for line in block.splitlines():
        is_command = is_going_on or line.startswith("$ ")
        is_going_on = is_command and line.endswith("\\")
        if not is_command:
            shown.append(line)
    return "\n".join(shown).strip().replace(":8000", f":{port}")
