"""How do staff say where a shop wants to hear of facts?"""

import base64
import secrets
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries import webhooks as queries
from domain.webhooks import rules
from domain.webhooks.errors import TooManyEndpoints
from domain.webhooks.model import Endpoint
from domain.webhooks.steps import forget
from kit.errors import NotFound
from kit.ids import new_id

_SECRET_BYTES = 32


async def create(
    url: str,
    *,
    event_types: Collection[str],
    description: str,
    staff: str,
    allows_private: bool,
    now: datetime,
) -> Endpoint:
    """Let an address be told of facts from now on, of these types or, where none is named, of all.

    Its secret is shown here and never again. Refuses INVALID_INPUT, ADDRESS_REFUSED,
    TOO_MANY_ENDPOINTS.
    """
    endpoint = Endpoint(
        id=new_id(),
        url=rules.valid_url(url, allows_private=allows_private),
        description=rules.valid_description(description),
        secret=_new_secret(),
        old_secret=None,
        old_secret_until=None,
        event_types=rules.valid_types(event_types),
        created_at=now,
        created_by=staff,
    )
    await _add(endpoint)
    forget()
    return endpoint


@transactional
async def _add(tx: Tx, endpoint: Endpoint) -> None:
    if await queries.count_endpoints(tx) >= rules.ENDPOINTS_MAX:
        raise TooManyEndpoints(rules.ENDPOINTS_MAX)
    await queries.write_endpoint(tx, asdict(endpoint))


@transactional
async def update(
    tx: Tx,
    endpoint_id: UUID,
    *,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    description: str | None = None,
    allows_private: bool,
) -> Endpoint:
    """Change what is given; what is None stays.

    Refuses INVALID_INPUT, ADDRESS_REFUSED, NOT_FOUND.
    """
    endpoint = await _locked(tx, endpoint_id)
    if url is not None:
        endpoint = _moved(endpoint, rules.valid_url(url, allows_private=allows_private))
    if event_types is not None:
        endpoint = replace(endpoint, event_types=rules.valid_types(event_types))
    if description is not None:
        endpoint = replace(endpoint, description=rules.valid_description(description))
    return await _written(tx, endpoint)


@transactional
async def rotate_secret(tx: Tx, endpoint_id: UUID, *, now: datetime) -> Endpoint:
    """Sign with a new secret, and with the one before for another 24 hours. Refuses NOT_FOUND."""
    endpoint = await _locked(tx, endpoint_id)
    rotated = replace(
        endpoint,
        secret=_new_secret(),
        old_secret=endpoint.secret,
        old_secret_until=now + rules.ROTATION,
    )
    return await _written(tx, rotated)


@transactional
async def enable(tx: Tx, endpoint_id: UUID) -> Endpoint:
    """Tell it of facts from now on; what it missed is sent by a replay. Refuses NOT_FOUND."""
    endpoint = await _locked(tx, endpoint_id)
    if endpoint.disabled_at is None:
        return endpoint
    enabled = replace(
        endpoint, disabled_at=None, disabled_reason=None, failing_since=None, paused_until=None
    )
    return await _written(tx, enabled)


@transactional
async def disable(tx: Tx, endpoint_id: UUID, *, staff: str, reason: str, now: datetime) -> Endpoint:
    """Tell it of nothing until it is enabled; what is on its way is given up.

    Refuses INVALID_INPUT, NOT_FOUND.
    """
    reason = f"{staff}: {rules.valid_reason(reason)}"
    endpoint = await _locked(tx, endpoint_id)
    if endpoint.disabled_at is not None:
        return endpoint
    return await _written(tx, replace(endpoint, disabled_at=now, disabled_reason=reason))


@transactional
async def delete(tx: Tx, endpoint_id: UUID) -> Endpoint:
    """What is on its way is given up. Refuses NOT_FOUND."""
    endpoint = await _locked(tx, endpoint_id)
    await queries.delete_endpoint(tx, endpoint_id)
    forget()
    return endpoint


def _moved(endpoint: Endpoint, url: str) -> Endpoint:
    """Another address hasn't failed yet."""
    if url == endpoint.url:
        return endpoint
    return replace(endpoint, url=url, failing_since=None, paused_until=None)


async def _locked(tx: Tx, endpoint_id: UUID) -> Endpoint:
    row = await queries.lock_endpoint(tx, endpoint_id)
    if row is None:
        raise NotFound("webhook endpoint")
    return Endpoint(**row)


async def _written(tx: Tx, endpoint: Endpoint) -> Endpoint:
    await queries.write_endpoint(tx, asdict(endpoint))
    forget()
    return endpoint


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
