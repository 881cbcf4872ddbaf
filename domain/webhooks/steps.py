"""How does a fact come to be told? By rows written with it, for each endpoint that wants it.

`write` is the one door through which a domain's rows reach their tables.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.jobs import Job
from db.queries import webhooks as queries
from domain.webhooks.facts import told
from domain.webhooks.model import Delivery, Endpoint, Event, State
from kit.ids import derived_id

SEND = "webhooks.send"
_STALE_SECONDS = 1.0


class _Cache:
    enabled: Sequence[Endpoint] = ()
    checked_at = float("-inf")


_cache = _Cache()


def forget() -> None:
    """Drop what is cached: an endpoint has changed, or another database is in use now."""
    _cache.enabled = ()
    _cache.checked_at = float("-inf")


async def write(tx: Tx, changes: Changes, *, now: datetime) -> None:
    """Write the rows, and with them what endpoints are told of them."""
    await tell(tx, changes, now=now)
    await changes.write(tx)


async def tell(tx: Tx, changes: Changes, *, now: datetime) -> None:
    """Add what endpoints are told of the rows; nothing where none is enabled."""
    endpoints = await _enabled(tx)
    if not endpoints:
        return
    for fact in told(changes, now=now):
        takers = [endpoint.id for endpoint in endpoints if endpoint.wants(fact.type)]
        if takers:
            event = Event(
                fact.member_id,
                derived_id("webhook", fact.type, fact.member_id, fact.key),
                fact.type,
                fact.data,
                fact.occurred_at,
                now,
            )
            put(changes, event, takers, now=now)


def put(changes: Changes, event: Event, endpoint_ids: Sequence[UUID], *, now: datetime) -> None:
    """Send the event to these endpoints."""
    changes.put("webhook_event", event)
    for endpoint_id in endpoint_ids:
        delivery = Delivery(
            event.member_id, event.id, endpoint_id, State.WAITING, 0, now, next_at=now
        )
        changes.put("webhook_delivery", delivery)
        changes.put("job", job(event.member_id, event.id, endpoint_id, now))


def job(member_id: UUID, event_id: UUID, endpoint_id: UUID, now: datetime) -> Job:
    return Job(member_id, SEND, f"{event_id}:{endpoint_id}", run_at=now, created_at=now)


async def _enabled(tx: Tx) -> Sequence[Endpoint]:
    """Endpoints that are told, at most a second old."""
    if time.monotonic() - _cache.checked_at > _STALE_SECONDS:
        found = [Endpoint(**row) for row in await queries.endpoints(tx)]
        _cache.enabled = [endpoint for endpoint in found if endpoint.disabled_at is None]
        _cache.checked_at = time.monotonic()
    return _cache.enabled
