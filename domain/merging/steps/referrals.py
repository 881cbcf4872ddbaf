"""What becomes of who invited whom, when two of them are one?"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, replace
from datetime import datetime
from uuid import UUID

from db import rows
from db.changes import Changes
from db.connection import Tx
from db.queries import merges as queries
from db.queries import merging
from db.queries import referrals as referral_queries
from db.queries.privacy import parts
from domain.ledger.steps import Desk
from domain.merging.model import Json, MergeRow
from domain.programme.views import Versions
from domain.referrals import steps, undoing
from domain.referrals.model import InvitationRow, ReferralRow

_ENDED = frozenset({"REVERSED", "LAPSED", "REJECTED"})


async def reverse_between(tx: Tx, one: Desk, other: Desk, published: Versions) -> bool:
    """Take back what both got for one having invited the other; whether either had any.

    Of a referral that was undone already the inviter's side may still be to come.
    """
    found = False
    for inviter, invitee in ((one, other), (other, one)):
        referral = await steps.referral_of(tx, invitee.member.member_id)
        if referral is None or not await _is_of(tx, inviter.member.member_id, referral):
            continue
        if referral.state not in _ENDED:
            found = True
            await undoing.take_back_invitee(tx, invitee, referral, published)
            referral = replace(referral, state="REVERSED")
            invitee.changes.put("referral", referral)
        row = await referral_queries.invitation(tx, inviter.member.member_id, referral.bound_as)
        if row is not None and row["state"] != "REVERSED" and referral.state != "LAPSED":
            found = True
            invitation = InvitationRow(**row)
            await undoing.take_back_inviter(tx, inviter, referral, invitation, published)
    return found


async def _is_of(tx: Tx, inviter_id: UUID, referral: ReferralRow) -> bool:
    """Whether that member invited, or who is part of them."""
    return referral.inviter_id in await parts(tx, inviter_id)


async def join(tx: Tx, changes: Changes, gone: UUID, owner: UUID, now: datetime) -> Json | None:
    """Let the earlier binding be the survivor's; the other goes no further.

    A binding that has ended stands behind one that has not. What was given for the other, if it
    was, stays: two friends invited the same person, and each kept what was promised. The binding
    that had to give way altogether, for it was by the absorbed themselves.
    """
    found = [ReferralRow(**row) for row in await queries.referrals(tx, [owner, gone])]
    bound = {row.member_id: row for row in found}
    theirs, own = bound.get(gone), bound.get(owner)
    if theirs is None or await _is_of(tx, owner, theirs):
        return None
    if own is not None and await _is_of(tx, gone, own):
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
        if row["bound_as"] in await parts(tx, absorbed):
            parked = await queries.referrals(tx, [absorbed])
            own = ReferralRow(**parked[0]) if parked else None
            await _swap(tx, ReferralRow(**row), own, to=absorbed)
    if gave_way is not None:
        await merging.put_referral(tx, astuple(rows.read(ReferralRow, gave_way)))


async def friends_of(tx: Tx, merge: MergeRow) -> list[str]:
    """Whom the absorbed, or who is part of them, invited: those who came along and those since."""
    inviters = await parts(tx, merge.absorbed_id)
    came = [friend for (friend,) in merge.moved["invitation"]]
    return sorted({*came, *map(str, await referral_queries.invitees_of(tx, inviters))})


async def decided(tx: Tx, merge: MergeRow, friends: Sequence[str]) -> list[UUID]:
    """What was decided since the merge about these friends, and about the absorbed as a friend."""
    own = [str(member_id) for member_id in await parts(tx, merge.absorbed_id)]
    paid = [f"{steps.PAID_BY}{friend}" for friend in friends]
    got = [f"{steps.PAID_TO}{one}" for one in own]
    undone = [f"{steps.REVERSED_BY}{one}" for one in (*friends, *own)]
    milestones = await queries.milestones(
        tx, merge.member_id, steps.MILESTONE, came=merge.moved["lot"], paid_by=paid
    )
    undone += [f"{steps.MILESTONE_UNDONE_BY}{lot_id}" for lot_id in milestones]
    return await queries.decided_by(tx, merge.member_id, merge.merged_at, [*paid, *got, *undone])


async def _swap(tx: Tx, row: ReferralRow, other: ReferralRow | None, *, to: UUID) -> None:
    """Let the row be `to`'s, whose own goes the other way."""
    await merging.put_referral(tx, astuple(replace(row, member_id=to)))
    if other is None:
        await merging.drop_referral(tx, row.member_id, to, row.bound_as)
    else:
        await merging.put_referral(tx, astuple(replace(other, member_id=row.member_id)))
