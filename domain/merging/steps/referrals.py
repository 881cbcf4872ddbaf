"""What becomes of who invited whom, when two of them are one?"""

from dataclasses import asdict, astuple, replace
from datetime import datetime
from uuid import UUID

from db import rows
from db.changes import Changes
from db.connection import Tx
from db.queries import merges as queries
from db.queries import merging
from db.queries import referrals as referral_queries
from domain.ledger.steps import Desk
from domain.merging.model import Json
from domain.programme.views import Versions
from domain.referrals import steps, undoing
from domain.referrals.model import InvitationRow, ReferralRow

_ENDED = frozenset({"REVERSED", "LAPSED", "REJECTED"})


async def reverse_between(tx: Tx, one: Desk, other: Desk, published: Versions) -> bool:
    """Take back what both got for one having invited the other; whether one had."""
    found = False
    for inviter, invitee in ((one, other), (other, one)):
        referral = await steps.referral_of(tx, invitee.member.member_id)
        if referral is None or referral.state in _ENDED:
            continue
        row = await referral_queries.invitation(
            tx, inviter.member.member_id, invitee.member.member_id
        )
        if row is None and referral.inviter_id != inviter.member.member_id:
            continue
        found = True
        await undoing.take_back_invitee(tx, invitee, referral, published)
        invitee.changes.put("referral", replace(referral, state="REVERSED"))
        if row is not None:
            invitation = InvitationRow(**row)
            await undoing.take_back_inviter(tx, inviter, referral, invitation, published)
    return found


async def join(tx: Tx, changes: Changes, gone: UUID, owner: UUID, now: datetime) -> Json | None:
    """Let the earlier binding be the survivor's; the other goes no further.

    A binding that has ended stands behind one that has not. What was given for the other, if it
    was, stays: two friends invited the same person, and each kept what was promised. The binding
    that had to give way altogether, for it was by the absorbed themselves.
    """
    found = [ReferralRow(**row) for row in await queries.referrals(tx, [owner, gone])]
    bound = {row.member_id: row for row in found}
    theirs, own = bound.get(gone), bound.get(owner)
    if theirs is None or theirs.inviter_id == owner:
        return None
    if own is not None and own.inviter_id == gone:
        await _swap(tx, theirs, None, to=owner)
        return {
            name: value if isinstance(value, int | None) else str(value)
            for name, value in asdict(own).items()
        }
    standing = min(
        (row for row in (own, theirs) if row is not None),
        key=lambda row: (row.state in _ENDED, row.bound_at, row.member_id),
    )
    other = own if standing is theirs else theirs
    if standing is theirs:
        await _swap(tx, theirs, own, to=owner)
    if other is not None and other.state in {"BOUND", "QUALIFIED"}:
        other = replace(other, member_id=gone, state="REVERSED")
        changes.put("referral", other)
        job = steps.job(other.inviter_id, steps.REVERSE_INVITER, other.bound_as, now)
        changes.put("job", job)
    return None


async def part(tx: Tx, survivor: UUID, absorbed: UUID, gave_way: Json | None) -> None:
    """Let each have the binding again that was bound as theirs."""
    for row in await queries.referrals(tx, [survivor]):
        if row["bound_as"] == absorbed:
            parked = await queries.referrals(tx, [absorbed])
            own = ReferralRow(**parked[0]) if parked else None
            await _swap(tx, ReferralRow(**row), own, to=absorbed)
    if gave_way is not None:
        await merging.put_referral(tx, astuple(rows.read(ReferralRow, gave_way)))


async def _swap(tx: Tx, row: ReferralRow, other: ReferralRow | None, *, to: UUID) -> None:
    """Let the row be `to`'s, whose own goes the other way."""
    await merging.put_referral(tx, astuple(replace(row, member_id=to)))
    if other is None:
        await merging.drop_referral(tx, row.member_id, to, row.bound_as)
    else:
        await merging.put_referral(tx, astuple(replace(other, member_id=row.member_id)))
