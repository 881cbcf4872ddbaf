"""What does a member like, and whom and what do they follow?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import writing as queries
from domain.community import rules, steps
from domain.community.errors import OwnContent, TooManyFollows
from domain.community.model import Follow, Like, Received, Subject, TopicFollow
from domain.ledger.steps import Desk, post
from domain.programme.views import versions
from kit.errors import NotFound


@transactional
async def set_like(
    tx: Tx, member_id: UUID, subject: Subject, *, is_on: bool, now: datetime
) -> bool:
    """Like content, or like it no more; whether that changed anything.

    Its count follows by a job. What is gone can be liked no more, and needs not stay liked. What
    somebody liked who was merged into the member is liked no more either. Refuses NOT_FOUND,
    MEMBER_SUSPENDED, COMMUNITY_BANNED, OWN_CONTENT, INTERACTION_REFUSED.
    """
    desk = await steps.enter(tx, member_id, now)
    steps.require_welcome(desk)
    if subject.member_id == member_id:
        raise OwnContent
    known = await queries.like(tx, member_id, subject.id)
    if is_on == (known is not None and known["is_on"]):
        return False
    if is_on:
        programme = (await versions(tx)).at(now).programme
        await steps.standing_subject(tx, steps.guest_of(desk, programme), subject, programme)
        await steps.require_unblocked(tx, member_id, subject.member_id)
    earner = await steps.at_desk(tx, desk)
    silent_for = rules.why_no_voice(
        earner.tier_code, desk.member.joined_at, earner.programme, now=now
    )
    kind = subject.kind
    row = Like(member_id, subject.id, subject.member_id, kind, is_on, now, silent_for)
    _put_like(desk, row)
    for given in () if is_on else await queries.likes_of_merged(tx, member_id, subject.id):
        theirs = Like(**given)
        whose = subject.member_id
        _put_like(desk, replace(theirs, subject_member_id=whose, is_on=False, changed_at=now))
    await steps.like_given(tx, earner, subject.id, is_on=is_on)
    await post(tx, desk)
    return True


def _put_like(desk: Desk, row: Like) -> None:
    desk.changes.put("community_like", row)
    author, liked_by = row.subject_member_id, row.member_id
    job = steps.attention_job(author, Received.LIKE, row.subject_id, by=liked_by, now=desk.now)
    desk.changes.put("job", job)


@transactional
async def set_follow(
    tx: Tx, member_id: UUID, followed_id: UUID, *, is_on: bool, now: datetime
) -> bool:
    """Follow a member, or no more; whether that changed anything.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED, OWN_CONTENT (oneself), TOO_MANY_FOLLOWS,
    INTERACTION_REFUSED.
    """
    desk = await steps.enter(tx, member_id, now)
    found = await queries.following(tx, member_id, followed_id)
    if not found["is_there"]:
        raise NotFound("member")
    steps.require_welcome(desk)
    if followed_id == member_id:
        raise OwnContent
    if found["is_on"] == is_on:
        return False
    most = (await versions(tx)).at(now).programme.community.follows_max
    if is_on and found["count"] >= most:
        raise TooManyFollows(most)
    if is_on:
        await steps.require_unblocked(tx, member_id, followed_id)
    _put_follow(desk, followed_id, is_on=is_on)
    await post(tx, desk)
    return True


def unfollow(desk: Desk, followed_id: UUID) -> None:
    """Have who is at the desk follow a member no more."""
    _put_follow(desk, followed_id, is_on=False)


def _put_follow(desk: Desk, followed_id: UUID, *, is_on: bool) -> None:
    member_id, now = desk.member.member_id, desk.now
    desk.changes.put("community_follow", Follow(member_id, followed_id, is_on, now))
    job = steps.attention_job(followed_id, Received.FOLLOW, followed_id, by=member_id, now=now)
    desk.changes.put("job", job)


@transactional
async def set_topic_follow(
    tx: Tx, member_id: UUID, code: str, *, is_on: bool, now: datetime
) -> None:
    """Follow a topic, or no more. Refuses NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED."""
    desk = await steps.enter(tx, member_id, now)
    programme = (await versions(tx)).at(now).programme
    if is_on:
        steps.readable_topic(steps.guest_of(desk, programme), code, programme, writes=False)
    steps.require_welcome(desk)
    followed = await queries.topic_follows(tx, member_id)
    if is_on != (code in followed):
        desk.changes.put("community_topic_follow", TopicFollow(member_id, code, is_on, now))
        await post(tx, desk)
