"""Whom does a member not want to see, or be answered by?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.queries.community import blocks as queries
from domain.community import steps
from domain.community.errors import OwnContent, TooManyBlocks
from domain.community.model import Block
from domain.community.operations.reacting import unfollow
from domain.ledger.steps import post
from kit.errors import NotFound

BLOCKS_MAX = 1_000


@transactional
async def set_block(
    tx: Tx, member_id: UUID, blocked_id: UUID, *, is_on: bool, now: datetime
) -> bool:
    """Block a member, or no more; whether that changed anything.

    What they say isn't shown to the member from now on, they can't comment on, like or follow what
    is the member's, and the member follows them no more. Who is banned may still block. Refuses
    NOT_FOUND, MEMBER_SUSPENDED, OWN_CONTENT (oneself), TOO_MANY_BLOCKS.
    """
    desk = await steps.enter(tx, member_id, now)
    desk.require_standing()
    if blocked_id == member_id:
        raise OwnContent
    found = await queries.blocking(tx, member_id, blocked_id)
    if not found["is_there"]:
        raise NotFound("member")
    if found["is_on"] == is_on:
        return False
    if is_on and found["count"] >= BLOCKS_MAX:
        raise TooManyBlocks(BLOCKS_MAX)
    desk.changes.put("community_block", Block(member_id, blocked_id, is_on, now))
    if is_on and found["follows"]:
        unfollow(desk, blocked_id)
    await post(tx, desk)
    return True
