"""Which referrals should staff look at, and what becomes of them by their word?

What is in review pays nothing until it is approved. The invitee's row is the lock of its review; of
an invitee who was erased staff decide as well, for the inviter's sake.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from db.changes import Changes
from db.connection import Contended, Tx, reader, transactional
from db.queries import referral_reviews as queries
from db.signals import JOBS
from domain.ledger.steps import open_desks, post
from domain.members.errors import MemberMerged
from domain.members.model import Member
from domain.members.rules import valid_reason
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.referrals import rules, steps, undoing
from domain.referrals.looking import review_of, verdicts_near
from domain.referrals.model import (
    ReferralRow,
    ReviewFacts,
    ReviewRow,
    ShownReview,
    Verdict,
)
from domain.staff import steps as acts
from domain.staff.model import Act, Cleared, Deed, Unit
from domain.webhooks.steps import write
from kit.errors import NotFound
from kit.ids import new_id

LOOKED_BACK = timedelta(days=14)
"""A binding is paid a return window after it at the earliest, so that a night may be missed."""
SHARED_BACK = timedelta(days=2)
"""Who shares what somebody left is looked for each night; one may be missed."""


class Looked(NamedTuple):
    """How many bindings were looked at, and after which to go on; None: that was all."""

    bindings: int
    cursor: str | None


async def look(*, as_of: datetime, cursor: str | None, limit: int) -> Looked:
    """Send to review what was bound lately or left a mark, and the rings and chains around it.

    Each referral in its own transaction; doing it twice changes nothing.
    """
    after = None if cursor is None else UUID(cursor)
    undecided = sorted(rules.UNDECIDED)
    async with reader() as tx:
        programme = (await versions(tx)).at(as_of).programme
        invitees = await queries.recent(
            tx, as_of - LOOKED_BACK, as_of - SHARED_BACK, undecided, after=after, limit=limit
        )
    for invitee_id in invitees:
        await _look_near(invitee_id, programme, now=as_of)
    return Looked(len(invitees), str(invitees[-1]) if len(invitees) == limit else None)


async def _look_near(invitee_id: UUID, programme: Programme, *, now: datetime) -> None:
    async with reader() as tx:
        referral = await steps.referral_of(tx, invitee_id)
        verdicts = {} if referral is None else await verdicts_near(tx, referral, programme)
    for member_id, verdict in verdicts.items():
        if verdict.suspicions or verdict.refused is not None:
            with suppress(MemberMerged):  # at this moment: the next night looks at the survivor
                await _send(member_id, verdict, now=now)


@transactional
async def _send(tx: Tx, invitee_id: UUID, verdict: Verdict, *, now: datetime) -> None:
    """To review, unless it is there, was approved for that, or is too old to be undone."""
    await steps.lock_invitee(tx, invitee_id)
    referral = await steps.referral_of(tx, invitee_id)
    if referral is None or referral.state not in rules.UNDECIDED:
        return
    programme = (await versions(tx)).numbered(referral.programme_version).programme
    found = rules.worth_a_look(referral, verdict, now, programme)
    known = await review_of(tx, referral)
    row = rules.with_found(known, found, ReviewFacts(referral, new_id(), now))
    if row is not None and row is not known:
        changes = Changes()
        changes.put("referral_review", row)
        await write(tx, changes, now=now)


@transactional
async def forget(tx: Tx, *, as_of: datetime, limit: int) -> int:
    """Forget what members left behind so long ago that it tells nothing any more; how many."""
    days = (await versions(tx)).at(as_of).programme.referral.fingerprint_days
    return await queries.forget(tx, as_of - timedelta(days=days), limit)


@transactional
async def approve(tx: Tx, bound_as: UUID, *, staff: str, note: str, now: datetime) -> ShownReview:
    """Let the referral go on: what has qualified is paid to both, dated as if nobody had looked.

    `bound_as`: the invitee as they were bound, whoever they are by now. What is approved stays so.
    Refuses INVALID_INPUT, NOT_FOUND, REVIEW_RESOLVED (it was rejected), STAFF_LIMIT_REACHED: what
    both sides get counts as if `staff` had given it.
    """
    note = valid_reason(note, "note")
    asked = await _asked(tx, bound_as)
    referral = asked.referral
    row = rules.decided(asked.review, "APPROVED", staff=staff, note=asked.kept(note), now=now)
    if row is not asked.review:
        changes = Changes()
        _decide(changes, row, now)
        if referral.state in {"QUALIFIED", "REWARDED"}:
            steps.to_be_awarded(changes, referral, now)
            tx.wake(JOBS)
        await _count(tx, row, referral, staff=staff, now=now)
        await write(tx, changes, now=now)
    return ShownReview(row, referral.state, referral.bound_at)


async def _count(
    tx: Tx, row: ReviewRow, referral: ReferralRow, *, staff: str, now: datetime
) -> None:
    """Refuses STAFF_LIMIT_REACHED."""
    known = await versions(tx)
    policy = known.numbered(referral.programme_version).programme.referral
    points = policy.inviter_points + policy.invitee_points
    act, key = Act.APPROVE_REFERRAL, str(row.id)
    deed = Deed(staff, act, Unit.POINTS, points, key, {}, row.member_id)
    published = known.at(now)
    await acts.require_alone(tx, deed, published, now=now)
    alone = Cleared(is_alone=True)
    await acts.note_deed(tx, deed, alone, row.id, published.version, now=now)


@transactional
async def reject(tx: Tx, bound_as: UUID, *, staff: str, note: str, now: datetime) -> ShownReview:
    """Let the referral never be paid; what was paid is taken back from both sides.

    `bound_as` as above. What is rejected stays so. Refuses INVALID_INPUT, NOT_FOUND,
    REVIEW_RESOLVED (it was approved).
    """
    note = valid_reason(note, "note")
    published = await versions(tx)
    asked = await _asked(tx, bound_as)
    (desk,) = await open_desks(tx, [asked.invitee], now)
    referral = asked.referral
    row = rules.decided(asked.review, "REJECTED", staff=staff, note=asked.kept(note), now=now)
    if row is not asked.review:
        _decide(desk.changes, row, now)
        if referral.state in rules.UNDECIDED:
            referral = replace(referral, state="REJECTED")
            if asked.invitee.erased_at is None:  # else they have nothing left
                await undoing.take_back_invitee(tx, desk, referral, published)
            steps.end(desk.changes, referral, "REJECTED", now)
            tx.wake(JOBS)
        await post(tx, desk)
    return ShownReview(row, referral.state, referral.bound_at)


class _Asked(NamedTuple):
    """A review with its referral, and the invitee, locked."""

    review: ReviewRow
    referral: ReferralRow
    invitee: Member

    def kept(self, note: str) -> str:
        """Of who was erased no words are kept."""
        return "" if self.invitee.erased_at is not None else note


async def _asked(tx: Tx, bound_as: UUID) -> _Asked:
    """Refuses NOT_FOUND, MEMBER_MERGED (a binding that had to stand behind at a merge)."""
    found = await steps.referral_with(tx, bound_as)
    if found is None:
        raise NotFound("referral review")
    invitee = await steps.lock_invitee(tx, found.member_id)
    referral = await steps.referral_with(tx, bound_as)
    if referral is None or referral.member_id != found.member_id:
        raise Contended("the invitee was merged or parted meanwhile")
    review = await review_of(tx, referral)
    if review is None:
        raise NotFound("referral review")
    return _Asked(review, referral, invitee)


def _decide(changes: Changes, row: ReviewRow, now: datetime) -> None:
    changes.put("referral_review", row)
    action = {
        "member_id": row.member_id,
        "id": new_id(),
        "actor": row.resolved_by,
        "action": "approve_referral" if row.state == "APPROVED" else "reject_referral",
        "reason": row.note,
        "recorded_at": now,
    }
    changes.put("staff_action", action)
