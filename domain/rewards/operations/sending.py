"""How does a thing that was won go on its way, and what happens where it can't?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from domain.ledger.steps import Desk, open_desk, post
from domain.lottery.model import Drawn, State
from domain.lottery.steps import drawn
from domain.programme.views import versions
from domain.rewards import rules
from domain.rewards.errors import WrongKind
from domain.rewards.model import State as Step
from domain.rewards.operations.noting import note
from domain.rewards.winning import give_instead

THING = "PHYSICAL"


@transactional
async def ship_prize(tx: Tx, member_id: UUID, draw_id: UUID, *, staff: str, now: datetime) -> Drawn:
    """The thing has left. Refuses NOT_FOUND, WRONG_KIND, WRONG_STATE."""
    return await _step(tx, member_id, draw_id, following=State.SHIPPED, staff=staff, now=now)


@transactional
async def deliver_prize(
    tx: Tx, member_id: UUID, draw_id: UUID, *, staff: str, now: datetime
) -> Drawn:
    """The thing has arrived. Refuses NOT_FOUND, WRONG_KIND, WRONG_STATE."""
    return await _step(tx, member_id, draw_id, following=State.DELIVERED, staff=staff, now=now)


@transactional
async def fail_prize(
    tx: Tx, member_id: UUID, draw_id: UUID, *, staff: str, reason: str, now: datetime
) -> Drawn:
    """The thing can't be delivered: the winner gets what the programme gives instead.

    Stock and budget of the round stay used. Refuses INVALID_INPUT, NOT_FOUND, WRONG_KIND,
    WRONG_STATE; failing it again answers the same.
    """
    rules.check_reason(reason, ["reason"])
    desk, found = await _open(tx, member_id, draw_id, now=now)
    if found.draw.state == State.FAILED:
        return found
    _check(found, State.FAILED)
    published = (await versions(tx)).numbered(found.round.programme_version)
    await give_instead(tx, desk, found, published=published)
    note(desk, staff=staff, action="prize.fail", reason=reason)
    return await _put(tx, desk, found, State.FAILED)


async def _step(
    tx: Tx, member_id: UUID, draw_id: UUID, *, following: State, staff: str, now: datetime
) -> Drawn:
    desk, found = await _open(tx, member_id, draw_id, now=now)
    if found.draw.state == following:
        return found
    _check(found, following)
    note(desk, staff=staff, action=f"prize.{following.lower()}", reason=str(draw_id))
    return await _put(tx, desk, found, following)


async def _open(tx: Tx, member_id: UUID, draw_id: UUID, *, now: datetime) -> tuple[Desk, Drawn]:
    desk = await open_desk(tx, member_id, now)
    return desk, await drawn(tx, member_id, draw_id)


def _check(found: Drawn, following: State) -> None:
    """A thing that was won goes the way of one that was redeemed."""
    if not found.prize.delivered:
        raise WrongKind(State.GIVEN, THING)
    rules.check_step(found.draw.state, THING, Step(following))


async def _put(tx: Tx, desk: Desk, found: Drawn, state: State) -> Drawn:
    found.draw.state = state
    found.draw.resolved_at = None if state == State.SHIPPED else desk.now
    desk.changes.put("draw", found.draw)
    await post(tx, desk)
    return found
