"""How does somebody become a member by a friend's code, or name the friend later?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from db import jobs
from db.changes import Changes
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries import referrals as queries
from db.signals import JOBS
from domain.members import passwords, rules
from domain.members import steps as members
from domain.members.model import Enrolment, Member, NewMember, Registration
from domain.members.steps import lock
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.referrals import steps
from domain.referrals.looking import marks_of
from domain.referrals.model import (
    UNKNOWN,
    Arrival,
    EnrolledByCode,
    Mark,
    ReferralRow,
    Registered,
)
from domain.referrals.rules import (
    arrival_marks,
    contact_marks,
    require_bindable,
    standing_touch,
)
from domain.webhooks.steps import write
from kit.errors import MemberSuspended, Refusal

BOUND = "referral.bound"


class Invited(NamedTuple):
    """How somebody came: by which code, with which marks; `secret` keys those of contacts.

    `touched`: that of the link which they opened first.
    """

    touched: str | None
    code: str
    marks: Sequence[Mark]
    secret: bytes


async def register(
    asked: Registration,
    *,
    referral_code: str | None = None,
    arrival: Arrival = UNKNOWN,
    now: datetime,
    secret: bytes,
) -> Registered:
    """Make a member who signs in with a password, and bind them to who invited them.

    That is the owner of the link that they opened first, else of the code. A code that can't be
    used makes the member all the same and comes back as `refusal`: NOT_FOUND, SAME_DEVICE,
    SAME_CONTACT, SAME_PAYMENT. Refuses INVALID_INPUT, CONTACT_TAKEN.
    """
    programme = (await versions()).at(now).programme
    newcomer = rules.registration(asked, programme, now=now, secret=secret)
    told = replace(arrival, device_id=asked.device_id or arrival.device_id)
    invited = _invited(referral_code, told, programme, now, secret)
    password_hash = await passwords.hashed(asked.password)
    return await _register(replace(newcomer, password_hash=password_hash), invited, now=now)


@transactional
async def _register(tx: Tx, newcomer: NewMember, invited: Invited, *, now: datetime) -> Registered:
    programme = (await versions(tx)).at(now).programme
    member = await members.create(tx, newcomer, now=now, programme=programme)
    return Registered(member, await _bind_newcomer(tx, member, invited, now))


@transactional
async def enrol(
    tx: Tx,
    asked: Enrolment,
    *,
    referral_code: str | None = None,
    arrival: Arrival = UNKNOWN,
    now: datetime,
    secret: bytes,
) -> EnrolledByCode:
    """Find or make the member of a shop's customer; one who is made now is bound as above.

    TOO_LATE may be the `refusal`, too: where the shop says that they joined long ago. Refuses
    INVALID_INPUT, CONTACT_TAKEN.
    """
    programme = (await versions(tx)).at(now).programme
    newcomer = rules.enrolment(asked, programme, now=now)
    invited = _invited(referral_code, arrival, programme, now, secret)
    found = await members.enrol(tx, newcomer, now=now, programme=programme)
    if not found.created:
        return EnrolledByCode(found.member, created=False)
    refusal = await _bind_newcomer(tx, found.member, invited, now)
    return EnrolledByCode(found.member, found.created, refusal)


def _invited(
    code: str | None, arrival: Arrival, programme: Programme, now: datetime, secret: bytes
) -> Invited:
    """By whom, the first touch before the code that was typed. Refuses INVALID_INPUT."""
    touch = standing_touch(arrival.touch, now, secret=secret, programme=programme)
    marks = arrival_marks(arrival, secret)
    return Invited(touch and touch.code, code or "", marks, secret)


async def _inviter(tx: Tx, invited: Invited, member_id: UUID | None = None) -> Member:
    """Whose link was opened first, where there still is somebody; refuses NOT_FOUND (the code).

    Who looked at their own is invited by the code that they type.
    """
    if invited.touched and (row := await queries.owner(tx, invited.touched)) is not None:
        owner = Member(**row)
        if owner.member_id != member_id:
            return owner
    return await steps.owner_of(tx, invited.code)


async def _bind_newcomer(tx: Tx, member: Member, invited: Invited, now: datetime) -> Refusal | None:
    """Why the newcomer wasn't bound. What refuses has written nothing, so the member stays."""
    changes = Changes()
    contacts = contact_marks((member.email, member.phone), invited.secret)
    steps.put_marks(changes, member.member_id, (*invited.marks, *contacts), now)
    await write(tx, changes, now=now)
    if not (invited.touched or invited.code):
        return None
    try:
        inviter = await _inviter(tx, invited)
        await _bind(tx, member, inviter, invited, now=now)
    except Refusal as refusal:
        return refusal
    return None


@transactional
async def bind(
    tx: Tx,
    member_id: UUID,
    code: str,
    *,
    arrival: Arrival = UNKNOWN,
    now: datetime,
    secret: bytes,
) -> ReferralRow:
    """Bind the member to who invited them, as above; natural key: the member.

    Who is bound to that owner already is answered the same. Refuses INVALID_INPUT, NOT_FOUND (the
    code), MEMBER_SUSPENDED, OWN_CODE, CIRCULAR, ALREADY_BOUND, TOO_LATE, SAME_DEVICE, SAME_CONTACT,
    SAME_PAYMENT.
    """
    programme = (await versions(tx)).at(now).programme
    invited = _invited(code, arrival, programme, now, secret)
    inviter = await _inviter(tx, invited, member_id)
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    known = await steps.referral_of(tx, member_id)
    if known is not None and known.inviter_id == inviter.member_id:
        return known
    return await _bind(tx, member, inviter, invited, now=now, known=known)


async def _bind(
    tx: Tx,
    member: Member,
    inviter: Member,
    invited: Invited,
    *,
    now: datetime,
    known: ReferralRow | None = None,
) -> ReferralRow:
    published = (await versions(tx)).at(now)
    above = await steps.bindings_above(tx, inviter.member_id)
    first_paid_at = await queries.first_paid_at(tx, member.member_id)
    left = await marks_of(tx, [member.member_id, inviter.member_id])
    own = {*invited.marks, *contact_marks((member.email, member.phone), invited.secret)}
    theirs = contact_marks((inviter.email, inviter.phone), invited.secret)
    require_bindable(
        steps.as_inviter(inviter, left[inviter.member_id].union(theirs), above),
        steps.as_invitee(member, left[member.member_id].union(own), known, first_paid_at),
        now,
        programme=published.programme,
    )
    row = ReferralRow(
        member_id=member.member_id,
        inviter_id=inviter.member_id,
        code=inviter.referral_code,
        state="BOUND",
        bound_at=now,
        qualified_at=None,
        rewarded_at=None,
        purchase_id=None,
        programme_version=published.version,
        bound_as=member.member_id,
    )
    changes = Changes()
    # In one order, for those who bind each other at once.
    for member_id, marks in sorted(((row.member_id, own), (row.inviter_id, set(theirs)))):
        steps.put_marks(changes, member_id, sorted(marks), now)
    changes.put("referral", row)
    changes.put("job", steps.job(inviter.member_id, BOUND, row.member_id, now))
    await write(tx, changes, now=now)
    tx.wake(JOBS)
    return row


@transactional
async def confirm_bound(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "referral.bound" jobs: the inviter sees the invitation."""
    invitee_id = steps.invitee_of(claim)
    await lock(tx, claim.member_id)
    known = await queries.invitation(tx, claim.member_id, invitee_id)
    referral = await steps.referral_for(tx, claim)
    if known is None and referral is not None:
        changes = Changes()
        changes.put("invitation", steps.invitation_of(referral, claim.member_id))
        await write(tx, changes, now=now)
    await jobs.finish(tx, claim, now=now)
