"""How do facts come in, and how do they take effect?

`record` answers the shop: each event is accepted, known already or refused, and what was accepted
is an inbox row with a job. `process` is that job.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from uuid import UUID

from db import jobs
from db.connection import UNAVAILABLE, Contended, Tx, is_contention, transactional
from db.jobs import Claim, LeaseLost
from db.queries import intake as queries
from db.queries.orders import paid_through
from db.signals import JOBS
from domain.intake.errors import ConflictingEvent, TooManyEvents
from domain.intake.model import EVENTS_MAX, Fact, InboxEvent, Payload, Recorded
from domain.intake.removing import take_back
from domain.intake.rules import Keys, judge, keys_of, no_such_checkout, sealed
from domain.intake.steps import (
    KIND,
    REMOVE,
    EventFailed,
    checkout_of,
    fall_silent,
    inbox_job,
    open_cases,
    open_events,
    pass_time,
    take_effect,
)
from domain.ledger.steps import open_desk, post
from domain.members import aliases
from domain.members.errors import MemberErased, MemberMerged
from domain.members.steps import lock, lock_all
from domain.orders import steps as orders
from domain.orders.dossiers import Named, open_dossiers
from domain.orders.standing import reassess, review
from domain.programme.views import versions
from kit.errors import NotFound, Refusal
from kit.failures import described
from kit.ids import new_id

__all__ = [
    "KIND",
    "REMOVE",
    "assess_tiers",
    "end_parked",
    "process",
    "record",
    "remove",
    "replay_dead",
    "settle",
]

PARKED_MAX = timedelta(days=30)
REMOVED_EVERY = timedelta(hours=1)
_EVENTS_PER_BATCH = 400
_EVENTS_ALONE = 100
_log = logging.getLogger(__name__)


@transactional
async def record(
    tx: Tx, facts: Sequence[Fact], *, now: datetime, secret: bytes | None = None
) -> Recorded:
    """Take in at most 500 facts, each on its own; refuses TOO_MANY_EVENTS as a whole.

    `secret` keys the hashes of what tells buyers apart; without it nothing of that is kept.

    A fact is refused with INVALID_INPUT, CURRENCY_NOT_SUPPORTED, NOT_FOUND (no such subject) or
    CONFLICTING_EVENT; one that was recorded before with the same content counts as a duplicate.
    """
    if len(facts) > EVENTS_MAX:
        raise TooManyEvents(limit=EVENTS_MAX)
    call = _Call(now, secret)
    await call.judge(tx, facts)
    await call.sort_out_known(tx)
    await call.write(tx)
    return call.recorded()


class _Call:
    """One call of `record` on its way: candidates become accepted, duplicates or refused."""

    def __init__(self, now: datetime, secret: bytes | None) -> None:
        self.now = now
        self.secret = secret
        self.candidates: list[tuple[Fact, Keys, UUID]] = []
        self.accepted: list[tuple[Fact, Keys, UUID]] = []
        self.duplicates = 0
        self.refused: list[tuple[str, Refusal]] = []

    async def judge(self, tx: Tx, facts: Sequence[Fact]) -> None:
        programme = (await versions(tx)).at(self.now).programme
        judged: list[tuple[Fact, Payload, tuple[UUID, UUID] | None]] = []
        for fact in facts:
            try:
                payload = judge(fact, now=self.now, programme=programme)
                judged.append((sealed(fact, self.secret), payload, checkout_of(payload)))
            except Refusal as refusal:
                self.refused.append((fact.id, refusal))
        subjects = {fact.subject for fact, _, _ in judged}
        members = await queries.members_of(tx, sorted(subjects)) if subjects else {}
        checkouts = await self._known_checkouts(tx, [checkout for _, _, checkout in judged])
        for fact, payload, checkout in judged:
            member_id = members.get(fact.subject)
            if member_id is None:
                self.refused.append((fact.id, NotFound(f"subject {fact.subject}")))
            elif checkout is not None and checkouts.get(checkout) != member_id:
                self.refused.append((fact.id, no_such_checkout()))
            else:
                self.candidates.append((fact, keys_of(fact, payload), member_id))

    async def _known_checkouts(
        self, tx: Tx, named: Sequence[tuple[UUID, UUID] | None]
    ) -> dict[tuple[UUID, UUID], UUID]:
        """Whose each of these checkouts is that there is: of who was merged, the survivor's."""
        asked = [checkout for checkout in named if checkout is not None]
        if not asked:
            return {}
        await aliases.refresh(tx)
        owners = {checkout: aliases.current(checkout[0]) for checkout in asked}
        known = await queries.known_checkouts(tx, [(owners[found], found[1]) for found in asked])
        return {found: owner for found, owner in owners.items() if (owner, found[1]) in known}

    async def sort_out_known(self, tx: Tx) -> None:
        asked = [(fact.source, key) for fact, keys, _ in self.candidates for key in keys.keys]
        known = await queries.known_keys(tx, asked) if asked else {}
        for fact, keys, member_id in self.candidates:
            hashes = [known.get((fact.source, key)) for key in keys.keys]
            clash = next(
                (
                    key
                    for key, found in zip(keys.keys, hashes, strict=True)
                    if found is not None and found != keys.content_hash
                ),
                None,
            )
            if clash is not None:
                shown = clash.replace("\x1f", " ")
                self.refused.append((fact.id, ConflictingEvent(key=f"{fact.source} {shown}")))
            elif any(found is not None for found in hashes):
                self.duplicates += 1
            else:
                self.accepted.append((fact, keys, member_id))
                known |= {(fact.source, key): keys.content_hash for key in keys.keys}

    async def write(self, tx: Tx) -> None:
        if not self.accepted:
            return
        rows = [
            (fact.source, key, member_id, keys.content_hash)
            for fact, keys, member_id in self.accepted
            for key in keys.keys
        ]
        if await queries.insert_keys(tx, rows) != len(rows):
            raise Contended
        events = [_inbox_event(fact, member, self.now) for fact, _, member in self.accepted]
        members = sorted({event.member_id for event in events})
        await queries.insert(tx, events, [inbox_job(member, self.now) for member in members])
        tx.wake(JOBS)

    def recorded(self) -> Recorded:
        return Recorded(len(self.accepted), self.duplicates, tuple(self.refused))


def _inbox_event(fact: Fact, member_id: UUID, now: datetime) -> InboxEvent:
    return InboxEvent(
        member_id=member_id,
        id=new_id(),
        source=fact.source,
        event_id=fact.id,
        type=fact.type,
        subject=fact.subject,
        data=fact.data,
        occurred_at=fact.time,
        received_at=now,
        state="new",
        attempts=0,
        waits_for=None,
        note=None,
        processed_at=None,
    )


async def process(claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "intake" jobs: what is in these members' inboxes, in the order of arrival.

    All members' events go in one transaction. Where that fails, each member's go one by one, so
    that one poisonous event neither holds up nor undoes anybody else's; it is tried five times,
    then set aside.

    Raises LeaseLost, MemberMerged, MemberErased and whatever isn't an event's fault.
    """
    try:
        await _process_together(claims, now=now)
    except (LeaseLost, MemberMerged, MemberErased, *UNAVAILABLE):
        raise
    except Exception:  # noqa: BLE001  whatever one of them raises, the others go on
        _log.exception("a batch of %s inboxes failed; going on one by one", len(claims))
        for claim in claims:
            await _process_alone(claim, now)


@transactional
async def _process_together(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    each = max(_EVENTS_PER_BATCH // len(claims), 1)
    waiting = await _drain(tx, {claim.member_id for claim in claims}, now, each)
    done = [claim for claim in claims if claim.member_id not in waiting]
    if done:
        await jobs.finish_all(tx, done, now=now)
    for claim in claims:
        if claim.member_id in waiting:
            await _go_on_later(tx, claim, now)


async def _process_alone(claim: Claim, now: datetime) -> None:
    for _ in range(_EVENTS_ALONE):
        try:
            if not await _process_next(claim, now=now):
                return
        except (LeaseLost, MemberMerged, MemberErased, *UNAVAILABLE):
            raise
        except Exception as error:
            if is_contention(error):
                raise
            _log.exception("an event of member %s failed", claim.member_id)
            if await _blame(claim, error, now=now):
                return
    await _give_way(claim, now=now)


@transactional
async def _process_next(tx: Tx, claim: Claim, *, now: datetime) -> bool:
    """Process one event; whether there may be more. The job is finished with the last one."""
    waiting = await _drain(tx, {claim.member_id}, now, 1)
    if not waiting:
        await jobs.finish(tx, claim, now=now)
    return bool(waiting)


@transactional
async def _give_way(tx: Tx, claim: Claim, *, now: datetime) -> None:
    await _go_on_later(tx, claim, now)


async def _go_on_later(tx: Tx, claim: Claim, now: datetime) -> None:
    await jobs.postpone(tx, claim, now)
    tx.wake(JOBS)


@transactional
async def _blame(tx: Tx, claim: Claim, error: Exception, *, now: datetime) -> bool:
    """Count the failure of the event at fault; whether the member has to wait for it.

    Where it doesn't say which one it was, that is the member's first new one.
    """
    if isinstance(error, EventFailed):
        event_id = error.event.id
    else:
        events = await open_events(tx, [claim.member_id], 1)
        if not events:
            raise error
        event_id = events[0].id
    note = described(error.__cause__ or error)
    attempts = await queries.note_failure(
        tx, claim.member_id, event_id, jobs.ATTEMPTS_MAX, note=note, now=now
    )
    if attempts >= jobs.ATTEMPTS_MAX:
        return False
    await jobs.postpone(tx, claim, now + jobs.retry_delay(attempts), error=note)
    return True


async def _drain(
    tx: Tx, member_ids: AbstractSet[UUID], now: datetime, each: int
) -> frozenset[UUID]:
    """Process up to `each` new events of each member; the members that have more."""
    in_order = sorted(member_ids)
    members = await lock_all(tx, in_order)
    events = await open_events(tx, in_order, each)
    cases = await open_cases(tx, members, events, await versions(tx), now)
    new = [event for event in events if event.state == "new"]
    for event in new:
        take_effect(cases[event.member_id], event)
    counts = Counter(event.member_id for event in new)
    full = [member_id for member_id, count in counts.items() if count >= each]
    waiting = frozenset(await queries.kept_waiting(tx, full, each) if full else ())
    for member_id in member_ids - waiting:
        fall_silent(cases[member_id], now)
        review(cases[member_id].dossier, now)
    await post(tx, *(case.dossier.desk for case in cases.values()))
    return waiting


async def assess_tiers(claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "tiers.assess" jobs: what counts has changed, so look at the tier again."""
    for claim in claims:
        await _assess_tier(claim, now=now)


@transactional
async def _assess_tier(tx: Tx, claim: Claim, *, now: datetime) -> None:
    member = await lock(tx, claim.member_id)
    cases = await open_cases(tx, [member], (), await versions(tx), now)
    case = cases[claim.member_id]
    pass_time(case, now)
    reassess(case.dossier, now, refunded=False)
    review(case.dossier, now)
    await post(tx, case.dossier.desk)
    await jobs.finish(tx, claim, now=now)


@transactional
async def remove(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "intake.remove" jobs: what was taken down gives nothing any more.

    Where it isn't known yet, it is looked for every hour for 30 days.
    """
    desk = await open_desk(tx, claim.member_id, now)
    known = await take_back(tx, desk, claim.payload, await versions(tx), now)
    if not known and now < claim.created_at + PARKED_MAX:
        await jobs.postpone(tx, claim, now + REMOVED_EVERY)
        return
    await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


@transactional
async def settle(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "checkouts.paid" jobs: an order that was told of before hears of its payment.

    `key`: the checkout's id. An order that is told of later sees by itself that it is paid.
    """
    member = await lock(tx, claim.member_id)
    order = await paid_through(tx, member.member_id, UUID(claim.key))
    if order is not None:
        key = (order["source"], order["order_id"])
        named = Named(orders=[(member.member_id, *key)])
        dossiers, _ = await open_dossiers(
            tx, [member], await versions(tx), now, earliest=now, named=named
        )
        dossier = dossiers[member.member_id]
        orders.settled(dossier, dossier.purchases[key], now)
        await post(tx, dossier.desk)
    await jobs.finish(tx, claim, now=now)


@transactional
async def end_parked(tx: Tx, *, as_of: datetime, limit: int = 1_000) -> int:
    """Set aside what has waited for its order for 30 days; how many."""
    return await queries.end_parked(tx, as_of - PARKED_MAX, as_of, limit)


@transactional
async def replay_dead(tx: Tx, *, now: datetime, limit: int = 1_000) -> int:
    """Try the events that were set aside again, and those whose job was; how many of the former."""
    revived = await queries.revive_dead(tx, limit)
    members = {*revived, *await queries.stranded(tx, KIND, limit)}
    await queries.insert(tx, [], [inbox_job(member, now) for member in sorted(members)])
    tx.wake(JOBS)
    return len(revived)
