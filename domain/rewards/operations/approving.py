"""How does a second of the staff let happen what one may not do alone?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.members import by_ids
from domain.ledger.steps import open_desks, post
from domain.members import aliases
from domain.members.model import Member
from domain.members.steps import lock
from domain.programme.views import versions
from domain.rewards import adjusting, rules
from domain.rewards.model import Approved
from domain.staff import steps as acts
from domain.staff.errors import SecondPersonRequired
from domain.staff.model import BY_PROPOSER, Act, Proposal
from domain.staff.rules import check_second, valid_note


@transactional
async def approve(tx: Tx, proposal_id: UUID, *, staff: str, note: str, now: datetime) -> Approved:
    """Post what was proposed, once, under the programme of now; two names stand with it.

    Coupons, vouchers and merges are then done by who proposed them, asking again with the same key.
    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_ERASED, PROPOSAL_CLOSED, SECOND_PERSON_REQUIRED (who
    proposed it, or whom it is for), then what the change itself is refused for: INVALID_INPUT,
    INSUFFICIENT_POINTS, INSUFFICIENT_CREDIT, CREDIT_LIMIT_REACHED; it waits on after those.
    """
    note = valid_note(note)
    found = await acts.proposed(tx, proposal_id)
    if found.verb not in BY_PROPOSER:
        return await _post(tx, found, staff=staff, note=note, now=now)
    found = await acts.waiting(tx, proposal_id, now=now)
    check_second(found, staff)
    for row in await by_ids(tx, [UUID(member_id) for member_id in found.terms.get("members", ())]):
        if adjusting.is_for(staff, Member(**row)):
            raise SecondPersonRequired
    return Approved(await acts.decide(tx, found, Act.APPROVE, by=staff, why=note, now=now))


async def _post(tx: Tx, found: Proposal, *, staff: str, note: str, now: datetime) -> Approved:
    asked = adjusting.adjustment_of(found)
    await aliases.refresh(tx)
    member = await lock(tx, aliases.current(asked.member_id))
    asked = adjusting.now_of(asked, member)
    found = await acts.waiting(tx, found.id, now=now)
    check_second(found, staff)
    if adjusting.is_for(staff, member):
        raise SecondPersonRequired
    rules.check_adjustment(asked, now)
    published = (await versions(tx)).at(now)
    rules.check_packet(asked, published.programme)
    (desk,) = await open_desks(tx, [member], now)
    by, code = found.proposed_by, found.reason_code
    assert code is not None, "it is about a balance"
    said = {"reason_code": code, "by": by, "approved_by": staff, "proposal": str(found.id)}
    seq, _ = adjusting.move(desk, by, asked, said, published=published)
    adjusted = adjusting.put(desk, by, asked, seq)
    adjusting.put_action(desk, staff, "approve", note)
    approved = await acts.decide(tx, found, Act.APPROVE, by=staff, why=note, now=now)
    await post(tx, desk)
    return Approved(approved, adjusted)
