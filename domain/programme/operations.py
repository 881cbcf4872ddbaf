"""How does a programme come into force? By being published, as a numbered version that never changes."""

from datetime import UTC, datetime

from db.connection import Tx, transactional
from db.queries import programme as queries
from domain.programme import views
from domain.programme.errors import CurrencyFixed
from domain.programme.model import Programme

SINCE_EVER = datetime(1, 1, 1, tzinfo=UTC)


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
    differs from the versions before: balances of money are in it.
    """
    number = await queries.lock_versions(tx)
    views.forget()
    latest = (await views.versions(tx)).latest()
    if latest is not None and latest.digest == programme.digest:
        return latest.version
    if latest is not None and latest.programme.currency != programme.currency:
        raise CurrencyFixed(currency=latest.programme.currency)
    starts = SINCE_EVER if number == 0 else max(effective_from or now, now)
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
