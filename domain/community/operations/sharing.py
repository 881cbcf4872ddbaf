"""How is something shared, and who opened the link?"""

import secrets
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import sharing as queries
from domain.community import rules, steps
from domain.community.model import Received, Share
from domain.ledger.steps import post
from domain.programme.views import versions
from kit.errors import NotFound
from kit.ids import derived_id

_TOKEN_BYTES = 12
Ref = tuple[UUID, UUID]


@transactional
async def share(
    tx: Tx, member_id: UUID, *, of: Ref | None = None, sku: str | None = None, now: datetime
) -> Share:
    """A link to a post that the member may read, or to goods; the same link each time.

    Refuses INVALID_INPUT (neither or both), NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED.
    """
    rules.check_shared(is_post=of is not None, sku=sku)
    desk = await steps.enter(tx, member_id, now)
    steps.require_welcome(desk)
    share_id = derived_id("share", member_id, of and of[1], sku)
    known = await queries.share(tx, member_id, share_id)
    if known is not None:
        return Share(**known)
    if of is not None:
        programme = (await versions(tx)).at(now).programme
        await steps.standing_post(tx, steps.guest_of(desk, programme), *of, programme)
    post_member_id, post_id = of or (None, None)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    made = Share(member_id, share_id, token, post_member_id, post_id, sku, 0, now, now)
    desk.changes.put("community_share", made)
    link = {"token": token, "member_id": member_id, "share_id": share_id}
    desk.changes.put("community_link", link)
    await post(tx, desk)
    return made


@transactional
async def open_share(tx: Tx, member_id: UUID, token: str, *, now: datetime) -> Share:
    """Open somebody's link; the first time it counts for who shared it, one's own never.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED.
    """
    desk = await steps.enter(tx, member_id, now)
    row = await queries.of_token(tx, token)
    if row is None:
        raise NotFound("link")
    steps.require_welcome(desk)
    found = Share(**row)
    if found.member_id == member_id or await queries.has_opened(tx, member_id, found.id):
        return found
    opened = {
        "member_id": member_id,
        "share_id": found.id,
        "share_member_id": found.member_id,
        "opened_at": now,
    }
    desk.changes.put("community_open", opened)
    job = steps.attention_job(found.member_id, Received.OPEN, found.id, by=member_id, now=now)
    desk.changes.put("job", job)
    await post(tx, desk)
    return found
