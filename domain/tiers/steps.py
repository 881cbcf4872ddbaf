"""How does a change of tier ask for what follows from it?"""

from datetime import datetime
from uuid import UUID

from db.jobs import Job

ASSESS = "tiers.assess"
GIFTS = "gifts.tier"


def assess_job(member_id: UUID, run_at: datetime, now: datetime) -> Job:
    """A job that confirms, upgrades or lets fall, by what counts when it runs."""
    return Job(member_id=member_id, kind=ASSESS, key="assess", run_at=run_at, created_at=now)


def gifts_job(member_id: UUID, tier_code: str, now: datetime) -> Job:
    """A job that gives what is given for this tier and those below it; for a confirmed upgrade."""
    return Job(
        member_id=member_id,
        kind=GIFTS,
        key=tier_code,
        run_at=now,
        created_at=now,
        payload={"tier": tier_code},
    )
