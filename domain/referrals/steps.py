"""What does an order mean for a referral, and what is known of members who invite each other?"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from db.changes import Changes
from db.connection import Tx
from db.jobs import Claim, Job
from db.queries import members as member_queries
from db.queries import referral_reviews as reviews
from db.queries import referrals as queries
from domain.ledger.steps import Desk
from domain.members.model import Member
from domain.members.steps import require_unmerged
from domain.orders.model import PurchaseRow
from domain.points.model import PurchaseLine
from domain.referrals.model import (
    FingerprintRow,
    InvitationRow,
    Invitee,
    Inviter,
    Mark,
    OrderState,
    ReferralRow,
    Refunded,
    StandingMilestone,
)
from domain.referrals.rules import read_code
from kit.errors import NotFound

QUALIFY = "referral.qualify"
REVERSE = "referral.reverse"
REVERSE_INVITER = "referral.reverse_inviter"
AWARD_INVITER = "referral.award_inviter"
AWARD_INVITEE = "referral.award_invitee"
SOURCE = "referral"
MILESTONE = "referral_milestone"
PAID_BY = "referral.inviter:"
PAID_TO = "referral.invitee:"
REVERSED_BY = "referral.reversal:"
MILESTONE_UNDONE_BY = "referral.milestone_undone:"
BINDINGS_ABOVE_MAX = 50

Marks = frozenset[Mark]


async def owner_of(tx: Tx, code: str) -> Member:
    """Whose referral code this is, in whichever way it is typed. Refuses NOT_FOUND."""
    known = read_code(code)
    row = None if known is None else await queries.owner(tx, known)
    if row is None:
        raise NotFound("referral code")
    return Member(**row)


async def referral_of(tx: Tx, member_id: UUID) -> ReferralRow | None:
    row = await queries.referral(tx, member_id)
    return None if row is None else ReferralRow(**row)


async def lock_invitee(tx: Tx, member_id: UUID) -> Member:
    """The invitee, locked, be they erased or not. Refuses NOT_FOUND, MEMBER_MERGED."""
    row = await member_queries.lock(tx, member_id)
    if row is None:
        raise NotFound("member")
    member = Member(**row)
    return member if member.erased_at is not None else require_unmerged(member)


async def referral_with(tx: Tx, invitee_id: UUID) -> ReferralRow | None:
    """The referral of an invitee as the inviter knows them, whoever they are now."""
    row = await queries.referral_with(tx, invitee_id)
    return None if row is None else ReferralRow(**row)


async def referral_for(tx: Tx, claim: Claim) -> ReferralRow | None:
    """What a job of the inviter is about; None once inviter and invitee are one member."""
    referral = await referral_with(tx, invitee_of(claim))
    return None if referral is None or referral.member_id == claim.member_id else referral


async def order_of(tx: Tx, claim: Claim) -> OrderState:
    """The order that a job is about."""
    return await order_with(tx, claim.member_id, UUID(claim.payload["purchase_id"]))


async def order_with(tx: Tx, member_id: UUID, purchase_id: UUID) -> OrderState:
    row = await queries.order(tx, member_id, purchase_id)
    assert row is not None, "orders go with who has them"
    found: dict[str, Any] = dict(row)
    found["lines"] = tuple(PurchaseLine.of(line) for line in orjson.loads(row["lines"]))
    found["refunds"] = tuple(map(_refunded, orjson.loads(row["refunds"] or "[]")))
    return OrderState(**found)


def _refunded(row: dict[str, Any]) -> Refunded:
    amounts: Counter[str] = Counter()
    for line in row["lines"]:
        amounts[line["line_id"]] += line["amount_minor"]
    return Refunded(datetime.fromisoformat(row["at"]), dict(amounts))


async def bindings_above(tx: Tx, inviter_id: UUID) -> list[ReferralRow]:
    """Who invited the inviter, who invited those, and so on, until nobody did or it goes round."""
    found: list[ReferralRow] = []
    seen = {inviter_id}
    while len(found) < BINDINGS_ABOVE_MAX:
        row = await queries.referral_above(tx, found[-1].inviter_id if found else inviter_id)
        if row is None:
            break
        above = ReferralRow(**row)
        found.append(above)
        if above.inviter_id in seen:
            break
        seen.add(above.inviter_id)
    return found


async def invitation_with(tx: Tx, referral: ReferralRow, inviter_id: UUID) -> InvitationRow:
    """The inviter's side of a referral; one not noted yet is bound.

    `inviter_id`: the inviter, who may have been another when the invitee was bound.
    """
    row = await queries.invitation(tx, inviter_id, referral.bound_as)
    return invitation_of(referral, inviter_id) if row is None else InvitationRow(**row)


def invitation_of(referral: ReferralRow, inviter_id: UUID) -> InvitationRow:
    """The inviter's side of a referral that was just bound."""
    return InvitationRow(
        member_id=inviter_id,
        invitee_id=referral.bound_as,
        state="BOUND",
        points=0,
        bound_at=referral.bound_at,
        qualified_at=None,
        rewarded_at=None,
    )


def to_be_awarded(changes: Changes, referral: ReferralRow, now: datetime) -> None:
    """Both sides, each by a job of its own; what was paid before isn't paid again."""
    changes.put("job", job(referral.inviter_id, AWARD_INVITER, referral.bound_as, now))
    changes.put("job", job(referral.member_id, AWARD_INVITEE, referral.bound_as, now))


def end(changes: Changes, referral: ReferralRow, state: str, now: datetime) -> None:
    """Let the referral be over; what the inviter got for it is taken back by a job."""
    changes.put("referral", replace(referral, state=state))
    changes.put("job", job(referral.inviter_id, REVERSE_INVITER, referral.bound_as, now))


async def standing_milestones(tx: Tx, inviter_id: UUID) -> list[StandingMilestone]:
    """What the inviter was paid for numbers of friends, and has still."""
    rows = await reviews.standing_milestones(
        tx, inviter_id, source=MILESTONE, paid_by=PAID_BY, undone_by=MILESTONE_UNDONE_BY
    )
    return [StandingMilestone(**row) for row in rows]


def job(member_id: UUID, kind: str, invitee_id: UUID, now: datetime) -> Job:
    """A job for one side of the referral of `invitee_id`."""
    return Job(
        member_id=member_id,
        kind=kind,
        key=str(invitee_id),
        run_at=now,
        created_at=now,
        payload={"invitee_id": str(invitee_id)},
    )


def invitee_of(claim: Claim) -> UUID:
    return UUID(claim.payload["invitee_id"])


def as_inviter(member: Member, marks: Marks, above: Sequence[ReferralRow]) -> Inviter:
    return Inviter(
        member_id=member.member_id,
        marks=marks,
        inviters=frozenset(binding.inviter_id for binding in above),
    )


def as_invitee(
    member: Member, marks: Marks, referral: ReferralRow | None, first_paid_at: datetime | None
) -> Invitee:
    return Invitee(
        member_id=member.member_id,
        marks=marks,
        joined_at=member.joined_at,
        inviter_id=None if referral is None else referral.inviter_id,
        first_paid_at=first_paid_at,
    )


def put_marks(changes: Changes, member_id: UUID, marks: Iterable[Mark], now: datetime) -> None:
    """Keep what a member left behind; what is known stays as it was first seen."""
    for mark in marks:
        changes.put("fingerprint", FingerprintRow(mark.kind, mark.digest, member_id, now))


def order_marked(desk: Desk, payment: str | None, address: str | None) -> None:
    """Keep what an order tells of its buyer, as the intake has sealed it."""
    marks = [Mark("payment", payment)] if payment else []
    marks += [Mark("address", address)] if address else []
    put_marks(desk.changes, desk.member.member_id, marks, desk.now)


def order_settles(desk: Desk, referral: ReferralRow | None, row: PurchaseRow) -> None:
    """Look at the order when its return window is over: does the referral qualify by it?"""
    if referral is not None and referral.state == "BOUND":
        _later(desk, QUALIFY, row, row.settles_at)


def order_refunded(desk: Desk, referral: ReferralRow | None, row: PurchaseRow) -> None:
    """Look at the award again if it was this order that qualified."""
    if referral is not None and referral.purchase_id == row.id:
        _later(desk, REVERSE, row, desk.now)


def _later(desk: Desk, kind: str, row: PurchaseRow, run_at: datetime) -> None:
    job = Job(
        member_id=row.member_id,
        kind=kind,
        key=f"{row.id}:{run_at.isoformat()}",
        run_at=run_at,
        created_at=desk.now,
        payload={"purchase_id": str(row.id)},
    )
    desk.changes.put("job", job)
