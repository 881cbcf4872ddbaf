"""How do staff say no to a proposal, or take their own back? To say yes is a verb of `rewards`."""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from domain.staff import rules, steps
from domain.staff.model import Act, Proposal


@transactional
async def reject(tx: Tx, proposal_id: UUID, *, staff: str, note: str, now: datetime) -> Proposal:
    """Nothing of it will be done.

    Refuses INVALID_INPUT, NOT_FOUND, PROPOSAL_CLOSED, SECOND_PERSON_REQUIRED.
    """
    note = rules.valid_note(note)
    found = await steps.waiting(tx, proposal_id, now=now)
    rules.check_second(found, staff)
    return await steps.decide(tx, found, Act.REJECT, by=staff, why=note, now=now)


@transactional
async def withdraw(tx: Tx, proposal_id: UUID, *, staff: str, note: str, now: datetime) -> Proposal:
    """Nothing of it will be done, as who proposed it wishes.

    Refuses INVALID_INPUT, NOT_FOUND, PROPOSAL_CLOSED, NOT_THE_PROPOSER.
    """
    note = rules.valid_note(note)
    found = await steps.waiting(tx, proposal_id, now=now)
    rules.check_proposer(found, staff)
    return await steps.decide(tx, found, Act.WITHDRAW, by=staff, why=note, now=now)
