"""How does a member tell the staff of something?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import moderation as queries
from domain.community import rules, steps
from domain.community.errors import AlreadyReported, OwnContent
from domain.community.model import Received, Report, ReportReason, Subject
from domain.ledger.steps import post
from domain.programme.views import versions


@transactional
async def report(
    tx: Tx, member_id: UUID, subject: Subject, reason: ReportReason, *, note: str, now: datetime
) -> None:
    """Report content, once each; enough voices hold it back until the staff has looked.

    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED, OWN_CONTENT,
    ALREADY_REPORTED.
    """
    rules.check_note(note)
    desk = await steps.enter(tx, member_id, now)
    steps.require_welcome(desk)
    if subject.member_id == member_id:
        raise OwnContent
    if await queries.has_reported(tx, member_id, subject.id):
        raise AlreadyReported
    programme = (await versions(tx)).at(now).programme
    guest = steps.guest_of(desk, programme)
    await steps.standing_subject(tx, guest, subject, programme)
    silent = rules.why_no_voice(guest.tier_code, desk.member.joined_at, programme, now=now)
    row = Report(
        member_id,
        subject.id,
        subject.member_id,
        subject.kind,
        reason,
        note.strip(),
        has_voice=silent is None,
        reported_at=now,
    )
    desk.changes.put("community_report", row)
    author = subject.member_id
    job = steps.attention_job(author, Received.REPORT, subject.id, by=member_id, now=now)
    desk.changes.put("job", job)
    await post(tx, desk)
