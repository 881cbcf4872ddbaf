"""How does a programme come into force? Published, as a numbered version that never changes."""

from datetime import UTC, datetime, timedelta

from db.connection import Tx, transactional
from db.queries import programme as queries
from domain.programme import views
from domain.programme.errors import CurrencyFixed, TierInUse
from domain.programme.model import Programme

SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Whatever lies before belongs to the first version as well (`Versions.at`)."""
SOON = timedelta(minutes=1)
"""Until a version that starts later, members may come to any tier of the one before."""


@transactional
async def publish(
    tx: Tx,
    programme: Programme,
    *,
    now: datetime,
    published_by: str,
    effective_from: datetime | None = None,
) -> int:
    """Publish `programme`; its version number. The first one is in force since ever.

    Publishing what is in force already changes nothing. Refuses CURRENCY_FIXED where the currency
    differs from the versions before (balances of money are in it), TIER_IN_USE where it drops a
    tier that members are on or, where it is to start later than soon, may be on by then. A version
    never starts before the one it follows.
    """
    number = await queries.lock_versions(tx)
    views.forget()
    latest = (await views.versions(tx)).latest()
    if latest is not None and latest.digest == programme.digest:
        return latest.version
    if latest is not None and latest.programme.currency != programme.currency:
        raise CurrencyFixed(currency=latest.programme.currency)
    starts = (
        SINCE_EVER if latest is None else max(effective_from or now, now, latest.effective_from)
    )
    before = latest.programme if latest is not None and starts > now + SOON else None
    await _require_tiers_held(tx, programme, before)
    await queries.insert_version(
        tx,
        version=number + 1,
        digest=programme.digest,
        document=programme.document(),
        effective_from=starts,
        published_at=now,
        published_by=published_by,
    )
    views.forget()
    return number + 1


async def _require_tiers_held(tx: Tx, programme: Programme, before: Programme | None) -> None:
    """`before`: what members may still climb until `programme` starts."""
    held = set(await queries.tiers_held(tx))
    if before is not None:
        held |= {tier.code for tier in before.tiers.ladder}
    dropped = held - {tier.code for tier in programme.tiers.ladder}
    if dropped:
        raise TierInUse(tiers=", ".join(sorted(dropped)))
