"""How does a test give points to a member, and look at what became of them?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, reader, transactional
from domain.effects.model import GrantCredit, GrantPoints
from domain.ledger.model import Lot, Wallet
from domain.ledger.steps import open_desk, post
from domain.programme.views import versions
from domain.rewards.steps import issue_all
from kit.ids import new_id
from tests.support.world import NOW


async def give(
    member_id: UUID,
    amount: int,
    *,
    now: datetime = NOW,
    activates_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Lot:
    """A lot of `amount` points, available at once unless it activates later."""
    effect = GrantPoints(amount, "purchase", activates_at, expires_at)
    return (await issue_to(member_id, [effect], now=now)).lots[0]


async def packet(
    member_id: UUID,
    amount_minor: int,
    *,
    now: datetime = NOW,
    activates_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Lot:
    """A red packet, available at once unless it activates later."""
    effect = GrantCredit(amount_minor, "task", activates_at, expires_at)
    return (await issue_to(member_id, [effect], now=now)).packets[0]


@transactional
async def issue_to(tx: Tx, member_id: UUID, effects, *, now: datetime = NOW):
    published = (await versions(tx)).at(now)
    desk = await open_desk(tx, member_id, now)
    decision = desk.decide(
        f"test {new_id()}", "test", published.version, inputs={}, outcome={}, occurred_at=now
    )
    issued = await issue_all(
        tx,
        desk,
        decision,
        effects,
        programme=published.programme,
        source_type="test",
        source_id=str(decision.id),
        occurred_at=now,
    )
    await post(tx, desk)
    return issued


async def wallet(member_id: UUID, currency: str = "POINTS") -> Wallet:
    """As it is stored."""
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT * FROM wallet WHERE member_id = $1 AND currency = $2", member_id, currency
        )
    assert row is not None
    return Wallet(**dict(row))


async def lots(member_id: UUID) -> list[Lot]:
    """As they are stored, in the order in which they were opened."""
    async with reader() as tx:
        rows = await tx.fetch("SELECT * FROM lot WHERE member_id = $1 ORDER BY id", member_id)
    return [Lot(**row) for row in rows]


async def kinds(member_id: UUID, currency: str = "POINTS") -> list[tuple[str, int]]:
    """Kind and amount of each transfer of a currency, in order."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, amount FROM transfer WHERE member_id = $1 AND currency = $2 ORDER BY seq",
            member_id,
            currency,
        )
    return [(row["kind"], row["amount"]) for row in rows]
