"""Does the board in Valkey answer as PostgreSQL does, and what if it is lost or late?"""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from app import leaderboards
from app.leaderboards import Leaderboards
from db.changes import Changes
from db.connection import transactional
from domain.challenges import boards, operations, views
from domain.challenges.model import Entry, Place, ShownPlace
from tests.support.contests import contest, entry, held
from tests.support.shop import done, paid
from tests.support.working import claim_due
from tests.support.world import NOW, a_member

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


class Counting(Leaderboards):
    """Notes how many boards were built to their end."""

    built = 0

    async def _fill(self, keys, token):
        await super()._fill(keys, token)
        self.built += 1


@pytest.fixture
async def cache(
    database: str, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counting]:
    """A board's cache, in use; Valkey isn't away because the machine is busy."""
    assert database
    monkeypatch.setattr(leaderboards, "ANSWER_SECONDS_MAX", 30)
    found = Counting(valkey, views.entries_after)
    boards.use(found)
    yield found
    await found.settled()
    boards.use(None)


@transactional
async def store(tx, *entries: Entry) -> None:
    changes = Changes()
    for one in entries:
        changes.put("challenge_entry", one)
    await changes.write(tx)


async def members(count: int) -> list[UUID]:
    return [(await a_member()).member_id for _ in range(count)]


def an_entry(member_id: UUID, score: int, *, seconds: int = 0, version: int = 1, ranks=True):
    return Entry(
        member_id=member_id,
        challenge="SPRING",
        score=score,
        reached_at=NOW + seconds * SECOND,
        ranks=ranks,
        version=version,
        updated_at=NOW,
    )


async def whole(cache: Leaderboards) -> None:
    """Have the board built."""
    assert await cache.top("SPRING", 1) is None
    await cache.settled()


async def test_a_board_is_built_of_what_is_stored_and_answers_from_then_on(cache):
    ann, bob, cleo, dan = await members(4)
    stored = [
        an_entry(ann, 10, seconds=2),
        an_entry(bob, 10, seconds=1),
        an_entry(cleo, 30),
        an_entry(dan, 90, ranks=False),
    ]
    await store(*stored)
    await whole(cache)
    board = [Place(1, cleo, 30), Place(2, bob, 10), Place(3, ann, 10)]
    assert await cache.top("SPRING", 10) == board
    assert await cache.top("SPRING", 2) == board[:2]
    assert await cache.top("SPRING", 0) == []
    assert [await cache.rank(one) for one in stored[:3]] == [3, 2, 1]


async def test_an_empty_board_is_whole_too(cache):
    await whole(cache)
    assert await cache.top("SPRING", 10) == []


async def test_the_cache_and_the_database_answer_alike_after_a_thousand_changes(cache):
    chance = random.Random(7)  # noqa: S311  a test's own
    ids = await members(100)
    entries = {one: an_entry(one, chance.randrange(20), seconds=chance.randrange(9)) for one in ids}
    await store(*entries.values())
    await whole(cache)
    for number in range(50):
        changed = []
        for member_id in chance.sample(ids, 20):
            found = entries[member_id] = replace(
                entries[member_id],
                score=chance.randrange(20),
                reached_at=NOW + chance.randrange(9) * SECOND,
                ranks=chance.random() < 0.9,
                version=entries[member_id].version + 1,
            )
            changed.append(found)
        await store(*changed)
        await cache.push(changed)
        if number % 10 == 9:
            await _require_alike(cache, list(entries.values()))
    assert cache.built == 1


async def _require_alike(cache: Leaderboards, entries: list[Entry]) -> None:
    ranked = sorted(
        (one for one in entries if one.ranks),
        key=lambda one: (-one.score, one.reached_at, one.member_id),
    )
    expected = [Place(rank, one.member_id, one.score) for rank, one in enumerate(ranked, start=1)]
    assert await views.stored_top("SPRING", 100) == expected
    assert await cache.top("SPRING", 100) == expected
    for place, one in zip(expected, ranked, strict=True):
        assert await cache.rank(one) == place.rank
        assert await views.stored_rank(one) == place.rank


async def test_of_two_states_of_an_entry_the_newer_one_counts_in_whichever_order_they_come(cache):
    (ann,) = await members(1)
    await whole(cache)
    old, new = an_entry(ann, 50), an_entry(ann, 20, version=2)
    for told in ([new, old], [old, new], [old], [new]):
        await cache.push(told)
        assert await cache.top("SPRING", 10) == [Place(1, ann, 20)]
    await cache.push([an_entry(ann, 20, version=3, ranks=False)])
    await cache.push([new])
    assert await cache.top("SPRING", 10) == []


async def test_a_flushed_board_is_read_right_and_built_once_by_fifty_readers(cache, valkey):
    await held(contest())
    ids = await members(5)
    await store(*(an_entry(one, 10 * n) for n, one in enumerate(ids, start=1)))
    await whole(cache)
    await valkey.flushall()
    found = await asyncio.gather(
        *(views.leaderboard("SPRING", 3, viewer=None) for _ in range(50)),
    )
    places = [ShownPlace(rank, "小*", score, is_viewer=False) for rank, score in _TOP]
    assert found == [places] * 50
    await cache.settled()
    assert cache.built == 2
    top = await cache.top("SPRING", 3)
    assert top is not None
    assert [(place.rank, place.score) for place in top] == _TOP


_TOP = [(1, 50), (2, 40), (3, 30)]


async def test_readers_of_several_processes_build_a_board_once(cache, valkey):
    await store(an_entry((await members(1))[0], 10))
    others = [cache, *(Counting(valkey, views.entries_after) for _ in range(5))]
    await asyncio.gather(*(one.top("SPRING", 1) for one in others for _ in range(10)))
    await asyncio.gather(*(one.settled() for one in others))
    assert sum(one.built for one in others) == 1


@pytest.mark.parametrize("lost", ["places", "members"])
async def test_a_board_that_lost_a_part_is_not_believed(cache, valkey, lost):
    (ann,) = await members(1)
    await store(an_entry(ann, 10))
    await whole(cache)
    await valkey.delete(f"accrue:board:{{SPRING}}:{lost}")
    await cache.push([an_entry(ann, 10)])
    assert await cache.top("SPRING", 1) is None
    await cache.settled()
    assert await cache.top("SPRING", 10) == [Place(1, ann, 10)]


async def test_a_builder_whose_lock_was_flushed_says_nothing_is_whole(cache, valkey):
    ids = await members(2)
    await store(*(an_entry(one, 10) for one in ids))

    async def flushing(code, after, limit):
        found = await views.entries_after(code, after, limit)
        if found:
            await valkey.flushall()
        return found

    other = Counting(valkey, flushing)
    assert await other.top("SPRING", 1) is None
    await other.settled()
    assert await other.top("SPRING", 1) is None
    await other.settled()
    await whole(cache)
    top = await cache.top("SPRING", 10)
    assert top is not None
    assert len(top) == 2


async def test_a_push_while_the_board_is_being_built_is_not_lost(cache, valkey):
    (ann,) = await members(1)
    await store(an_entry(ann, 10))

    async def slow(code, after, limit):
        found = await views.entries_after(code, after, limit)
        if found:
            newer = an_entry(ann, 99, version=2)
            await store(newer)
            await cache.push([newer])
        return found

    other = Leaderboards(valkey, slow)
    assert await other.top("SPRING", 1) is None
    await other.settled()
    assert await other.top("SPRING", 10) == [Place(1, ann, 99)]


async def test_what_a_dead_process_did_not_tell_is_told_again(cache):
    await held(contest())
    ann = await a_member()
    await whole(cache)
    boards.use(None)
    await done(paid(ann, "A", 70_00), now=NOW)
    boards.use(cache)
    assert await cache.top("SPRING", 10) == []
    assert await operations.tell_boards(as_of=NOW + timedelta(minutes=5)) == 1
    assert await cache.top("SPRING", 10) == [Place(1, ann.member_id, 70)]
    assert await operations.tell_boards(as_of=NOW + timedelta(minutes=11)) == 0


async def test_who_asks_for_a_rank_that_was_not_told_gets_the_stored_one_and_mends_the_board(cache):
    await held(contest())
    ann, bob = await a_member(), await a_member()
    await done(paid(ann, "A", 70_00), paid(bob, "B", 60_00))
    await whole(cache)
    found = await entry(bob.member_id)
    assert found is not None
    ahead = replace(found, score=80, version=found.version + 1)
    await store(ahead)
    assert (await views.part(bob.member_id, "SPRING")).rank == 1
    assert await cache.top("SPRING", 10) == [
        Place(1, bob.member_id, 80),
        Place(2, ann.member_id, 70),
    ]


async def test_the_worker_tells_the_board_after_its_commit(cache):
    await held(contest())
    ann = await a_member()
    await whole(cache)
    await done(paid(ann, "A", 70_00))
    assert await cache.top("SPRING", 10) == [Place(1, ann.member_id, 70)]
    await operations.leave(ann.member_id, "SPRING", now=NOW)
    assert await cache.top("SPRING", 10) == []
    await operations.join(ann.member_id, "SPRING", now=NOW)
    assert await cache.top("SPRING", 10) == [Place(1, ann.member_id, 70)]
    assert await claim_due(NOW) == []


async def test_without_valkey_postgresql_answers(database):
    assert database
    await held(contest())
    ann = await a_member(nickname="Ann")
    async with Redis.from_url("redis://127.0.0.1:1") as nowhere:
        boards.use(Leaderboards(nowhere, views.entries_after))
        try:
            await done(paid(ann, "A", 70_00))
            found = await views.leaderboard("SPRING", 10, viewer=ann.member_id)
            part = await views.part(ann.member_id, "SPRING")
        finally:
            boards.use(None)
    assert found == [ShownPlace(1, "A**", 70, is_viewer=True)]
    assert part.rank == 1
