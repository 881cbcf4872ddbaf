"""Which contests are there, and what does a member's activity mean for them?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from db import rows
from db.connection import Tx
from db.jobs import Job
from db.queries import challenges as queries
from domain.activity.model import CHALLENGES_ASSESS, Deed
from domain.challenges import rules
from domain.challenges.model import Entry, Round, State
from domain.ledger.steps import Desk
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import Gives, Programme, Text
from domain.programme.views import Versions
from domain.rewards.steps import give

SOURCE = "challenge"
PRIZE = "challenge_prize"
MILESTONE = "challenge_milestone"


@dataclass(slots=True)
class Known:
    """What is stored of members whom an assessment looks at."""

    entries: dict[tuple[UUID, str], Entry] = field(default_factory=dict[tuple[UUID, str], Entry])
    tiers: dict[UUID, str] = field(default_factory=dict[UUID, str])
    badges: dict[UUID, set[str]] = field(default_factory=dict[UUID, set[str]])


def rounds(versions: Versions, now: datetime) -> list[Round]:
    """Every challenge that there is or was.

    The version in force rules what isn't over; what is over is ruled by the version of its end.
    """
    found: dict[str, Round] = {}
    for published in versions:
        for challenge in published.programme.challenges:
            if versions.at(min(now, challenge.ends_at)) is published:
                found[challenge.code] = Round(challenge, published.version, published.programme)
    return list(found.values())


async def running(tx: Tx, versions: Versions, now: datetime) -> list[Round]:
    """Challenges whose scores may change; none of them is closed until this transaction ends.

    One that is closed stays so, even where a later version moves its end.
    """
    begun = [found for found in rounds(versions, now) if found.state(now) != State.UPCOMING]
    codes = [found.challenge.code for found in begun]
    closed = await queries.closings_held(tx, codes) if codes else set[str]()
    return [found for found in begun if found.challenge.code not in closed]


async def known(tx: Tx, member_ids: Sequence[UUID], codes: Sequence[str]) -> Known:
    found = await queries.state(tx, member_ids, codes)
    entries = [rows.read(Entry, row) for row in found["entries"] or ()]
    badges: dict[UUID, set[str]] = {}
    for member_id, code in found["badges"] or ():
        badges.setdefault(UUID(member_id), set()).add(code)
    return Known(
        entries={(entry.member_id, entry.challenge): entry for entry in entries},
        tiers={UUID(member_id): code for member_id, code in found["tiers"] or ()},
        badges=badges,
    )


@dataclass(frozen=True, slots=True)
class Paid:
    """What a prize came to; `coupons`: templates of those that could be issued."""

    decision_id: UUID
    points: int
    coupons: tuple[str, ...]


async def assess(  # noqa: PLR0917  who, what and where they stood
    tx: Tx, desk: Desk, round_: Round, deeds: Sequence[Deed], entry: Entry | None, tier: str | None
) -> Entry | None:
    """Bring an entry up to date, pay its milestones; the entry where it has changed."""
    challenge, now = round_.challenge, desk.now
    found = rules.score(round_, deeds, now)
    if entry is None:
        if not found.score or not rules.may_enter(challenge, tier):
            return None
        entry = Entry(member_id=desk.member.member_id, challenge=challenge.code, updated_at=now)
    suspended = desk.member.suspended_at is not None
    milestones = rules.due_milestones(challenge, entry, found)
    for milestone in milestones:
        key = f"challenge:{challenge.code}:{milestone.score}"
        await pay(
            tx,
            desk,
            round_,
            milestone.gives,
            key=key,
            kind=MILESTONE,
            facts={"score": found.settled},
        )
    paid = max((milestone.score for milestone in milestones), default=entry.milestone)
    after = rules.assessed(round_, entry, found, milestone=paid, suspended=suspended, now=now)
    again_at = rules.looks_again_at(challenge, after, found)
    if again_at is not None:
        desk.changes.put("job", assess_job(after.member_id, again_at, now))
    if after is entry:
        return None
    desk.changes.put("challenge_entry", after)
    return after


async def pay(  # noqa: PLR0913  what is given to whom, and why
    tx: Tx,
    desk: Desk,
    round_: Round,
    gives: Gives,
    *,
    key: str,
    kind: str,
    facts: dict[str, object],
    occurred_at: datetime | None = None,
) -> Paid:
    """Give it under a natural key, which can't be used twice."""
    challenge, programme = round_.challenge, round_.programme
    decision = desk.decide(
        key,
        kind,
        round_.version,
        inputs={"challenge": challenge.code, "name": named(challenge.name), **facts},
        outcome=gives.outcome(),
        occurred_at=occurred_at or desk.now,
    )
    issued = await give(
        *(tx, desk, decision, gives),
        programme=programme,
        source_type=SOURCE,
        source_id=challenge.code,
    )
    return Paid(decision.id, gives.points, tuple(coupon.template for coupon in issued.coupons))


def tell_prize(desk: Desk, round_: Round, rank: int, paid: Paid, occurred_at: datetime) -> None:
    challenge, programme = round_.challenge, round_.programme
    facts = {
        "challenge": named(challenge.name),
        "rank": rank,
        "points": paid.points,
        "coupons": [coupon_name(programme, code) for code in paid.coupons],
    }
    notify(
        desk.changes,
        desk.member.member_id,
        Template.CHALLENGE_PRIZE,
        f"challenge:{challenge.code}",
        facts,
        occurred_at=occurred_at,
        now=desk.now,
    )


def assess_job(member_id: UUID, run_at: datetime, now: datetime) -> Job:
    """A job that looks at all that the member takes part in."""
    return Job(
        member_id=member_id, kind=CHALLENGES_ASSESS, key="assess", run_at=run_at, created_at=now
    )


def named(text: Text) -> dict[str, str]:
    return {"zh-CN": text.zh_cn, "en": text.en}


def coupon_name(programme: Programme, code: str) -> dict[str, str]:
    face = programme.coupon(code)
    return {"zh-CN": code, "en": code} if face is None else named(face.name)


def of_code(found: Collection[Round], code: str) -> Round | None:
    return next((round_ for round_ in found if round_.challenge.code == code), None)
