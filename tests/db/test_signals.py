"""Is everybody told of whom something changed, and of nobody else, in few round trips?"""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from db import signals
from db.changes import TABLES, TOPICS, UNSEEN
from db.connection import reader
from db.signals import JOBS, Signal, of_member
from domain.members import operations as members
from domain.notifications.model import Template
from tests.support.telling import tell
from tests.support.value import give
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")


class Heard:
    """A publisher that keeps what it is told, by round trip."""

    def __init__(self) -> None:
        self.trips: list[list[tuple[str, str]]] = []
        self.fails = False

    def pipeline(self, *, transaction: bool) -> "Trip":
        assert not transaction
        return Trip(self)

    async def members(self) -> set[tuple[str, str]]:
        """What was told of members so far, once all is told; forgotten afterwards."""
        task = signals._state.task
        if task is not None:
            await task
        told = {one for trip in self.trips for one in trip if one[0] != "accrue:jobs"}
        self.trips.clear()
        return told


class Trip:
    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._told: list[tuple[str, str]] = []

    def publish(self, channel: str, message: str) -> None:
        self._told.append((channel, message))

    async def execute(self, *, raise_on_error: bool) -> None:
        assert not raise_on_error
        if self._heard.fails:
            raise ConnectionError
        self._heard.trips.append(self._told)


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    await published()
    found = Heard()
    signals.use(found)
    yield found
    signals.use(None)


async def test_a_change_names_the_member_and_what_of_them(heard: Heard):
    ming = await a_member()
    channel = f"accrue:member:{ming.member_id}"
    await heard.members()
    await give(ming.member_id, 10)
    assert await heard.members() == {(channel, "points")}
    await tell(ming.member_id, Template.WELCOME)
    assert await heard.members() == {(channel, "notifications")}
    await members.update_profile(ming.member_id, nickname="明", now=NOW)
    assert await heard.members() == {(channel, "profile")}


async def test_what_was_rolled_back_is_told_to_nobody(heard: Heard):
    ming = await a_member()
    await heard.members()
    with pytest.raises(asyncpg.CheckViolationError):
        await give(ming.member_id, 0)
    assert await heard.members() == set()


async def test_what_waits_goes_together_and_equal_signals_once(heard: Heard):
    ming = await a_member()
    await heard.members()
    signals.tell([JOBS, of_member(ming.member_id, "tier", "points"), JOBS])
    signals.tell([of_member(ming.member_id, "points", "tier"), Signal("challenge:A")])
    assert signals._state.task is not None
    await asyncio.wait_for(signals._state.task, 5)
    (trip,) = heard.trips
    assert sorted(trip) == [
        ("accrue:challenge:A", ""),
        ("accrue:jobs", ""),
        (f"accrue:member:{ming.member_id}", "points,tier"),
    ]


async def test_a_valkey_that_is_away_fails_no_verb_and_keeps_no_backlog(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signals, "PENDING_MAX", 3)
    ming = await a_member()
    heard.fails = True
    await give(ming.member_id, 10)
    signals.tell([Signal(f"challenge:{number}") for number in range(3)])
    signals.tell([Signal("challenge:more")])
    assert len(signals._state.pending) <= 4
    assert await heard.members() == set()


async def test_what_is_told_is_of_tables_that_there_are_and_that_have_members():
    assert TOPICS.keys() | UNSEEN <= TABLES.keys()
    assert not TOPICS.keys() & UNSEEN
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'member_id'"
        )
    assert TABLES.keys() - UNSEEN <= {row["table_name"] for row in rows}
