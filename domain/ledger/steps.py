"""How does a verb move a member's value? It opens their desk, moves, and posts what moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from db import rows
from db.changes import Changes
from db.connection import Tx
from db.queries import ledger as queries
from db.queries.ledger import Also
from db.queries.members import lock_all
from db.signals import JOBS
from domain.activity.steps import follow
from domain.ledger.model import (
    IN_LOTS,
    Currency,
    Decay,
    Decision,
    Held,
    Hold,
    Lot,
    Policy,
    Slice,
    Wallet,
)
from domain.ledger.rules import Book
from domain.members.model import Member
from domain.members.steps import require_unmerged
from domain.programme.model import AnnualDecay
from domain.programme.views import Published, versions
from domain.webhooks.steps import write
from kit.errors import MemberSuspended, NotFound
from kit.ids import new_id

_NO_POLICY = Policy()


@dataclass(slots=True)
class Desk:
    """One locked member: their row, their books as of `now`, and the rows to write with them."""

    member: Member
    books: dict[str, Book]
    now: datetime
    changes: Changes = field(default_factory=Changes)
    also: Any = None

    @property
    def points(self) -> Book:
        return self.books[Currency.POINTS]

    @property
    def credit(self) -> Book:
        return self.books[Currency.CREDIT]

    @property
    def growth(self) -> Book:
        return self.books[Currency.GROWTH]

    @property
    def community(self) -> Book:
        return self.books[Currency.COMMUNITY]

    def decide(
        self,
        key: str,
        kind: str,
        version: int,
        *,
        inputs: dict[str, object],
        outcome: dict[str, object],
        occurred_at: datetime,
    ) -> Decision:
        """Record a decision under its natural key; a second one with that key can't be written."""
        decision = Decision(
            member_id=self.member.member_id,
            id=new_id(),
            key=key,
            kind=kind,
            programme_version=version,
            inputs=inputs,
            outcome=outcome,
            occurred_at=occurred_at,
            recorded_at=self.now,
        )
        self.changes.put("decision", decision)
        return decision

    def require_standing(self) -> None:
        """Refuses MEMBER_SUSPENDED."""
        if self.member.suspended_at is not None:
            raise MemberSuspended


def policy_of(published: Published) -> Policy:
    """What the ledger needs to know of a programme's version for points."""
    programme = published.programme
    expiry, decay = programme.points.expiry, None
    if isinstance(expiry, AnnualDecay):
        decay = Decay(expiry.percent, expiry.spared_days)
    return Policy(
        shortfall=programme.points.shortfall,
        reinstate_days=programme.points.reinstate_days,
        decay=decay,
        zone=programme.zone,
        day_start_hour=programme.day_start_hour,
        since=published.effective_from,
    )


def policies_of(published: Published) -> Mapping[str, Policy]:
    """What it needs to know for each currency; credit goes by the points' where it says nothing."""
    points, credit = policy_of(published), published.programme.credit
    reinstate_days = credit.reinstate_days
    return {
        Currency.POINTS: points,
        Currency.CREDIT: Policy(
            shortfall=credit.shortfall or points.shortfall,
            reinstate_days=points.reinstate_days if reinstate_days is None else reinstate_days,
            zone=points.zone,
            day_start_hour=points.day_start_hour,
            since=points.since,
            money=published.programme.currency,
        ),
    }


async def open_desk(
    tx: Tx,
    member_id: UUID,
    now: datetime,
    *,
    also: Also | None = None,
    erased_too: bool = False,
) -> Desk:
    """Lock one member and load their books, with everything due by `now` posted.

    What `also` reads is on the desk as `also`. Who was erased has a desk with `erased_too`, for
    what stays of them; nothing is posted there. Refuses NOT_FOUND, MEMBER_MERGED.
    """
    await lock_all(tx, [member_id])
    found = await queries.snapshot(tx, [member_id], also)
    if not found["members"]:
        raise NotFound("member")
    member = require_unmerged(rows.read(Member, found["members"][0]), erased_too=erased_too)
    (desk,) = await _desks(tx, [member], found, now)
    desk.also = found["also"]
    return desk


async def open_desks(tx: Tx, members: Sequence[Member], now: datetime) -> list[Desk]:
    """Load the books of members that are locked already."""
    found = await queries.snapshot(tx, [member.member_id for member in members])
    return await _desks(tx, members, found, now)


async def _desks(
    tx: Tx, members: Sequence[Member], found: dict[str, Any], now: datetime
) -> list[Desk]:
    policies = policies_of((await versions(tx)).at(now))
    books = books_of(found["wallets"], found["lots"], found["holds"], policies, now=now)
    desks: list[Desk] = []
    for member in members:
        desk = Desk(member, books[member.member_id], now)
        if Currency.CREDIT not in desk.books:
            desk.books[Currency.CREDIT] = _unwritten_book(member, policies, now)
        for book in desk.books.values():
            book.activates = member.suspended_at is None
            book.settle()
        desks.append(desk)
    return desks


def _unwritten_book(member: Member, policies: Mapping[str, Policy], now: datetime) -> Book:
    """Credit of a member who never had any: their wallet is written with what moves in it first.

    The member's row is locked whenever anything is posted, so that there is one first time.
    """
    wallet = Wallet.empty(member.member_id, Currency.CREDIT)
    return Book(wallet, {}, now, policies[Currency.CREDIT])


def books_of(
    wallets: Iterable[dict[str, object]],
    lots: Iterable[dict[str, object]],
    holds: Iterable[dict[str, Any]],
    policies: Mapping[str, Policy],
    *,
    now: datetime,
) -> dict[UUID, dict[str, Book]]:
    """Books by member and currency from rows as JSON; nothing is settled yet.

    Of credit there is one for who ever had any.
    """
    books: dict[UUID, dict[str, Book]] = {}
    for row in wallets:
        wallet = rows.read(Wallet, row)
        policy = policies.get(wallet.currency, _NO_POLICY)
        book = Book(wallet, {}, now, policy, due_before=wallet.next_due_at)
        books.setdefault(wallet.member_id, {})[wallet.currency] = book
    for row in lots:
        lot = rows.read(Lot, row)
        books[lot.member_id][lot.currency].lots[lot.id] = lot
    for row in holds:
        hold = rows.read(Hold, row)
        slices = tuple(Slice(UUID(lot_id), amount) for lot_id, amount in row["slices"])
        held = Held(hold, slices, row["programme_version"])
        books[hold.member_id][hold.currency].holds[hold.id] = held
    return books


async def lots_of(tx: Tx, desk: Desk, lot_ids: Sequence[UUID]) -> list[Lot]:
    """These lots, whatever their currency, each brought into its book."""
    found = {lot.id: lot for currency in IN_LOTS for lot in desk.books[currency].lots.values()}
    missing = [lot_id for lot_id in lot_ids if lot_id not in found]
    for row in await queries.lots_by_id(tx, desk.member.member_id, missing) if missing else ():
        lot = Lot(**row)
        found[lot.id] = desk.books[lot.currency].lots[lot.id] = lot
    return [found[lot_id] for lot_id in lot_ids]


async def load_lots(tx: Tx, book: Book, lot_ids: Sequence[UUID]) -> None:
    """Bring lots of the book's currency into it that have nothing left in them."""
    missing = [lot_id for lot_id in lot_ids if lot_id not in book.lots]
    if missing:
        for row in await queries.lots_by_id(tx, book.wallet.member_id, missing):
            lot = Lot(**row)
            if lot.currency == book.wallet.currency:
                book.lots[lot.id] = lot


async def slices_of(tx: Tx, book: Book, seq: int, paid_by: UUID | None = None) -> list[Slice]:
    """What transfer `seq` took, its lots brought into the book.

    `paid_by`: whose transfer it was, where they are part of this member now.
    """
    member_id = paid_by or book.wallet.member_id
    found = await queries.slices(tx, member_id, book.wallet.currency, seq)
    taken = [Slice(row["lot_id"], row["amount"]) for row in found]
    await load_lots(tx, book, [part.lot_id for part in taken])
    return taken


async def hold_of(tx: Tx, desk: Desk, hold_id: UUID) -> Hold:
    """As it is on the desk, where it may just have lapsed. Refuses NOT_FOUND."""
    for book in desk.books.values():
        if hold_id in book.holds:
            return book.holds[hold_id].hold
        if hold_id in book.changed_holds:
            return book.changed_holds[hold_id]
    row = await queries.hold(tx, desk.member.member_id, hold_id)
    if row is None:
        raise NotFound("hold")
    return Hold(**row)


async def post(tx: Tx, *desks: Desk) -> None:
    """Write what has moved on the desks, and the rows that belong to it, by one statement.

    What counts for tasks and challenges is looked at by jobs, which are written with it.
    """
    if not desks:
        return
    changes, published = Changes(), await versions(tx)
    for desk in desks:
        follow(desk.changes, desk.member.member_id, published, desk.now)
        for book in desk.books.values():
            _put_book(desk.changes, book)
        changes.merge(desk.changes)
    if changes.rows("job"):
        tx.wake(JOBS)
    await write(tx, changes, now=desks[0].now)


def _put_book(changes: Changes, book: Book) -> None:
    if book.transfers or book.changed_lots or book.wallet.next_due_at != book.due_before:
        changes.put("wallet", book.wallet)
    for transfer in book.transfers:
        changes.put("transfer", transfer)
    for lot in book.changed_lots.values():
        changes.put("lot", lot)
    for move in book.moves:
        changes.put("lot_move", move)
    for hold in book.changed_holds.values():
        changes.put("hold", hold)
