"""How do many members get a coupon each, some hundred at a time?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries import batches as batch_queries
from db.queries import coupons as queries
from db.queries.members import by_external_ids
from domain.activity.model import Traits
from domain.batches.model import Batch, Line, Progress
from domain.batches.rules import line_of
from domain.coupons import rules
from domain.coupons.model import Prospect, Source
from domain.coupons.steps.giving import ORDERS_MAX, issue
from domain.ledger.steps import Desk, post
from domain.members.model import Member
from domain.members.steps import lock_all
from domain.programme.model import Audience, CouponTemplate
from domain.programme.rules.limits import limit_window
from domain.programme.views import Published, versions
from kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class _Found:
    """The members of a step, where the next one goes on, and who is none."""

    member_ids: Sequence[UUID]
    cursor: str | None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Work:
    """What a batch issues: a template as it was when the batch began, to whom besides its own."""

    batch: Batch
    face: CouponTemplate
    published: Published
    wanted: Audience
    now: datetime

    @property
    def key(self) -> str:
        """Of each member's decision, which can't be made twice."""
        return f"coupons:{self.batch.id}"


async def issue_some(
    tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
) -> Progress:
    """A step of "coupons.issue": a coupon each for members who may have one.

    `parameters`: `template`, as it was when the batch was begun, `audience` beside its own,
    `listed` where the batch has rows with customer ids. Who is not in the audience, at the limit or
    suspended is counted; once nothing is left in stock the batch is done.
    """
    published = (await versions(tx)).at(batch.created_at)
    face = published.programme.coupon(batch.parameters["template"])
    assert face is not None, "a version doesn't change"
    audience = {name: tuple(codes) for name, codes in batch.parameters["audience"].items()}
    work = _Work(batch, face, published, Audience.model_validate(audience), now)
    listed = batch.parameters["listed"]
    found = await (_listed(tx, batch, cursor, limit) if listed else _following(tx, cursor, limit))
    counts, is_out = await _issue(tx, work, await lock_all(tx, found.member_ids))
    return Progress(
        done=len(found.member_ids),
        refused=len(found.lines),
        cursor=None if is_out else found.cursor,
        lines=found.lines,
        counts=dict(counts),
    )


async def _following(tx: Tx, cursor: str | None, limit: int) -> _Found:
    ids = await queries.members_after(tx, None if cursor is None else UUID(cursor), limit)
    return _Found(ids, str(ids[-1]) if len(ids) == limit else None)


async def _listed(tx: Tx, batch: Batch, cursor: str | None, limit: int) -> _Found:
    rows = await batch_queries.rows(tx, batch.id, after=int(cursor or 0), limit=limit)
    asked = [data["external_id"] for _, data in rows]
    known = {name: row["member_id"] for name, row in await by_external_ids(tx, asked)}
    missing = [number for number, data in rows if data["external_id"] not in known]
    return _Found(
        sorted(set(known.values())),
        str(rows[-1][0]) if len(rows) == limit else None,
        tuple(line_of(NotFound("member"), number, "externalIds") for number in missing),
    )


async def _issue(tx: Tx, work: _Work, members: Sequence[Member]) -> tuple[Counter[str], bool]:
    """What became of them, and whether nothing is left in stock."""
    facts = await _facts(tx, work, members)
    stock, gone = work.face.stock, facts["issued"]
    counts: Counter[str] = Counter()
    desks: list[Desk] = []
    for member in members:
        outcome = _why_not(work, member, facts, gone)
        if outcome is None:
            outcome = "issued"
            gone += stock is not None
            desks.append(_give(work, member))
        counts[outcome] += 1
    await post(tx, *desks)
    return counts, stock is not None and gone >= stock


async def _facts(tx: Tx, work: _Work, members: Sequence[Member]) -> dict[str, Any]:
    face, programme = work.face, work.published.programme
    since = None if face.limit is None else limit_window(face.limit, programme, work.now)[0]
    asks = any(one.stages or one.segments for one in (face.audience, work.wanted))
    return await queries.audience(
        tx,
        [member.member_id for member in members],
        face.code,
        key=work.key,
        since=since,
        orders_max=ORDERS_MAX if asks else 0,
    )


def _why_not(work: _Work, member: Member, facts: Mapping[str, Any], gone: int) -> str | None:
    """What to count the member as; None: they get one."""
    own, programme = str(member.member_id), work.published.programme
    if own in facts["had"]:
        return "already"
    if member.suspended_at is not None:
        return "suspended"
    traits = Traits(
        facts["tiers"].get(own) or programme.tiers.ladder[0].code,
        frozenset(facts["tags"].get(own, ())),
        tuple(datetime.fromisoformat(at) for at in facts["orders"].get(own, ())),
    )
    if not rules.suits(work.wanted, traits, work.now, programme):
        return "not_in_audience"
    prospect = Prospect(work.face, traits, issued=gone, used=facts["used"].get(own, 0))
    refusal = rules.why_not(prospect, programme, now=work.now)
    return None if refusal is None else refusal.code.lower()


def _give(work: _Work, member: Member) -> Desk:
    face, desk = work.face, Desk(member, {}, work.now)
    decision = desk.decide(
        work.key,
        "coupon",
        work.published.version,
        inputs={
            "template": face.code,
            "name": face.name.model_dump(mode="json", by_alias=True),
            "channel": "staff",
        },
        outcome={"coupons": [face.code]},
        occurred_at=work.now,
    )
    issue(desk, decision, face, source=Source("batch", str(work.batch.id)))
    return desk
