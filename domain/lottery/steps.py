"""How is a draw made inside the transaction that pays for it?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx
from db.queries import lottery as queries
from domain.lottery import rules
from domain.lottery.model import Draw, Drawn, OpenRound, Outcome, Round, State, Tally, message
from domain.programme.model import LotteryPrize
from domain.programme.views import Published, Versions, versions
from kit.errors import NotFound


async def open_round(tx: Tx, lottery: str, published: Published, now: datetime) -> OpenRound | None:
    """The round that `now` may be drawn in, held open until the transaction ends.

    None where there is none, and where the programme has another lottery under that code by now:
    a ticket is of the lottery that is published with its price.
    """
    row = await queries.open_round(tx, lottery, now)
    section = published.programme.lottery(lottery)
    if row is None or section is None:
        return None
    found = Round(**row)
    if not is_of(lottery, published, (await versions(tx)).numbered(found.programme_version)):
        return None
    return OpenRound(found, section)


def is_of(lottery: str, published: Published, opened: Published) -> bool:
    """Whether the version has the very lottery that a round was opened under."""
    return published.programme.lottery(lottery) == opened.programme.lottery(lottery)


async def draw(
    tx: Tx, member_id: UUID, opened: OpenRound, *, count: int, client_seed: str
) -> list[tuple[int, Outcome]]:
    """Draw `count` times for a locked member: the number of each draw, and what it gives.

    Only who wins something that is limited waits for others who do.
    """
    round_, lottery = opened.round, opened.lottery
    seed = bytes.fromhex(round_.seed)
    last = await queries.last_nonce(tx, member_id, round_.lottery, round_.number)
    nonces = range(last + 1, last + 1 + count)
    rolls = [
        rules.roll(
            seed,
            message(round_.lottery, round_.number, member_id, nonce=nonce, client_seed=client_seed),
            lottery.weights,
        )
        for nonce in nonces
    ]
    return list(zip(nonces, await _settle(tx, opened, rolls), strict=True))


async def _settle(tx: Tx, opened: OpenRound, rolls: Sequence[int]) -> tuple[Outcome, ...]:
    round_, lottery = opened.round, opened.lottery
    if not any(rules.named(lottery, rolled).is_limited for rolled in rolls):
        return rules.settle(lottery, rolls, Tally(0, {}))[0]
    before = Tally(*await queries.lock_tally(tx, round_.lottery, round_.number))
    outcomes, after = rules.settle(lottery, rolls, before)
    if after != before:
        await queries.put_tally(
            tx,
            *(round_.lottery, round_.number),
            spent_minor=after.spent_minor,
            given=after.given,
        )
    return outcomes


def drawn_state(prize: LotteryPrize) -> State:
    """Where a draw begins that gives this prize."""
    return State.REQUESTED if prize.delivered else State.GIVEN


def shape(draw: Draw, round_: Round, published: Versions) -> Drawn:
    """A draw with its lottery, as the round's version has it."""
    programme = published.numbered(round_.programme_version).programme
    lottery = programme.lottery(draw.lottery)
    assert lottery is not None, "a version doesn't change"
    return Drawn(draw, round_, lottery, programme)


async def drawn(tx: Tx, member_id: UUID, draw_id: UUID) -> Drawn:
    """Refuses NOT_FOUND."""
    row = await queries.draw(tx, member_id, draw_id)
    if row is None:
        raise NotFound("draw")
    found = Draw(**row)
    (round_,) = await queries.rounds_of(tx, [(found.lottery, found.round)])
    return shape(found, Round(**round_), await versions(tx))
