"""How is an endpoint told again, or told a test, and when is all that forgotten?"""

from datetime import datetime, timedelta
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import webhooks as queries
from db.queries.webhooks import Key
from domain.webhooks.errors import EndpointDisabled
from domain.webhooks.model import NOBODY, Endpoint, Event, EventType, State
from domain.webhooks.steps import job, put
from kit.errors import NotFound
from kit.ids import global_id, new_id

KEPT = timedelta(days=30)
REPLAYED_MAX = 5_000


@transactional
async def replay(tx: Tx, key: Key, *, now: datetime) -> None:
    """Send one delivery again, sent before or not, under its id. Refuses as `replay_since` does."""
    member_id, event_id, endpoint_id = key
    await _require_enabled(tx, endpoint_id)
    if not await queries.revive(tx, key, now=now):
        raise NotFound("webhook delivery")
    changes = Changes()
    changes.put("job", job(member_id, event_id, endpoint_id, now))
    await changes.write(tx)


@transactional
async def replay_since(
    tx: Tx, endpoint_id: UUID, since: datetime, *, with_sent: bool = False, now: datetime
) -> int:
    """Send again what was given up since then, and what was sent too if asked for; how many.

    The oldest first, at most 5,000. Refuses NOT_FOUND, ENDPOINT_DISABLED.
    """
    await _require_enabled(tx, endpoint_id)
    states = [State.DEAD, State.SENT] if with_sent else [State.DEAD]
    found = await queries.revive_since(
        tx, endpoint_id, since=since, states=states, now=now, limit=REPLAYED_MAX
    )
    changes = Changes()
    for member_id, event_id in found:
        changes.put("job", job(member_id, event_id, endpoint_id, now))
    await changes.write(tx)
    return len(found)


@transactional
async def send_test(tx: Tx, endpoint_id: UUID, *, now: datetime) -> Event:
    """Send a `webhook.test`. Refuses NOT_FOUND, ENDPOINT_DISABLED."""
    await _require_enabled(tx, endpoint_id)
    data = {"endpointId": global_id("WebhookEndpoint", endpoint_id)}
    event = Event(NOBODY, new_id(), EventType.TEST, data, occurred_at=now, created_at=now)
    changes = Changes()
    put(changes, event, [endpoint_id], now=now)
    await changes.write(tx)
    return event


@transactional
async def prune(tx: Tx, *, as_of: datetime, limit: int) -> int:
    """Forget events that are older than 30 days; how many."""
    return await queries.prune(tx, as_of - KEPT, limit=limit)


async def _require_enabled(tx: Tx, endpoint_id: UUID) -> None:
    row = await queries.endpoint(tx, endpoint_id)
    if row is None:
        raise NotFound("webhook endpoint")
    endpoint = Endpoint(**row)
    if endpoint.disabled_reason is not None:
        raise EndpointDisabled(endpoint.disabled_reason)
