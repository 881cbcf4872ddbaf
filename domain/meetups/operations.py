"""How does a member get a seat, give it back, and come in?"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db import jobs
from db.connection import Tx, reader, transactional
from db.jobs import Claim, Job
from db.queries import meetups as queries
from domain.community import rules as community_rules
from domain.community import steps as community
from domain.ledger.steps import Desk, open_desk, post
from domain.meetups import rules
from domain.meetups.model import PROMOTE, SignUp, State
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import Meetup, Programme
from domain.programme.views import Published, versions
from domain.rewards import steps as rewards
from domain.rewards.errors import WrongState
from domain.tiers.steps import assess_job
from kit.errors import NotFound

SOURCE = "meetup"
_TICKET_BYTES = 15


@transactional
async def sign_up(tx: Tx, member_id: UUID, code: str, *, now: datetime) -> SignUp:
    """Take a seat, or stand in line where there is none; again changes nothing.

    Nor for who has been there. Refuses NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED, TIER_TOO_LOW,
    LEVEL_TOO_LOW, WRONG_STATE (it was called off), ENDED.
    """
    programme = (await versions(tx)).at(now).programme
    desk = await community.enter(tx, member_id, now)
    meetup = _known(programme, code)
    community.require_welcome(desk)
    row = await queries.sign_up(tx, member_id, code)
    if row is not None and row["state"] != State.CANCELLED:
        return SignUp(**row)
    guest = community.guest_of(desk, programme)
    community_rules.check_may(guest, meetup.access, programme)
    rules.check_open(meetup, now)
    seat = await queries.take(tx, code, meetup.capacity)
    made = SignUp(
        member_id=member_id,
        meetup=code,
        state=State.SEATED if seat.is_seated else State.WAITING,
        position=seat.position,
        ticket=secrets.token_urlsafe(_TICKET_BYTES) if row is None else row["ticket"],
        signed_up_at=now,
        changed_at=now,
    )
    desk.changes.put("meetup_sign_up", made)
    if row is None:
        ticket = {"ticket": made.ticket, "member_id": member_id, "meetup": code}
        desk.changes.put("meetup_ticket", ticket)
    await post(tx, desk)
    return made


@transactional
async def cancel(tx: Tx, member_id: UUID, code: str, *, now: datetime) -> SignUp:
    """Give the seat back, or leave the line; who waits longest moves up, by a job.

    Suspended and banned members may, too: it only gives back. Refuses NOT_FOUND, WRONG_STATE,
    ENDED.
    """
    programme = (await versions(tx)).at(now).programme
    desk = await open_desk(tx, member_id, now)
    meetup = _known(programme, code)
    row = await queries.sign_up(tx, member_id, code)
    if row is None:
        raise NotFound("sign-up")
    found = SignUp(**row)
    rules.check_cancel(meetup, found.state, now)
    was_seated = found.state == State.SEATED
    left = replace(found, state=State.CANCELLED, changed_at=now)
    desk.changes.put("meetup_sign_up", left)
    if was_seated:
        desk.changes.put("job", Job(member_id, PROMOTE, code, run_at=now, created_at=now))
    await post(tx, desk)
    await queries.leave(tx, code, was_seated=was_seated)
    return left


async def promote(claim: Claim, *, now: datetime) -> None:
    """The effect of "meetups.promote" jobs: free seats go to those who wait longest."""
    await fill(claim.key, now=now)
    await _finish(claim, now=now)


@transactional
async def _finish(tx: Tx, claim: Claim, *, now: datetime) -> None:
    await jobs.finish(tx, claim, now=now)


async def fill(code: str, *, now: datetime) -> int:
    """Give free seats of a meetup to those who stand in line; how many.

    Each in a transaction of their own, under their lock: so it may be done twice, by many at once.
    """
    moved = 0
    while (found := await _next(code, now=now)) is not None:
        moved += await _move_up(found, code, now=now)
    return moved


async def fill_all(*, as_of: datetime) -> int:
    """`fill` for every meetup to come: a version may have given one more seats."""
    programme = (await versions()).at(as_of).programme
    coming = [found.code for found in programme.community.meetups if as_of < found.starts_at]
    return sum([await fill(code, now=as_of) for code in coming])


async def call_off_all(*, as_of: datetime, limit: int) -> int:
    """End sign-ups, up to `limit`, for meetups that were called off, and tell the members why.

    How many. Each in a transaction of their own: so it may be done twice, by many at once.
    """
    programme = (await versions()).at(as_of).programme
    off = [found.code for found in programme.community.meetups if found.called_off is not None]
    async with reader() as tx:
        coming = await queries.coming(tx, off, limit)
    return sum([await _call_off(member_id, code, now=as_of) for member_id, code in coming])


@transactional
async def _call_off(tx: Tx, member_id: UUID, code: str, *, now: datetime) -> int:
    desk = await open_desk(tx, member_id, now)
    meetup = _known((await versions(tx)).at(now).programme, code)
    row = await queries.sign_up(tx, member_id, code)
    if row is None or row["state"] not in rules.COMES or meetup.called_off is None:
        return 0
    found = SignUp(**row)
    desk.changes.put("meetup_sign_up", replace(found, state=State.CANCELLED, changed_at=now))
    why = meetup.called_off.model_dump(mode="json", by_alias=True)
    _tell(desk, Template.MEETUP_CALLED_OFF, found, meetup, {"reason": why})
    await post(tx, desk)
    await queries.leave(tx, code, was_seated=found.state == State.SEATED)
    return 1


@transactional
async def _next(tx: Tx, code: str, *, now: datetime) -> UUID | None:
    meetup = (await versions(tx)).at(now).programme.community.meetup(code)
    if meetup is None or meetup.called_off is not None or now >= meetup.starts_at:
        return None
    return await queries.first_in_line(tx, code, meetup.capacity)


@transactional
async def _move_up(tx: Tx, member_id: UUID, code: str, *, now: datetime) -> int:
    desk = await open_desk(tx, member_id, now)
    meetup = _known((await versions(tx)).at(now).programme, code)
    row = await queries.sign_up(tx, member_id, code)
    if row is None or row["state"] != State.WAITING:
        return 0
    if not await queries.move_up(tx, code, meetup.capacity):
        return 0
    seated = replace(SignUp(**row), state=State.SEATED, changed_at=now)
    desk.changes.put("meetup_sign_up", seated)
    _tell(desk, Template.MEETUP_SEAT, seated, meetup, {})
    await post(tx, desk)
    return 1


def _tell(
    desk: Desk, template: Template, found: SignUp, meetup: Meetup, more: Mapping[str, object]
) -> None:
    facts = {
        "meetup": meetup.name.model_dump(mode="json", by_alias=True),
        "starts_at": meetup.starts_at.isoformat(),
        **more,
    }
    cause, now = f"{found.meetup}:{found.position}", desk.now
    notify(desk.changes, found.member_id, template, cause, facts, occurred_at=now, now=now)


@transactional
async def check_in(tx: Tx, ticket: str, *, actor: str, now: datetime) -> SignUp:
    """Let the bearer of a ticket in, once; gives what the meetup gives who comes.

    Refuses NOT_FOUND, WRONG_STATE (called off, no seat, or in already), NOT_STARTED, ENDED.
    """
    found = await queries.of_ticket(tx, ticket)
    if found is None:
        raise NotFound("ticket")
    published = (await versions(tx)).at(now)
    desk = await open_desk(tx, found["member_id"], now)
    meetup = _known(published.programme, found["meetup"])
    row = await queries.sign_up(tx, desk.member.member_id, meetup.code)
    if row is None:
        raise WrongState(State.CANCELLED, State.SEATED)
    rules.check_door(meetup, row["state"], now)
    inside = replace(
        SignUp(**row), state=State.ATTENDED, changed_at=now, attended_at=now, checked_in_by=actor
    )
    desk.changes.put("meetup_sign_up", inside)
    await _reward(tx, desk, meetup, published)
    await post(tx, desk)
    return inside


async def _reward(tx: Tx, desk: Desk, meetup: Meetup, published: Published) -> None:
    if not meetup.gives.has_anything:
        return
    decision = desk.decide(
        f"meetup:{meetup.code}",
        "meetup",
        published.version,
        inputs={
            "meetup": meetup.code,
            "name": meetup.name.model_dump(mode="json", by_alias=True),
        },
        outcome={**meetup.gives.outcome(), "growth": meetup.gives.points},
        occurred_at=desk.now,
    )
    await rewards.give(
        tx,
        desk,
        decision,
        meetup.gives,
        programme=published.programme,
        source_type=SOURCE,
        source_id=meetup.code,
        growth=meetup.gives.points,
    )
    if meetup.gives.points:
        desk.changes.put("job", assess_job(desk.member.member_id, desk.now, desk.now))


def _known(programme: Programme, code: str) -> Meetup:
    found = programme.community.meetup(code)
    if found is None:
        raise NotFound("meetup")
    return found
