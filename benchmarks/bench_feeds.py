"""Feeds of a community in use: home, topic, hot and one member's, over GraphQL and as SQL.

60,000 posts by 3,000 members, each of 2,000 readers following 200 of them and two topics. The
reference reads as many posts with their authors' names by the index of heat, after a place, and
nothing else: as a bare route that answers JSON, and as a statement on the same pool as the feeds'.
"""

import asyncio
import itertools
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

import asyncpg
import uvloop

from benchmarks.bed import Bed, arguments, bed, free_port, report, token, wait_until_ready
from benchmarks.crowd import SEED, member_id
from benchmarks.load import Load, drive, request
from benchmarks.reference import POSTS, POSTS_COUNT
from db.connection import Tx, close_pool, open_pool, reader
from db.queries.community import feeds
from domain.community.views.reading import LATEST
from domain.programme.model import Programme
from domain.programme.operations import publish
from domain.programme.views import versions
from kit.ids import global_id

CONNECTIONS, AT_ONCE = 16, 8
POSTS_EACH, AUTHORS, READERS, FOLLOWED = 20, 3_000, 2_000, 200
# Each answer is 200 fields of GraphQL, where the reference's is one text out of PostgreSQL.
GOAL = 0.05
TOPICS = ("TEA", "COFFEE", "CUPS", "TRAVEL", "COOKING")
HOTTEST = 2**62
FEED = """query Feed($of: FeedInput!) { feed(of: $of, first: 20) {
  nodes { id kind body images likeCount commentCount likedByMe publishedAt
    topic { code } author { id nickname } }
  pageInfo { hasNextPage endCursor } } }"""
POST_COLUMNS = (
    *("member_id", "id", "kind", "topic", "body", "images", "skus", "state"),
    *("like_count", "comment_count", "heat", "published_at", "changed_at"),
)
FOLLOW_COLUMNS = ("member_id", "followed_id", "is_on", "changed_at")
TOPIC_COLUMNS = ("member_id", "topic", "is_on", "changed_at")

Ask = Callable[[Tx, int], Awaitable[object]]


@dataclass(frozen=True)
class Scene:
    """Who reads, and whose posts there are: numbers of the crowd."""

    readers: range
    authors: range

    @staticmethod
    def of(members: int) -> "Scene":
        authors = min(AUTHORS, members // 2)
        return Scene(range(min(READERS, members)), range(members - authors, members))

    def reader(self, number: int) -> uuid.UUID:
        return member_id(self.readers[number % len(self.readers)])

    def author(self, number: int) -> uuid.UUID:
        return member_id(self.authors[number % len(self.authors)])


def main() -> None:
    asked = arguments(__doc__)
    scene = Scene.of(asked.members)
    with bed(asked.members) as found:
        asyncio.run(_furnish(found, scene))
        rows = uvloop.run(_as_sql(found, scene, asked.seconds / 4))
        rounds = []
        with found.api() as api, _bare(found) as bare:
            for _ in range(asked.rounds):
                reference = _drive(bare, [request(f"{bare}/posts")], asked.seconds)
                mine = {
                    what: _drive(api, _asks(found, scene, what), asked.seconds / 2)
                    for what in ("HOME", "TOPIC", "HOT", "MEMBER")
                }
                rounds.append((reference, mine))
    for reference, mine in rounds:
        rows.append(reference.row("HTTP: bare route, as many posts"))
        for what, load in mine.items():
            ratio = load.per_second / reference.per_second
            rows.append(load.row(f"HTTP: feed {what}") | {"ratio": round(ratio, 3)})
    home = [mine["HOME"].per_second / reference.per_second for reference, mine in rounds]
    report("feeds", rows, ratio=median(home), goal=GOAL)


async def _furnish(found: Bed, scene: Scene) -> None:
    """Topics, posts of half a year, and who follows whom."""
    await open_pool(found.database_url)
    document = (await versions()).at(found.now).programme.document()
    document["community"]["topics"] = [
        {"code": code, "name": {"zh-CN": code, "en": code}} for code in TOPICS
    ]
    await publish(Programme.of(document), now=found.now, published_by="benchmarks")
    await close_pool()
    chance = random.Random(SEED)  # noqa: S311  a crowd, not a secret
    connection = await asyncpg.connect(found.database_url)
    await connection.execute("SET session_replication_role = replica")
    for table, columns, records in (
        ("community_post", POST_COLUMNS, _posts(scene, chance, found.now)),
        ("community_follow", FOLLOW_COLUMNS, _follows(scene, chance, found.now)),
        ("community_topic_follow", TOPIC_COLUMNS, _topics(scene, chance, found.now)),
    ):
        await connection.copy_records_to_table(table, columns=columns, records=records)
        await connection.execute(f"VACUUM ANALYZE {table}")
    await connection.close()


def _posts(scene: Scene, chance: random.Random, now: datetime) -> Iterator[tuple[object, ...]]:
    for number in scene.authors:
        for _ in range(POSTS_EACH):
            at = now - timedelta(seconds=chance.randrange(180 * 86_400))
            topic = chance.choice((None, *TOPICS))
            body = "The tea that came today smells good. " * chance.randrange(1, 12)
            likes, comments = chance.randrange(60), chance.randrange(20)
            heat = int(at.timestamp()) * 1_000 + likes * 86_400
            yield (
                *(member_id(number), uuid.UUID(int=chance.getrandbits(128)), "POST", topic),
                *(body, [], [], "VISIBLE", likes, comments, heat, at, at),
            )


def _follows(scene: Scene, chance: random.Random, now: datetime) -> Iterator[tuple[object, ...]]:
    for number in scene.readers:
        others = chance.sample(scene.authors, min(FOLLOWED, len(scene.authors)))
        yield from ((member_id(number), member_id(one), True, now) for one in others)


def _topics(scene: Scene, chance: random.Random, now: datetime) -> Iterator[tuple[object, ...]]:
    for number in scene.readers:
        yield from ((member_id(number), code, True, now) for code in chance.sample(TOPICS, 2))


async def _as_sql(found: Bed, scene: Scene, seconds: float) -> list[dict[str, object]]:
    """Each feed's one statement, in turn with the reference."""
    limit = POSTS_COUNT + 1
    asks: dict[str, Ask] = {
        "HOME": lambda tx, n: feeds.home(tx, scene.reader(n), [], after=LATEST, limit=limit),
        "TOPIC": lambda tx, n: feeds.of_topic(
            tx, scene.reader(n), [], TOPICS[n % len(TOPICS)], after=LATEST, limit=limit
        ),
        "HOT": lambda tx, n: feeds.hot(
            tx, scene.reader(n), [], after=(HOTTEST, LATEST[1]), limit=limit
        ),
        "MEMBER": lambda tx, n: feeds.of_member(
            tx, scene.reader(n), [], scene.author(n), after=LATEST, limit=limit
        ),
    }
    await open_pool(found.database_url, size=AT_ONCE)
    rows: list[dict[str, object]] = []
    for what, ask in asks.items():
        reference = await _turn(_plainly, seconds)
        load = await _turn(ask, seconds)
        ratio = {"ratio": round(load.per_second / reference.per_second, 3)}
        rows.append(reference.row("SQL: as many posts by an index"))
        rows.append(load.row(f"SQL: feed {what}") | ratio)
    await close_pool()
    return rows


async def _plainly(tx: Tx, _: int) -> object:
    return await tx.fetch(POSTS, HOTTEST, LATEST[1])


async def _turn(ask: Ask, seconds: float) -> Load:
    times: list[float] = []
    started = time.perf_counter()
    numbers = itertools.count()

    async def one() -> None:
        while (begun := time.perf_counter()) < started + seconds:
            async with reader() as tx:
                await ask(tx, next(numbers))
            times.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    cuts = quantiles(times, n=100)
    return Load(len(times), time.perf_counter() - started, cuts[49], cuts[98], b"")


def _asks(found: Bed, scene: Scene, scope: str) -> list[bytes]:
    """A request of each reader."""
    asks = []
    for number in range(len(scene.readers)):
        of: dict[str, Any] = {"scope": scope}
        if scope == "TOPIC":
            of["topic"] = TOPICS[number % len(TOPICS)]
        if scope == "MEMBER":
            of["memberId"] = global_id("Member", scene.author(number))
        body = json.dumps({"query": FEED, "variables": {"of": of}}).encode()
        asks.append((scene.reader(number), body))
    return [
        request("http://127.0.0.1/graphql", body=body, token=token("member", str(who), found.now))
        for who, body in asks
    ]


@contextmanager
def _bare(found: Bed) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--log-level", "warning", "--no-access-log")
    with found.process("-m", "uvicorn", "benchmarks.reference:app", *options) as child:
        wait_until_ready(f"{url}/posts", child)
        yield url


def _drive(url: str, messages: list[bytes], seconds: float) -> Load:
    endless: Iterator[bytes] = itertools.cycle(messages)
    return uvloop.run(drive(url, endless, connections=CONNECTIONS, seconds=seconds))


if __name__ == "__main__":
    main()
