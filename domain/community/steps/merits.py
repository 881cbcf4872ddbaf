"""What of a member's merits stands while their content is seen, hidden, liked and liked no more?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from db.connection import Tx
from db.queries.community import merits as queries
from db.queries.community import sharing
from domain.community import rules
from domain.community.model import (
    Comment,
    Kind,
    Merit,
    MeritKind,
    MeritState,
    Post,
    PostKind,
    Received,
    ReceivedRow,
    Share,
    State,
)
from domain.community.steps.earning import (
    COMES_BACK,
    DELETED,
    HIDDEN,
    RETURNED,
    WITHDRAWN,
    Earner,
    earn,
    earner_of,
    give_again,
    keep_reason,
    take_back,
)
from domain.ledger.steps import Desk
from domain.programme.views import Versions, versions

WAITS = "HELD"
SAME_DEVICE = "SAME_DEVICE"
OWN_POST = "OWN_POST"


async def earn_for(tx: Tx, earner: Earner, made: Post | Comment) -> Merit:
    """What content just written is worth; what waits for the staff, once it is seen."""
    quality, desk = earner.programme.community.quality, earner.desk
    is_post = isinstance(made, Post)
    length_min = quality.post_length_min if is_post else quality.comment_length_min
    before = await queries.said_before(
        tx,
        Kind.POST if is_post else Kind.COMMENT,
        made.member_id,
        since=desk.now - timedelta(days=quality.compare_days),
        length_min=length_min,
        limit=quality.compare_last,
    )
    reason = rules.why_unpaid(made.body, before, quality, length_min=length_min)
    if isinstance(made, Comment) and made.post_member_id == made.member_id:
        reason = OWN_POST
    if reason is None and made.state != State.VISIBLE:
        reason = WAITS
    kind = MeritKind.POST if is_post else MeritKind.COMMENT
    if _review(made) is not None:
        kind = MeritKind.REVIEW
    return await earn(tx, earner, kind, subject_id=made.id, unpaid_for=reason, review=_review(made))


def _review(content: Post | Comment) -> Post | None:
    if isinstance(content, Post) and content.kind == PostKind.REVIEW:
        return content
    return None


async def follow_content(tx: Tx, earner: Earner, moved: Post | Comment) -> None:
    """Merits of content that has changed its state: what is seen is paid, what isn't is not.

    What its author took away comes back no more; who was erased has nothing to take or be given.
    """
    if earner.desk.member.erased_at is not None:
        return
    published = await versions(tx)
    rows = await queries.moving(tx, moved.member_id, moved.id, {WAITS, *COMES_BACK})
    for merit in (Merit(**row) for row in rows):
        if moved.state == State.VISIBLE:
            await _seen(tx, earner, merit, moved)
        else:
            why = DELETED if moved.state == State.DELETED else HIDDEN
            await _unseen(tx, earner, merit, published, why)


async def _seen(tx: Tx, earner: Earner, merit: Merit, moved: Post | Comment) -> None:
    if merit.state == MeritState.TAKEN_BACK and merit.reason == HIDDEN:
        review = _review(moved) if merit.kind == MeritKind.REVIEW else None
        await give_again(tx, earner, merit, review=review)
    elif merit.state == MeritState.UNPAID and merit.reason in {WAITS, HIDDEN}:
        kind = MeritKind(merit.kind)
        review = _review(moved) if kind == MeritKind.REVIEW else None
        await earn(tx, earner, kind, subject_id=merit.subject_id, known=merit, review=review)


async def _unseen(tx: Tx, earner: Earner, merit: Merit, published: Versions, why: str) -> None:
    if merit.state == MeritState.PAID:
        await take_back(tx, earner.desk, merit, published, why)
    elif why == DELETED and merit.reason in {WAITS, *COMES_BACK}:
        keep_reason(earner.desk, merit, why)


GIVES = {
    Received.LIKE: MeritKind.LIKE_RECEIVED,
    Received.ACCEPT: MeritKind.ANSWER_ACCEPTED,
    Received.OPEN: MeritKind.SHARE_OPENED,
}
"""What one gets from others that is worth something."""


def _gives(row: ReceivedRow) -> MeritKind:
    return GIVES[Received(row.kind)]


async def earn_from_others(
    tx: Tx,
    earners: Mapping[UUID, Earner],
    contents: Mapping[tuple[UUID, UUID], Post | Comment | Share],
    likes: Sequence[tuple[ReceivedRow, str | None]],
) -> None:
    """Pay, take back and pay again what others do; each with why it counts for nothing, if so."""
    keys = [(row.member_id, _gives(row), row.subject_id, row.source_id) for row, _ in likes]
    known = {
        (row["member_id"], row["kind"], row["subject_id"], row["source_id"]): Merit(**row)
        for row in (await queries.merits(tx, keys) if keys else ())
    }
    published = await versions(tx)
    for row, silent_for in likes:
        content = contents.get((row.member_id, row.subject_id))
        if content is None or earners[row.member_id].desk.member.erased_at is not None:
            continue
        is_seen = isinstance(content, Share) or content.state == State.VISIBLE
        kind = _gives(row)
        merit = known.get((row.member_id, kind, row.subject_id, row.source_id))
        earner = earners[row.member_id]
        if merit is not None:
            await _liked_again(tx, earner, merit, published, _Stand(row.is_on, is_seen, silent_for))
        elif row.is_on:
            await earn(
                tx,
                earner,
                kind,
                subject_id=row.subject_id,
                source_id=row.source_id,
                unpaid_for=silent_for or (None if is_seen else HIDDEN),
            )


@dataclass(frozen=True, slots=True)
class _Stand:
    """How it stands with what another one did, and with the content that it was done to."""

    is_on: bool
    is_seen: bool
    silent_for: str | None = None


async def _liked_again(
    tx: Tx, earner: Earner, merit: Merit, published: Versions, stand: _Stand
) -> None:
    if merit.state == MeritState.PAID and not stand.is_on:
        await take_back(tx, earner.desk, merit, published, WITHDRAWN)
    elif merit.reason in COMES_BACK:
        if not (stand.is_on and stand.is_seen):
            keep_reason(earner.desk, merit, HIDDEN if stand.is_on else WITHDRAWN)
        elif merit.state == MeritState.TAKEN_BACK:
            await give_again(tx, earner, merit)
        else:
            await earn(
                tx,
                earner,
                MeritKind(merit.kind),
                subject_id=merit.subject_id,
                unpaid_for=stand.silent_for,
                known=merit,
            )


async def like_given(tx: Tx, earner: Earner, subject_id: UUID, *, is_on: bool) -> None:
    """What a like gives to who likes; liked no more, it is taken back."""
    desk = earner.desk
    key = (desk.member.member_id, MeritKind.LIKE_GIVEN, subject_id, subject_id)
    known = await queries.merits(tx, [key])
    if known:
        published, merit = await versions(tx), Merit(**known[0])
        await _liked_again(tx, earner, merit, published, _Stand(is_on, is_seen=True))
    elif is_on:
        await earn(tx, earner, MeritKind.LIKE_GIVEN, subject_id=subject_id)


async def at_desk(tx: Tx, desk: Desk) -> Earner:
    """Who has entered, as one who may earn under the version that is in force."""
    return earner_of(desk, (await versions(tx)).at(desk.now))


async def take_back_returned(tx: Tx, earner: Earner, purchase_id: UUID) -> None:
    """What reviews of an order gave whose lines were sent back since; it comes back no more."""
    member_id, published = earner.desk.member.member_id, await versions(tx)
    for review in (Post(**row) for row in await sharing.reviews_of(tx, member_id, purchase_id)):
        order = await sharing.reviewed_order(tx, member_id, purchase_id, review.line_id or "")
        if order is None or order["is_kept"]:
            continue
        key = (member_id, MeritKind.REVIEW, review.id, review.id)
        for merit in [Merit(**row) for row in await queries.merits(tx, [key])]:
            if merit.state == MeritState.PAID:
                await take_back(tx, earner.desk, merit, published, RETURNED)
