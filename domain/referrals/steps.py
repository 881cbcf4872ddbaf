"""What does an order mean for a referral, and what is known of members who invite each other?"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from db.connection import Tx
from db.jobs import Claim, Job
from db.queries import referrals as queries
from domain.coupons.steps import revoke_of_source
from domain.effects.model import Effect, TakeBackPoints
from domain.ledger.steps import Desk, load_lots
from domain.members.model import Member
from domain.orders.model import PurchaseRow
from domain.points.model import PurchaseLine
from domain.programme.views import Versions
from domain.referrals.model import (
    InvitationRow,
    Invitee,
    Inviter,
    OrderState,
    ReferralRow,
    Refunded,
)
from domain.referrals.rules import read_code
from domain.rewards.steps import issue
from kit.contacts import contact_key
from kit.errors import NotFound

QUALIFY = "referral.qualify"
REVERSE = "referral.reverse"
REVERSE_INVITER = "referral.reverse_inviter"
SOURCE = "referral"
_REVERSAL = "referral_reversal"
BINDINGS_ABOVE_MAX = 50


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


async def referral_with(tx: Tx, invitee_id: UUID) -> ReferralRow | None:
    """The referral of an invitee as the inviter knows them, whoever they are now."""
    row = await queries.referral_with(tx, invitee_id)
    return None if row is None else ReferralRow(**row)


async def order_of(tx: Tx, claim: Claim) -> OrderState:
    """The order that a job is about."""
    row = await queries.order(tx, claim.member_id, UUID(claim.payload["purchase_id"]))
    assert row is not None, "the job was written with it"
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


def as_inviter(member: Member, above: Sequence[ReferralRow]) -> Inviter:
    return Inviter(
        member_id=member.member_id,
        devices=_devices(member),
        contact_keys=_contact_keys(member),
        inviters=frozenset(binding.inviter_id for binding in above),
    )


def as_invitee(
    member: Member, referral: ReferralRow | None, first_paid_at: datetime | None
) -> Invitee:
    return Invitee(
        member_id=member.member_id,
        devices=_devices(member),
        contact_keys=_contact_keys(member),
        joined_at=member.joined_at,
        inviter_id=None if referral is None else referral.inviter_id,
        first_paid_at=first_paid_at,
    )


def _devices(member: Member) -> frozenset[str]:
    return frozenset() if member.device_hash is None else frozenset({member.device_hash})


def _contact_keys(member: Member) -> frozenset[str]:
    return frozenset(contact_key(contact) for contact in (member.email, member.phone) if contact)


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


async def take_back(
    tx: Tx, desk: Desk, referral: ReferralRow, published: Versions, side: str
) -> int:
    """Points that the desk's member, its `side`, got for this referral, now taken back."""
    source_id = str(referral.bound_as)
    lot_ids = await queries.lots_of_source(tx, desk.member.member_id, SOURCE, source_id)
    await load_lots(tx, desk.points, lot_ids)
    granted = {lot_id: desk.points.lots[lot_id].granted for lot_id in lot_ids}
    points = sum(granted.values())
    decision = desk.decide(
        f"referral.reversal:{source_id}",
        "referral_reversal",
        referral.programme_version,
        inputs={"side": side, "purchase": str(referral.purchase_id)},
        outcome={"points": points},
        occurred_at=desk.now,
    )
    effects: list[Effect] = [
        TakeBackPoints(lot_id, amount, _REVERSAL) for lot_id, amount in granted.items()
    ]
    issue(
        desk,
        decision,
        effects,
        programme=published.numbered(referral.programme_version).programme,
        source_type=SOURCE,
        source_id=source_id,
        occurred_at=desk.now,
    )
    return points


async def revoke_coupons(tx: Tx, desk: Desk, referral: ReferralRow) -> None:
    """Revoke what the invitee was given for it; one in use goes when it comes back."""
    await revoke_of_source(tx, desk, SOURCE, str(referral.bound_as))
