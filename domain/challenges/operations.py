"""How does a contest go on: who enters and leaves, who scores, who wins, and when is it paid?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from db import jobs, signals
from db.changes import Changes
from db.connection import Tx, transactional
from db.jobs import Claim, Job
from db.queries import challenges as queries
from db.signals import JOBS
from domain.activity.errors import NotInAudience
from domain.activity.model import CHALLENGES_ASSESS, Deed
from domain.activity.steps import deeds
from domain.badges.rules import earned
from domain.challenges import boards, rules, steps
from domain.challenges.model import Entry, Result, Round, Shown, State
from domain.effects.model import AwardBadge
from domain.ledger.steps import Desk, open_desk, open_desks, post
from domain.members.steps import lock, lock_all
from domain.programme.views import Published, Versions, versions
from domain.rewards.errors import Ended
from domain.rewards.steps import issue
from domain.webhooks.steps import write
from kit.errors import MemberSuspended, NotFound

PAY = "challenges.pay"
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
SETTLING_KINDS = ("intake", CHALLENGES_ASSESS)
"""Jobs that may still change a score: events of a shop, and what follows from them."""
BEGUN_FOR = timedelta(minutes=1)
"""A transaction that didn't see that a challenge is over has ended by then."""
TOLD_AGAIN_FOR = timedelta(minutes=10)


async def assess(claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "challenges.assess" jobs: scores, places, milestones, badges by rule.

    The boards are told after the commit; `tell_boards` makes up for one that wasn't.
    """
    await _push(await _assess(claims, now=now))


@transactional
async def _assess(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> list[Entry]:
    published = await versions(tx)
    running = await steps.running(tx, published, now)
    members = await lock_all(tx, [claim.member_id for claim in claims])
    ids = [member.member_id for member in members]
    known = await steps.known(tx, ids, [round_.challenge.code for round_ in running])
    current = published.at(now)
    since = _since(running, current, known, ids)
    told = {} if since is None else await deeds(tx, ids, since)
    desks = await open_desks(tx, members, now)
    changed: list[Entry] = []
    for desk in desks:
        member_id = desk.member.member_id
        done = told.get(member_id, [])
        changed += await _assess_member(tx, desk, running, done, known)
        _award_badges(desk, done, known.badges.get(member_id, set()), current)
    await post(tx, *desks)
    await jobs.finish_all(tx, claims, now=now)
    return changed


def _since(
    running: Sequence[Round], current: Published, known: steps.Known, ids: Sequence[UUID]
) -> datetime | None:
    """From when on deeds are asked for: a badge's rule looks at all that was ever done."""
    ruled = {badge.code for badge in current.programme.badges if badge.rule is not None}
    if any(ruled - known.badges.get(member_id, set()) for member_id in ids):
        return SINCE_EVER
    return min((round_.challenge.starts_at for round_ in running), default=None)


async def _assess_member(
    tx: Tx, desk: Desk, running: Sequence[Round], told: Sequence[Deed], known: steps.Known
) -> list[Entry]:
    member_id = desk.member.member_id
    tier = known.tiers.get(member_id)
    changed: list[Entry] = []
    for round_ in running:
        before = known.entries.get((member_id, round_.challenge.code))
        entry = await steps.assess(tx, desk, round_, told, before, tier)
        if entry is not None:
            changed.append(entry)
    return changed


def _award_badges(desk: Desk, told: Sequence[Deed], held: set[str], current: Published) -> None:
    for found in earned(told, held, current.programme):
        code = found.badge.code
        decision = desk.decide(
            f"badge:{code}",
            "badge",
            current.version,
            inputs=found.inputs,
            outcome={"badges": [code]},
            occurred_at=desk.now,
        )
        issue(
            desk,
            decision,
            [AwardBadge(code)],
            programme=current.programme,
            source_type="badge",
            source_id=code,
            occurred_at=desk.now,
        )


async def join(member_id: UUID, code: str, *, now: datetime) -> None:
    """Enter a challenge, or come back to it; again does nothing.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, ENDED, NOT_IN_AUDIENCE.
    """
    await _push([await _take_part(member_id, code, takes_part=True, now=now)])


async def leave(member_id: UUID, code: str, *, now: datetime) -> None:
    """Give up the place and the prizes; one may come back until the end. Again does nothing.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, ENDED.
    """
    await _push([await _take_part(member_id, code, takes_part=False, now=now)])


@transactional
async def _take_part(
    tx: Tx, member_id: UUID, code: str, *, takes_part: bool, now: datetime
) -> Entry:
    published = await versions(tx)
    round_ = steps.of_code(steps.rounds(published, now), code)
    if round_ is None:
        raise NotFound("challenge")
    desk = await open_desk(tx, member_id, now)
    desk.require_standing()
    if now >= round_.challenge.ends_at:
        raise Ended(round_.challenge.ends_at)
    known = await steps.known(tx, [member_id], [code])
    before = known.entries.get((member_id, code))
    if before is None:
        if takes_part and not rules.may_enter(round_.challenge, known.tiers.get(member_id)):
            raise NotInAudience
        before = Entry(member_id=member_id, challenge=code, updated_at=now)
    wanted = rules.taking_part(before, takes_part=takes_part, now=now)
    if wanted == before and before.version:
        return before
    told = await deeds(tx, [member_id], round_.challenge.starts_at)
    after = await steps.assess(tx, desk, round_, told[member_id], wanted, None) or wanted
    after = replace(after, version=before.version + 1, updated_at=now)
    desk.changes.put("challenge_entry", after)
    await post(tx, desk)
    return after


@transactional
async def show_as(tx: Tx, member_id: UUID, shown: Shown, *, now: datetime) -> Shown:
    """Choose how others see the member on boards. Refuses NOT_FOUND, MEMBER_SUSPENDED."""
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    changes = Changes()
    row = {"member_id": member_id, "shown": shown.value, "changed_at": now}
    changes.put("leaderboard_name", row)
    await write(tx, changes, now=now)
    return shown


async def close_due(*, as_of: datetime, limit: int = 100) -> int:
    """Fix the ranks of challenges that are over and have settled; how many.

    It may run twice, or in several processes at once. Each challenge is a transaction of its own.
    """
    closed = 0
    for code in (await _over(as_of=as_of))[:limit]:
        closed += await _close(code, as_of=as_of)
    return closed


@transactional
async def _over(tx: Tx, *, as_of: datetime) -> list[str]:
    """Challenges that are over and not closed; notes those that have just ended."""
    over = [
        round_
        for round_ in steps.rounds(await versions(tx), as_of)
        if round_.state(as_of) == State.COUNTING
    ]
    found = await queries.closings(tx, [round_.challenge.code for round_ in over])
    known = {row["challenge"]: row["closed_at"] for row in found}
    for round_ in over:
        if round_.challenge.code not in known:
            await queries.begin(
                tx,
                round_.challenge.code,
                programme_version=round_.version,
                ends_at=round_.challenge.ends_at,
                now=as_of,
            )
    return [round_.challenge.code for round_ in over if known.get(round_.challenge.code) is None]


@transactional
async def _close(tx: Tx, code: str, *, as_of: datetime) -> bool:
    closing = await queries.lock_closing(tx, code)
    if closing is None or closing["closed_at"] or as_of < closing["begun_at"] + BEGUN_FOR:
        return False
    round_ = _of_closing(await versions(tx), closing["programme_version"], code)
    told_by = round_.challenge.ends_at + timedelta(hours=round_.challenge.wait_hours)
    if await queries.waits(tx, code, told_by=told_by, now=as_of, kinds=SETTLING_KINDS):
        return False
    winners = await queries.close(tx, code, places=round_.challenge.places, now=as_of)
    changes = Changes()
    for member_id in winners:
        changes.put("job", _pay_job(member_id, code, as_of))
    await write(tx, changes, now=as_of)
    tx.wake(JOBS)
    return True


@transactional
async def pay(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "challenges.pay" jobs: a rank's prize, once.

    A prize of who was suspended after the ranks were fixed waits with all their points.
    """
    code = claim.payload["challenge"]
    published = await versions(tx)
    desk = await open_desk(tx, claim.member_id, now)
    row = await queries.result(tx, claim.member_id, code)
    assert row is not None, "the job was written with it"
    result = Result(**row)
    if result.decision_id is None:
        (closing,) = await queries.closings(tx, [code])
        await _give_prize(
            tx, desk, _of_closing(published, closing["programme_version"], code), result
        )
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


async def _give_prize(tx: Tx, desk: Desk, round_: Round, result: Result) -> None:
    gives = round_.challenge.prize(result.rank)
    assert gives is not None, "the ranks that win have no gaps"
    paid = await steps.pay(
        tx,
        desk,
        round_,
        gives,
        key=f"challenge:{result.challenge}",
        kind=steps.PRIZE,
        facts={"rank": result.rank, "score": result.score},
        occurred_at=result.closed_at,
    )
    desk.changes.put("challenge_result", replace(result, decision_id=paid.decision_id))
    steps.tell_prize(desk, round_, result.rank, paid, result.closed_at)


async def tell_boards(*, as_of: datetime, limit: int = 1_000) -> int:
    """Tell the boards again what changed in the last ten minutes; how many entries.

    A process that dies between its commit and telling leaves them behind by that.
    """
    if boards.current() is None:
        return 0
    since, after, told = as_of - TOLD_AGAIN_FOR, UUID(int=0), 0
    while entries := await _changed(since, after, limit):
        await _push(entries)
        since, after, told = entries[-1].updated_at, entries[-1].member_id, told + len(entries)
    return told


@transactional
async def _changed(tx: Tx, since: datetime, after: UUID, limit: int) -> list[Entry]:
    return [Entry(**row) for row in await queries.changed(tx, since, after, limit)]


async def _push(entries: Sequence[Entry]) -> None:
    """Who watches looks after the board was told, for they look at the board."""
    found = boards.current()
    if found is not None and entries:
        await found.push(entries)
    signals.tell([signals.of_challenge(code) for code in {one.challenge for one in entries}])


def _of_closing(published: Versions, version: int, code: str) -> Round:
    programme = published.numbered(version).programme
    challenge = next(found for found in programme.challenges if found.code == code)
    return Round(challenge, version, programme)


def _pay_job(member_id: UUID, code: str, now: datetime) -> Job:
    payload: dict[str, object] = {"challenge": code}
    return Job(member_id=member_id, kind=PAY, key=code, run_at=now, created_at=now, payload=payload)
