"""How does a member say something, and take it away again?"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import orjson

from db.connection import Tx, transactional
from db.idempotency import input_hash
from db.queries.community import sharing
from db.queries.community import writing as queries
from domain.community import rules, steps
from domain.community.errors import AlreadyReviewed, NotBought
from domain.community.model import SKUS_MAX, Draft, HeldFor, Kind, Post, PostKind, Row, State
from domain.ledger.steps import Desk, post
from domain.programme.model import Programme
from domain.programme.views import versions
from kit.errors import NotFound
from kit.ids import new_id
from kit.keys import check_key

CREATE_POST = "createPost"


@transactional
async def create_post(tx: Tx, member_id: UUID, draft: Draft, *, key: str, now: datetime) -> Post:
    """Publish a post; once for each key. With a word to be reviewed it waits for the staff.

    Refuses INVALID_INPUT, NOT_FOUND (no such topic, no such order of theirs), MEMBER_SUSPENDED,
    COMMUNITY_BANNED, IDEMPOTENCY_KEY_REUSED, WORDS_REFUSED, TOO_MANY_LINKS, TIER_TOO_LOW,
    LEVEL_TOO_LOW; a review NOT_BOUGHT, ALREADY_REVIEWED.
    """
    check_key(key)
    published = (await versions(tx)).at(now)
    programme = published.programme
    rules.check_draft(draft, programme.community)
    desk = await steps.enter(tx, member_id, now, operation=CREATE_POST, key=key)
    asked = input_hash(asdict(draft))
    first = steps.first_answer(desk, asked)
    if first is not None:
        return await _own(tx, member_id, UUID(first["post"]))
    held_for = rules.judge_text(draft.body, desk.member, programme.community, now=now)
    guest = steps.guest_of(desk, programme)
    steps.readable_topic(guest, draft.topic, programme, writes=True)
    purchase_id, skus = await _shown_goods(tx, desk, draft)
    made = _post(desk, draft, programme, purchase_id=purchase_id, skus=skus, held_for=held_for)
    steps.put_new(desk, made)
    await steps.earn_for(tx, steps.earner_of(desk, published), made)
    answer = {"post": str(made.id)}
    steps.kept(desk, operation=CREATE_POST, key=key, asked=asked, answer=answer)
    await post(tx, desk)
    return made


def _post(
    desk: Desk,
    draft: Draft,
    programme: Programme,
    *,
    purchase_id: UUID | None,
    skus: list[str],
    held_for: HeldFor | None,
) -> Post:
    hours = programme.community.hot_half_life_hours
    return Post(
        member_id=desk.member.member_id,
        id=new_id(),
        kind=_kind_of(draft),
        topic=draft.topic,
        body=draft.body.strip(),
        images=list(draft.images),
        skus=skus,
        purchase_id=purchase_id,
        state=State.VISIBLE if held_for is None else State.HELD,
        like_count=0,
        comment_count=0,
        heat=rules.heat(likes=0, comments=0, published_at=desk.now, half_life_hours=hours),
        published_at=desk.now,
        changed_at=desk.now,
        held_for=held_for,
        report_count=0,
        reviewed_at=None,
        line_id=draft.line_id,
        rating=draft.rating,
    )


def _kind_of(draft: Draft) -> PostKind:
    if draft.line_id is not None:
        return PostKind.REVIEW
    if draft.order is not None:
        return PostKind.ORDER_SHOW
    return PostKind.QUESTION if draft.is_question else PostKind.POST


async def _shown_goods(tx: Tx, desk: Desk, draft: Draft) -> tuple[UUID | None, list[str]]:
    """The order that is shown, and what is linked. Refuses NOT_FOUND for another's order."""
    if draft.order is None:
        return None, [] if draft.sku is None else [draft.sku]
    bought = await queries.bought(tx, desk.member.member_id, *draft.order)
    if bought is None:
        raise NotBought if draft.line_id is not None else NotFound("order")
    lines: list[Row] = orjson.loads(bought["lines"])
    if draft.line_id is not None:
        return await _reviewed_line(tx, desk, draft.line_id, bought["id"], lines)
    skus = dict.fromkeys(line["sku"] for line in lines if line.get("sku"))
    return bought["id"], list(skus)[:SKUS_MAX]


async def _reviewed_line(
    tx: Tx, desk: Desk, line_id: str, purchase_id: UUID, lines: Sequence[Row]
) -> tuple[UUID, list[str]]:
    """Refuses NOT_BOUGHT, ALREADY_REVIEWED."""
    line = next((line for line in lines if line["line_id"] == line_id), None)
    if line is None or line["net_minor"] <= line["refunded_minor"]:
        raise NotBought
    if await sharing.has_reviewed(tx, desk.member.member_id, purchase_id, line_id):
        raise AlreadyReviewed
    return purchase_id, [line["sku"]] if line.get("sku") else []


@transactional
async def delete_post(tx: Tx, member_id: UUID, post_id: UUID, *, now: datetime) -> Post:
    """Take one's own post away, for good; what it gave is taken back.

    Refuses NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED.
    """
    desk = await steps.enter(tx, member_id, now)
    found = await _own(tx, member_id, post_id)
    steps.require_welcome(desk)
    gone = steps.move(desk, found, State.DELETED)
    await steps.follow_content(tx, await steps.at_desk(tx, desk), gone)
    await post(tx, desk)
    return gone


async def _own(tx: Tx, member_id: UUID, post_id: UUID) -> Post:
    rows = await queries.content(tx, Kind.POST, [(member_id, post_id)])
    if not rows or rows[0]["state"] == State.DELETED:
        raise NotFound("post")
    return Post(**rows[0])
