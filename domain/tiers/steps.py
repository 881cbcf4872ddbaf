"""Who asks for a member's tier to be looked at again, and how?"""

from datetime import datetime
from uuid import UUID

from db.jobs import Job

ASSESS = "tiers.assess"


def assess_job(member_id: UUID, run_at: datetime, now: datetime) -> Job:
    """A job that confirms, upgrades or lets fall, by what counts when it runs."""
    return Job(member_id=member_id, kind=ASSESS, key="assess", run_at=run_at, created_at=now)
