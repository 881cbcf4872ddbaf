"""What is posted for a job, and what follows from the answer?

Between the two stands the call itself, which can't be rolled back: a worker that dies there leaves
the job to another, and the endpoint hears twice under one id.
"""

import random
from datetime import datetime
from typing import Any
from uuid import UUID

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries import webhooks as queries
from db.queries.webhooks import Key
from domain.webhooks import rules
from domain.webhooks.model import NOBODY, Endpoint, Message, Outcome, State
from kit.ids import global_id

_DELETED = "the endpoint was deleted"


@transactional
async def prepare(tx: Tx, claim: Claim, *, now: datetime) -> Message | None:
    """What is to be posted for a "webhooks.send" job; None where nothing is, and the job is done.

    A delivery to an endpoint that is gone or disabled is given up; one to an endpoint that is
    paused waits.
    """
    key = _key(claim)
    found = await queries.delivery(tx, *key)
    if found is None or found["state"] != State.WAITING:
        await jobs.finish(tx, claim, now=now)
        return None
    row = await queries.endpoint(tx, key[2])
    endpoint = None if row is None else Endpoint(**row)
    if endpoint is None or endpoint.disabled_at is not None:
        error = _DELETED if endpoint is None else "the endpoint is disabled"
        await queries.end(tx, key, error, now=now)
        await jobs.finish(tx, claim, now=now)
        return None
    if endpoint.paused_until is not None and endpoint.paused_until > now:
        await _wait(tx, claim, now, endpoint.paused_until)
        return None
    return rules.message(endpoint, global_id("WebhookEvent", *key[:2]), _body(found), now=now)


@transactional
async def record(tx: Tx, claim: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Note what came of the attempt; it is tried again at growing intervals, or given up."""
    key = _key(claim)
    if outcome.is_busy:
        await _wait(tx, claim, now, None)
        return
    found = await queries.delivery(tx, *key)
    row = await queries.endpoint(tx, key[2])
    if found is None or row is None:
        await queries.end(tx, key, _DELETED, now=now)
        await jobs.finish(tx, claim, now=now)
        return
    verdict = rules.verdict(
        outcome, found["attempts"] + 1, row["failing_since"], now, chance=_chance()
    )
    await queries.record(
        tx,
        key,
        state=verdict.state,
        status=outcome.status,
        error=outcome.error,
        next_at=verdict.next_at,
        now=now,
    )
    if verdict.state == State.SENT:
        await queries.note_success(tx, key[2])
    else:
        await queries.note_failure(
            tx, key[2], now=now, pause_until=verdict.pause_until, disable=verdict.disable
        )
    if verdict.next_at is None:
        await jobs.finish(tx, claim, now=now)
    else:
        await jobs.postpone(tx, claim, verdict.next_at, error=outcome.error)


async def _wait(tx: Tx, claim: Claim, now: datetime, paused_until: datetime | None) -> None:
    run_at = rules.later(now, paused_until=paused_until, chance=_chance())
    await jobs.postpone(tx, claim, run_at)


def _key(claim: Claim) -> Key:
    event_id, endpoint_id = map(UUID, claim.key.split(":"))
    return claim.member_id, event_id, endpoint_id


def _body(found: dict[str, Any]) -> dict[str, Any]:
    data = found["data"]
    if found["member_id"] != NOBODY:
        member = {
            "id": global_id("Member", found["member_id"]),
            "externalId": found["external_id"],
        }
        data = {"member": member, **data}
    timestamp = found["occurred_at"].isoformat().replace("+00:00", "Z")
    return {"type": found["type"], "timestamp": timestamp, "data": data}


def _chance() -> float:
    return random.random()  # noqa: S311  spreads attempts, guards nothing
