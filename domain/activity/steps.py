"""What did these members do since then, and who has to look when they do more?"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, cast
from uuid import UUID

from db.changes import Changes, value_of
from db.connection import Tx
from db.jobs import Job
from db.queries import activity as queries
from domain.activity.model import (
    CHALLENGES_ASSESS,
    TASK_DEEDS,
    TASKS_ASSESS,
    BoughtLine,
    Deed,
    DeedKind,
)
from domain.activity.rules import METRIC_DEEDS, Touched, concerns
from domain.programme.views import Versions, versions

Row = dict[str, Any]

_EVENTS: dict[str, DeedKind] = {
    "review.approved": "review",
    "review.removed": "review",
    "share.opened": "share",
    "post.published": "post",
    "post.removed": "post",
    "campaign.joined": "join",
}
_REMOVALS = {
    "review.removed": ("review.approved", "reviewId"),
    "post.removed": ("post.published", "postId"),
}
_REMOVED_BY = tuple(key for _, key in _REMOVALS.values())
_OF_ITS_ORDER = ("settles_at", "completed_at", "programme_version")
_ROWS: dict[str, DeedKind] = {
    "purchase": "order",
    "check_in": "check_in",
    "invitation": "invite",
    "member": "profile",
    "quiz_attempt": "quiz",
}
_MERITS: dict[str, DeedKind] = {"POST": "post", "REVIEW": "review", "SHARE_OPENED": "share"}
_INSTANTS = {"purchase": "paid_at", "check_in": "occurred_at", "invitation": "rewarded_at"}


def follow(changes: Changes, member_id: UUID, versions: Versions, now: datetime) -> None:
    """Have tasks and challenges look at the member where rows of what they count are put.

    A task of an older version may still have to be undone, so every version is asked. With another
    tier a member may belong to the audience of a task whose target they have reached before.
    """
    happened = frozenset(_touched(changes))
    touched = {kind for kind, _ in happened}
    audience_moved = bool(changes.rows("tier_change")) and any(
        not task.audience.is_everybody for task in versions.at(now).programme.tasks
    )
    if audience_moved or any(
        TASK_DEEDS[task.kind] in touched
        for published in versions
        for task in published.programme.tasks
    ):
        changes.put("job", assess_job(member_id, TASKS_ASSESS, now))
    if _concerns_challenges(happened, versions, now):
        changes.put("job", assess_job(member_id, CHALLENGES_ASSESS, now))


def _concerns_challenges(happened: Collection[Touched], versions: Versions, now: datetime) -> bool:
    """Badges by rule are looked at together with challenges."""
    touched = {kind for kind, _ in happened}
    return any(
        METRIC_DEEDS[badge.rule.metric] in touched
        for badge in versions.at(now).programme.badges
        if badge.rule is not None
    ) or any(
        concerns(challenge, happened)
        for published in versions
        for challenge in published.programme.challenges
    )


def _touched(changes: Changes) -> Iterator[Touched]:
    """What came, changed or went; a refund comes with the order whose time it has.

    Reviews of an order settle with it and go with it.
    """
    if changes.rows("refund") or any(
        value_of(row, "completed_at") for row in changes.rows("purchase")
    ):
        yield "review", None
    for table, kind in _ROWS.items():
        for row in changes.rows(table):
            instant = _INSTANTS.get(table)
            yield kind, None if instant is None else value_of(row, instant)
    for row in changes.rows("community_merit"):
        kind = _MERITS.get(value_of(row, "kind"))
        if kind is not None:
            yield kind, value_of(row, "happened_at")
    for row in changes.rows("inbox"):
        event = cast("Any", row)
        if event.state == "done" and event.type in _EVENTS:
            yield _EVENTS[event.type], event.occurred_at


def assess_job(member_id: UUID, kind: str, now: datetime) -> Job:
    """A job for TASKS_ASSESS or CHALLENGES_ASSESS."""
    return Job(member_id=member_id, kind=kind, key="assess", run_at=now, created_at=now)


async def deeds(tx: Tx, member_ids: Sequence[UUID], since: datetime) -> dict[UUID, list[Deed]]:
    """Of each member what still stands, the earliest first.

    A share is a link opened by somebody else; a review goes with the order that it is of. Posts of
    our own community count where they are worth points, above the limit of the day as well.
    """
    found = await queries.deeds(tx, member_ids, since)
    published = await versions(tx)
    told: dict[UUID, list[Deed]] = {member_id: [] for member_id in member_ids}
    events = _standing(found["events"], found["reviewed"])
    for row in chain(
        found["orders"], events, found["check_ins"], found["invites"], found["quizzes"]
    ):
        deed = _deed(row, published)
        if deed.kind != "order" or deed.lines:
            told[UUID(row["member_id"])].append(deed)
    for mine in told.values():
        mine.sort(key=lambda deed: (deed.at, deed.reference))
    return told


def _standing(events: Sequence[Row], reviewed: Sequence[Row]) -> Iterator[Row]:
    """What was not removed; a review of an order with what is known of that."""
    orders = {(row["member_id"], row["source"], row["order_id"]): row for row in reviewed}
    removed = {_subject(row, _REMOVALS[row["kind"]]) for row in events if row["kind"] in _REMOVALS}
    for row in events:
        is_gone = any(_subject(row, (row["kind"], key)) in removed for key in _REMOVED_BY)
        if row["kind"] in _REMOVALS or is_gone or row["by_member"]:
            continue
        order = orders.get((row["member_id"], row["source"], row["data"].get("orderId")))
        if order is None:
            yield row
        elif any(line["net_minor"] > line["refunded_minor"] for line in order["lines"]):
            yield {**row, **{name: order[name] for name in _OF_ITS_ORDER}}


def _subject(row: Row, named: tuple[str, str]) -> tuple[object, ...]:
    kind, key = named
    return row["member_id"], row["source"], kind, row["data"].get(key)


def _deed(row: Row, published: Versions) -> Deed:
    settles_at, day = row.get("settles_at"), row.get("day")
    return Deed(
        kind=_EVENTS[row["kind"]] if row["kind"] in _EVENTS else row["kind"],
        at=datetime.fromisoformat(row["at"]),
        reference=str(row["reference"]),
        settles_at=settles_at and datetime.fromisoformat(settles_at),
        awaits_word=settles_at is not None and _awaits_word(row, published),
        lines=tuple(_left(row.get("lines") or ())),
        day=day and date.fromisoformat(day),
        streak_days=row.get("streak_days", 0),
        data=row.get("data") or {},
    )


def _awaits_word(order: Row, published: Versions) -> bool:
    policy = published.numbered(order["programme_version"]).programme.points
    by_word_only = policy.completion == "completed_only" and policy.silence == "cancel"
    return by_word_only and order["completed_at"] is None


def _left(lines: Sequence[Row]) -> Iterator[BoughtLine]:
    """Lines of which something is left; most are as they were bought."""
    for row in lines:
        net, refunded = row["net_minor"], row["refunded_minor"]
        if net != refunded:
            base, left = row["base_minor"], net - refunded
            base_left = base * left // net if refunded and net else base
            yield BoughtLine(
                row.get("sku", ""), row.get("category"), row.get("brand"), left, base_left
            )
