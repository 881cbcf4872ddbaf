"""What becomes of what a member said, likes and follows when they leave for good?"""

from uuid import UUID

from db.connection import Tx
from db.queries.community import writing as queries
from domain.community.model import Comment, Kind, Post, Received, State
from domain.community.steps.moving import move
from domain.community.steps.telling import attention_job
from domain.ledger.steps import Desk


async def leave(tx: Tx, desk: Desk, member_id: UUID, *, deletes: bool) -> None:
    """Have the counts of others follow; with `deletes` all content is taken away as well.

    `member_id`: who is at the desk, or who is part of them. Their likes and follows end with their
    rows, which the caller deletes.
    """
    if deletes:
        for row in await queries.all_of(tx, Kind.POST, member_id):
            move(desk, Post(**row), State.DELETED)
        for row in await queries.all_of(tx, Kind.COMMENT, member_id):
            move(desk, Comment(**row), State.DELETED)
    for row in await queries.attention(tx, member_id):
        whose, kind = row["to_member_id"], Received(row["kind"])
        job = attention_job(whose, kind, row["subject_id"], by=member_id, now=desk.now)
        desk.changes.put("job", job)
