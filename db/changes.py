"""How do a decision's rows reach their tables? Collected as it is made, written by one statement.

A row is a dataclass or a dict whose fields are the table's columns. Every table that takes rows
this way is listed here with its key and with what may change in a row that exists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import orjson

from db.connection import Contended, Tx
from db.signals import Signal, of_member, of_post


@dataclass(frozen=True, slots=True)
class Table:
    """`changing` empty: rows are only inserted, and a second one of the same key is an error.

    `earliest`: of rows with one key, among those that hold `where`, the one that is least in this
    column counts; the row that is there is locked even where it stays as it is.
    """

    key: tuple[str, ...]
    changing: tuple[str, ...] = ()
    ignores_known: bool = False
    earliest: str | None = None
    where: str = ""

    @property
    def may_repeat(self) -> bool:
        return bool(self.changing) or self.ignores_known or self.earliest is not None


_MEMBER_ID = ("member_id", "id")
_ACCEPTED = ("accepted_id", "accepted_member_id", "accepted_silent_for")
_CONTENT_CHANGES = (
    "state",
    "like_count",
    "changed_at",
    "held_for",
    "report_count",
    "reviewed_at",
)
TABLES: dict[str, Table] = {
    "member": Table(
        ("member_id",),
        (
            *("nickname", "email", "phone", "locale", "suspended_at"),
            *("timezone", "next_timezone", "timezone_changed_at"),
            *("birthday", "birthday_set_at", "birthday_changed_at"),
            "merged_into",
        ),
    ),
    "credential": Table(("member_id",), ("password_hash", "changed_at")),
    "staff_action": Table(_MEMBER_ID),
    "idempotency": Table(("member_id", "operation", "key")),
    "service_key": Table(("caller", "operation", "key")),
    "decision": Table(_MEMBER_ID),
    "wallet": Table(
        ("member_id", "currency"),
        (
            *("pending", "available", "held", "debt", "lifetime_earned"),
            *("seq", "head", "next_due_at", "decays_at", "lifetime_moved"),
        ),
    ),
    "transfer": Table(("member_id", "currency", "seq")),
    "lot": Table(
        _MEMBER_ID,
        (
            *("remaining", "held", "spent", "expired", "taken", "forfeited"),
            *("activates_at", "activated_at", "expires_at", "reinstated"),
            *("opened_by", "moved", "gone"),
            *("came_spent", "came_expired", "came_taken", "came_forfeited"),
        ),
    ),
    "lot_move": Table(("member_id", "currency", "seq", "lot_id")),
    "hold": Table(_MEMBER_ID, ("state", "resolved_at")),
    "usage": Table(("member_id", "code", "period"), ("amount",)),
    "inbox": Table(_MEMBER_ID, ("state", "attempts", "waits_for", "note", "processed_at")),
    "purchase": Table(
        _MEMBER_ID,
        (
            *("lines", "base_left_minor", "eligible_left_minor", "points_left", "growth_left"),
            *("completed_at", "settles_at", "sale"),
        ),
    ),
    "refund": Table(_MEMBER_ID),
    "device": Table(_MEMBER_ID, ("last_seen_at", "trusted_at", "trusted_by", "forgotten_at")),
    "presence": Table(("member_id",), ("active_at", "woke_at", "confirmed_at", "alarmed_at")),
    "device_code": Table(
        ("member_id",), ("id", "device_id", "asked_at", "expires_at", "tries", "used_at")
    ),
    "device_taking": Table(_MEMBER_ID),
    "standing": Table(
        ("member_id",),
        (
            *("tier_code", "provisional", "period_opened_at", "period_ends_at"),
            *("former", "settled_only_until", "changed_at"),
            *("earned_tier", "period_anchored_at", "period_helped"),
            *("warning", "recovery", "floor", "counts_since", "retention_at"),
        ),
    ),
    "tier_change": Table(_MEMBER_ID),
    "check_in": Table(("member_id", "day"), ("streak_days",)),
    "badge": Table(("member_id", "code"), ignores_known=True),
    "chosen_title": Table(("member_id",), ("badge", "chosen_at")),
    "challenge_entry": Table(
        ("member_id", "challenge"),
        (
            *("score", "reached_at", "ranks", "settles_at", "milestone"),
            *("joined_at", "left_at", "version", "updated_at"),
        ),
    ),
    "challenge_result": Table(("member_id", "challenge"), ("decision_id",)),
    "leaderboard_name": Table(("member_id",), ("shown", "changed_at")),
    "coupon": Table(
        _MEMBER_ID,
        (
            *("state", "expires_at", "checkout_id", "changed_at"),
            *("redeemed_at", "returned_at", "revoked_at"),
        ),
    ),
    "coupon_code": Table(("code",)),
    "redemption": Table(_MEMBER_ID, ("state", "resolved_at")),
    "checkout": Table(
        _MEMBER_ID,
        (
            *("state", "paid_at", "resolved_at", "source", "order_id"),
            *("debited_by", "points_taken", "debt_points"),
            *("credit_debited_by", "credit_taken_minor", "credit_debt_minor", "overused"),
        ),
    ),
    "draw": Table(_MEMBER_ID, ("state", "points", "coupon_codes", "resolved_at")),
    "referral": Table(("member_id",), ("state", "qualified_at", "rewarded_at", "purchase_id")),
    "invitation": Table(
        ("member_id", "invitee_id"), ("state", "points", "qualified_at", "rewarded_at")
    ),
    "fingerprint": Table(("kind", "digest", "member_id"), ignores_known=True),
    "referral_review": Table(
        ("member_id",),
        (*("state", "reasons", "opened_at"), *("resolved_at", "resolved_by", "note")),
    ),
    "gift": Table(("member_id", "kind", "code")),
    "merge": Table(_MEMBER_ID, ("unmerged_at",)),
    "erasure": Table(("member_id",)),
    "task_progress": Table(
        ("member_id", "task", "period"),
        (
            *("progress", "target", "state", "completed_at", "settles_at", "awaits_word"),
            *("times_rewarded", "decision_id", "programme_version", "updated_at", "is_final"),
        ),
    ),
    "quiz_attempt": Table(_MEMBER_ID, ("answers", "right_count", "is_passed", "answered_at")),
    "member_tag": Table(("member_id", "tag"), ignores_known=True),
    "notification": Table(("member_id", "template", "cause"), ignores_known=True),
    "webhook_event": Table(_MEMBER_ID, ignores_known=True),
    "webhook_delivery": Table(("member_id", "event_id", "endpoint_id"), ignores_known=True),
    "delivery": Table(
        ("member_id", "notification_id", "channel"),
        (
            *("state", "reason", "attempts", "provider", "answer"),
            *("started_at", "next_at", "sent_at", "changed_at"),
        ),
    ),
    "preference": Table(
        ("member_id",),
        ("muted", "quiet_from_hour", "quiet_until_hour", "check_in_hour", "changed_at"),
    ),
    "community_post": Table(
        _MEMBER_ID, (*_CONTENT_CHANGES, "comment_count", "heat", "picked_at", *_ACCEPTED)
    ),
    "community_comment": Table(_MEMBER_ID, _CONTENT_CHANGES),
    "community_like": Table(("member_id", "subject_id"), ("is_on", "silent_for", "changed_at")),
    "community_merit": Table(
        ("member_id", "kind", "subject_id", "source_id"),
        ("state", "reason", "amount", "growth", "times", "decision_id", "changed_at"),
    ),
    "community_follow": Table(("member_id", "followed_id"), ("is_on", "changed_at")),
    "honour_setting": Table(
        ("member_id",),
        ("shows_badges", "shows_title", "shows_tier", "shows_growth", "changed_at"),
    ),
    "community_block": Table(("member_id", "blocked_id"), ("is_on", "changed_at")),
    "community_topic_follow": Table(("member_id", "topic"), ("is_on", "changed_at")),
    "community_received": Table(
        ("member_id", "kind", "subject_id", "source_id"), ("is_on", "changed_at")
    ),
    "meetup_sign_up": Table(
        ("member_id", "meetup"),
        ("state", "position", "signed_up_at", "changed_at", "attended_at", "checked_in_by"),
    ),
    "meetup_ticket": Table(("ticket",)),
    "community_link": Table(("token",)),
    "community_share": Table(_MEMBER_ID, ("open_count", "changed_at")),
    "community_open": Table(("member_id", "share_id")),
    "community_report": Table(("member_id", "subject_id")),
    "community_ban": Table(_MEMBER_ID, ("lifted_at", "lifted_by")),
    "community_appeal": Table(_MEMBER_ID, ("state", "decided_at", "decided_by", "answer")),
    "community_action": Table(_MEMBER_ID),
    "community_profile": Table(("member_id",), ("follower_count", "changed_at")),
    "batch": Table(
        ("id",),
        (
            *("state", "total", "done", "refused", "cursor", "report", "attempts", "token"),
            *("run_at", "started_at", "changed_at", "ended_at", "last_error"),
        ),
    ),
    # With the waiting job locked no worker can finish it before what it has to do is committed.
    "job": Table(("member_id", "kind", "key"), earliest="run_at", where="state = 'ready'"),
}


TOPICS = {
    **dict.fromkeys(("wallet", "lot", "hold"), "points"),
    **dict.fromkeys(("purchase", "standing", "tier_change"), "tier"),
    "task_progress": "tasks",
    "notification": "notifications",
    "preference": "notifications",
    **dict.fromkeys(("merge", "erasure"), "identity"),
}
"""What rows show of their member, told to who watches them; "profile" where it isn't here."""
UNSEEN = frozenset(
    {
        *("credential", "staff_action", "idempotency", "service_key", "job", "batch", "inbox"),
        *("decision", "transfer", "lot_move", "usage", "coupon_code"),
        *("webhook_event", "webhook_delivery", "delivery"),
        *("presence", "device_code", "device_taking"),
    }
)
"""Tables of which a member sees nothing, or nothing without a row of another one."""
POSTS = {"community_post": "id", "community_comment": "post_id"}
"""Rows that others watch too, and which column says of which post they are."""
COUNTERS = {"coupon_stock": ("template", "issued")}
"""Tables whose rows many transactions count in: the key, and what is counted."""


@dataclass(slots=True)
class _Count:
    """`bound`: what the counter may not pass, None where it only falls."""

    amount: int = 0
    bound: int | None = None


class Changes:
    """Rows to write, by table; of rows with one key in a changing table the last one counts.

    `wakes`: who else should look once they are committed; who watches these members does anyway.
    """

    __slots__ = ("_counts", "_rows", "wakes")

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[object, ...], object]] = {}
        self._counts: dict[tuple[str, str], _Count] = {}
        self.wakes: list[Signal] = []

    def put(self, table: str, row: object) -> None:
        key = tuple(value_of(row, name) for name in TABLES[table].key)
        rows = self._rows.setdefault(table, {})
        rules = TABLES[table]
        assert rules.may_repeat or key not in rows, table
        if rules.earliest is not None and key in rows:
            rows[key] = min(rows[key], row, key=attrgetter(rules.earliest))
        else:
            rows[key] = row

    def count(self, table: str, key: str, amount: int, *, bound: int | None = None) -> None:
        """Add to a counter that many count in; it is locked last, after all rows are written.

        Where it would pass `bound`, others were faster than what was read: the verb is run again.
        """
        kept = self._counts.setdefault((table, key), _Count())
        kept.amount += amount
        if bound is not None:
            kept.bound = bound

    def counted(self, table: str, key: str) -> int:
        """What is to be added to that counter."""
        kept = self._counts.get((table, key))
        return 0 if kept is None else kept.amount

    def merge(self, other: "Changes") -> None:
        for table, rows in other._rows.items():  # noqa: SLF001  its own kind
            self._rows.setdefault(table, {}).update(rows)
        for (table, key), kept in other._counts.items():  # noqa: SLF001  its own kind
            self.count(table, key, kept.amount, bound=kept.bound)
        self.wakes += other.wakes

    def rows(self, table: str) -> Sequence[object]:
        return tuple(self._rows.get(table, {}).values())

    async def write(self, tx: Tx) -> None:
        """Write all rows by one statement and start anew; foreign keys are checked at its end.

        Counters follow, in the order of their keys, so that nobody waits for another in a circle.
        """
        if self._rows:
            tables = tuple(name for name in TABLES if name in self._rows)
            args = [_json(list(self._rows[name].values())) for name in tables]
            self.wakes += _told(self._rows)
            self._rows = {}
            await tx.execute(_statement(tables), *args)
            tx.wakes += self.wakes
            self.wakes = []
        counts, self._counts = self._counts, {}
        for (table, key), kept in sorted(counts.items()):
            if kept.amount and not await _add(tx, table, key, kept):
                raise Contended(f"{table} {key} is at its bound")


def _told(tables: Mapping[str, Mapping[tuple[object, ...], object]]) -> list[Signal]:
    """A signal for each member of whom something is seen, and for each post."""
    topics: dict[object, set[str]] = {}
    for table, rows in tables.items():
        if table not in UNSEEN:
            topic = TOPICS.get(table, "profile")
            for row in rows.values():
                topics.setdefault(value_of(row, "member_id"), set()).add(topic)
    posts = {
        value_of(row, column)
        for table, column in POSTS.items()
        for row in tables.get(table, {}).values()
    }
    return [
        *(of_member(str(member_id), *found) for member_id, found in topics.items()),
        *(of_post(str(post_id)) for post_id in posts),
    ]


async def _add(tx: Tx, table: str, key: str, kept: _Count) -> bool:
    """Whether the counter took it."""
    if kept.amount < 0:
        return await tx.execute(_count_down(table), key, -kept.amount) == 1
    return await tx.fetchval(_count_up(table), key, kept.amount, kept.bound) is not None


@cache
def _count_up(table: str) -> str:
    key, column = COUNTERS[table]
    return (
        f"INSERT INTO {table} ({key}, {column}) SELECT $1, $2::bigint WHERE $2 <= $3::bigint"
        f" ON CONFLICT ({key}) DO UPDATE SET {column} = {table}.{column} + $2"
        f" WHERE {table}.{column} + $2 <= $3 RETURNING {column}"
    )


@cache
def _count_down(table: str) -> str:
    key, column = COUNTERS[table]
    return f"UPDATE {table} SET {column} = {column} - $2 WHERE {key} = $1"  # noqa: S608


def _json(rows: list[object]) -> str:
    """Asyncpg's own UUIDs come in as their text."""
    return orjson.dumps(rows, default=str).decode()


def value_of(row: object, name: str) -> Any:  # noqa: ANN401  a column of any type
    """The column `name` of a row that was put."""
    return row[name] if isinstance(row, dict) else getattr(row, name)


@cache
def _statement(tables: tuple[str, ...]) -> str:
    parts = [
        f"w{n} AS (INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, ${n})"  # noqa: S608
        f"{_conflict(TABLES[name])})"
        for n, name in enumerate(tables, start=1)
    ]
    return "WITH " + ", ".join(parts) + " SELECT 1"


def _conflict(table: Table) -> str:
    if table.ignores_known:
        return " ON CONFLICT DO NOTHING"
    if table.earliest is not None:
        column = table.earliest
        return (
            f" ON CONFLICT ({', '.join(table.key)}) WHERE {table.where} DO UPDATE"
            f" SET {column} = EXCLUDED.{column} WHERE job.{column} > EXCLUDED.{column}"
        )
    if not table.changing:
        return ""
    sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in table.changing)
    return f" ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {sets}"
