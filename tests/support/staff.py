"""How does a test act as staff, and see what is left of what they did?"""

from typing import Any

from db.connection import reader
from domain.rewards.model import Adjustment, Operation
from domain.rewards.operations import adjust
from domain.staff import views
from domain.staff.errors import ApprovalRequired
from domain.staff.model import Proposal, State
from kit.errors import Refusal
from kit.ids import parse_global_id
from tests.support.world import NOW

LIMITS: dict[str, Any] = {
    "alone": {
        "points": 500,
        "points_per_day": 1_000,
        "credit": 5,
        "credit_per_day": 10,
        "coupons_per_day": 3,
        "vouchers_per_day": 3,
    }
}
"""Points: 500 at once, 1,000 within 24 hours; credit: 5 and 10 yuan."""
ADA, BOB = "ada@shop", "bob@shop"


def asking(member_id, amount=600, key="k", **facts) -> Adjustment:
    """600 points, which need a second."""
    return Adjustment(member_id, amount, **{"reason": "late parcel", "key": key, **facts})


async def tried(call):
    """What it gave, or the code of its refusal."""
    try:
        return await call
    except Refusal as refusal:
        return refusal.code


async def proposed(asked: Adjustment, by: str = ADA, *, now=NOW) -> Proposal:
    """What waits for a second now, nothing having been posted."""
    try:
        await adjust(by, asked, now=now)
    except ApprovalRequired as refusal:
        return await views.proposal(id_of(refusal))
    raise AssertionError("it was done alone")


def id_of(refusal: ApprovalRequired):
    found = parse_global_id(str(refusal.facts["proposal_id"]))
    assert found is not None
    (proposal_id,) = found[1]
    return proposal_id


async def state_of(proposal: Proposal, *, now=NOW) -> State:
    return (await views.proposal(proposal.id)).state_at(now)


async def posted(operation: Operation = Operation.ADJUST_POINTS) -> list[int]:
    """The signed amounts that staff moved, of everybody."""
    currency = operation.currency
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT CASE debit_account WHEN 'adjustment' THEN amount ELSE -amount END AS signed"
            " FROM transfer WHERE currency = $1"
            " AND 'adjustment' IN (debit_account, credit_account) ORDER BY 1",
            currency,
        )
    return [row["signed"] for row in rows]


async def chain(actor: str) -> list[tuple[str, int | None]]:
    """What they did, in order."""
    page = await views.acts(actor, None, first=100)
    return [(act.act, act.amount) for act in reversed(page.items)]
