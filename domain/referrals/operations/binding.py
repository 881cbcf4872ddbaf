"""How does somebody become a member by a friend's code, or name the friend later?"""

from dataclasses import replace
from datetime import datetime
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
from domain.programme.views import versions
from domain.referrals import steps
from domain.referrals.model import EnrolledByCode, ReferralRow, Registered
from domain.referrals.rules import require_bindable
from domain.webhooks.steps import write
from kit.errors import MemberSuspended, Refusal

BOUND = "referral.bound"


async def register(
    asked: Registration, *, referral_code: str | None = None, now: datetime, secret: bytes
) -> Registered:
    """Make a member who signs in with a password, and bind them to the code's owner.

    A code that can't be used makes the member all the same and comes back as `refusal`: NOT_FOUND,
    SAME_DEVICE, SAME_CONTACT. Refuses INVALID_INPUT, CONTACT_TAKEN.
    """
    programme = (await versions()).at(now).programme
    newcomer = rules.registration(asked, programme, now=now, secret=secret)
    password_hash = await passwords.hashed(asked.password)
    return await _register(replace(newcomer, password_hash=password_hash), referral_code, now=now)


@transactional
async def _register(tx: Tx, newcomer: NewMember, code: str | None, *, now: datetime) -> Registered:
    programme = (await versions(tx)).at(now).programme
    member = await members.create(tx, newcomer, now=now, programme=programme)
    return Registered(member, await _bind_newcomer(tx, member, code, now))


@transactional
async def enrol(
    tx: Tx, asked: Enrolment, *, referral_code: str | None = None, now: datetime
) -> EnrolledByCode:
    """Find or make the member of a shop's customer; one who is made now is bound as above.

    TOO_LATE may be the `refusal`, too: where the shop says that they joined long ago. Refuses
    INVALID_INPUT, CONTACT_TAKEN.
    """
    programme = (await versions(tx)).at(now).programme
    newcomer = rules.enrolment(asked, programme, now=now)
    found = await members.enrol(tx, newcomer, now=now, programme=programme)
    code = referral_code if found.created else None
    refusal = await _bind_newcomer(tx, found.member, code, now)
    return EnrolledByCode(found.member, found.created, refusal)


async def _bind_newcomer(tx: Tx, member: Member, code: str | None, now: datetime) -> Refusal | None:
    """Why the newcomer wasn't bound. What refuses has written nothing, so the member stays."""
    if not code:
        return None
    try:
        inviter = await steps.owner_of(tx, code)
        await _bind(tx, member, inviter, None, now)
    except Refusal as refusal:
        return refusal
    return None


@transactional
async def bind(tx: Tx, member_id: UUID, code: str, *, now: datetime) -> ReferralRow:
    """Bind the member to the code's owner; natural key: the member.

    Who is bound to that owner already is answered the same. Refuses NOT_FOUND (the code),
    MEMBER_SUSPENDED, OWN_CODE, CIRCULAR, ALREADY_BOUND, TOO_LATE, SAME_DEVICE, SAME_CONTACT.
    """
    inviter = await steps.owner_of(tx, code)
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    known = await steps.referral_of(tx, member_id)
    if known is not None and known.inviter_id == inviter.member_id:
        return known
    return await _bind(tx, member, inviter, known, now)


async def _bind(
    tx: Tx, member: Member, inviter: Member, known: ReferralRow | None, now: datetime
) -> ReferralRow:
    published = (await versions(tx)).at(now)
    above = await steps.bindings_above(tx, inviter.member_id)
    first_paid_at = await queries.first_paid_at(tx, member.member_id)
    require_bindable(
        steps.as_inviter(inviter, above),
        steps.as_invitee(member, known, first_paid_at),
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
    referral = await steps.referral_with(tx, invitee_id)
    if known is None and referral is not None:
        changes = Changes()
        changes.put("invitation", steps.invitation_of(referral, claim.member_id))
        await write(tx, changes, now=now)
    await jobs.finish(tx, claim, now=now)
