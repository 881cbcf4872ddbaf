"""How do facts come in, and how do they take effect?

`record` answers the shop: each event is accepted, known already or refused, and what was accepted is
an inbox row with a job. `process` is that job.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from db import jobs
from db.connection import UNAVAILABLE, Contended, Tx, transactional
from db.jobs import Claim, Job, LeaseLost
from db.queries import intake as queries
from db.signals import JOBS
from domain.intake.errors import ConflictingEvent, TooManyEvents
from domain.intake.model import EVENTS_MAX, Fact, InboxEvent, Payload, Recorded
from domain.intake.rules import Keys, judge, keys_of
from domain.intake.steps import open_cases, open_events, take_effect
from domain.ledger.steps import post
from domain.members.steps import lock
from domain.orders.standing import reassess
from domain.programme.views import versions
from kit.errors import NotFound, Refusal
from kit.ids import new_id

KIND = "intake"
PARKED_MAX = timedelta(days=30)
_EVENTS_PER_BATCH = 400
_NOTE_MAX = 500
_log = logging.getLogger(__name__)


@transactional
async def record(tx: Tx, facts: Sequence[Fact], *, now: datetime) -> Recorded:
    """Take in at most 500 facts, each on its own; refuses TOO_MANY_EVENTS as a whole.

    A fact is refused with INVALID_INPUT, CURRENCY_NOT_SUPPORTED, NOT_FOUND (no such subject) or
    CONFLICTING_EVENT; one that was recorded before with the same content counts as a duplicate.
    """
    if len(facts) > EVENTS_MAX:
        raise TooManyEvents(limit=EVENTS_MAX)
    call = _Call(now)
    await call.judge(tx, facts)
    await call.sort_out_known(tx)
    await call.write(tx)
    return call.recorded()


class _Call:
    """One call of `record` on its way: candidates become accepted, duplicates or refused."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.candidates: list[tuple[Fact, Keys, UUID]] = []
        self.accepted: list[tuple[Fact, Keys, UUID]] = []
        self.duplicates = 0
        self.refused: list[tuple[str, Refusal]] = []

    async def judge(self, tx: Tx, facts: Sequence[Fact]) -> None:
        programme = (await versions(tx)).at(self.now).programme
        judged: list[tuple[Fact, Payload]] = []
        for fact in facts:
            try:
                judged.append((fact, judge(fact, now=self.now, programme=programme)))
            except Refusal as refusal:
                self.refused.append((fact.id, refusal))
        subjects = {fact.subject for fact, _ in judged}
        members = await queries.members_of(tx, sorted(subjects)) if subjects else {}
        for fact, payload in judged:
            if fact.subject in members:
                keys = keys_of(fact, payload)
                self.candidates.append((fact, keys, members[fact.subject]))
            else:
                self.refused.append((fact.id, NotFound(f"subject {fact.subject}")))

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


def inbox_job(member_id: UUID, now: datetime) -> Job:
    """The job that processes what is in a member's inbox when it runs."""
    return Job(member_id=member_id, kind=KIND, key="inbox", run_at=now, created_at=now)


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
    then set aside. Raises LeaseLost and whatever means that PostgreSQL is out of reach.
    """
    try:
        await _process_together(claims, now=now)
    except (LeaseLost, *UNAVAILABLE):
        raise
    except Exception:
        _log.exception("a batch of %s inboxes failed; going on one by one", len(claims))
        for claim in claims:
            await _process_alone(claim, now)


@transactional
async def _process_together(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    each = max(_EVENTS_PER_BATCH // len(claims), 1)
    waiting = await _drain(tx, [claim.member_id for claim in claims], now, each)
    done = [claim for claim in claims if claim.member_id not in waiting]
    if done:
        await jobs.finish_all(tx, done, now=now)
    for claim in claims:
        if claim.member_id in waiting:
            await jobs.postpone(tx, claim, now)
            tx.wake(JOBS)


async def _process_alone(claim: Claim, now: datetime) -> None:
    while True:
        try:
            if not await _process_next(claim, now=now):
                return
        except (LeaseLost, *UNAVAILABLE):
            raise
        except Exception as error:  # noqa: BLE001  whatever is broken, it is this event's fault
            _log.exception("an event of member %s failed", claim.member_id)
            if await _blame(claim, f"{type(error).__name__}: {error}", now=now):
                return


@transactional
async def _process_next(tx: Tx, claim: Claim, *, now: datetime) -> bool:
    """Process one event; whether there may be more. The job is finished with the last one."""
    waiting = await _drain(tx, [claim.member_id], now, 1)
    if not waiting:
        await jobs.finish(tx, claim, now=now)
    return bool(waiting)


@transactional
async def _blame(tx: Tx, claim: Claim, error: str, *, now: datetime) -> bool:
    """Count the failure of the member's first new event; whether the member has to wait for it."""
    (event, *_) = await open_events(tx, [claim.member_id], 1)
    attempts = await queries.note_failure(
        tx, claim.member_id, event.id, jobs.ATTEMPTS_MAX, error[:_NOTE_MAX]
    )
    if attempts >= jobs.ATTEMPTS_MAX:
        return False
    await jobs.postpone(tx, claim, now + jobs.retry_delay(attempts), error=error[:_NOTE_MAX])
    return True


async def _drain(tx: Tx, member_ids: Sequence[UUID], now: datetime, each: int) -> frozenset[UUID]:
    """Process up to `each` new events of each member; the members that have more."""
    members = [await lock(tx, member_id) for member_id in sorted(member_ids)]
    events = await open_events(tx, member_ids, each)
    cases = await open_cases(tx, members, events, await versions(tx), now)
    new = [event for event in events if event.state == "new"]
    for event in new:
        take_effect(cases[event.member_id], event)
    await post(tx, *(case.dossier.desk for case in cases.values()))
    counts = Counter(event.member_id for event in new)
    full = [member_id for member_id, count in counts.items() if count >= each]
    return frozenset(await queries.kept_waiting(tx, full)) if full else frozenset()


async def assess_tiers(claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "tiers.assess" jobs: what counts has changed, so look at the tier again."""
    for claim in claims:
        await _assess_tier(claim, now=now)


@transactional
async def _assess_tier(tx: Tx, claim: Claim, *, now: datetime) -> None:
    member = await lock(tx, claim.member_id)
    cases = await open_cases(tx, [member], (), await versions(tx), now)
    dossier = cases[claim.member_id].dossier
    reassess(dossier, now, refunded=False)
    await post(tx, dossier.desk)
    await jobs.finish(tx, claim, now=now)


@transactional
async def end_parked(tx: Tx, *, as_of: datetime, limit: int = 1_000) -> int:
    """Set aside what has waited for its order for 30 days; how many."""
    return await queries.end_parked(tx, as_of - PARKED_MAX, as_of, limit)


@transactional
async def replay_dead(tx: Tx, *, now: datetime, limit: int = 1_000) -> int:
    """Try the events that were set aside again; how many."""
    members = await queries.revive_dead(tx, limit)
    await queries.insert(tx, [], [inbox_job(member, now) for member in sorted(set(members))])
    tx.wake(JOBS)
    return len(members)
