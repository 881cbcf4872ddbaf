"""How does staff correct a balance? By a transfer of its own, once for each key."""

from datetime import datetime
from typing import Any

from db.changes import Changes
from db.connection import Tx, transactional
from db.idempotency import input_hash, recall_service
from domain.ledger.errors import InsufficientPoints
from domain.ledger.model import Account, Cause
from domain.ledger.steps import Desk, open_desks, post
from domain.members.steps import lock
from domain.points.rules import expires_at as expiry_of
from domain.points.rules import inactive_at
from domain.programme.views import Published, versions
from domain.rewards import rules
from domain.rewards.model import Adjusted, Adjustment
from domain.webhooks.steps import write
from kit.errors import Refusal
from kit.ids import new_id

OPERATION = "adjustPoints"


async def adjust(caller: str, asked: Adjustment, *, now: datetime) -> Adjusted:
    """Add or take points of a member, a suspended one's included.

    What is added expires at `expires_at`, or as the programme's points do. Refuses INVALID_INPUT,
    NOT_FOUND, IDEMPOTENCY_KEY_REUSED, INSUFFICIENT_POINTS (kept under the key).
    """
    rules.check_adjustment(asked, now)
    answer = await _adjust(caller, asked, now=now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transactional
async def _adjust(tx: Tx, caller: str, asked: Adjustment, *, now: datetime) -> Adjusted | Refusal:
    member = await lock(tx, asked.member_id)
    first = await recall_service(tx, caller, OPERATION, asked.key, _hash(asked))
    if first is not None:
        return (
            rules.refusal_of(first)
            if "refusal" in first
            else Adjusted(member.member_id, first["seq"], first["amount"])
        )
    published = (await versions(tx)).at(now)
    (desk,) = await open_desks(tx, [member], now)
    try:
        seq = _move(desk, caller, asked, published=published)
    except InsufficientPoints as refusal:
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
            "action": OPERATION,
            "reason": asked.reason,
            "recorded_at": now,
        },
    )
    await post(tx, desk)
    return Adjusted(member.member_id, seq, asked.amount)


def _move(desk: Desk, caller: str, asked: Adjustment, *, published: Published) -> int:
    """The number of the transfer."""
    decision = desk.decide(
        f"{OPERATION} {caller} {asked.key}",
        "adjustment",
        published.version,
        inputs={"amount": asked.amount, "reason": asked.reason},
        outcome={"points": asked.amount},
        occurred_at=desk.now,
    )
    cause = Cause(decision, asked.reason, "adjustment", str(decision.id), desk.now)
    if asked.amount < 0:
        return desk.points.spend(-asked.amount, cause, credit=Account.ADJUSTMENT)
    programme = published.programme
    ends = expiry_of(desk.now, programme) or inactive_at(desk.now, programme)
    lot = desk.points.open_lot(
        new_id(),
        asked.amount,
        cause,
        activates_at=None if desk.points.activates else desk.now,
        expires_at=asked.expires_at or ends,
        debit=Account.ADJUSTMENT,
    )
    return lot.opened_by


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
        "operation": OPERATION,
        "key": asked.key,
        "member_id": asked.member_id,
        "input_hash": _hash(asked),
        "result": answer,
        "created_at": now,
    }
