"""What becomes of what two members like and follow, and of who follows them?

Each like and follow is counted by a job of whom it is about, which looks at the row as it is then:
so they are switched here, and counts follow.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.queries.community import blocks
from db.queries.merging import Keys, community
from db.queries.merging.community import FOLLOWS, LIKES, Liking
from domain.community.model import Received
from domain.community.steps import attention_job, receive_job
from domain.merging.model import Json
from domain.webhooks.steps import write

FOLLOWERS = "community_followers"
_KINDS = {LIKES.table: Received.LIKE, FOLLOWS.table: Received.FOLLOW}


async def join(tx: Tx, source: UUID, target: UUID, now: datetime) -> Json:
    """Let the target like and follow what the source did; what an unmerge has to know.

    What was said has moved. Nobody likes or follows themselves, or is paid for an answer that they
    accepted or a link that they opened. A like stays counted as it was
    given, with what it gave to others; the target has it, so that it isn't given again.
    """
    changes, kept = Changes(), dict[str, Any]()
    await blocks.copy(tx, source, target)
    for liking in (LIKES, FOLLOWS):
        came = await community.take_over(tx, liking, source, target, now)
        of = target if liking == LIKES else None
        left = await community.switch_off(tx, liking, source, now, of=of)
        own = await community.switch_off(tx, liking, target, now, of=source)
        kept[liking.table] = {"came": _ids(came), "left": _ids(left), "own": _ids(own)}
        counted = [(source, left), (target, own)]
        if liking == FOLLOWS:
            counted.append((target, came))
        for member_id, rows in counted:
            _tell(changes, liking, member_id, _at(rows, {source: target}), now)
    kept[FOLLOWERS] = await _take_followers(tx, changes, source, target, now)
    await _tell_themselves(tx, changes, source, target, now)
    await write(tx, changes, now=now)
    return kept


async def part(tx: Tx, source: UUID, target: UUID, kept: Json, now: datetime) -> None:
    """Undo `join`: the target likes what they did, the source what they did before."""
    changes = Changes()
    for liking in (LIKES, FOLLOWS):
        known = kept[liking.table]
        for member_id, name, is_on in (
            (source, "came", False),
            (source, "own", True),
            (target, "left", True),
        ):
            what = [UUID(found) for found in known[name]]
            rows = await community.switch(tx, liking, member_id, what, now, is_on=is_on)
            _tell(changes, liking, member_id, _at(rows, {}), now)
    came = [UUID(found) for found in kept[FOLLOWERS]["came"]]
    await community.drop_followers(tx, source, came, now)
    for follower in came:
        _tell(changes, FOLLOWS, follower, [(source, source)], now)
    for follower in kept[FOLLOWERS]["all"]:
        _tell(changes, FOLLOWS, UUID(follower), [(target, target)], now)
    await _tell_themselves(tx, changes, source, target, now)
    await write(tx, changes, now=now)


async def forward(tx: Tx, source: UUID, target: UUID, now: datetime) -> None:
    """Let who followed a merged member at that moment follow who they are now."""
    changes = Changes()
    await _take_followers(tx, changes, source, target, now)
    await write(tx, changes, now=now)
    await community.point_comments(tx, source, target)


async def content(
    tx: Tx, member_id: UUID, moved: Json, orders: Iterable[UUID]
) -> Mapping[str, Keys]:
    """Of an unmerge: what was said that goes back, with what was counted of it.

    A post that shows an order goes with it.
    """
    posts = [[str(post)] for post in await community.shows(tx, member_id, list(orders))]
    said = {
        "community_post": moved["community_post"] + posts,
        "community_comment": moved["community_comment"],
    }
    shared = moved["community_share"]
    subjects = [UUID(key) for keys in (*said.values(), shared) for (key,) in keys]
    return said | {
        "community_received": await community.received(tx, member_id, subjects),
        "community_merit": moved["community_merit"]
        + await community.merits(tx, member_id, subjects),
        "community_topic_follow": moved["community_topic_follow"],
    }


async def _take_followers(
    tx: Tx, changes: Changes, source: UUID, target: UUID, now: datetime
) -> Json:
    found = await community.followers(tx, source)
    came = await community.take_followers(tx, source, target, found, now)
    for follower in came:
        _tell(changes, FOLLOWS, follower, [(target, target)], now)
    return {"came": [str(one) for one in came], "all": [str(one) for one in found]}


async def _tell_themselves(tx: Tx, changes: Changes, one: UUID, other: UUID, now: datetime) -> None:
    """Have looked at again what the two have from each other: it counts while they are two."""
    for row in await community.from_themselves(tx, one, other):
        job = receive_job(
            row["member_id"],
            Received(row["kind"]),
            subject_id=row["subject_id"],
            source_id=row["source_id"],
            from_member_id=row["from_member_id"],
            now=now,
        )
        changes.put("job", job)


def _at(rows: Iterable[Any], moved: Mapping[UUID, UUID]) -> list[tuple[UUID, UUID]]:
    """Whose each is now, and what it is; nobody counts the followers of who is gone."""
    found = [(row["whose"], row["what"]) for row in rows]
    return [(moved.get(whose, whose), what) for whose, what in found if what not in moved]


def _tell(
    changes: Changes,
    liking: Liking,
    member_id: UUID,
    about: Iterable[tuple[UUID, UUID]],
    now: datetime,
) -> None:
    for whose, what in about:
        job = attention_job(whose, _KINDS[liking.table], what, by=member_id, now=now)
        changes.put("job", job)


def _ids(rows: Iterable[Any]) -> list[str]:
    return [str(row["what"]) for row in rows]
