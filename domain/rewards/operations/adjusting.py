"""How does staff change a balance? By a transfer of its own, once for each key."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from db.changes import Changes
from db.connection import Tx, transactional
from db.idempotency import input_hash, recall_service, used_for
from domain.effects.model import GrantCredit
from domain.ledger.errors import InsufficientCredit, InsufficientPoints
from domain.ledger.model import Account, Cause, Currency
from domain.ledger.steps import Desk, open_desks, post
from domain.members import aliases
from domain.members.steps import lock
from domain.programme.views import Published, versions
from domain.rewards import rules
from domain.rewards.errors import CreditLimitReached
from domain.rewards.model import Adjusted, Adjustment, Operation
from domain.rewards.steps import issue
from domain.webhooks.steps import write
from kit.errors import IdempotencyKeyReused, Refusal
from kit.ids import new_id


async def adjust(caller: str, asked: Adjustment, *, now: datetime) -> Adjusted:
    """Add or take points or credit of a member, a suspended one's included; or give a red packet.

    What is added expires at `expires_at`, or as the programme's points or packets do. Of a red
    packet the member is told. Refuses INVALID_INPUT, NOT_FOUND, IDEMPOTENCY_KEY_REUSED, and kept
    under the key INSUFFICIENT_POINTS, INSUFFICIENT_CREDIT, CREDIT_LIMIT_REACHED.
    """
    rules.check_adjustment(asked, now)
    answer = await _adjust(caller, asked, now=now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transactional
async def _adjust(tx: Tx, caller: str, asked: Adjustment, *, now: datetime) -> Adjusted | Refusal:
    member = await lock(tx, asked.member_id)
    first = await _first(tx, caller, asked)
    if first is not None:
        return first
    published = (await versions(tx)).at(now)
    rules.check_packet(asked, published.programme)
    (desk,) = await open_desks(tx, [member], now)
    try:
        rules.check_room(asked, desk.credit.wallet, published.programme)
        seq = _move(desk, caller, asked, published=published)
    except (InsufficientPoints, InsufficientCredit, CreditLimitReached) as refusal:
        changes = Changes()
        changes.put("service_key", _answered(caller, asked, rules.answer_of(refusal), now=now))
        await write(tx, changes, now=now)
        return refusal
    answer: dict[str, Any] = {"seq": seq, "amount": asked.amount}
    desk.changes.put("service_key", _answered(caller, asked, answer, now=now))
    desk.changes.put(
        "staff_action",
        {
            "member_id": member.member_id,
            "id": new_id(),
            "actor": caller,
            "action": asked.operation,
            "reason": asked.reason,
            "recorded_at": now,
        },
    )
    await post(tx, desk)
    return Adjusted(member.member_id, seq, asked.amount)


async def _first(tx: Tx, caller: str, asked: Adjustment) -> Adjusted | Refusal | None:
    """The first answer under the key, which may have been used for who is part of this member now.

    Their movement stays in the wallet in which it was made.
    """
    try:
        found = await recall_service(tx, caller, asked.operation, asked.key, _hash(asked))
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


def _move(desk: Desk, caller: str, asked: Adjustment, *, published: Published) -> int:
    """The number of the transfer."""
    currency, programme = asked.operation.currency, published.programme
    ends = asked.expires_at or rules.lot_expires_at(currency, desk.now, programme)
    key = f"{asked.operation} {caller} {asked.key}"
    if asked.operation == Operation.GRANT_CREDIT:
        return _give(desk, key, asked, published=published, ends=ends)
    book, is_credit = desk.books[currency], currency == Currency.CREDIT
    decision = desk.decide(
        key,
        "adjustment",
        published.version,
        inputs={"amount": asked.amount, "reason": asked.reason},
        outcome={"credit_minor" if is_credit else "points": asked.amount},
        occurred_at=desk.now,
    )
    cause = Cause(decision, decision.kind, "adjustment", str(decision.id), desk.now)
    if asked.amount < 0:
        return book.spend(-asked.amount, cause, credit=Account.ADJUSTMENT)
    lot = book.open_lot(
        new_id(),
        asked.amount,
        cause,
        activates_at=None if book.activates else desk.now,
        expires_at=ends,
        debit=Account.ADJUSTMENT,
    )
    assert lot.opened_by is not None, "it was opened now"
    return lot.opened_by


def _give(
    desk: Desk, key: str, asked: Adjustment, *, published: Published, ends: datetime | None
) -> int:
    decision = desk.decide(
        key,
        "credit_grant",
        published.version,
        inputs={"amount": asked.amount, "reason": asked.reason},
        outcome={"credit_minor": asked.amount},
        occurred_at=desk.now,
    )
    issued = issue(
        desk,
        decision,
        [GrantCredit(asked.amount, decision.kind, None, ends)],
        programme=published.programme,
        source_type="grant",
        source_id=str(decision.id),
        occurred_at=desk.now,
    )
    (packet,) = issued.packets
    assert packet.opened_by is not None, "it was opened now"
    return packet.opened_by


def _hash(asked: Adjustment) -> str:
    return input_hash(
        {
            "member_id": str(asked.member_id),
            "amount": asked.amount,
            "reason": asked.reason,
            "expires_at": asked.expires_at,
        }
    )


def _answered(
    caller: str, asked: Adjustment, answer: dict[str, Any], *, now: datetime
) -> dict[str, object]:
    return {
        "caller": caller,
        "operation": asked.operation,
        "key": asked.key,
        "member_id": asked.member_id,
        "input_hash": _hash(asked),
        "result": answer,
        "created_at": now,
    }
