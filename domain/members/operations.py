"""How does a member sign in or change what is known of them, and who may be shut out?

Registration and enrolment may bind an inviter: they are verbs of `referrals`, over the steps here.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, reader, transactional
from db.jobs import Job
from db.queries import members as queries
from db.signals import JOBS
from domain.members import passwords, rules, steps, views
from domain.members.errors import SignInFailed
from domain.members.model import ApiKey, Member
from domain.programme.views import versions
from domain.webhooks.steps import write
from kit.errors import MemberSuspended, NotFound
from kit.ids import new_id

USE_NOTED_EVERY = timedelta(minutes=1)


async def sign_in(
    *, email: str | None = None, phone: str | None = None, password: str, now: datetime
) -> Member:
    """The member whose contact and password these are; nothing changes.

    A merged member signs in as before, and is the member as whom they go on.

    Refuses INVALID_INPUT, SIGN_IN_FAILED, MEMBER_SUSPENDED (only to who knows the password). An
    unknown contact takes as long as a wrong password. How often somebody may try is limited
    before, by the HTTP layer.
    """
    programme = (await versions()).at(now).programme
    kind, value = rules.sign_in_contact(email, phone, programme)
    rules.valid_password(password)
    async with reader() as tx:
        row = await queries.by_contact(tx, kind, value)
        kept = None if row is None else await queries.password_hash(tx, row["member_id"])
    if not await passwords.matches(password, kept) or row is None:
        raise SignInFailed
    member = await views.survivor_of(Member(**row))
    if member.suspended_at is not None:
        raise MemberSuspended
    return member


@transactional
async def suspend(tx: Tx, member_id: UUID, *, actor: str, reason: str, now: datetime) -> Member:
    """Bar a member from every verb of theirs; points stay, pending ones stay pending.

    A suspended member is left as they are. Refuses INVALID_INPUT, NOT_FOUND.
    """
    reason = rules.valid_reason(reason)
    member = await steps.lock(tx, member_id)
    if member.suspended_at is not None:
        return member
    member = replace(member, suspended_at=now)
    action = _staff_action(member, "suspend", actor=actor, reason=reason, now=now)
    await _write(tx, member, action, now=now)
    return member


@transactional
async def resume(tx: Tx, member_id: UUID, *, actor: str, reason: str, now: datetime) -> Member:
    """End a suspension: what became due meanwhile is posted next, dated when it was due.

    A member in good standing is left as they are. Refuses INVALID_INPUT, NOT_FOUND.
    """
    reason = rules.valid_reason(reason)
    member = await steps.lock(tx, member_id)
    if member.suspended_at is None:
        return member
    member = replace(member, suspended_at=None)
    action = _staff_action(member, "resume", actor=actor, reason=reason, now=now)
    await _write(tx, member, action, now=now)
    await queries.make_wallets_due(tx, member_id, now)
    return member


@transactional
async def change_timezone(tx: Tx, member_id: UUID, timezone: str, *, now: datetime) -> Member:
    """Move a member to another zone once the day of the old one is over; `rules.zone_at` follows.

    The zone they are in or on their way to changes nothing. Refuses INVALID_INPUT, NOT_FOUND,
    MEMBER_SUSPENDED, TIMEZONE_CHANGED_RECENTLY.
    """
    rules.valid_zone(timezone)
    member = await _in_good_standing(tx, member_id)
    zone = member.next_timezone or member.timezone
    if timezone == zone:
        return member
    rules.require_zone_change_allowed(member, now)
    member = replace(member, timezone=zone, next_timezone=timezone, timezone_changed_at=now)
    await _write(tx, member, now=now)
    return member


@transactional
async def update_profile(
    tx: Tx,
    member_id: UUID,
    *,
    nickname: str | None = None,
    locale: str | None = None,
    birthday: date | None = None,
    now: datetime,
) -> Member:
    """Change the nickname, the language or the birthday; what is None stays.

    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED, BIRTHDAY_CHANGED_RECENTLY.
    """
    changed: dict[str, str] = {}
    if nickname is not None:
        changed["nickname"] = rules.valid_nickname(nickname)
    if locale is not None:
        changed["locale"] = rules.valid_locale(locale)
    if birthday is not None:
        rules.valid_birthday(birthday, now)
    before = await _in_good_standing(tx, member_id)
    member = replace(before, **changed)
    if birthday is not None:
        member = rules.with_birthday(member, birthday, now)
    if member != before:
        await _write(tx, member, now=now)
    return member


@transactional
async def correct_birthday(
    tx: Tx, member_id: UUID, birthday: date, *, actor: str, reason: str, now: datetime
) -> Member:
    """Put another birthday on record for a member, a suspended one's too, whenever it was changed.

    The member's own change of the year stays theirs; the same birthday changes nothing. Refuses
    INVALID_INPUT, NOT_FOUND.
    """
    rules.valid_birthday(birthday, now)
    reason = rules.valid_reason(reason)
    member = await steps.lock(tx, member_id)
    if birthday == member.birthday:
        return member
    member = replace(member, birthday=birthday, birthday_set_at=now)
    action = _staff_action(member, "correct_birthday", actor=actor, reason=reason, now=now)
    await _write(tx, member, action, now=now)
    return member


@transactional
async def create_api_key(
    tx: Tx, key_id: str, *, name: str, digest: str, scopes: Iterable[str], now: datetime
) -> ApiKey:
    """Let a service in by a key of which only the digest is kept. Refuses INVALID_INPUT."""
    key = ApiKey(
        id=key_id,
        name=rules.valid_identifier(name, "name"),
        digest=digest,
        scopes=rules.valid_scopes(scopes),
        created_at=now,
        revoked_at=None,
        last_used_at=None,
    )
    await queries.insert_api_key(
        tx, key_id, name=key.name, digest=digest, scopes=key.scopes, now=now
    )
    return key


@transactional
async def revoke_api_key(tx: Tx, key_id: str, *, now: datetime) -> ApiKey:
    """Shut the key for ever; a revoked one stays as it is. Refuses NOT_FOUND."""
    row = await queries.revoke_api_key(tx, key_id, now)
    if row is None:
        raise NotFound("api key")
    return ApiKey(**row)


async def note_api_key_use(key: ApiKey, *, now: datetime) -> None:
    """Keep when the key was last used, to the minute: most requests write nothing."""
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        await _note_use(key.id, now)


@transactional
async def _note_use(tx: Tx, key_id: str, now: datetime) -> None:
    await queries.touch_api_key(tx, key_id, now=now, unless_since=now - USE_NOTED_EVERY)


async def _in_good_standing(tx: Tx, member_id: UUID) -> Member:
    member = await steps.lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    return member


async def _write(tx: Tx, member: Member, *staff_actions: dict[str, object], now: datetime) -> None:
    changes, published = Changes(), await versions(tx)
    changes.put("member", member)
    steps.put_profile(changes, member, published.at(now).programme, now)
    for action in staff_actions:
        changes.put("staff_action", action)
        if any(found.programme.challenges for found in published):
            changes.put("job", _boards_job(member, now))
    if changes.rows("job"):
        tx.wake(JOBS)
    await write(tx, changes, now=now)


def _boards_job(member: Member, now: datetime) -> Job:
    """Who is suspended leaves the boards of challenges; it is they who look."""
    return Job(
        member_id=member.member_id,
        kind="challenges.assess",
        key="assess",
        run_at=now,
        created_at=now,
    )


def _staff_action(
    member: Member, action: str, *, actor: str, reason: str, now: datetime
) -> dict[str, object]:
    return {
        "member_id": member.member_id,
        "id": new_id(),
        "actor": actor,
        "action": action,
        "reason": reason,
        "recorded_at": now,
    }
