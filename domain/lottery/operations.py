"""Which verbs open a round, close it, and tell its secret?

Rounds open and close by the clock (`turn`), or staff closes one. A round that is closed is told
about in a transaction of its own, which waits for the draws that had begun.
"""

import secrets
from dataclasses import asdict
from datetime import datetime

from db.connection import Tx, reader, transactional
from db.queries import lottery as queries
from domain.lottery import rules
from domain.lottery.errors import LotteryClosed
from domain.lottery.model import SEED_BYTES, Round
from domain.lottery.steps import is_of
from domain.programme.model import Lottery, Programme
from domain.programme.views import Published, versions
from kit.calendar import period_window

BY_THE_CLOCK = "schedule"
BY_THE_PROGRAMME = "programme"


async def turn(*, as_of: datetime) -> int:
    """Close rounds whose time is over or whose lottery has changed, tell their seeds, open others.

    How many rounds were opened, closed or told; doing it again does nothing.
    """
    closed = await _close_due(as_of=as_of)
    return closed + await _reveal_closed(now=as_of) + await _open_due(as_of=as_of)


async def close_round(lottery: str, *, staff: str, now: datetime) -> Round:
    """Close the open round of a lottery and tell its seed; the next one opens by the clock.

    Refuses NOT_FOUND, LOTTERY_CLOSED.
    """
    number = await _close_open(lottery, staff=staff, now=now)
    await _reveal(lottery, number, now=now)
    async with reader() as tx:
        (row,) = await queries.rounds_of(tx, [(lottery, number)])
    return Round(**row)


@transactional
async def _close_open(tx: Tx, lottery: str, *, staff: str, now: datetime) -> int:
    rows = await queries.latest_rounds(tx, [lottery])
    if not rows or rows[0]["closed_at"] is not None:
        raise LotteryClosed(lottery)
    number = rows[0]["number"]
    await queries.close(tx, lottery, number, at=max(now, rows[0]["opens_at"]), by=staff)
    return number


@transactional
async def _close_due(tx: Tx, *, as_of: datetime) -> int:
    published = await versions(tx)
    count = 0
    for row in await queries.open_rounds(tx):
        found = Round(**row)
        by = None
        if found.closes_at is not None and found.closes_at <= as_of:
            by = BY_THE_CLOCK
        elif not is_of(
            found.lottery, published.at(as_of), published.numbered(found.programme_version)
        ):
            by = BY_THE_PROGRAMME
        if by is not None:
            at = max(as_of, found.opens_at)
            await queries.close(tx, found.lottery, found.number, at=at, by=by)
            count += 1
    return count


async def _reveal_closed(*, now: datetime) -> int:
    async with reader() as tx:
        rows = await queries.unrevealed(tx)
    for row in rows:
        await _reveal(row["lottery"], row["number"], now=now)
    return len(rows)


@transactional
async def _reveal(tx: Tx, lottery: str, number: int, *, now: datetime) -> None:
    await queries.reveal(tx, lottery, number, at=now)


@transactional
async def _open_due(tx: Tx, *, as_of: datetime) -> int:
    published = (await versions(tx)).at(as_of)
    programme = published.programme
    codes = [lottery.code for lottery in programme.lotteries]
    latest = {row["lottery"]: Round(**row) for row in await queries.latest_rounds(tx, codes)}
    count = 0
    for lottery in programme.lotteries:
        before = latest.get(lottery.code)
        if _is_on(lottery, as_of) and (before is None or before.closed_at is not None):
            await _open(tx, lottery, published, number=before.number + 1 if before else 1, at=as_of)
            count += 1
    return count


def _is_on(lottery: Lottery, at: datetime) -> bool:
    begun = lottery.starts_at is None or lottery.starts_at <= at
    return begun and (lottery.ends_at is None or at < lottery.ends_at)


async def _open(
    tx: Tx, lottery: Lottery, published: Published, *, number: int, at: datetime
) -> None:
    seed = secrets.token_bytes(SEED_BYTES)
    row = Round(
        lottery=lottery.code,
        number=number,
        programme_version=published.version,
        seed=seed.hex(),
        commitment=rules.commitment(seed),
        opens_at=at,
        closes_at=_closes_at(lottery, published.programme, at),
    )
    limited = [
        (prize.code, prize.stock, prize.costs_minor) for prize in lottery.prizes if prize.is_limited
    ]
    await queries.add_round(tx, asdict(row), budget_minor=lottery.budget_minor, limited=limited)


def _closes_at(lottery: Lottery, programme: Programme, at: datetime) -> datetime | None:
    ends = [] if lottery.ends_at is None else [lottery.ends_at]
    if lottery.round is not None:
        hour = programme.day_start_hour
        ends.append(period_window(lottery.round, at, programme.zone, day_start_hour=hour)[1])
    return min(ends, default=None)
