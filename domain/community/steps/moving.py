"""How does content change its state, and how is it kept who did that?"""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from db.changes import Changes
from domain.community.model import Acted, Action, Comment, HeldFor, Kind, Post, Received, State
from domain.community.steps.telling import receive_job
from domain.ledger.steps import Desk
from kit.ids import new_id

ENGINE, MEMBER = "engine", "member"
C = TypeVar("C", bound=Post | Comment)


def move(desk: Desk, found: C, to: State, *, held_for: HeldFor | None = None) -> C:
    """Put content in another state on its author's desk; its post counts a comment by a job."""
    moved = replace(found, state=to, held_for=held_for, changed_at=desk.now)
    put(desk.changes, moved)
    if isinstance(moved, Comment):
        tell_of_comment(desk.changes, moved, desk.now)
    return moved


def put_new(desk: Desk, made: Post | Comment) -> None:
    """Put content that has just been written; that it waits for the staff is noted."""
    put(desk.changes, made)
    if made.held_for is not None:
        note_content(desk.changes, made, Action.HELD, actor=ENGINE, reason=made.held_for)
    if isinstance(made, Comment):
        tell_of_comment(desk.changes, made, desk.now)


def put(changes: Changes, found: Post | Comment) -> None:
    table = "community_post" if isinstance(found, Post) else "community_comment"
    changes.put(table, found)


def tell_of_comment(changes: Changes, comment: Comment, now: datetime) -> None:
    """The post's author counts it; one of their own as well."""
    job = receive_job(
        comment.post_member_id,
        Received.COMMENT,
        subject_id=comment.post_id,
        source_id=comment.id,
        from_member_id=comment.member_id,
        now=now,
    )
    changes.put("job", job)


def note(  # noqa: PLR0913  who did what to what, and why
    changes: Changes,
    member_id: UUID,
    action: Action,
    *,
    actor: str,
    subject_kind: str,
    subject_id: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Keep what was done, for ever."""
    acted = Acted(
        member_id, new_id(), actor, action, subject_kind, subject_id, reason, recorded_at=now
    )
    changes.put("community_action", acted)


def note_content(
    changes: Changes, found: Post | Comment, action: Action, *, actor: str, reason: str
) -> None:
    """`note`, of content that has just been moved."""
    note(
        changes,
        found.member_id,
        action,
        actor=actor,
        subject_kind=kind_of(found),
        subject_id=found.id,
        reason=reason,
        now=found.changed_at,
    )


def kind_of(found: Post | Comment) -> Kind:
    return Kind.POST if isinstance(found, Post) else Kind.COMMENT
