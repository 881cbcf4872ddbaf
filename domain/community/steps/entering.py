"""Who comes in to say or do something, and did they say it before?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.idempotency import recalled
from db.queries.community import writing as queries
from domain.community.model import Guest
from domain.community.rules import check_may, level_of, may
from domain.ledger.model import Currency
from domain.ledger.steps import Desk, open_desk
from domain.programme.model import Programme, Topic
from domain.rewards.steps import require_unbanned
from kit.errors import NotFound


async def enter(
    tx: Tx, member_id: UUID, now: datetime, *, operation: str = "", key: str = ""
) -> Desk:
    """Lock a member who is about to write, with what the rules ask of them. Refuses NOT_FOUND."""
    return await open_desk(tx, member_id, now, also=queries.entering(operation, key, now))


async def enter_content(tx: Tx, member_id: UUID, now: datetime) -> Desk:
    """`enter`, for what others do about content, which may stay when its author is erased."""
    return await open_desk(tx, member_id, now, also=queries.entering("", "", now), erased_too=True)


def require_welcome(desk: Desk) -> None:
    """Who writes anything here is neither suspended nor banned.

    Refuses MEMBER_SUSPENDED, COMMUNITY_BANNED.
    """
    desk.require_standing()
    require_unbanned(desk)


def first_answer(desk: Desk, asked: str) -> Mapping[str, Any] | None:
    """What was answered under the key before, None for a new one.

    Refuses MEMBER_SUSPENDED, COMMUNITY_BANNED (neither to who asks again), IDEMPOTENCY_KEY_REUSED.
    """
    found = desk.also["first"]
    if found is None or found["input_hash"] != asked:
        require_welcome(desk)
    return recalled(found, asked)


def kept(desk: Desk, *, operation: str, key: str, asked: str, answer: Mapping[str, str]) -> None:
    """Keep the answer under the key."""
    row = {
        "member_id": desk.member.member_id,
        "operation": operation,
        "key": key,
        "input_hash": asked,
        "result": dict(answer),
        "created_at": desk.now,
    }
    desk.changes.put("idempotency", row)


def guest_of(desk: Desk, programme: Programme) -> Guest:
    """What topics ask of who is at the desk."""
    earned = desk.books[Currency.COMMUNITY].wallet.lifetime_earned
    tier_code = desk.also["tier_code"] or programme.tiers.ladder[0].code
    return Guest(tier_code, level_of(earned, programme), desk.member.member_id)


def readable_topic(
    guest: Guest, code: str | None, programme: Programme, *, writes: bool
) -> Topic | None:
    """The topic, None for none. Refuses NOT_FOUND for one that the guest doesn't see.

    Who `writes` in it: TIER_TOO_LOW, LEVEL_TOO_LOW as well. In one that the programme has no more
    nothing new is said.
    """
    if code is None:
        return None
    topic = programme.community.topic(code)
    if topic is None or not may(guest, topic.read, programme):
        raise NotFound("topic")
    if writes:
        check_may(guest, topic.write, programme)
    return topic
