"""How does a balance change by the word of staff, and what is written with it?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.effects.model import GrantCredit
from domain.ledger.model import Account, Cause, Currency, Decision
from domain.ledger.steps import Desk
from domain.members.model import Member
from domain.programme.views import Published
from domain.rewards import rules
from domain.rewards.model import Adjusted, Adjustment, Operation
from domain.rewards.steps import issue
from domain.staff.model import Act, Deed, Proposal, Unit
from domain.staff.rules import is_own
from kit.hashing import input_hash
from kit.ids import new_id

Said = Mapping[str, str]
"""The `reason_code`, who did it (`by`), and where two had a part `approved_by`, `proposal`."""


def deed_of(caller: str, asked: Adjustment) -> Deed:
    ends = asked.expires_at and asked.expires_at.isoformat()
    return Deed(
        actor=caller,
        act=Act(asked.operation),
        unit=Unit(asked.operation.currency),
        amount=asked.amount,
        key=asked.key,
        terms={"amount": asked.amount, "expires_at": ends, "reason_code": asked.reason_code},
        member_id=asked.member_id,
        reason=asked.reason,
    )


def adjustment_of(proposal: Proposal) -> Adjustment:
    """What was proposed. Of who was merged meanwhile `member_id` is as it was."""
    assert proposal.member_id is not None, "it is about a balance"
    ends = proposal.terms["expires_at"]
    return Adjustment(
        proposal.member_id,
        proposal.amount,
        proposal.reason,
        proposal.key,
        None if ends is None else datetime.fromisoformat(ends),
        Operation(proposal.verb),
        proposal.terms["reason_code"],
    )


def is_for(subject: str, member: Member) -> bool:
    """Whether one of the staff is that member, as far as their names tell."""
    return is_own(subject, (str(member.member_id), member.external_id, member.email))


def move(
    desk: Desk, caller: str, asked: Adjustment, said: Said, *, published: Published
) -> tuple[int, Decision]:
    """Move it on the desk; the number of the transfer and why.

    Refuses INSUFFICIENT_POINTS, INSUFFICIENT_CREDIT, CREDIT_LIMIT_REACHED.
    """
    rules.check_room(asked, desk.credit.wallet, published.programme)
    if asked.operation == Operation.GRANT_CREDIT:
        return _give(desk, caller, asked, said, published=published)
    return _correct(desk, caller, asked, said, published=published)


def _correct(
    desk: Desk, caller: str, asked: Adjustment, said: Said, *, published: Published
) -> tuple[int, Decision]:
    book, currency = desk.books[asked.operation.currency], asked.operation.currency
    decision = desk.decide(
        _key(caller, asked),
        "adjustment",
        published.version,
        inputs=_inputs(asked, said),
        outcome={"credit_minor" if currency == Currency.CREDIT else "points": asked.amount},
        occurred_at=desk.now,
    )
    cause = Cause(decision, decision.kind, "adjustment", str(decision.id), desk.now)
    if asked.amount < 0:
        return book.spend(-asked.amount, cause, credit=Account.ADJUSTMENT), decision
    lot = book.open_lot(
        new_id(),
        asked.amount,
        cause,
        activates_at=None if book.activates else desk.now,
        expires_at=_ends(desk, asked, published),
        debit=Account.ADJUSTMENT,
    )
    assert lot.opened_by is not None, "it was opened now"
    return lot.opened_by, decision


def _give(
    desk: Desk, caller: str, asked: Adjustment, said: Said, *, published: Published
) -> tuple[int, Decision]:
    decision = desk.decide(
        _key(caller, asked),
        "credit_grant",
        published.version,
        inputs=_inputs(asked, said),
        outcome={"credit_minor": asked.amount},
        occurred_at=desk.now,
    )
    issued = issue(
        desk,
        decision,
        [GrantCredit(asked.amount, decision.kind, None, _ends(desk, asked, published))],
        programme=published.programme,
        source_type="grant",
        source_id=str(decision.id),
        occurred_at=desk.now,
    )
    (packet,) = issued.packets
    assert packet.opened_by is not None, "it was opened now"
    return packet.opened_by, decision


def _key(caller: str, asked: Adjustment) -> str:
    return f"{asked.operation} {caller} {asked.key}"


def _inputs(asked: Adjustment, said: Said) -> dict[str, object]:
    return {"amount": asked.amount, "reason": asked.reason, **said}


def _ends(desk: Desk, asked: Adjustment, published: Published) -> datetime | None:
    currency = asked.operation.currency
    return asked.expires_at or rules.lot_expires_at(currency, desk.now, published.programme)


def put(desk: Desk, caller: str, asked: Adjustment, seq: int) -> Adjusted:
    """Write, with what moved, who did it, and the answer under their key."""
    answer = {"seq": seq, "amount": asked.amount}
    desk.changes.put("service_key", answered(caller, asked, answer, now=desk.now))
    put_action(desk, caller, asked.operation, asked.reason)
    return Adjusted(desk.member.member_id, seq, asked.amount)


def put_action(desk: Desk, actor: str, action: str, reason: str) -> None:
    row = {
        "member_id": desk.member.member_id,
        "id": new_id(),
        "actor": actor,
        "action": action,
        "reason": reason,
        "recorded_at": desk.now,
    }
    desk.changes.put("staff_action", row)


def hash_of(asked: Adjustment) -> str:
    """Who names no reason's code asks as everybody did before there were codes."""
    named = {} if asked.reason_code is None else {"reason_code": asked.reason_code}
    return input_hash(
        {
            "member_id": str(asked.member_id),
            "amount": asked.amount,
            "reason": asked.reason,
            "expires_at": asked.expires_at,
            **named,
        }
    )


def answered(
    caller: str, asked: Adjustment, answer: dict[str, Any], *, now: datetime
) -> dict[str, object]:
    """The row of what was answered under a key."""
    return {
        "caller": caller,
        "operation": asked.operation,
        "key": asked.key,
        "member_id": asked.member_id,
        "input_hash": hash_of(asked),
        "result": answer,
        "created_at": now,
    }


def now_of(asked: Adjustment, member: Member) -> Adjustment:
    """The same for the member as whom they go on."""
    return replace(asked, member_id=member.member_id)
