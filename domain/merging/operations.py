"""How do staff make one member of two, see beforehand what would come of it, and undo it?"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.idempotency import input_hash, recall_service
from db.queries import merging as queries
from db.signals import JOBS
from domain.members import aliases
from domain.members.rules import valid_reason
from domain.merging import rules
from domain.merging.model import Asked, Outcome
from domain.merging.steps import clearing, joining, people, rows
from domain.merging.steps.parting import Parting
from domain.programme.views import versions
from domain.webhooks.steps import write
from kit.errors import Refusal
from kit.ids import new_id

MERGE = "mergeMembers"
UNMERGE = "unmergeMembers"


class _Seen(Exception):
    """The preview is known: all that was tried goes back."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


async def merge(caller: str, asked: Asked, *, now: datetime) -> Outcome:
    """Let the survivor have all that the absorbed has; the absorbed's ids lead to the survivor.

    Once for each key of the caller. Refuses INVALID_INPUT, SAME_MEMBER, NOT_FOUND,
    IDEMPOTENCY_KEY_REUSED, then what `rules.require_mergeable` lists, and APPROVAL_REQUIRED where
    the absorbed has more than the caller may give alone, or the survivor is the caller: once a
    second of the staff has approved, the same request merges; PROPOSAL_CLOSED if they haven't.
    """
    asked = _checked(asked)
    outcome = await _merge(caller, asked, now=now)
    if isinstance(outcome, Refusal):
        raise outcome
    aliases.learn(asked.absorbed_id, asked.survivor_id)
    return outcome


async def preview(caller: str, asked: Asked, *, now: datetime) -> Outcome:
    """What `merge` would do now: it is done, looked at and rolled back.

    Refuses what it refuses, but for APPROVAL_REQUIRED.
    """
    try:
        await _merge(caller, _checked(asked), now=now, only_look=True)
    except _Seen as seen:
        return seen.outcome
    raise AssertionError


async def unmerge(caller: str, asked: Asked, *, now: datetime) -> Outcome:
    """Part two members again, within 30 days: each lot goes back with what is left of it.

    What the shop told since of the absorbed's customer id goes with it, no debt arises, and what
    was reached together stands. Once for each key of the caller. Refuses INVALID_INPUT,
    SAME_MEMBER, NOT_FOUND, IDEMPOTENCY_KEY_REUSED, then what `rules.require_unmergeable` lists.
    """
    asked = _checked(asked)
    outcome = await _unmerge(caller, asked, now=now)
    aliases.learn(asked.absorbed_id, asked.absorbed_id)
    return outcome


@transactional
async def forward(tx: Tx, absorbed_id: UUID, *, now: datetime) -> None:
    """What was written for a member while they were being merged goes to the survivor."""
    survivor_id = await _survivor_of(tx, absorbed_id)
    if survivor_id is None:
        return
    asked = Asked(survivor_id, absorbed_id, "", "")
    survivor, absorbed = await people.locked(tx, asked)
    if absorbed.merged_into == survivor.member_id:
        await rows.forward(tx, absorbed_id, survivor_id, now)
        tx.wake(JOBS)


async def _survivor_of(tx: Tx, member_id: UUID) -> UUID | None:
    found = await people.member_of(tx, member_id)
    return None if found is None else found.merged_into


def _checked(asked: Asked) -> Asked:
    rules.check_asked(asked)
    return replace(asked, reason=valid_reason(asked.reason))


@transactional
async def _merge(
    tx: Tx, caller: str, asked: Asked, *, now: datetime, only_look: bool = False
) -> Outcome | Refusal:
    survivor, absorbed = await people.locked(tx, asked)
    if not only_look:
        first = await recall_service(tx, caller, MERGE, asked.key, _hash(asked))
        if first is not None:
            return Outcome.of(first)
    await people.let_lapse(tx, [survivor, absorbed], now)
    one, other = await people.parties(tx, [survivor, absorbed])
    rules.require_mergeable(one, other, now)
    merge_id, published = new_id(), (await versions(tx)).at(now)
    deeds = await clearing.deeds_of(tx, caller, asked)
    if only_look:
        raise _Seen(await joining.join(tx, survivor, absorbed, merge_id, now))
    cleared = await clearing.clear(tx, deeds, survivor, published, now=now)
    if isinstance(cleared, Refusal):
        return cleared
    outcome = await joining.join(tx, survivor, absorbed, merge_id, now)
    await clearing.note(tx, deeds, cleared, merge_id, published.version, now=now)
    await queries.name_survivor(tx, absorbed.member_id, survivor.member_id)
    await _conclude(tx, caller, asked, outcome, operation=MERGE)
    return outcome


@transactional
async def _unmerge(tx: Tx, caller: str, asked: Asked, *, now: datetime) -> Outcome:
    survivor, absorbed = await people.locked(tx, asked)
    first = await recall_service(tx, caller, UNMERGE, asked.key, _hash(asked))
    if first is not None:
        return Outcome.of(first)
    await people.let_lapse(tx, [survivor], now)
    (party,) = await people.parties(tx, [survivor])
    merge_ = rules.require_unmergeable(await people.merge_of(tx, asked.absorbed_id), party, now)
    await queries.name_survivor(tx, absorbed.member_id, None)
    own = replace(absorbed, merged_into=None)
    outcome = await Parting(tx, survivor, own, merge_, now).run()
    await _conclude(tx, caller, asked, outcome, operation=UNMERGE)
    return outcome


async def _conclude(tx: Tx, caller: str, asked: Asked, outcome: Outcome, *, operation: str) -> None:
    """Keep who did it and why with both, and the answer under the key."""
    changes = Changes()
    for member_id in (asked.survivor_id, asked.absorbed_id):
        action = {
            "member_id": member_id,
            "id": new_id(),
            "actor": caller,
            "action": operation,
            "reason": asked.reason,
            "recorded_at": outcome.at,
        }
        changes.put("staff_action", action)
    answered: dict[str, Any] = {
        "caller": caller,
        "operation": operation,
        "key": asked.key,
        "member_id": asked.survivor_id,
        "input_hash": _hash(asked),
        "result": outcome.document(),
        "created_at": outcome.at,
    }
    changes.put("service_key", answered)
    await write(tx, changes, now=outcome.at)
    tx.wake(JOBS)


def _hash(asked: Asked) -> str:
    return input_hash(
        {
            "survivor_id": str(asked.survivor_id),
            "absorbed_id": str(asked.absorbed_id),
            "reason": asked.reason,
        }
    )
