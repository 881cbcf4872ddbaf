"""Which lottery do tests draw in, and how is a draw made in it?"""

from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import reader
from domain.lottery.model import Draw, Drawn
from domain.lottery.operations import turn
from domain.lottery.views import draws_of
from domain.programme import operations as programmes
from domain.programme.model import Lottery, Programme
from domain.rewards.operations import redeem
from kit.ids import new_id
from tests.support.value import give
from tests.support.world import NOW, a_member, programme

_NAME = {"zh-CN": "春季抽奖", "en": "Spring draw"}


def prize(code: str, weight: int, **facts: Any) -> dict[str, Any]:
    return {"code": code, "name": {"zh-CN": code, "en": code}, "weight": weight, **facts}


NOTHING = prize("NOTHING", 50)


def a_lottery(*prizes: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A document of a lottery whose consolation is NOTHING."""
    found = {"code": "SPRING", "name": _NAME, "budget": "1000", "consolation": "NOTHING"}
    return {**found, "prizes": list(prizes), **facts}


def section(*prizes: dict[str, Any], **facts: Any) -> Lottery:
    return with_lottery(a_lottery(*prizes, **facts)).lotteries[0]


def with_lottery(*lotteries: dict[str, Any], price: int = 100, **reward: Any) -> Programme:
    """The default programme with lotteries, and a ticket TICKET of the first one."""
    document = programme().document()
    ticket = {
        "code": "TICKET",
        "kind": "LOTTERY_TICKET",
        "title": {"zh-CN": "抽奖券", "en": "Ticket"},
        "price_points": price,
        "lottery": lotteries[0]["code"],
        **reward,
    }
    document["rewards"] = [*document["rewards"], ticket]
    document["lotteries"] = list(lotteries)
    return Programme.of(document)


async def in_play(*prizes: dict[str, Any], now: datetime = NOW, **facts: Any) -> Programme:
    """Published, with a round open since `now`."""
    published = with_lottery(a_lottery(*prizes, **facts))
    await programmes.publish(published, now=now, published_by="tests")
    await turn(as_of=now)
    return published


async def a_player(points: int = 10_000) -> UUID:
    member = await a_member()
    await give(member.member_id, points)
    return member.member_id


async def draw(
    member_id: UUID, count: int = 1, *, client_seed: str = "", now: datetime = NOW
) -> list[Drawn]:
    """Redeem so many tickets under a key of their own."""
    made = await redeem(
        *(member_id, "TICKET", count),
        idempotency_key=str(new_id()),
        now=now,
        client_seed=client_seed,
    )
    found = await draws_of(member_id, [made.redemption.id])
    return found[made.redemption.id]


async def draws(lottery: str = "SPRING") -> list[Draw]:
    """Everybody's, as they are stored."""
    async with reader() as tx:
        rows = await tx.fetch("SELECT * FROM draw WHERE lottery = $1 ORDER BY id", lottery)
    return [Draw(**row) for row in rows]


async def rounds() -> list[dict[str, Any]]:
    async with reader() as tx:
        return [dict(row) for row in await tx.fetch("SELECT * FROM lottery_round ORDER BY number")]


async def spent_minor(number: int = 1) -> int:
    async with reader() as tx:
        return await tx.fetchval("SELECT spent_minor FROM lottery_tally WHERE number = $1", number)
