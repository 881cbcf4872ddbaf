"""What may be won with which odds, what was drawn, and was it drawn as it should have been?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx, reader
from db.queries import lottery as queries
from domain.lottery import rules, steps
from domain.lottery.model import Draw, Drawn, Evidence, Round
from domain.programme.model import Lottery, Programme
from domain.programme.views import Versions, versions
from kit.errors import InvalidInput, Refusal
from kit.paging import Page, decode_cursor, encode_cursor, page_size


@dataclass(frozen=True, slots=True)
class Shown:
    """A round with the lottery as its programme version has it.

    `given`: how many of each limited prize it has given so far; empty where that wasn't asked.
    """

    round: Round
    lottery: Lottery
    programme: Programme
    given: dict[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A lottery of the programme in force, and its open round (None: none is)."""

    lottery: Lottery
    programme: Programme
    current: Shown | None


@dataclass(frozen=True, slots=True)
class Verified:
    """`problems` are empty where nothing is wrong; all is checked once the seed is told."""

    evidence: Evidence
    problems: list[str]

    @property
    def is_revealed(self) -> bool:
        return self.evidence.seed is not None


async def lotteries(now: datetime) -> list[Listed]:
    """In the programme's order."""
    published = await versions()
    programme = published.at(now).programme
    codes = [lottery.code for lottery in programme.lotteries]
    async with reader() as tx:
        rows = await queries.latest_rounds(tx, codes)
        current = {
            found.round.lottery: found
            for row in rows
            if _is_open(Round(**row), now)
            and (found := await _with_given(tx, Round(**row), published))
        }
    return [
        Listed(lottery, programme, current.get(lottery.code)) for lottery in programme.lotteries
    ]


def _is_open(found: Round, now: datetime) -> bool:
    return found.closed_at is None and (found.closes_at is None or now < found.closes_at)


async def _with_given(tx: Tx, found: Round, published: Versions) -> Shown:
    given = await queries.given(tx, found.lottery, found.number)
    return _shown(found, published, given)


def _shown(found: Round, published: Versions, given: dict[str, int]) -> Shown:
    programme = published.numbered(found.programme_version).programme
    lottery = programme.lottery(found.lottery)
    assert lottery is not None, "a version doesn't change"
    return Shown(found, lottery, programme, given)


async def shown(found: Round) -> Shown:
    return _shown(found, await versions(), {})


async def rounds(lottery: str, *, first: int = 20, after: str | None = None) -> Page[Shown]:
    """The rounds of a lottery, newest first. Refuses INVALID_INPUT."""
    limit = page_size(first)
    before = None if after is None else _number(after)
    async with reader() as tx:
        rows = await queries.rounds(tx, lottery, before=before, limit=limit + 1)
        published = await versions(tx)
    items = [_shown(Round(**row), published, {}) for row in rows[:limit]]
    cursors = [encode_cursor(item.round.number) for item in items]
    return Page(items, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _number(after: str) -> int:
    (number,) = decode_cursor(after, int)
    assert isinstance(number, int)
    if not 0 <= number < 2**31:
        raise _not_a_cursor()
    return number


def _not_a_cursor() -> Refusal:
    return InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标")


async def draws(member_id: UUID, *, first: int = 20, after: str | None = None) -> Page[Drawn]:
    """A member's draws, newest first. Refuses INVALID_INPUT."""
    limit = page_size(first)
    before = None if after is None else _draw_id(after)
    async with reader() as tx:
        rows = await queries.draws(tx, member_id, before=before, limit=limit + 1)
        items = await _drawn(tx, [Draw(**row) for row in rows[:limit]])
    cursors = [encode_cursor(str(item.draw.id)) for item in items]
    return Page(items, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _draw_id(after: str) -> UUID:
    (text,) = decode_cursor(after, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise _not_a_cursor() from None


async def draws_of(member_id: UUID, redemption_ids: Sequence[UUID]) -> dict[UUID, list[Drawn]]:
    """The draws of a member's redemptions, in their order."""
    async with reader() as tx:
        rows = await queries.draws_of(tx, member_id, redemption_ids)
        items = await _drawn(tx, [Draw(**row) for row in rows])
    found: dict[UUID, list[Drawn]] = {}
    for item in items:
        found.setdefault(item.draw.redemption_id, []).append(item)
    return found


async def _drawn(tx: Tx, found: Sequence[Draw]) -> list[Drawn]:
    asked = sorted({(one.lottery, one.round) for one in found})
    rounds_of: dict[tuple[Any, Any], Round] = {
        (row["lottery"], row["number"]): Round(**row) for row in await queries.rounds_of(tx, asked)
    }
    published = await versions(tx)
    return [steps.shape(one, rounds_of[one.lottery, one.round], published) for one in found]


async def drawn(member_id: UUID, draw_id: UUID) -> Drawn:
    """Refuses NOT_FOUND."""
    async with reader() as tx:
        return await steps.drawn(tx, member_id, draw_id)


async def verify(member_id: UUID, draw_id: UUID) -> Verified:
    """Recompute a draw from what is stored of it. Refuses NOT_FOUND."""
    found = evidence(await drawn(member_id, draw_id))
    return Verified(found, rules.problems(found))


def evidence(found: Drawn) -> Evidence:
    """All that a draw can be recomputed from."""
    draw = found.draw
    return Evidence(
        lottery=draw.lottery,
        round=draw.round,
        commitment=found.round.commitment,
        seed=found.round.told_seed,
        member=str(draw.drawn_by or draw.member_id),
        nonce=draw.nonce,
        client_seed=draw.client_seed,
        prizes=rules.published(found.lottery),
        consolation=found.lottery.consolation,
        roll=draw.roll,
        named=draw.named,
        given=draw.given,
    )
