"""How is a member forgotten, by themselves or by staff?"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Contended, Tx, reader, transactional
from db.queries import members as member_queries
from db.queries import privacy as queries
from db.queries.merging.meetups import give_up_seats
from db.signals import JOBS, of_member
from domain.batches.steps import forget_customers
from domain.community.steps import leave
from domain.coupons.model import Coupon
from domain.coupons.steps import revoke
from domain.ledger.model import IN_LOTS
from domain.ledger.steps import open_desks, post
from domain.members import aliases, passwords
from domain.members.errors import SignInFailed
from domain.members.model import Member
from domain.members.rules import valid_password
from domain.members.steps import require_unmerged
from domain.merging.errors import ValueReserved
from domain.merging.steps import people
from domain.privacy import rules
from domain.privacy.model import OWN, Asked, Content, Erasure, Proof, Reason
from domain.referrals import leaving as referrals
from domain.webhooks.steps import write
from kit.errors import NotFound
from kit.ids import global_id


async def erase_own(
    member_id: UUID, proof: Proof, *, request_id: str, content: Content, now: datetime
) -> Erasure:
    """Erase the member who asks, as `erase` does. A suspended member may.

    Who has a password proves by it that it is they; whom the shop vouches for, by a token of the
    last ten minutes. Refuses INVALID_INPUT, SIGN_IN_FAILED (the password), FRESH_SIGN_IN_NEEDED
    (the token), then as `erase` does.
    """
    asked = Asked(OWN, Reason.OWN_WISH, request_id, content)
    rules.check_asked(asked)
    async with reader() as tx:
        hashes = await queries.password_hashes(tx, await queries.parts(tx, member_id))
    if hashes:
        await _require_password(proof.password, hashes)
    else:
        rules.require_fresh(proof, now)
    return await erase(member_id, asked, now=now)


async def erase(member_id: UUID, asked: Asked, *, now: datetime) -> Erasure:
    """Take away what tells who a member is, and end what they have; the same answer ever after.

    Their points, credit and coupons end now by the ledger's own movements. The books stay, under a
    pseudonym. Who was merged into them is erased with them. Refuses INVALID_INPUT, NOT_FOUND,
    MEMBER_MERGED, VALUE_RESERVED (a checkout is open, points are on hold).
    """
    rules.check_asked(asked)
    erased, who = await _erase(member_id, asked, now=now)
    for found in who:
        aliases.learn_erased(found)
    return erased


@transactional
async def forget_late(tx: Tx, member_id: UUID) -> None:
    """Forget what was written of an erased member while they were being erased."""
    if await queries.erasure(tx, member_id) is not None:
        await queries.forget(tx, member_id)


async def _require_password(password: str | None, hashes: Sequence[str]) -> None:
    """Theirs, or that of who was merged into them."""
    if password is not None:
        valid_password(password)
        for kept in hashes:
            if await passwords.matches(password, kept):
                return
    raise SignInFailed


@transactional
async def _erase(
    tx: Tx, member_id: UUID, asked: Asked, *, now: datetime
) -> tuple[Erasure, Sequence[UUID]]:
    """The erasure, and who was erased by it now."""
    who = await queries.parts(tx, member_id)
    await member_queries.lock_all(tx, who)
    if await queries.parts(tx, member_id) != who:
        raise Contended("somebody was merged or parted meanwhile")
    first = await queries.erasure(tx, member_id)
    if first is not None:
        return Erasure(**first), who
    member = await _member(tx, member_id)
    await _require_nothing_reserved(tx, member, now)
    deletes = asked.content == Content.DELETE
    await _end(tx, member, who, deletes=deletes, now=now)
    customers = await queries.customer_ids(tx, who)
    await forget_customers(tx, customers)
    await queries.forget_member(tx, who, rules.pseudonym(member.locale), now=now)
    for found in who:
        await queries.forget(tx, found)
        if deletes:
            await queries.forget_content(tx, found)
    await _keep(tx, member_id, who, asked, customers=customers, now=now)
    tx.wake(JOBS)
    tx.wake(of_member(str(member_id), "profile"))
    return _erasure(member_id, asked, now), who


async def _member(tx: Tx, member_id: UUID) -> Member:
    found = await people.member_of(tx, member_id)
    if found is None:
        raise NotFound("member")
    return require_unmerged(found)


async def _require_nothing_reserved(tx: Tx, member: Member, now: datetime) -> None:
    await people.let_lapse(tx, [member], now)
    if await people.have_reserved(tx, [member.member_id]):
        raise ValueReserved(global_id("Member", member.member_id))


async def _end(
    tx: Tx, member: Member, who: Sequence[UUID], *, deletes: bool, now: datetime
) -> None:
    """End their points, credit and coupons by movements of the books, and leave the community."""
    (desk,) = await open_desks(tx, [member], now)
    for currency in IN_LOTS:
        desk.books[currency].end()
    for row in await queries.coupons(tx, member.member_id):
        revoke(desk, Coupon(**row))
    await referrals.leave(tx, desk)
    for found in who:
        await leave(tx, desk, found, deletes=deletes)
    await post(tx, desk)
    await give_up_seats(tx, member.member_id, now)


async def _keep(
    tx: Tx,
    member_id: UUID,
    who: Sequence[UUID],
    asked: Asked,
    *,
    customers: Sequence[str],
    now: datetime,
) -> None:
    """Write the journal, off which endpoints are told which customers to forget."""
    changes = Changes()
    for found in who:
        if found != member_id:
            changes.put("erasure", _erasure(found, asked, now))
    # What tells the shop whom to forget is in no column of the journal.
    told = {**asdict(_erasure(member_id, asked, now)), "external_ids": list(customers)}
    changes.put("erasure", told)
    await write(tx, changes, now=now)


def _erasure(member_id: UUID, asked: Asked, now: datetime) -> Erasure:
    return Erasure(
        member_id, now, asked.by, asked.reason.value, asked.request_id, asked.content.value
    )
