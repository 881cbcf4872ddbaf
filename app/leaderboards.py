"""Who leads, in O(log n)? A sorted set for each challenge, a cache of what PostgreSQL has.

Among equal scores a place sorts by when it was reached, since members of a sorted set with one
score stand in the order of their bytes. A hash says which version of an entry a place comes from,
so that an older one can't replace a newer one. A mark in both says that the board is whole: where
it is lost (flushed, evicted, run out), PostgreSQL answers while one process builds it anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.challenges.model import Entry, Place
from kit.ids import new_id

ANSWER_SECONDS_MAX = 0.5
AWAY_SECONDS = 5.0
BATCH = 1_000
KEPT_SECONDS = 3_600
"""A board is built anew at least so often, whatever was not told to it."""
BUILDER_SECONDS = 30
_MARK = "~"
_MICROSECONDS = 1_000_000
_log = structlog.get_logger(component="leaderboards")
Load = Callable[[str, UUID, int], Awaitable[list[Entry]]]

# KEYS: places, members. ARGV: how long to keep them, then of each entry: member, version, score,
# place ("" where it has none). A place without its hash can't be kept apart from older ones.
PUSH = """
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('DEL', KEYS[1]) end
for i = 2, #ARGV, 4 do
  local known, old, kept = redis.call('HGET', KEYS[2], ARGV[i]), '', -1
  if known then
    local colon = string.find(known, ':', 1, true)
    kept, old = tonumber(string.sub(known, 1, colon - 1)), string.sub(known, colon + 1)
  end
  if tonumber(ARGV[i + 1]) > kept then
    if old ~= '' then redis.call('ZREM', KEYS[1], old) end
    if ARGV[i + 3] ~= '' then redis.call('ZADD', KEYS[1], '-' .. ARGV[i + 2], ARGV[i + 3]) end
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1] .. ':' .. ARGV[i + 3])
  end
end
for _, key in ipairs(KEYS) do
  if redis.call('TTL', key) == -1 then redis.call('EXPIRE', key, ARGV[1]) end
end
"""
# KEYS: places, members, builder. ARGV: the builder's token. Answers whether it may go on.
RENEW = f"""
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
return redis.call('EXPIRE', KEYS[3], {BUILDER_SECONDS})
"""
# A builder whose lock was flushed, and some of what it built with it, marks nothing.
FINISH = f"""
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
redis.call('ZADD', KEYS[1], '+inf', '{_MARK}')
redis.call('HSET', KEYS[2], '{_MARK}', '0:')
redis.call('EXPIRE', KEYS[1], {KEPT_SECONDS})
redis.call('EXPIRE', KEYS[2], {KEPT_SECONDS})
return redis.call('DEL', KEYS[3])
"""


class Leaderboards:
    """See `domain.challenges.model.Boards`. `load` reads a challenge's entries by member id."""

    def __init__(self, valkey: Redis, load: Load) -> None:
        self._valkey = valkey
        self._load = load
        self._away_until = float("-inf")
        self._builds: dict[str, asyncio.Task[None]] = {}

    async def top(self, challenge: str, count: int) -> list[Place] | None:
        keys = _Keys(challenge)
        asked = [("ZRANGE", keys.places, 0, count - 1, "WITHSCORES")] if count else []
        found = await self._ask(keys, *asked)
        if found is None:
            return None
        pairs = found[0] if found else []
        return [
            Place(rank, UUID(_text(place).partition(":")[2]), -int(float(score)))
            for rank, (place, score) in enumerate(_pairs(pairs), start=1)
            if _text(place) != _MARK
        ]

    async def rank(self, entry: Entry) -> int | None:
        keys, place = _Keys(entry.challenge), place_of(entry)
        found = await self._ask(keys, ("ZRANK", keys.places, place), ("ZSCORE", keys.places, place))
        if found is None:
            return None
        rank, score = found
        if rank is None or -int(float(score)) != entry.score:
            await self.push([entry])
            return None
        return cast("int", rank) + 1

    async def push(self, entries: Sequence[Entry]) -> None:
        by_challenge: dict[str, list[Entry]] = {}
        for entry in entries:
            by_challenge.setdefault(entry.challenge, []).append(entry)
        for challenge, found in by_challenge.items():
            await self._run(_push(_Keys(challenge), found))

    async def settled(self) -> None:
        """Wait for the boards that are being built."""
        await asyncio.gather(*self._builds.values(), return_exceptions=True)

    async def _ask(self, keys: "_Keys", *commands: tuple[object, ...]) -> list[Any] | None:
        """What the commands answer together, None where the board isn't whole."""
        marks = [("ZSCORE", keys.places, _MARK), ("HEXISTS", keys.members, _MARK)]
        found = await self._run(*marks, *commands)
        if found is None:
            return None
        if found[0] is None or not found[1]:
            self._build_soon(keys.challenge)
            return None
        return found[2:]

    async def _run(self, *commands: tuple[object, ...]) -> list[Any] | None:
        """Answers of one transaction; None while Valkey doesn't answer, and for 5 seconds after."""
        clock = asyncio.get_running_loop()
        if clock.time() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX), self._valkey.pipeline() as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return await pipeline.execute()
        except (RedisError, OSError) as error:  # a time-out is an OSError
            self._away_until = clock.time() + AWAY_SECONDS
            _log.warning("boards without valkey", error=type(error).__name__)
            return None

    def _build_soon(self, challenge: str) -> None:
        if challenge not in self._builds:
            task = self._builds[challenge] = asyncio.create_task(self._build(challenge))
            task.add_done_callback(lambda _: self._builds.pop(challenge, None))

    async def _build(self, challenge: str) -> None:
        keys, token = _Keys(challenge), str(new_id())
        taken = await self._run(("SET", keys.builder, token, "NX", "EX", BUILDER_SECONDS))
        if taken is None or not taken[0]:
            return
        try:
            await self._fill(keys, token)
        except Exception:  # noqa: BLE001  PostgreSQL may be away; the next reader begins again
            _log.warning("a board can't be built", challenge=challenge, exc_info=True)

    async def _fill(self, keys: "_Keys", token: str) -> None:
        await self._run(("DEL", keys.places, keys.members))
        after, holds = UUID(int=0), True
        while holds and (entries := await self._load(keys.challenge, after, BATCH)):
            after = entries[-1].member_id
            renewed = await self._run(_push(keys, entries), ("EVAL", RENEW, 3, *keys.all, token))
            holds = renewed is not None and bool(renewed[1])
        if holds:
            await self._run(("EVAL", FINISH, 3, *keys.all, token))


class _Keys:
    """Of one challenge; the braces keep them on one node of a cluster."""

    def __init__(self, challenge: str) -> None:
        self.challenge = challenge
        self.places = f"accrue:board:{{{challenge}}}:places"
        self.members = f"accrue:board:{{{challenge}}}:members"
        self.builder = f"accrue:board:{{{challenge}}}:builder"

    @property
    def all(self) -> tuple[str, str, str]:
        return self.places, self.members, self.builder


def place_of(entry: Entry) -> str:
    """How an entry's place is called; of equal scores the earlier one sorts before."""
    assert entry.reached_at is not None, "it ranks"
    seconds, microseconds = int(entry.reached_at.timestamp()), entry.reached_at.microsecond
    return f"{seconds * _MICROSECONDS + microseconds:020d}:{entry.member_id}"


def _push(keys: _Keys, entries: Sequence[Entry]) -> tuple[object, ...]:
    arguments = [
        word
        for entry in entries
        for word in (
            str(entry.member_id),
            entry.version,
            entry.score,
            place_of(entry) if entry.ranks else "",
        )
    ]
    return ("EVAL", PUSH, 2, keys.places, keys.members, KEPT_SECONDS, *arguments)


def _pairs(found: Sequence[Any]) -> list[tuple[object, Any]]:
    """Members and scores, whichever protocol they come by: in pairs or one after the other."""
    flat = [word for one in found for word in (one if isinstance(one, list | tuple) else (one,))]
    return list(zip(flat[::2], flat[1::2], strict=True))


def _text(found: object) -> str:
    return found.decode() if isinstance(found, bytes) else str(found)
