"""How is it kept within a verb what staff did, and what one of them may not do alone?

All of it comes after the locks of members: the end of a person's chain is locked last.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from db.connection import Tx
from db.queries import staff as queries
from domain.programme.views import Published, versions
from domain.staff import rules
from domain.staff.chain import START, chain_hash
from domain.staff.errors import ApprovalRequired, ProposalClosed, StaffLimitReached
from domain.staff.model import Act, Cleared, Deed, Done, Proposal, State, Unit
from kit.errors import IdempotencyKeyReused, NotFound, Refusal
from kit.ids import global_id, new_id


async def known(
    tx: Tx, deed: Deed, *, now: datetime, as_whom: Callable[[UUID], UUID] = lambda same: same
) -> Cleared | Refusal | None:
    """What is to be said to who asks again: None where it was never proposed.

    `as_whom`: the member as whom one goes on since a merge.

    Cleared where it was approved and is to be done by who proposed it; else APPROVAL_REQUIRED, or
    PROPOSAL_CLOSED. Refuses IDEMPOTENCY_KEY_REUSED for anything else under that key.
    """
    row = await queries.proposal_of_key(tx, deed.actor, deed.act, deed.key)
    if row is None:
        return None
    found = Proposal(**row)
    member_id = found.member_id and as_whom(found.member_id)
    if (deed.member_id, deed.reason, deed.terms) != (member_id, found.reason, found.terms):
        raise IdempotencyKeyReused
    state = found.state_at(now)
    if state == State.PENDING:
        return _approval_required(found)
    if state == State.APPROVED and now < found.expires_at:
        return Cleared(is_alone=False)
    return ProposalClosed(State.EXPIRED if state == State.APPROVED else state)


async def admit(tx: Tx, deed: Deed, published: Published, *, now: datetime) -> Cleared | Refusal:
    """`known`, or else `clear`, for what is done by who proposed it."""
    return await known(tx, deed, now=now) or await clear(tx, deed, published, now=now)


async def clear(
    tx: Tx, deed: Deed, published: Published, *, now: datetime, is_own: bool = False
) -> Cleared | Refusal:
    """Whether it may be done now, alone; if not, it is proposed: APPROVAL_REQUIRED.

    The verb then does nothing else, commits, and answers the refusal. What somebody would do for
    themselves (`is_own`) needs a second, however little it is.
    """
    if not is_own and await may_alone(tx, deed, published, now=now):
        return Cleared(is_alone=True)
    days = timedelta(days=published.programme.adjustments.proposal_days)
    proposal = Proposal(
        id=new_id(),
        verb=deed.act,
        member_id=deed.member_id,
        unit=deed.unit,
        amount=deed.amount,
        reason=deed.reason,
        reason_code=deed.reason_code,
        terms=deed.terms,
        key=deed.key,
        proposed_by=deed.actor,
        programme_version=published.version,
        proposed_at=now,
        expires_at=now + days,
        state=State.PENDING,
    )
    await queries.add_proposal(tx, asdict(proposal))
    await note(tx, deed.actor, done_about(proposal, Act.PROPOSE, published.version), now=now)
    return _approval_required(proposal)


def _approval_required(proposal: Proposal) -> ApprovalRequired:
    return ApprovalRequired(global_id("StaffProposal", proposal.id), proposal.expires_at)


async def may_alone(tx: Tx, deed: Deed, published: Published, *, now: datetime) -> bool:
    """Within the limits; the end of their chain is locked, so that it stays true."""
    spent = await _spent(tx, deed, now=now)
    return rules.fits(deed.unit, deed.amount, spent, published.programme)


async def require_alone(tx: Tx, deed: Deed, published: Published, *, now: datetime) -> None:
    """For what isn't proposed, because anybody else may just do it: the day's limit only.

    The first within 24 hours passes, or it could be done by nobody. Refuses STAFF_LIMIT_REACHED.
    """
    _, a_day = rules.limits(deed.unit, published.programme)
    spent = await _spent(tx, deed, now=now)
    if spent and spent + abs(deed.amount) > a_day:
        raise StaffLimitReached(a_day)


async def _spent(tx: Tx, deed: Deed, *, now: datetime) -> int:
    """What they did alone in that unit within the last 24 hours."""
    person = rules.person_of(deed.actor)
    head = await queries.lock_head(tx, person, START, now)
    since = max(now, head["acted_at"]) - rules.WINDOW
    total, before = await queries.alone(tx, person, deed.unit, since)
    return total - before


async def note_deed(
    tx: Tx, deed: Deed, cleared: Cleared, subject: UUID, version: int, *, now: datetime
) -> None:
    """Add what was done; `subject`: the decision or batch that it became."""
    done = Done(
        deed.act,
        subject,
        version,
        deed.member_id,
        deed.unit,
        deed.amount,
        deed.reason_code,
        is_alone=cleared.is_alone,
    )
    await note(tx, deed.actor, done, now=now)


async def note(tx: Tx, actor: str, done: Done, *, now: datetime) -> None:
    """Add an act to the chain of who did it, never before the one before."""
    person = rules.person_of(actor)
    head = await queries.lock_head(tx, person, START, now)
    total = None
    if done.is_alone:
        assert done.unit is not None, "it is of something"
        before, _ = await queries.alone(tx, person, done.unit, now)
        total = before + abs(done.amount or 0)
    act: dict[str, object] = {
        "person": person,
        "seq": head["seq"] + 1,
        "actor": actor,
        "act": done.act,
        "member_id": done.member_id,
        "subject": done.subject,
        "unit": done.unit,
        "amount": done.amount,
        "alone_total": total,
        "reason_code": done.reason_code,
        "programme_version": done.version,
        "recorded_at": max(now, head["acted_at"]),
    }
    await queries.add_act(tx, {**act, "hash": chain_hash(head["head"], act)})


async def waiting(tx: Tx, proposal_id: UUID, *, now: datetime) -> Proposal:
    """One that waits, locked. Refuses NOT_FOUND, PROPOSAL_CLOSED."""
    found = await proposed(tx, proposal_id, locked=True)
    rules.check_open(found, now)
    return found


async def proposed(tx: Tx, proposal_id: UUID, *, locked: bool = False) -> Proposal:
    """As it is stored. Refuses NOT_FOUND."""
    row = await queries.proposal(tx, proposal_id, locked=locked)
    if row is None:
        raise NotFound("proposal")
    return Proposal(**row)


async def decide(
    tx: Tx, proposal: Proposal, act: Act, *, by: str, why: str, now: datetime
) -> Proposal:
    """Write what becomes of one that waits and is locked, and who said so."""
    state = {Act.APPROVE: State.APPROVED, Act.REJECT: State.REJECTED}.get(act, State.WITHDRAWN)
    await queries.decide(tx, proposal.id, state, by=by, at=now, note=why)
    version = (await versions(tx)).at(now).version
    await note(tx, by, done_about(proposal, act, version), now=now)
    return await proposed(tx, proposal.id)


def done_about(proposal: Proposal, act: Act, version: int) -> Done:
    """An act about a proposal; it counts for nobody."""
    return Done(
        act,
        proposal.id,
        version,
        proposal.member_id,
        Unit(proposal.unit),
        proposal.amount,
        proposal.reason_code,
    )
