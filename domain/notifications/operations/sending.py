"""How does a notification reach a member outside the app? Decided, carried, recorded.

The first transaction decides and marks what is about to be sent, the second records what came of
it; between them stands the call that can't be rolled back. A worker that dies there sends again:
at least once, with the same key each time.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from db import jobs
from db.changes import Changes
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries import notifications as queries
from db.rows import read
from domain.members.model import Member
from domain.members.rules import zone_at
from domain.members.steps import lock
from domain.notifications import rules, steps
from domain.notifications.model import (
    NEVER_CAPPED,
    NEVER_MUTED,
    Channel,
    Delivery,
    Failure,
    Letter,
    Notification,
    Outbox,
    Provider,
    Template,
    Told,
)
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.webhooks.steps import write

CALL_SECONDS = 12
ANSWER_CHARACTERS_MAX = 300
_UNCOUNTED = [template.value for template in Template if rules.class_of(template) in NEVER_CAPPED]


@dataclass(frozen=True, slots=True)
class _Case:
    """One notification and all that decides about it."""

    row: Notification
    member: Member
    programme: Programme
    situation: rules.Situation
    outbox: Outbox


async def deliver(claim: Claim, outbox: Outbox, *, now: datetime) -> None:
    """The effect of "notifications.send" jobs: one notification, by every channel that is due."""
    parcels = await _prepare(claim, outbox, now=now)
    if not parcels:
        return
    told = await asyncio.gather(*(_carry(parcel, outbox) for parcel in parcels))
    await _record(claim, told, now=now)


async def _carry(parcel: Told, outbox: Outbox) -> Told:
    provider = outbox.providers[parcel.letter.channel]
    try:
        return replace(parcel, answer=await _in_time(provider, parcel.letter))
    except Failure as failure:
        return replace(parcel, answer=str(failure), failure=failure)
    except Exception as error:  # noqa: BLE001  what the others sent is recorded whatever one raises
        failure = Failure(type(error).__name__, temporary=True)
        return replace(parcel, answer=str(failure), failure=failure)


async def _in_time(provider: Provider, letter: Letter) -> str:
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await provider.carry(letter)
    except TimeoutError:
        raise Failure(f"no answer within {CALL_SECONDS} seconds", temporary=True) from None


@transactional
async def _prepare(tx: Tx, claim: Claim, outbox: Outbox, *, now: datetime) -> list[Told]:
    """What is to be sent now, marked so; where that is nothing, the job is done or waits."""
    member = await lock(tx, claim.member_id)
    found = await queries.situation(
        tx,
        member.member_id,
        claim.payload["template"],
        claim.payload["cause"],
        sent_since=now - rules.ONE_WEEK,
        uncounted=_UNCOUNTED,
    )
    programme = (await versions(tx)).at(now).programme
    case = _Case(
        row=read(Notification, found["notification"]),
        member=member,
        programme=programme,
        situation=_situation(member, found, programme, outbox, now),
        outbox=outbox,
    )
    known = {one["channel"]: read(Delivery, one) for one in found["deliveries"] or ()}
    is_under_way = any(one.state == "SENDING" for one in known.values())
    if is_under_way and await jobs.is_held_by_another(tx, claim, now=now):
        await jobs.finish(tx, claim, now=now)
        return []
    changes = Changes()
    sending = [one for one in _judgements(case, known, changes, now) if one.state == "SENDING"]
    await write(tx, changes, now=now)
    if not sending:
        await _end(tx, claim, case.row.id, now=now)
    return [Told(one, _letter(one, case)) for one in sending]


@transactional
async def _record(tx: Tx, claim: Claim, told: Sequence[Told], *, now: datetime) -> None:
    await lock(tx, claim.member_id)
    policy = (await versions(tx)).at(now).programme.notifications
    changes = Changes()
    for one in told:
        changes.put("delivery", _concluded(one, policy.attempts_max, now))
    await write(tx, changes, now=now)
    await _end(tx, claim, told[0].delivery.notification_id, now=now)


async def _end(tx: Tx, claim: Claim, notification_id: UUID, *, now: datetime) -> None:
    next_at = await queries.next_delivery(tx, claim.member_id, notification_id)
    if next_at is None:
        await jobs.finish(tx, claim, now=now)
        return
    await jobs.postpone(tx, claim, next_at)


def _concluded(told: Told, attempts_max: int, now: datetime) -> Delivery:
    row = replace(told.delivery, answer=_kept(told.answer), changed_at=now)
    if told.failure is None:
        return replace(row, state="SENT", sent_at=now)
    if told.failure.temporary and row.attempts < attempts_max:
        return replace(row, state="WAITING", next_at=rules.retry_at(now, row.attempts))
    return replace(row, state="FAILED")


def _kept(answer: str) -> str:
    """Servers answer in any encoding; PostgreSQL keeps neither half characters nor NUL."""
    text = answer[:ANSWER_CHARACTERS_MAX].encode(errors="replace").decode()
    return text.replace("\0", "?")


def _judgements(
    case: _Case, known: Mapping[str, Delivery], changes: Changes, now: datetime
) -> Iterator[Delivery]:
    """Of each channel that is due what becomes of it, put among the changes."""
    row = case.row
    chosen = rules.channels_of(row.template, case.programme.notifications)
    for channel in map(Channel, dict.fromkeys((*chosen, *known))):
        before = known.get(channel) or _first(row, channel, now)
        if before.state == "SENDING" or (before.next_at is not None and before.next_at <= now):
            after = _judged(case, before, now)
            changes.put("delivery", after)
            yield after


def _first(row: Notification, channel: Channel, now: datetime) -> Delivery:
    return Delivery(
        member_id=row.member_id,
        notification_id=row.id,
        channel=channel.value,
        state="WAITING",
        reason=None,
        attempts=0,
        provider=None,
        answer=None,
        started_at=None,
        next_at=now,
        sent_at=None,
        changed_at=now,
    )


def _judged(case: _Case, before: Delivery, now: datetime) -> Delivery:
    channel = Channel(before.channel)
    is_begun = before.started_at is not None
    verdict = rules.decide(case.row, channel, case.situation, now, is_begun=is_begun)
    after = replace(before, next_at=None, changed_at=now)
    if isinstance(verdict, rules.Skip):
        return replace(after, state="SKIPPED", reason=verdict.reason)
    if isinstance(verdict, rules.Later):
        return replace(after, state="WAITING", next_at=verdict.at)
    if channel == Channel.IN_APP:
        return replace(after, state="SENT", sent_at=now)
    return replace(
        after,
        state="SENDING",
        attempts=before.attempts + 1,
        provider=case.outbox.providers[channel].name,
        started_at=before.started_at or now,
    )


def _situation(
    member: Member, found: dict[str, Any], programme: Programme, outbox: Outbox, now: datetime
) -> rules.Situation:
    preference = found["preference"]
    sent: dict[Channel, list[datetime]] = {}
    for one in found["sent"] or ():
        sent.setdefault(Channel(one["channel"]), []).append(datetime.fromisoformat(one["at"]))
    return rules.Situation(
        policy=programme.notifications,
        preference=steps.preference_of(member.member_id, preference),
        zone=zone_at(member, now, day_start_hour=programme.day_start_hour),
        is_suspended=member.suspended_at is not None,
        provided=frozenset(outbox.providers),
        addresses={
            Channel.EMAIL: (member.email,) if member.email else (),
            Channel.SMS: (member.phone,) if member.phone else (),
            Channel.PUSH: tuple(found["push"] or ()),
        },
        sent={channel: tuple(instants) for channel, instants in sent.items()},
    )


def _letter(delivery: Delivery, case: _Case) -> Letter:
    row, member, notices = case.row, case.member, case.programme.notifications
    channel, class_ = Channel(delivery.channel), rules.class_of(row.template)
    reader = rules.Reader(member.nickname, case.situation.zone, member.locale)
    facts = case.outbox.facts(row)
    words = rules.text(row.template, facts, channel, case.programme, reader)
    url = None
    if channel == Channel.EMAIL and (class_, channel) not in NEVER_MUTED:
        url = case.outbox.unsubscribing(member.member_id, class_)
    return Letter(
        key=f"{row.id}.{channel.value}",
        channel=channel,
        addresses=case.situation.addresses[channel],
        title=words.title,
        body=rules.with_unsubscribing(words.body, url, member.locale),
        locale=member.locale,
        sender=(notices.sender or case.programme.name).in_(member.locale),
        template=row.template,
        unsubscribe_url=url,
    )
