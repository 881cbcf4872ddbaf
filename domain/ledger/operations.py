"""Which verbs move a wallet for the ledger's own sake: what is due, and what is held?"""

from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from db.connection import Tx, reader, transactional
from db.each import each
from db.queries import audit as audit_queries
from db.queries import ledger as queries
from db.queries.ledger import DueWallet
from domain.ledger.audit import Findings, audit_members, audit_shared
from domain.ledger.errors import HoldResolved
from domain.ledger.model import Cause, Currency, Hold
from domain.ledger.steps import Desk, hold_of, open_desk, policy_of, post, slices_of
from domain.programme.views import Published, versions
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from kit.ids import derived_id

FIRST = UUID(int=0)
AUDIT_BATCH = 200


class Source(NamedTuple):
    """What something is held for: a checkout, a draw; it may hold once."""

    type: str
    id: str


async def settle_members(
    *,
    as_of: datetime,
    after: DueWallet | None = None,
    limit: int = 500,
    pending_only: bool = False,
) -> DueWallet | None:
    """Post what is due by `as_of` on up to `limit` wallets; where to go on, None at the end.

    The longest due come first. With `pending_only`, only wallets that have pending points.
    One transaction a member; doing it again changes nothing.
    """
    async with reader() as tx:
        found = await queries.wallets_due(tx, as_of, after, limit=limit, pending_only=pending_only)
    members = dict.fromkeys(wallet.member_id for wallet in found)
    await each(members, partial(_settle, as_of=as_of))
    return found[-1] if len(found) == limit else None


async def date_decays(*, as_of: datetime, after: UUID | None, limit: int) -> UUID | None:
    """Give wallets whose points decay their date, and post what was due on it by `as_of`.

    Up to `limit` members in the order of their ids; the last one's id, None at the end.
    """
    async with reader() as tx:
        if policy_of((await versions(tx)).at(as_of)).decay is None:
            return None
        members = await queries.undated(tx, after or FIRST, limit=limit)
    await each(members, partial(_settle, as_of=as_of))
    return members[-1] if len(members) == limit else None


@transactional
async def _settle(tx: Tx, member_id: UUID, *, as_of: datetime) -> None:
    await post(tx, await open_desk(tx, member_id, as_of))


async def release_lapsed_holds(*, as_of: datetime, limit: int = 500) -> int:
    """Release holds whose time is over, the longest over first; how many there were."""
    async with reader() as tx:
        lapsed = await queries.holds_lapsed(tx, as_of, limit)
    for member_id in dict.fromkeys(row["member_id"] for row in lapsed):
        await _settle(member_id, as_of=as_of)
    return len(lapsed)


@transactional
async def hold(  # noqa: PLR0913  what is set aside for what, and until when
    tx: Tx,
    member_id: UUID,
    amount: int,
    *,
    source: Source,
    expires_at: datetime,
    now: datetime,
    currency: Currency = Currency.POINTS,
) -> Hold:
    """Set points aside for `source` until `expires_at`; asked again, the same hold as it is now.

    Credit is in minor units; a source may hold once of each currency. Refuses INVALID_INPUT,
    NOT_FOUND, MEMBER_SUSPENDED, IDEMPOTENCY_KEY_REUSED (the source holds another amount),
    INSUFFICIENT_POINTS, INSUFFICIENT_CREDIT.
    """
    _check_hold(amount, expires_at, now)
    published, desk = await _open(tx, member_id, now)
    desk.require_standing()
    hold_id = hold_id_of(member_id, source, currency)
    known = await _known_hold(tx, desk, hold_id)
    if known is not None:
        if known.amount != amount:
            raise IdempotencyKeyReused
        return known
    cause = _cause(desk, published, "hold", source=source, amount=amount, currency=currency)
    made = desk.books[currency].hold(hold_id, amount, cause, expires_at=expires_at)
    await post(tx, desk)
    return made


def hold_id_of(member_id: UUID, source: Source, currency: Currency = Currency.POINTS) -> UUID:
    """The id of what the source holds of a currency, whether or not it holds any."""
    more = () if currency == Currency.POINTS else (currency,)
    return derived_id("hold", member_id, *source, *more)


def _check_hold(amount: int, expires_at: datetime, now: datetime) -> None:
    if amount <= 0:
        raise InvalidInput(["amount"], "a hold is of 1 at least", "冻结数额至少为 1")
    if expires_at <= now:
        raise InvalidInput(["expiresAt"], "it lies in the past", "到期时间已过")


async def _known_hold(tx: Tx, desk: Desk, hold_id: UUID) -> Hold | None:
    try:
        return await hold_of(tx, desk, hold_id)
    except NotFound:
        return None


@transactional
async def commit(tx: Tx, member_id: UUID, hold_id: UUID, *, now: datetime) -> Hold:
    """Spend what is held, expired lots included; a second commit changes nothing.

    Refuses NOT_FOUND, HOLD_RESOLVED (it was released, or its time is over).
    """
    published, desk = await _open(tx, member_id, now)
    found = await hold_of(tx, desk, hold_id)
    if found.state == "committed":
        return found
    if found.expires_at <= now:
        raise HoldResolved
    book, cause = desk.books[found.currency], _cause_of(desk, published, "commit", found)
    book.commit(found, await slices_of(tx, book, found.held_by), cause)
    await post(tx, desk)
    return found


@transactional
async def release(
    tx: Tx, member_id: UUID, hold_id: UUID, *, shop_fault: bool = False, now: datetime
) -> Hold:
    """Give back what is held, to the very lots; a second release changes nothing.

    Refuses NOT_FOUND, HOLD_RESOLVED (it was committed).
    """
    published, desk = await _open(tx, member_id, now)
    found = await hold_of(tx, desk, hold_id)
    if found.state != "released":
        book, cause = desk.books[found.currency], _cause_of(desk, published, "release", found)
        slices = await slices_of(tx, book, found.held_by)
        book.release(found, slices, cause, shop_fault=shop_fault)
    await post(tx, desk)
    return found


async def _open(tx: Tx, member_id: UUID, now: datetime) -> tuple[Published, Desk]:
    published = (await versions(tx)).at(now)
    return published, await open_desk(tx, member_id, now)


def _cause_of(desk: Desk, published: Published, reason: str, found: Hold) -> Cause:
    source, currency = Source(found.source_type, found.source_id), Currency(found.currency)
    return _cause(desk, published, reason, source=source, amount=found.amount, currency=currency)


def _cause(
    desk: Desk,
    published: Published,
    reason: str,
    *,
    source: Source,
    amount: int,
    currency: Currency,
) -> Cause:
    is_credit = currency == Currency.CREDIT
    decision = desk.decide(
        f"{reason} {source.type} {source.id}" + (f" {currency}" if is_credit else ""),
        reason,
        published.version,
        inputs={"amount": amount},
        outcome={"credit_minor" if is_credit else "points": amount},
        occurred_at=desk.now,
    )
    return Cause(decision, reason, source.type, source.id, desk.now)


async def audit(*, now: datetime, batch: int = AUDIT_BATCH) -> Findings:
    """Check every invariant of the ledger and of what hangs on it; changes nothing.

    Members go in batches, each seen as of one instant, so that memory stays bounded and no
    snapshot is held for long.
    """
    findings = Findings()
    after: UUID | None = FIRST
    while after is not None:
        after = await _audit_batch(findings, after, batch=batch)
    await _audit_shared(findings, now=now)
    return findings


@transactional
async def _audit_batch(tx: Tx, findings: Findings, after: UUID, *, batch: int) -> UUID | None:
    await audit_queries.one_instant(tx)
    members = await audit_queries.members_after(tx, after, batch)
    if members:
        findings.add(await audit_members(tx, members))
    return members[-1] if len(members) == batch else None


@transactional
async def _audit_shared(tx: Tx, findings: Findings, *, now: datetime) -> None:
    await audit_queries.one_instant(tx)
    findings.add(await audit_shared(tx, now=now))
