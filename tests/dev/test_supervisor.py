"""Are children started in order, kept alive, heard, and stopped whatever happens?"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psutil
import pytest

from dev.supervisor import Backoff, Child, Stop, supervise
from tests.support.processes import eventually, python, read_line, runs

AT_ONCE = Backoff(first_seconds=0.01, max_seconds=0.02)
STAY = "import signal; print('up', flush=True); signal.pause()"
DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
while True:
    signal.pause()
"""
FAMILY = """
import signal, subprocess, sys
grandchild = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])
print(grandchild.pid, flush=True)
signal.pause()
"""
SUPERVISOR = """
import asyncio, sys
from dev.supervisor import Child, stopped_by_signals, supervise

async def main():
    children = [Child(f"child{n}", [sys.executable, "-c", sys.argv[1]]) for n in range(2)]
    with stopped_by_signals() as stop:
        await supervise(children, stop, lambda name, line: print(name, line, flush=True))
    print("stopped", flush=True)

asyncio.run(main())
"""


class Lines:
    """What the children print, and when a line comes."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []
        self._news = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.all.append((name, line))
        self._news.set()

    async def until(self, condition: Callable[[list[tuple[str, str]]], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition(self.all):
                await self._news.wait()
                self._news.clear()


@asynccontextmanager
async def supervised(*children: Child, stop: Stop | None = None) -> AsyncIterator[Lines]:
    lines, stop = Lines(), stop or Stop()
    supervision = asyncio.create_task(supervise(children, stop, lines, backoff=AT_ONCE))
    yield lines
    stop.gently.set()
    async with asyncio.timeout(30):
        await supervision


def child(name: str, program: str, **options) -> Child:
    return Child(name, [sys.executable, "-c", program], **options)


async def test_lines_of_both_streams_arrive_under_the_name_of_their_child():
    program = (
        "import os; print(os.environ['GREETING'], flush=True); os.write(2, '积\\xff'.encode())"
    )
    async with supervised(child("api", program, env={"GREETING": "hello"})) as lines:
        await lines.until(lambda seen: len(seen) >= 3)
    assert lines.all[:2] == [("api", "hello"), ("api", "积\xff")]
    assert lines.all[2][1].startswith("ended with exit code 0, starts again in 0.0")


async def test_a_line_without_an_end_does_not_grow_without_a_limit():
    program = (
        "import os, signal; os.write(1, b'x' * 3_000_000); print(); print('next'); signal.pause()"
    )
    async with supervised(child("api", program)) as lines:
        await lines.until(lambda seen: ("api", "next") in seen)
    lengths = [len(line) for _, line in lines.all]
    assert sum(lengths[:-1]) == 3_000_000
    assert max(lengths) < 1_200_000


async def test_a_child_that_is_killed_comes_back():
    program = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
    async with supervised(child("worker", program)) as lines:
        await lines.until(lambda seen: len(seen) == 1)
        os.kill(int(lines.all[0][1]), signal.SIGKILL)
        await lines.until(lambda seen: len(seen) == 3)
        assert lines.all[1][1].startswith("ended with signal SIGKILL, starts again in 0.0")
        assert runs(int(lines.all[2][1]))
    assert not runs(int(lines.all[2][1]))


async def test_a_grandchild_does_not_outlive_its_parent():
    async with supervised(child("worker", FAMILY)) as lines:
        await lines.until(lambda seen: len(seen) == 1)
        grandchild = psutil.Process(int(lines.all[0][1]))
        os.kill(grandchild.ppid(), signal.SIGKILL)
        await lines.until(lambda seen: len(seen) == 3)
        eventually(lambda: not runs(grandchild.pid))


def test_waits_double_up_to_a_limit_and_vary_by_half():
    backoff = Backoff(first_seconds=0.5, max_seconds=30)
    for deaths, longest in ((1, 0.5), (2, 1), (4, 4), (7, 30), (10_000, 30)):
        delays = [backoff.delay_seconds(deaths) for _ in range(200)]
        assert longest / 2 <= min(delays) < max(delays) <= longest


async def test_a_child_waits_until_the_one_before_it_is_ready():
    answers = iter([False, False, True])
    asked = []

    async def ready() -> bool:
        asked.append([name for name, _ in lines.all])
        return next(answers)

    async with supervised(child("api", STAY, ready=ready), child("worker", STAY)) as lines:
        await lines.until(lambda seen: ("worker", "up") in seen)
    assert len(asked) == 3
    assert not any("worker" in names for names in asked)


async def test_children_stop_in_the_opposite_order():
    program = (
        "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('bye', flush=True)));"
        "print('up', flush=True); signal.pause()"
    )
    async with supervised(child("api", program), child("worker", program)) as lines:
        await lines.until(lambda seen: len(seen) == 2)
    assert lines.all[2:] == [("worker", "bye"), ("api", "bye")]


async def test_the_second_request_to_stop_kills_at_once():
    stop = Stop()
    async with supervised(child("api", DEAF), child("worker", DEAF), stop=stop) as lines:
        await lines.until(lambda seen: len(seen) == 2)
        stop.ask()
        stop.ask()
    assert lines.all[2:] == [("worker", "doesn't stop: killed"), ("api", "doesn't stop: killed")]


async def test_patience_with_all_children_together_has_an_end():
    async with supervised(child("api", DEAF), stop=Stop(patience_seconds=0.1)) as lines:
        await lines.until(lambda seen: len(seen) == 1)
    assert lines.all[1:] == [("api", "doesn't stop: killed")]


async def test_a_program_that_does_not_exist_ends_the_supervision(tmp_path):
    lines = Lines()
    children = [child("api", STAY), Child("worker", [str(tmp_path / "missing")])]
    with pytest.raises(FileNotFoundError):
        await supervise(children, Stop(), lines)
    assert ("api", "up") in lines.all or lines.all == []


async def test_ready_is_told_once_when_all_are():
    told, stop = [], Stop()

    def on_ready() -> None:
        told.append(True)
        stop.ask()

    await supervise([child("api", STAY), child("worker", STAY)], stop, Lines(), on_ready=on_ready)
    assert told == [True]


def test_ctrl_c_ends_all_of_it_in_order():
    with python(SUPERVISOR, STAY, start_new_session=True) as supervisor:
        assert {read_line(supervisor), read_line(supervisor)} == {"child0 up", "child1 up"}
        os.killpg(supervisor.pid, signal.SIGINT)
        assert supervisor.communicate()[0] == "stopped\n"
        assert supervisor.returncode == 0


def test_sigkill_of_the_supervisor_leaves_nobody_behind():
    with python(SUPERVISOR, FAMILY) as supervisor:
        grandchildren = [int(read_line(supervisor).split()[1]) for _ in range(2)]
        family = psutil.Process(supervisor.pid).children(recursive=True)
        assert {process.pid for process in family} > set(grandchildren)
        supervisor.kill()
        supervisor.wait()
        eventually(lambda: not any(runs(process.pid) for process in family))
