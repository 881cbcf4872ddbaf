"""How are rows of an import booked? Some hundred together; where one fails, each alone.

Everything is looked at before anything is written, so that a row that is refused leaves nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from db import rows as json_rows
from db.connection import UNAVAILABLE, Tx, is_contention, savepoint
from db.queries import imports as queries
from db.queries import members as member_queries
from domain.batches.model import Batch, Progress, Row
from domain.batches.rules import line_of
from domain.batches.steps import by_row, rows_after
from domain.imports import booking, rules
from domain.imports.errors import ImportConflict, ImportedCodeTaken, ImportedContactTaken
from domain.imports.model import Entry
from domain.ledger.steps import Desk, open_desks, post
from domain.members import steps as members
from domain.members.errors import ContactTaken
from domain.members.model import Member
from domain.orders.dossiers import open_dossiers
from domain.orders.model import Dossier
from domain.programme.views import Published, versions
from kit.errors import Refusal
from kit.hashing import input_hash

_CONTACTS = ("email", "phone")


@dataclass(slots=True)
class Booked:
    """What came of some rows, by their numbers; `counts` of those that were booked.

    `created`: the customers who are members since.
    """

    refused: dict[int, Refusal] = field(default_factory=dict[int, Refusal])
    created: set[str] = field(default_factory=set[str])
    counts: Counter[str] = field(default_factory=Counter[str])


async def import_some(
    tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
) -> Progress:
    """The step of the kind: rows together, or each alone where together they fail."""
    rows = await rows_after(tx, batch, cursor, limit)
    try:
        async with savepoint(tx):
            booked = await book(tx, rows, source_id=str(batch.id), now=now)
    except Exception as error:
        if isinstance(error, UNAVAILABLE) or is_contention(error):
            raise
        alone = partial(_alone, tx, source_id=str(batch.id), now=now)
        return await by_row(tx, batch, cursor, limit, alone)
    lines = [
        line_of(refusal, number, getattr(refusal, "column", None))
        for number, refusal in sorted(booked.refused.items())
    ]
    return Progress(
        done=len(rows) - len(lines),
        refused=len(lines),
        cursor=str(rows[-1].number) if len(rows) == limit else None,
        lines=tuple(lines),
        counts=dict(booked.counts),
    )


async def _alone(tx: Tx, row: Row, *, source_id: str, now: datetime) -> dict[str, int]:
    booked = await book(tx, [row], source_id=source_id, now=now)
    for refusal in booked.refused.values():
        raise refusal
    return dict(booked.counts)


async def book(tx: Tx, rows: Sequence[Row], *, source_id: str, now: datetime) -> Booked:
    """Book what may be booked of the rows; the others are refused and leave nothing."""
    booked, published = Booked(), (await versions(tx)).at(now)
    entries = _read(rows, published, booked, now)
    judging = await _judging(tx, [entry for _, entry in entries])
    accepted: list[Entry] = []
    for number, entry in entries:
        try:
            if judging.accepts(entry):
                accepted.append(entry)
            else:
                booked.counts["known"] += 1
        except Refusal as refusal:
            booked.refused[number] = refusal
    if accepted:
        await _write(tx, accepted, judging.members, booked, source_id=source_id, now=now)
    return booked


def _read(
    rows: Sequence[Row], published: Published, booked: Booked, now: datetime
) -> list[tuple[int, Entry]]:
    """Looked at again, as a balance may have expired since the file was read."""
    entries: list[tuple[int, Entry]] = []
    for row in rows:
        try:
            entry = json_rows.read(Entry, rules.unstored(row.data))
            entries.append((row.number, rules.checked(entry, published.programme, now=now)))
        except Refusal as refusal:
            booked.refused[row.number] = refusal
    return entries


@dataclass(slots=True)
class _Judging:
    """What is known of the customers of some rows. Their members are locked."""

    members: dict[str, Member]
    contents: dict[str, str]
    owners: dict[tuple[str, str], UUID | str]
    tiers: dict[str, str]
    codes: set[str]

    def accepts(self, entry: Entry) -> bool:
        """Whether it is to be booked; False: it was. Refuses what can't be."""
        key, content = entry.key, input_hash(entry.content)
        if (before := self.contents.get(key)) is not None:
            if before != content:
                raise ImportConflict(
                    "reference",
                    "it was imported with another balance, tier or coupon",
                    "已以不同的余额、等级或优惠券导入",
                )
            return False
        self._check_tier(entry)
        code = entry.coupon_code
        if code is not None and code in self.codes:
            raise ImportedCodeTaken(code)
        self._claim(entry)
        self.contents[key] = content
        if code is not None:
            self.codes.add(code)
        if entry.tier is not None:
            self.tiers[entry.external_id] = entry.tier
        return True

    def _check_tier(self, entry: Entry) -> None:
        has = self.tiers.get(entry.external_id)
        if entry.tier is not None and has not in {None, entry.tier}:
            raise ImportConflict("tier", f"the member has {has}", f"该会员当前等级为 {has}")

    def _claim(self, entry: Entry) -> None:
        """The contacts that the member lacks; what is known stays, whatever the row says."""
        member = self.members.get(entry.external_id)
        me = entry.external_id if member is None else member.member_id
        wanted = [
            (column, value)
            for column in _CONTACTS
            if (value := getattr(entry, column)) is not None
            and (member is None or getattr(member, column) is None)
        ]
        for contact in wanted:
            if self.owners.get(contact, me) != me:
                raise ImportedContactTaken(contact[0])
        self.owners.update(dict.fromkeys(wanted, me))


async def _judging(tx: Tx, entries: Sequence[Entry]) -> _Judging:
    found = await member_queries.by_external_ids(tx, list({one.external_id for one in entries}))
    locked = await members.lock_all(tx, [row["member_id"] for _, row in found]) if found else []
    by_id = {member.member_id: member for member in locked}
    # A customer who was merged is known by the id that the file has of them.
    known = {asked: by_id[row["member_id"]] for asked, row in found}
    keys = {
        (known[entry.external_id].member_id, entry.key)
        for entry in entries
        if entry.external_id in known
    }
    contacts = {
        (column, value)
        for entry in entries
        for column in _CONTACTS
        if (value := getattr(entry, column)) is not None
    }
    with_tiers = [
        known[entry.external_id].member_id
        for entry in entries
        if entry.tier is not None and entry.external_id in known
    ]
    codes = [entry.coupon_code for entry in entries if entry.coupon_code is not None]
    contents = await queries.contents(tx, sorted(keys)) if keys else {}
    return _Judging(
        known,
        contents,
        dict(await queries.contacts(tx, sorted(contacts))) if contacts else {},
        await _tiers(tx, with_tiers, known),
        await queries.codes_taken(tx, codes) if codes else set(),
    )


async def _tiers(tx: Tx, member_ids: Sequence[UUID], known: dict[str, Member]) -> dict[str, str]:
    """Of those who have a period: the lowest tier is nobody's achievement."""
    rows = await queries.standings(tx, member_ids) if member_ids else []
    tiers = {
        row["member_id"]: row["earned_tier"] for row in rows if row["period_opened_at"] is not None
    }
    return {
        name: tiers[member.member_id] for name, member in known.items() if member.member_id in tiers
    }


async def _write(
    tx: Tx,
    accepted: Sequence[Entry],
    known: dict[str, Member],
    booked: Booked,
    *,
    source_id: str,
    now: datetime,
) -> None:
    published = (await versions(tx)).at(now)
    new = {entry.external_id: entry for entry in reversed(accepted)}
    newcomers = [
        rules.newcomer_of(entry, published.programme, now=now)
        for name, entry in new.items()
        if name not in known
    ]
    enrolled = await members.enrol_many(
        tx, newcomers, now=now, programme=published.programme, welcomes=False
    )
    booked.created |= {str(one.member.external_id) for one in enrolled if one.created}
    if booked.created:
        booked.counts["members"] = len(booked.created)
    found = {name: known[name] for name in new if name in known}
    found |= {str(one.member.external_id): one.member for one in enrolled}
    whose = {member.member_id: member for member in found.values()}
    desks, dossiers = await _open(tx, list(whose.values()), accepted, now)
    claims: list[tuple[str, str, UUID]] = []
    for entry in accepted:
        member_id = found[entry.external_id].member_id
        desk = desks[member_id]
        claims += _fill(desk, entry)
        counts = booking.book(
            desk, entry, published, dossier=dossiers.get(member_id), source_id=source_id
        )
        booked.counts.update(counts)
        if entry.suspended:
            booking.suspend(desk, source_id)
    if claims and await queries.claim_contacts(tx, claims) != len(claims):
        raise ContactTaken("email")
    await post(tx, *desks.values())


async def _open(
    tx: Tx, found: Sequence[Member], accepted: Sequence[Entry], now: datetime
) -> tuple[dict[UUID, Desk], dict[UUID, Dossier]]:
    """The members' desks, and their dossiers where a row is about a tier."""
    if any(entry.tier is not None for entry in accepted):
        dossiers, _ = await open_dossiers(tx, found, await versions(tx), now, earliest=now)
        return {member_id: one.desk for member_id, one in dossiers.items()}, dossiers
    desks = await open_desks(tx, found, now)
    return {desk.member.member_id: desk for desk in desks}, {}


def _fill(desk: Desk, entry: Entry) -> list[tuple[str, str, UUID]]:
    """What was not known of the member; the contacts that this claims."""
    before, desk.member = desk.member, booking.filled(desk.member, entry, desk.now)
    if desk.member == before:
        return []
    desk.changes.put("member", desk.member)
    return [
        (column, getattr(desk.member, column), before.member_id)
        for column in _CONTACTS
        if getattr(before, column) is None and getattr(desk.member, column) is not None
    ]
