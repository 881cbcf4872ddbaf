"""How does one event take effect on an open dossier, and how are dossiers opened for many?"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db import rows
from db.connection import Tx
from db.jobs import Job
from db.queries import intake as queries
from domain.activity.model import Deed, DeedKind
from domain.community.steps import returned_job
from domain.effects.model import Effect, GrantGrowth, GrantPoints
from domain.intake.model import (
    EVENT_TYPES,
    CampaignJoined,
    InboxEvent,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    Payload,
    PostPublished,
    PostRemoved,
    ReviewApproved,
    ReviewRemoved,
    ShareOpened,
)
from domain.intake.rules import no_such_checkout, order_facts
from domain.members.model import Member
from domain.members.rules import day_at
from domain.orders import steps as orders
from domain.orders.dossiers import ORDER_REVIEW, Named, counted_deeds, open_dossiers
from domain.orders.model import Dossier, PurchaseRow
from domain.orders.standing import judge, reassess, review
from domain.points.model import InteractionFacts, RefundFacts, RefundLine
from domain.points.rules import expires_at, inactive_at, interact
from domain.programme.views import Versions
from domain.referrals import steps as referrals
from domain.referrals.steps import ReferralRow
from domain.rewards.steps import issue
from kit.errors import Refusal
from kit.ids import parse_global_id

KIND = "intake"
REMOVE = "intake.remove"
_SENT_BACK: dict[str, Any] = {"points": 0, "growth": 0, "reason": "ORDER_SENT_BACK"}
_DEEDS: dict[str, DeedKind] = {"review": "review", "share_opened": "share", "post": "post"}
_JUST = timedelta.resolution
"""What was over just before is judged first."""
_ORDER_TYPES = frozenset({"order.paid", "order.completed", "order.refunded"})


class EventFailed(Exception):
    """We are broken on this event: `event` is who to blame, the cause says why."""

    def __init__(self, event: InboxEvent) -> None:
        super().__init__(f"{event.type} {event.source} {event.event_id}")
        self.event = event


@dataclass(slots=True)
class Case:
    """A member's dossier with what only the intake looks at."""

    dossier: Dossier
    referral: ReferralRow | None = None
    parked: list[InboxEvent] = field(default_factory=list[InboxEvent])


def inbox_job(member_id: UUID, now: datetime) -> Job:
    """The job that processes what is in a member's inbox when it runs."""
    return Job(member_id=member_id, kind=KIND, key="inbox", run_at=now, created_at=now)


async def open_events(tx: Tx, member_ids: Sequence[UUID], each: int) -> list[InboxEvent]:
    found = await queries.open_events(tx, member_ids, each)
    return [rows.read(InboxEvent, row) for row in found]


async def open_cases(
    tx: Tx,
    members: Sequence[Member],
    events: Sequence[InboxEvent],
    versions: Versions,
    now: datetime,
) -> dict[UUID, Case]:
    """Load what processing `events` of these locked members needs, in a handful of statements."""
    dossiers, referral_rows = await open_dossiers(
        tx,
        members,
        versions,
        now,
        earliest=min((event.occurred_at for event in events), default=now),
        named=_named(events),
    )
    cases = {member_id: Case(dossier) for member_id, dossier in dossiers.items()}
    for row in referral_rows:
        cases[UUID(row["member_id"])].referral = rows.read(ReferralRow, row)
    for event in events:
        if event.state == "parked":
            cases[event.member_id].parked.append(event)
    return cases


def checkout_of(payload: Payload) -> tuple[UUID, UUID] | None:
    """The checkout that an order was paid through, by its member and id. Refuses INVALID_INPUT."""
    if not isinstance(payload, OrderPaid) or payload.checkout_id is None:
        return None
    match parse_global_id(payload.checkout_id):
        case ("Checkout", (member_id, checkout_id)):
            return member_id, checkout_id
        case _:
            raise no_such_checkout()


def _named(events: Sequence[InboxEvent]) -> Named:
    orders = [
        (event.member_id, event.source, event.data["orderId"])
        for event in events
        if event.type in _ORDER_TYPES or event.data.get("orderId")
    ]
    checkouts = [
        (event.member_id, found[1])
        for event in events
        if event.data.get("checkoutId")
        and (found := checkout_of(OrderPaid.model_validate(event.data))) is not None
    ]
    return Named(orders, checkouts)


def take_effect(case: Case, event: InboxEvent) -> None:
    """Apply one event, then those that were waiting for it; each ends done, refused or parked.

    What silence and time had decided before comes first. Raises EventFailed where we are
    broken.
    """
    fall_silent(case, event.received_at)
    review(case.dossier, min(event.occurred_at, event.received_at), may_tell=False)
    try:
        _apply(case, event)
    except Refusal as refusal:
        _end(event, "refused", case.dossier.desk.now, f"{refusal.code}: {refusal.message('en')}")
    except Exception as error:
        raise EventFailed(event) from error
    case.dossier.desk.changes.put("inbox", event)
    if event.type == "order.paid" and event.state == "done":
        order = _order_of(event)
        for waiting in [other for other in case.parked if other.waits_for == order]:
            case.parked.remove(waiting)
            take_effect(case, waiting)
    if event.state == "parked":
        case.parked.append(event)


def fall_silent(case: Case, until: datetime) -> None:
    """Cancel the orders that the shop should have completed by `until` and didn't."""
    for row in orders.fallen_silent(case.dossier, until):
        review(case.dossier, row.settles_at - _JUST, may_tell=False)
        orders.cancelled(case.dossier, row)
        referrals.order_refunded(case.dossier.desk, case.referral, row)
        reassess(case.dossier, row.settles_at, refunded=True)


def pass_time(case: Case, until: datetime) -> None:
    """What time alone decided by `until`: orders fell silent, windows and periods were over.

    Each is dated when it came about, so that one who looks late sees what one in time would have.
    """
    fall_silent(case, until)
    dossier = case.dossier
    if dossier.standing.period.provisional or dossier.standing.settled_only_until is not None:
        ends = {dossier.latest(order.settles_at) for order in dossier.orders.values()}
        for at in sorted(end for end in ends if end <= until):
            review(dossier, at - _JUST, may_tell=False)
            judge(dossier, at, refunded=False)
    review(dossier, until)


def _apply(case: Case, event: InboxEvent) -> None:
    payload = EVENT_TYPES[event.type].payload.model_validate(event.data)
    if event.type != "order.paid" and event.type in _ORDER_TYPES:
        key = (event.source, event.data["orderId"])
        if key not in case.dossier.purchases:
            event.state, event.waits_for = "parked", _order_of(event)
            return
    _effect(case, event, payload)
    at = payload.paid_at if isinstance(payload, OrderPaid) else event.occurred_at
    reassess(case.dossier, at, refunded=event.type == "order.refunded")
    _end(event, "done", case.dossier.desk.now, None)


def _effect(case: Case, event: InboxEvent, payload: Payload) -> None:
    match payload:
        case OrderPaid():
            facts, told_at = order_facts(payload), event.received_at
            checkout = checkout_of(payload)
            row = orders.paid(
                case.dossier,
                event.source,
                facts,
                told_at=told_at,
                checkout_id=checkout and checkout[1],
            )
            referrals.order_marked(
                case.dossier.desk, payload.payment_fingerprint, payload.delivery_address
            )
            if orders.awaits_word(case.dossier, row):
                case.dossier.desk.changes.put("job", _silence_job(row, case.dossier.desk.now))
            else:
                referrals.order_settles(case.dossier.desk, case.referral, row)
        case OrderCompleted(order_id=order_id):
            row = orders.completed(case.dossier, (event.source, order_id), event.occurred_at)
            referrals.order_settles(case.dossier.desk, case.referral, row)
        case OrderRefunded():
            lines = tuple(RefundLine(**line.model_dump()) for line in payload.lines)
            refund = RefundFacts(payload.refund_id, lines, payload.by_shop)
            key = (event.source, payload.order_id)
            reviewed = {review.purchase_id for review in case.dossier.reviews}
            row = case.dossier.purchases[key]
            orders.refunded(case.dossier, key, refund, event.occurred_at)
            if row.id in reviewed:
                desk = case.dossier.desk
                desk.changes.put("job", returned_job(row.member_id, row.id, desk.now))
            referrals.order_refunded(case.dossier.desk, case.referral, case.dossier.purchases[key])
        case ReviewApproved(review_id=review_id, photos=photos, order_id=order_id):
            review = InteractionFacts(
                kind="review", reference=review_id, counted_today=0, with_photo=photos > 0
            )
            order = case.dossier.purchases.get((event.source, order_id or ""))
            _interaction(case.dossier, event, review, order)
        case _:
            _told(case, event, payload)


def _told(case: Case, event: InboxEvent, payload: Payload) -> None:
    """What a member did in public, or what was taken down of it."""
    match payload:
        case ShareOpened(link=link, opener=opener):
            share = InteractionFacts(
                kind="share_opened",
                reference=link,
                counted_today=0,
                by_member=opener == event.subject,
            )
            _interaction(case.dossier, event, share)
        case PostPublished(post_id=post_id):
            post = InteractionFacts(kind="post", reference=post_id, counted_today=0)
            _interaction(case.dossier, event, post)
        case ReviewRemoved(review_id=review_id):
            removed = _removal_job(event, "review.approved", review_id)
            case.dossier.desk.changes.put("job", removed)
        case PostRemoved(post_id=post_id):
            removed = _removal_job(event, "post.published", post_id)
            case.dossier.desk.changes.put("job", removed)
        case CampaignJoined():
            pass
        case _:
            raise TypeError(event.type)


def _removal_job(event: InboxEvent, kind: str, reference: str) -> Job:
    return Job(
        member_id=event.member_id,
        kind=REMOVE,
        key=f"{kind}\x1f{event.source}\x1f{reference}",
        run_at=event.received_at,
        created_at=event.received_at,
        payload={"type": kind, "source": event.source, "reference": reference},
    )


def _silence_job(row: PurchaseRow, now: datetime) -> Job:
    return Job(
        member_id=row.member_id,
        kind=KIND,
        key=f"silence:{row.id}",
        run_at=row.settles_at,
        created_at=now,
    )


def _interaction(
    dossier: Dossier,
    event: InboxEvent,
    facts: InteractionFacts,
    order: PurchaseRow | None = None,
) -> None:
    """What comes of an `order` waits as long as it does, and goes when all of it is sent back."""
    published = dossier.versions.at(event.occurred_at)
    programme = published.programme
    hour = programme.day_start_hour
    day = day_at(dossier.desk.member, event.occurred_at, day_start_hour=hour).isoformat()
    usage = f"interaction:{facts.kind}"
    facts = replace(facts, counted_today=dossier.usage.get((usage, day), 0))
    decided = interact(facts, programme, dossier.tier_under(programme, event.occurred_at))
    if order is not None and order.purchase().is_sent_back:
        decided = replace(decided, points=0, growth=0, outcome=_SENT_BACK)
    elif not facts.by_member:
        _note_deed(dossier, event, _DEEDS[facts.kind], day_start_hour=hour)
    decision = dossier.desk.decide(
        f"{event.type}\x1f{event.source}\x1f{event.event_id}",
        "interaction",
        published.version,
        inputs=decided.inputs,
        outcome=decided.outcome,
        occurred_at=event.occurred_at,
    )
    effects: list[Effect] = []
    active_until = inactive_at(dossier.latest(event.occurred_at), programme)
    counts_from = order and orders.reviewed_from(dossier, order, event.occurred_at)
    if decided.points:
        starts = event.occurred_at if order is None else max(order.settles_at, event.occurred_at)
        ends = expires_at(starts, programme) or active_until
        effects.append(GrantPoints(decided.points, "interaction", counts_from, ends))
    if decided.growth:
        effects.append(GrantGrowth(decided.growth, "interaction"))
        dossier.use(usage, day, 1)
        dossier.interactions.append((event.occurred_at, decided.growth))
    issued = issue(
        dossier.desk,
        decision,
        effects,
        programme=programme,
        source_type=facts.kind if order is None else ORDER_REVIEW,
        source_id=facts.reference if order is None else str(order.id),
        occurred_at=event.occurred_at,
    )
    if order is not None:
        orders.goes_with(dossier, order, issued.lots, decided.growth)
    if decided.points and active_until is not None:
        dossier.desk.points.extend(active_until)


def _note_deed(dossier: Dossier, event: InboxEvent, kind: DeedKind, *, day_start_hour: int) -> None:
    deed = Deed(kind=kind, at=event.occurred_at, reference=str(event.id))
    dossier.deeds += counted_deeds(dossier.desk.member, [deed], day_start_hour=day_start_hour)


def _order_of(event: InboxEvent) -> str:
    return f"{event.source}\x1f{event.data['orderId']}"


def _end(event: InboxEvent, state: str, now: datetime, note: str | None) -> None:
    event.state, event.processed_at, event.note, event.waits_for = state, now, note, None
