"""What is done each midnight, and in which order? (docs/guides/schedule.md says why in this one.)

The night is one run. Its phases follow one another, each for all members before the next begins;
the cursor says in which phase the run stands and where. What is done is as of the midnight, however
late: dues are dated when they were due, so that a night made up for gives what one in time gave.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.coupons import operations as coupons
from domain.gifts import operations as gifts
from domain.ledger import operations as ledger
from domain.points import operations as points
from domain.retention import operations as retention
from kit import clock
from workers import intake
from workers.runner import Handler, work_off
from workers.schedule import Batch, Step

MEMBERS_MAX = 200
JOBS_MAX = 100
_BETWEEN = "/"

Verb = Callable[..., Awaitable[UUID | None]]


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the night; `step` gets its own cursor."""

    name: str
    step: Step


def by_member(verb: Verb) -> Step:
    """A step of a verb that goes through the members in the order of their ids; counts batches."""

    async def step(as_of: datetime, cursor: str | None) -> Batch:
        after = UUID(cursor) if cursor else None
        last = await verb(as_of=as_of, after=after, limit=MEMBERS_MAX)
        return Batch(1, None if last is None else str(last))

    return step


def jobs_of(handler: Handler) -> Step:
    """A step that has the jobs done that had been written by the midnight; counts jobs."""

    async def step(as_of: datetime, _cursor: str | None) -> Batch:
        now = max(as_of, clock.now())
        found = await work_off(handler, written_by=as_of, now=now, limit=JOBS_MAX)
        return Batch(found, "more" if found else None)

    return step


async def activate(as_of: datetime, cursor: str | None) -> Batch:
    """Of the wallets with something due, those with pending points; counts batches."""
    return await _settle(as_of, cursor, pending_only=True)


async def settle(as_of: datetime, cursor: str | None) -> Batch:
    """All wallets with something due: activations, expiries, decay; counts batches."""
    return await _settle(as_of, cursor, pending_only=False)


async def _settle(as_of: datetime, cursor: str | None, *, pending_only: bool) -> Batch:
    at, _, member_id = (cursor or "").partition(" ")
    after = ledger.DueWallet(datetime.fromisoformat(at), UUID(member_id)) if cursor else None
    last = await ledger.settle_members(
        as_of=as_of, after=after, limit=MEMBERS_MAX, pending_only=pending_only
    )
    return Batch(1, last and f"{last.at.isoformat()} {last.member_id}")


async def review(as_of: datetime, cursor: str | None) -> Batch:
    """Tiers kept and lost; nobody is warned before it is recorded, so a late night says when."""
    return await by_member(retention.review_due)(max(as_of, clock.now()), cursor)


async def give_birthdays(as_of: datetime, cursor: str | None) -> Batch:
    """A late night gives what is due now: the operation looks back by itself."""
    return await by_member(gifts.give_birthdays)(max(as_of, clock.now()), cursor)


def reminders(currency: ledger.Currency) -> Verb:
    """Of what expires; a late night speaks of what is still there."""

    async def remind(*, as_of: datetime, after: UUID | None, limit: int) -> UUID | None:
        now = max(as_of, clock.now())
        return await points.remind_expiring(
            as_of=as_of, after=after, limit=limit, now=now, currency=currency
        )

    return remind


async def remind_coupons(*, as_of: datetime, after: UUID | None, limit: int) -> UUID | None:
    """A late night speaks of the coupons that are still good."""
    now = max(as_of, clock.now())
    return await coupons.remind_expiring(as_of=as_of, after=after, limit=limit, now=now)


PHASES = (
    Phase("inbox", jobs_of(intake.process)),
    Phase("activate", activate),
    Phase("tiers", jobs_of(intake.assess_tiers)),
    Phase("expire", settle),
    Phase("decay", by_member(ledger.date_decays)),
    Phase("tiers again", jobs_of(intake.assess_tiers)),
    Phase("retention", review),
    Phase("birthdays", give_birthdays),
    Phase("reminders", by_member(reminders(ledger.Currency.POINTS))),
    Phase("credit reminders", by_member(reminders(ledger.Currency.CREDIT))),
    Phase("coupons", by_member(remind_coupons)),
)


async def night(as_of: datetime, cursor: str | None) -> Batch:
    """One batch of the phase in which the run stands; a phase that is unknown starts anew."""
    name, _, within = (cursor or "").partition(_BETWEEN)
    names = [phase.name for phase in PHASES]
    number = names.index(name) if name in names else 0
    batch = await PHASES[number].step(as_of, within or None)
    if batch.cursor is not None:
        return Batch(batch.done, names[number] + _BETWEEN + batch.cursor)
    following = names[number + 1 :]
    return Batch(batch.done, following[0] + _BETWEEN if following else None)


def phase_of(cursor: str | None) -> str:
    """In which phase a night stands; empty where it has not begun and for other entries."""
    name, found, _ = (cursor or "").partition(_BETWEEN)
    return name if found else ""
