"""Who leads, where does a member stand, and how do others see them?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx, reader
from db.queries import challenges as queries
from domain.challenges import boards, rules, steps
from domain.challenges.model import (
    CHALLENGES_SHOWN_MAX,
    Entry,
    Part,
    Place,
    Round,
    Shown,
    ShownPlace,
    State,
)
from domain.programme.views import versions
from kit.paging import page_size

SHOWN_DEFAULT = Shown.MASKED


Listed = tuple[Round, State]


async def challenges(now: datetime) -> list[Listed]:
    """Those of the programme in force, the next to end first, then the last that is over."""
    published = await versions()
    current = {challenge.code for challenge in published.at(now).programme.challenges}
    found = [one for one in steps.rounds(published, now) if one.challenge.code in current]
    found.sort(key=lambda one: one.challenge.ends_at)
    ahead = [one for one in found if one.challenge.ends_at > now]
    over = [one for one in reversed(found) if one.challenge.ends_at <= now]
    return await _with_states([*ahead, *over][:CHALLENGES_SHOWN_MAX], now)


async def challenge(code: str, now: datetime) -> Listed | None:
    """One that there is or was; None where there never was."""
    found = steps.of_code(steps.rounds(await versions(), now), code)
    return None if found is None else (await _with_states([found], now))[0]


async def _with_states(found: Sequence[Round], now: datetime) -> list[Listed]:
    async with reader() as tx:
        rows = await queries.closings(tx, [one.challenge.code for one in found])
    closed = {row["challenge"] for row in rows if row["closed_at"] is not None}
    return [
        (one, State.CLOSED if one.challenge.code in closed else one.state(now)) for one in found
    ]


async def leaderboard(code: str, count: int, *, viewer: UUID | None) -> list[ShownPlace]:
    """The first places. Refuses INVALID_INPUT."""
    size = page_size(count)
    found = boards.current()
    places = None if found is None else await found.top(code, size)
    async with reader() as tx:
        if places is None:
            places = await _stored(tx, code, size)
        names = await _names(tx, [place.member_id for place in places])
    return [
        ShownPlace(place.rank, names.get(place.member_id), place.score, place.member_id == viewer)
        for place in places
    ]


async def part(member_id: UUID, code: str) -> Part:
    """The member's own entry and rank."""
    async with reader() as tx:
        row = await queries.entry(tx, member_id, code)
    entry = None if row is None else Entry(**row)
    if entry is None or not entry.ranks:
        return Part(entry, None)
    found = boards.current()
    rank = None if found is None else await found.rank(entry)
    return Part(entry, rank if rank is not None else await stored_rank(entry))


async def stored_rank(entry: Entry) -> int:
    """As PostgreSQL counts it: as many steps as there are places above."""
    assert entry.reached_at is not None, "it ranks"
    async with reader() as tx:
        return await queries.rank(
            tx, entry.challenge, entry.score, entry.reached_at, entry.member_id
        )


async def stored_top(code: str, count: int) -> list[Place]:
    async with reader() as tx:
        return await _stored(tx, code, count)


async def entries_after(code: str, member_id: UUID, limit: int) -> list[Entry]:
    """All entries of a challenge, in the order of the members' ids: what a board is built of."""
    async with reader() as tx:
        return [Entry(**row) for row in await queries.after(tx, code, member_id, limit)]


async def shown_as(member_id: UUID) -> Shown:
    async with reader() as tx:
        return Shown(await queries.shown(tx, member_id) or SHOWN_DEFAULT)


async def _stored(tx: Tx, code: str, count: int) -> list[Place]:
    rows = await queries.top(tx, code, count)
    return [Place(rank, row["member_id"], row["score"]) for rank, row in enumerate(rows, start=1)]


async def _names(tx: Tx, member_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    rows = await queries.names(tx, member_ids)
    return {
        row["member_id"]: rules.shown_name(row["nickname"], Shown(row["shown"] or SHOWN_DEFAULT))
        for row in rows
    }
