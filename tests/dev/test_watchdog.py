"""Does the watchdog stop what it holds, and nothing that it was told to let go?"""

import os
import signal

import pytest

from dev.watchdog import Watchdog, held_at_the_end, stop_all
from tests.support.processes import eventually, python, read_line, runs

POLITE = "import signal; print('up', flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: {POLITE[15:]}"


def test_only_what_was_not_released_is_held():
    lines = ["hold 11 15 2.5\n", "hold 12 2 30\n", "release 11\n", "release 13\n"]
    assert held_at_the_end(lines) == {12: (2, 30.0)}


def test_a_word_that_it_does_not_know_is_an_error():
    with pytest.raises(ValueError, match="bark"):
        held_at_the_end(["bark 11\n"])


def test_the_polite_are_asked_and_the_deaf_killed():
    with (
        python(POLITE, start_new_session=True) as polite,
        python(DEAF, start_new_session=True) as deaf,
    ):
        assert (read_line(polite), read_line(deaf)) == ("up", "up")
        stop_all(
            {polite.pid: (signal.SIGTERM, 5), deaf.pid: (signal.SIGTERM, 0.2), 2**22 + 1: (15, 5)}
        )
        assert polite.wait() == -signal.SIGTERM
        assert deaf.wait() == -signal.SIGKILL


def test_closing_stops_what_is_held_and_spares_what_was_released():
    watchdog = Watchdog()
    with (
        python(POLITE, start_new_session=True) as held,
        python(POLITE, start_new_session=True) as released,
    ):
        assert (read_line(held), read_line(released)) == ("up", "up")
        for process in (held, released):
            watchdog.hold(process.pid, signal.SIGTERM, patience_seconds=5)
        watchdog.release(released.pid)
        watchdog.close()
        eventually(lambda: not runs(held.pid))
        assert runs(released.pid)
    assert not runs(watchdog.pid)


def test_a_watchdog_that_was_killed_disturbs_nobody():
    watchdog = Watchdog()
    os.kill(watchdog.pid, signal.SIGKILL)
    eventually(lambda: not runs(watchdog.pid))
    watchdog.hold(2**22 + 1, signal.SIGTERM, patience_seconds=5)
    watchdog.close()
