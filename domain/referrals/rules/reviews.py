"""What becomes of a review when more is found, and when staff decide?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.programme.model import Programme
from domain.referrals.errors import ReviewResolved
from domain.referrals.model import ReferralRow, ReviewFacts, ReviewRow, Suspicion, Verdict
from domain.referrals.rules.judging import OF_MANY

REASONS_MAX = 20
BY_RULES = "rules"
UNDECIDED = frozenset({"BOUND", "QUALIFIED", "REWARDED"})
"""Of a referral that staff can still decide about."""


def worth_a_look(
    referral: ReferralRow, verdict: Verdict, now: datetime, programme: Programme
) -> list[Suspicion]:
    """What of a verdict staff should know: of one that was paid only what others brought to light.

    After the days in which a refund undoes an award nothing.
    """
    refused = [] if verdict.refused is None else [verdict.refused]
    if referral.state == "BOUND":
        return list(verdict.suspicions)  # what can't stand is refused when it qualifies
    if referral.state == "QUALIFIED":
        return [*verdict.suspicions, *refused]
    assert referral.qualified_at is not None, referral.state
    if now >= referral.qualified_at + timedelta(days=programme.referral.reversal_days):
        return []
    return [*(one for one in verdict.suspicions if one.code in OF_MANY), *refused]


def with_found(
    known: ReviewRow | None, found: Sequence[Suspicion], facts: ReviewFacts
) -> ReviewRow | None:
    """The review as it is with what was found; None for a referral that needs none.

    What staff have approved isn't asked again for the same reason; a new reason opens it again.
    """
    if known is None:
        return _begun(facts, found) if found else None
    fresh = [one for one in found if one.code not in {reason.code for reason in known.reasons}]
    if not fresh or known.state == "REJECTED":
        return known
    return ReviewRow(
        member_id=known.member_id,
        id=known.id,
        inviter_id=known.inviter_id,
        state="OPEN",
        reasons=(*known.reasons, *fresh),
        opened_at=known.opened_at if known.state == "OPEN" else facts.now,
    )


def refused_by_rules(known: ReviewRow | None, reason: Suspicion, facts: ReviewFacts) -> ReviewRow:
    """What can't stand is rejected, whatever staff thought of the rest."""
    row = known or _begun(facts, ())
    return replace(
        row,
        state="REJECTED",
        reasons=(*row.reasons, reason),
        resolved_at=facts.now,
        resolved_by=BY_RULES,
        note=None,
    )


def decided(row: ReviewRow, state: str, *, staff: str, note: str, now: datetime) -> ReviewRow:
    """Refuses REVIEW_RESOLVED to who decides otherwise what is decided; the same stays as it is."""
    if row.state == state:
        return row
    if row.state != "OPEN":
        raise ReviewResolved(state=row.state)
    return replace(row, state=state, resolved_at=now, resolved_by=staff, note=note)


def _begun(facts: ReviewFacts, found: Sequence[Suspicion]) -> ReviewRow:
    referral = facts.referral
    return ReviewRow(
        member_id=referral.bound_as,
        id=facts.id,
        inviter_id=referral.inviter_id,
        state="OPEN",
        reasons=tuple(found),
        opened_at=facts.now,
    )
