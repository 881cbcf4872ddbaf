"""What do tests of referrals do? Members who invite each other, and orders of theirs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db.connection import reader, transactional
from domain.intake import operations as intake
from domain.intake.model import Fact
from domain.members.model import Enrolment, Member, Registration
from domain.referrals import operations
from domain.referrals.model import (
    UNKNOWN,
    Arrival,
    EnrolledByCode,
    ReferralRow,
    Registered,
)
from kit.ids import new_id
from tests.support.working import work
from tests.support.world import NOW, a_member

SECRET = b"tests"
SETTLED = NOW + timedelta(days=15)


async def a_friend(inviter: Member, **facts: Any) -> Member:
    """A customer of the shop who was enrolled by the inviter's code, and whom they see as bound."""
    now = facts.pop("now", NOW)
    found = await enrol_by(inviter.referral_code, now=now, **facts)
    assert found.refusal is None
    await work(now)
    return found.member


async def two_friends(**facts: Any) -> tuple[Member, Member]:
    """An inviter and who joined by their code."""
    inviter = await a_member()
    return inviter, await a_friend(inviter, **facts)


async def enrol_by(
    code: str | None, *, now: datetime = NOW, arrival: Arrival = UNKNOWN, **facts: Any
) -> EnrolledByCode:
    asked = Enrolment(**{"external_id": f"customer-{new_id()}", "nickname": "小红", **facts})
    return await operations.enrol(
        asked, referral_code=code, arrival=arrival, now=now, secret=SECRET
    )


async def register_by(
    code: str | None, *, now: datetime = NOW, arrival: Arrival = UNKNOWN, **facts: Any
) -> Registered:
    asked = Registration(**{"nickname": "小红", "password": "correct horse", **facts})
    return await operations.register(
        asked, referral_code=code, arrival=arrival, now=now, secret=SECRET
    )


async def bind(
    member_id: UUID, code: str, *, now: datetime, arrival: Arrival = UNKNOWN
) -> ReferralRow:
    return await operations.bind(member_id, code, arrival=arrival, now=now, secret=SECRET)


async def pay(
    member: Member,
    order_id: str,
    amount_minor: int = 10_000,
    *,
    at: datetime = NOW,
    **told: str,
):
    """Have an order of one line recorded, with what else is `told` of it; workers process it."""
    line = {"lineId": "1", "sku": "tea", "amountMinor": amount_minor}
    data = {
        "orderId": order_of(member, order_id),
        "paidAt": at.isoformat(),
        "currency": "CNY",
        "lines": [line],
        **told,
    }
    await record("order.paid", member, data, at)


async def complete(member: Member, order_id: str, *, at: datetime):
    await record("order.completed", member, {"orderId": order_of(member, order_id)}, at)


async def refund(
    member: Member,
    order_id: str,
    amount_minor: int | None = None,
    *,
    at: datetime,
    recorded_at: datetime | None = None,
):
    """Of the whole order, or of so much."""
    lines = [] if amount_minor is None else [{"lineId": "1", "amountMinor": amount_minor}]
    data = {"orderId": order_of(member, order_id), "refundId": str(new_id()), "lines": lines}
    await record("order.refunded", member, data, at, recorded_at=recorded_at)


def order_of(member: Member, order_id: str) -> str:
    """Order ids are the shop's, whoever orders."""
    return f"{order_id} of {member.external_id}"


async def record(
    kind: str,
    member: Member,
    data: dict[str, object],
    at: datetime,
    *,
    recorded_at: datetime | None = None,
):
    assert member.external_id is not None
    fact = Fact(
        id=str(new_id()), source="shop", type=kind, time=at, subject=member.external_id, data=data
    )
    recorded = await intake.record([fact], now=recorded_at or at, secret=SECRET)
    assert (recorded.accepted, recorded.refused) == (1, ())


async def states(invitee: Member) -> tuple[str | None, str | None, int | None]:
    """The referral's state, the invitation's, and what the inviter has of it."""
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT r.state, i.state AS invitation, i.points FROM referral r"
            " LEFT JOIN invitation i ON i.member_id = r.inviter_id AND i.invitee_id = r.member_id"
            " WHERE r.member_id = $1",
            invitee.member_id,
        )
    return (None, None, None) if row is None else (row["state"], row["invitation"], row["points"])


async def entries(member: Member) -> list[tuple[str, str, int]]:
    """Kind, reason and amount of what referrals moved of the member's points, in order."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, reason, amount FROM transfer WHERE member_id = $1"
            " AND currency = 'POINTS' AND source_type LIKE 'referral%' ORDER BY seq",
            member.member_id,
        )
    return [tuple(row) for row in rows]


async def coupons(member: Member) -> list[tuple[str, str]]:
    """Template and state of each."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT template, state FROM coupon WHERE member_id = $1 ORDER BY id",
            member.member_id,
        )
    return [tuple(row) for row in rows]


@transactional
async def run(tx, sql: str, *args: object):
    await tx.execute(sql, *args)
