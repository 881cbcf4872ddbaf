"""How does staff change a balance? By a transfer of its own, once for each key."""

from dataclasses import replace
from datetime import datetime

from db.changes import Changes
from db.connection import Tx, transactional
from db.idempotency import recall_service, used_for
from domain.ledger.errors import InsufficientCredit, InsufficientPoints
from domain.ledger.steps import open_desks, post
from domain.members import aliases
from domain.members.steps import lock
from domain.programme.views import versions
from domain.rewards import adjusting, rules
from domain.rewards.errors import CreditLimitReached
from domain.rewards.model import Adjusted, Adjustment
from domain.staff import steps as staff
from domain.staff.rules import reason_code
from domain.webhooks.steps import write
from kit.errors import IdempotencyKeyReused, Refusal


async def adjust(caller: str, asked: Adjustment, *, now: datetime) -> Adjusted:
    """Add or take points or credit of a member, a suspended one's included; or give a red packet.

    What is added expires at `expires_at`, or as the programme's points or packets do. Of a red
    packet the member is told. Refuses INVALID_INPUT, NOT_FOUND, IDEMPOTENCY_KEY_REUSED, kept under
    the key INSUFFICIENT_POINTS, INSUFFICIENT_CREDIT, CREDIT_LIMIT_REACHED, and then
    APPROVAL_REQUIRED (or PROPOSAL_CLOSED to who asks again) where the caller may not do it alone:
    it is proposed, and nothing is posted until a second of the staff approves it.
    """
    rules.check_adjustment(asked, now)
    answer = await _adjust(caller, asked, now=now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transactional
async def _adjust(tx: Tx, caller: str, asked: Adjustment, *, now: datetime) -> Adjusted | Refusal:
    member = await lock(tx, asked.member_id)
    deed = adjusting.deed_of(caller, asked)
    first = await _first(tx, caller, asked) or await staff.known(
        tx, deed, now=now, as_whom=aliases.current
    )
    if isinstance(first, Adjusted | Refusal):
        return first
    published = (await versions(tx)).at(now)
    rules.check_packet(asked, published.programme)
    code = reason_code(asked.reason_code, published.programme)
    (desk,) = await open_desks(tx, [member], now)
    try:
        said = {"reason_code": code, "by": caller}
        seq, decision = adjusting.move(desk, caller, asked, said, published=published)
    except (InsufficientPoints, InsufficientCredit, CreditLimitReached) as refusal:
        changes = Changes()
        answer = rules.answer_of(refusal)
        changes.put("service_key", adjusting.answered(caller, asked, answer, now=now))
        await write(tx, changes, now=now)
        return refusal
    is_own = adjusting.is_for(caller, member)
    deed = replace(deed, reason_code=code)
    cleared = await staff.clear(tx, deed, published, now=now, is_own=is_own)
    if isinstance(cleared, Refusal):
        return cleared
    adjusted = adjusting.put(desk, caller, asked, seq)
    await staff.note_deed(tx, deed, cleared, decision.id, published.version, now=now)
    await post(tx, desk)
    return adjusted


async def _first(tx: Tx, caller: str, asked: Adjustment) -> Adjusted | Refusal | None:
    """The first answer under the key, which may have been used for who is part of this member now.

    Their movement stays in the wallet in which it was made.
    """
    hashed = adjusting.hash_of(asked)
    try:
        found = await recall_service(tx, caller, asked.operation, asked.key, hashed)
    except IdempotencyKeyReused:
        member_id = await used_for(tx, caller, asked.operation, asked.key)
        await aliases.refresh(tx)
        assert member_id is not None, "its answer was found"
        if member_id == asked.member_id or aliases.current(member_id) != asked.member_id:
            raise
        return await _first(tx, caller, replace(asked, member_id=member_id))
    if found is None:
        return None
    if "refusal" in found:
        return rules.refusal_of(found)
    return Adjusted(asked.member_id, found["seq"], found["amount"])
