"""How does what a draw gives become value, and how does a thing that was won reach its winner?

Called from inside a transaction; `lottery` decides what is given, this issues it.
"""

from dataclasses import dataclass
from uuid import UUID

from db.connection import Tx
from domain.ledger.model import Decision
from domain.ledger.steps import Desk
from domain.lottery.model import Draw, Drawn, OpenRound, Outcome
from domain.lottery.steps import drawn_state
from domain.programme.model import LotteryPrize, Text
from domain.programme.views import Published
from domain.rewards.steps import Issued, give
from kit.ids import new_id

DRAW = "draw"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A draw that is paid for by a redemption: in which round, as which of the member's."""

    redemption_id: UUID
    opened: OpenRound
    nonce: int
    client_seed: str


async def put_draw(
    tx: Tx, desk: Desk, ticket: Ticket, outcome: Outcome, *, published: Published
) -> Draw:
    """Write down what was rolled, and issue what is given at once; won points give no GROWTH."""
    prize, draw_id = outcome.given, new_id()
    decision = _decide(desk, ticket, outcome, draw_id, published=published)
    issued = Issued()
    if not prize.delivered:
        issued = await _issue(tx, desk, decision, prize, draw_id, published=published)
    draw = Draw(
        member_id=desk.member.member_id,
        id=draw_id,
        redemption_id=ticket.redemption_id,
        lottery=ticket.opened.lottery.code,
        round=ticket.opened.round.number,
        nonce=ticket.nonce,
        client_seed=ticket.client_seed,
        roll=outcome.roll,
        named=outcome.named.code,
        given=prize.code,
        replaced=outcome.replaced,
        state=drawn_state(prize),
        points=sum(lot.granted for lot in issued.lots),
        coupon_codes=[coupon.code for coupon in issued.coupons],
        decision_id=decision.id,
        drawn_at=desk.now,
        resolved_at=None if prize.delivered else desk.now,
    )
    desk.changes.put("draw", draw)
    return draw


def _decide(
    desk: Desk, ticket: Ticket, outcome: Outcome, draw_id: UUID, *, published: Published
) -> Decision:
    lottery, prize = ticket.opened.lottery, outcome.given
    return desk.decide(
        f"{DRAW} {draw_id}",
        "draw",
        published.version,
        inputs={
            "lottery": lottery.code,
            "name": _words(lottery.name),
            "round": ticket.opened.round.number,
            "nonce": ticket.nonce,
            "client_seed": ticket.client_seed,
            "roll": outcome.roll,
            "outcomes": lottery.weights,
            "named": outcome.named.code,
            "named_name": _words(outcome.named.name),
        },
        outcome={
            "draw": str(draw_id),
            "given": prize.code,
            "given_name": _words(prize.name),
            "replaced": outcome.replaced,
            **({"points": 0} if prize.delivered else prize.gives.amounts()),
        },
        occurred_at=desk.now,
    )


async def give_instead(tx: Tx, desk: Desk, found: Drawn, *, published: Published) -> Draw:
    """Issue what the programme gives to who can't be sent the thing that they won."""
    draw, prize = found.draw, found.prize
    decision = desk.decide(
        f"prize_failed {draw.id}",
        "prize_failed",
        published.version,
        inputs={
            "lottery": found.lottery.code,
            "name": _words(found.lottery.name),
            "prize": prize.code,
            "prize_name": _words(prize.name),
        },
        outcome={"draw": str(draw.id), **prize.gives.amounts()},
        occurred_at=desk.now,
    )
    issued = await _issue(tx, desk, decision, prize, draw.id, published=published)
    draw.points = sum(lot.granted for lot in issued.lots)
    draw.coupon_codes = [coupon.code for coupon in issued.coupons]
    return draw


async def _issue(
    tx: Tx,
    desk: Desk,
    decision: Decision,
    prize: LotteryPrize,
    draw_id: UUID,
    *,
    published: Published,
) -> Issued:
    return await give(
        tx,
        desk,
        decision,
        prize.gives,
        programme=published.programme,
        source_type=DRAW,
        source_id=str(draw_id),
        is_won=True,
    )


def _words(text: Text) -> dict[str, str]:
    return text.model_dump(mode="json", by_alias=True)
