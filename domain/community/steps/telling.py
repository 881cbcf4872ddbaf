"""How does what one member does reach another? By a job under the other one's lock."""

from datetime import datetime
from uuid import UUID

from db.jobs import Job
from domain.community.model import RECEIVE, RETURNED, Received


def returned_job(member_id: UUID, purchase_id: UUID, now: datetime) -> Job:
    """Have reviews of an order looked at of which something was sent back."""
    return Job(member_id, RETURNED, str(purchase_id), run_at=now, created_at=now)


def receive_job(
    member_id: UUID,
    kind: Received,
    *,
    subject_id: UUID,
    source_id: UUID,
    from_member_id: UUID,
    now: datetime,
) -> Job:
    """Have the member's counts follow what `from_member_id` did; once however often it was done."""
    return Job(
        member_id=member_id,
        kind=RECEIVE,
        key=f"{kind}:{subject_id}:{source_id}",
        run_at=now,
        created_at=now,
        payload={
            "kind": kind.value,
            "subject_id": str(subject_id),
            "source_id": str(source_id),
            "from_member_id": str(from_member_id),
        },
    )


def attention_job(
    member_id: UUID, kind: Received, subject_id: UUID, *, by: UUID, now: datetime
) -> Job:
    """`receive_job` of what somebody does once to a subject: a like, a follow, a report."""
    return receive_job(
        member_id, kind, subject_id=subject_id, source_id=by, from_member_id=by, now=now
    )
