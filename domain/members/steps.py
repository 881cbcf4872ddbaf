"""How does somebody become a member, inside another verb's transaction?"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.jobs import Job
from db.queries import members as queries
from db.signals import JOBS
from domain.members import aliases
from domain.members.errors import ContactTaken, MemberErased, MemberMerged
from domain.members.model import WELCOME, Enrolled, Member, NewMember
from domain.programme.model import Programme
from domain.webhooks.steps import write
from kit.errors import NotFound
from kit.ids import global_id, new_id

CODE_LENGTH = 8
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Words of the ledger, a higher context: its currencies but for credit, whose wallet comes with the
# first red packet, and the hash that a chain starts with.
CURRENCIES = ("POINTS", "GROWTH", "COMMUNITY")
CHAIN_START = "0" * 64
JOINS_NOW = timedelta(days=3)

Draw = Callable[[], str]


def drawn_code() -> str:
    """A referral code: 40 random bits."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(CODE_LENGTH))


async def create(
    tx: Tx, newcomer: NewMember, *, now: datetime, programme: Programme, draw: Draw = drawn_code
) -> Member:
    """Make a member whom no shop has enrolled, with empty wallets, on the lowest tier.

    Refuses CONTACT_TAKEN; the caller's transaction must then end without a commit.
    """
    assert newcomer.external_id is None, "a shop's customer is enrolled"
    (member,) = await _enter(tx, [newcomer], now=now, programme=programme, draw=draw)
    return member


async def enrol(
    tx: Tx, newcomer: NewMember, *, now: datetime, programme: Programme, draw: Draw = drawn_code
) -> Enrolled:
    """Find or make the member of a shop's customer. Refuses CONTACT_TAKEN, as `create` does."""
    (enrolled,) = await enrol_many(tx, [newcomer], now=now, programme=programme, draw=draw)
    return enrolled


async def enrol_many(
    tx: Tx,
    newcomers: Sequence[NewMember],
    *,
    now: datetime,
    programme: Programme,
    draw: Draw = drawn_code,
    welcomes: bool = True,
) -> list[Enrolled]:
    """`enrol` for a batch, in its order; one CONTACT_TAKEN refuses all of it.

    One statement where all are known, two more for those who are new. Without `welcomes` nobody
    gets the welcome pack, whenever they joined.
    """
    wanted = [newcomer.external_id for newcomer in newcomers]
    found = await _enrolled(tx, wanted)
    new = [newcomer for newcomer in newcomers if newcomer.external_id not in found]
    made = {
        member.external_id: member
        for member in await _enter(
            tx, new, now=now, programme=programme, draw=draw, welcomes=welcomes
        )
    }
    overtaken = [asked for asked in wanted if asked not in found and asked not in made]
    if overtaken:
        found |= await _enrolled(tx, overtaken)
    first = set(made)
    members = found | made
    results: list[Enrolled] = []
    for asked in wanted:
        results.append(Enrolled(members[asked], created=asked in first))
        first.discard(asked)
    return results


async def lock(tx: Tx, member_id: UUID) -> Member:
    """The member, locked until the transaction ends. Refuses NOT_FOUND, MEMBER_MERGED."""
    row = await queries.lock(tx, member_id)
    if row is None:
        raise NotFound("member")
    return require_unmerged(Member(**row))


def require_unmerged(member: Member, *, erased_too: bool = False) -> Member:
    """Refuses MEMBER_MERGED: whoever asks next is led to the member as whom this one goes on.

    Refuses NOT_FOUND for who was erased; with `erased_too` only where they were part of another.
    """
    if member.erased_at is not None:
        if erased_too and member.merged_into is None:
            return member
        aliases.learn_erased(member.member_id)
        raise MemberErased
    if member.merged_into is not None:
        aliases.learn(member.member_id, member.merged_into)
        raise MemberMerged(global_id("Member", member.merged_into))
    return member


async def lock_all(tx: Tx, member_ids: Iterable[UUID], *, erased_too: bool = False) -> list[Member]:
    """These members in the order of their ids, locked in it.

    With `erased_too` for what stays of who was erased. Refuses NOT_FOUND, MEMBER_MERGED for any of
    them.
    """
    in_order = sorted(set(member_ids))
    await queries.lock_all(tx, in_order)
    found = {row["member_id"]: Member(**row) for row in await queries.by_ids(tx, in_order)}
    if len(found) != len(in_order):
        raise NotFound("member")
    return [require_unmerged(found[member_id], erased_too=erased_too) for member_id in in_order]


async def _enrolled(tx: Tx, external_ids: Sequence[str | None]) -> dict[str | None, Member]:
    assert None not in external_ids, "a shop's customer has an id there"
    asked = [external_id for external_id in external_ids if external_id is not None]
    return {key: Member(**row) for key, row in await queries.by_external_ids(tx, asked)}


async def _enter(
    tx: Tx,
    newcomers: Sequence[NewMember],
    *,
    now: datetime,
    programme: Programme,
    draw: Draw,
    welcomes: bool = True,
) -> list[Member]:
    """Those newcomers who are new indeed; customer ids that others took meanwhile are left out."""
    if not newcomers:
        return []
    asked = [_member(newcomer, draw(), now) for newcomer in newcomers]
    claims = {row["member_id"]: row for row in await queries.claim(tx, asked)}
    changes = Changes()
    entered: list[Member] = []
    for newcomer, member in zip(newcomers, asked, strict=True):
        claimed = claims.get(member.member_id)
        if claimed is None:
            continue
        if member.email is not None and not claimed["email"]:
            raise ContactTaken("email")
        if member.phone is not None and not claimed["phone"]:
            raise ContactTaken("phone")
        entered.append(member if claimed["coded"] else await _with_another_code(tx, member, draw))
        _put(changes, entered[-1], password_hash=newcomer.password_hash, programme=programme)
        if welcomes:
            _put_welcome(changes, entered[-1], programme)
    if changes.rows("job"):
        tx.wake(JOBS)
    await write(tx, changes, now=now)
    return entered


async def _with_another_code(tx: Tx, member: Member, draw: Draw) -> Member:
    while not await queries.claim_referral_code(tx, code := draw(), member.member_id):
        pass
    return replace(member, referral_code=code)


def _member(newcomer: NewMember, referral_code: str, now: datetime) -> Member:
    return Member(
        member_id=new_id(),
        external_id=newcomer.external_id,
        nickname=newcomer.nickname,
        email=newcomer.email,
        phone=newcomer.phone,
        timezone=newcomer.timezone,
        next_timezone=None,
        timezone_changed_at=None,
        locale=newcomer.locale,
        referral_code=referral_code,
        device_hash=newcomer.device_hash,
        joined_at=newcomer.joined_at,
        suspended_at=None,
        recorded_at=now,
        birthday=newcomer.birthday,
        birthday_set_at=newcomer.birthday and now,
    )


def _put(
    changes: Changes, member: Member, *, password_hash: str | None, programme: Programme
) -> None:
    changes.put("member", member)
    if password_hash is not None:
        credential = {
            "member_id": member.member_id,
            "password_hash": password_hash,
            "changed_at": member.recorded_at,
        }
        changes.put("credential", credential)
    for currency in CURRENCIES:
        changes.put("wallet", _empty_wallet(member.member_id, currency))
    standing = {
        "member_id": member.member_id,
        "tier_code": programme.tiers.ladder[0].code,
        "earned_tier": programme.tiers.ladder[0].code,
        "provisional": False,
        "period_helped": False,
        "changed_at": member.recorded_at,
    }
    changes.put("standing", standing)
    put_profile(changes, member, programme, member.recorded_at)


def _put_welcome(changes: Changes, member: Member, programme: Programme) -> None:
    """A job for who joins now; who did so long ago comes from an import and gets no pack."""
    now = member.recorded_at
    if not programme.gifts.welcome.has_anything or now - member.joined_at > JOINS_NOW:
        return
    job = Job(member.member_id, WELCOME, "once", run_at=now, created_at=now)
    changes.put("job", job)


def put_profile(changes: Changes, member: Member, programme: Programme, now: datetime) -> None:
    """A job for tasks to look, where one of them asks for what this member has filled in."""
    if any(
        task.kind == "profile" and all(getattr(member, name) for name in task.fields)
        for task in programme.tasks
    ):
        changes.put("job", Job(member.member_id, "tasks.assess", "assess", now, now))


def _empty_wallet(member_id: UUID, currency: str) -> dict[str, object]:
    return {
        "member_id": member_id,
        "currency": currency,
        "pending": 0,
        "available": 0,
        "held": 0,
        "debt": 0,
        "lifetime_earned": 0,
        "lifetime_moved": 0,
        "seq": 0,
        "head": CHAIN_START,
    }
