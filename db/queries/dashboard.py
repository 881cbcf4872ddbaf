"""SQL for the dashboard: whatever is asked of one member, by one statement."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.connection import Tx

_BOUNDARY = """
(t.debit_account IN ('pending', 'available', 'held', 'debt'))
 <> (t.credit_account IN ('pending', 'available', 'held', 'debt'))
"""
_DECISION = """
json_build_object('kind', d.kind, 'inputs', d.inputs, 'outcome', d.outcome,
 'programme_version', d.programme_version)
"""
_SIGN = "CASE WHEN t.credit_account IN ('pending', 'available', 'held', 'debt') THEN 1 ELSE -1 END"


@dataclass(slots=True)
class Question:
    """One statement on its way: named JSON pieces and their arguments."""

    member_id: UUID
    now: datetime
    args: list[object] = field(default_factory=list[object])
    pieces: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.args += [self.member_id, self.now]

    def ask(self, name: str, sql: str, *args: object) -> None:
        """Add the piece `sql`, in which {0}, {1}, … stand for `args`; $1 is the member, $2 is now."""
        places = [f"${len(self.args) + index + 1}" for index in range(len(args))]
        self.args += args
        self.pieces.append(f"'{name}', ({sql.format(*places)})")

    async def answer(self, tx: Tx) -> dict[str, Any] | None:
        """The pieces by name; None where there is no such member."""
        sql = (
            "SELECT json_build_object("
            + ", ".join(self.pieces)
            + ") FROM member m JOIN standing s USING (member_id)"
            + " WHERE m.member_id = $1::uuid AND $2::timestamptz IS NOT NULL"
        )
        return await tx.fetchjson(sql, *self.args)


def member(question: Question) -> None:
    question.ask("member", "to_json(m)")
    question.ask("standing", "to_json(s)")


def wallets(question: Question, *, explained: bool) -> None:
    """The wallets; with anything due, the lots that posting it concerns and why they are."""
    question.ask("wallets", "SELECT json_agg(w) FROM wallet w WHERE w.member_id = $1")
    question.ask(
        "lots",
        "SELECT json_agg(l) FROM lot l WHERE l.member_id = $1 AND l.currency = 'POINTS'"
        " AND (l.remaining > 0 OR l.held > 0) AND EXISTS (SELECT FROM wallet w"
        " WHERE w.member_id = $1 AND w.currency = 'POINTS' AND w.next_due_at <= $2)",
    )
    if explained:
        question.ask(
            "due_decisions",
            f"SELECT json_object_agg(d.id, {_DECISION}) FROM decision d WHERE d.member_id = $1"  # noqa: S608
            " AND d.id IN (SELECT l.decision_id FROM lot l WHERE l.member_id = $1"
            " AND l.remaining > 0 AND l.expires_at <= $2)",
        )


def expiring(question: Question, until: datetime) -> None:
    question.ask(
        "expiring",
        "SELECT coalesce(sum(l.remaining), 0) FROM lot l WHERE l.member_id = $1"
        " AND l.currency = 'POINTS' AND l.remaining > 0 AND l.activated_at IS NOT NULL"
        " AND l.expires_at <= {0}::timestamptz",
        until,
    )


def window(
    question: Question, *, since: datetime, order_min_minor: int, orders_per_day: int
) -> None:
    """Spend, orders that count, GROWTH by class since then; settled orders only after a fall."""
    question.ask(
        "window",
        "SELECT json_build_object('spend_minor', coalesce(sum(d.spend), 0)::bigint,"
        " 'orders_counted', coalesce(sum(least(d.orders, {2}::bigint)), 0)::bigint,"
        " 'purchase_growth', coalesce(sum(d.growth), 0)::bigint) FROM ("
        "SELECT sum(p.base_left_minor) AS spend, sum(p.growth_left) AS growth,"
        " count(*) FILTER (WHERE p.eligible_left_minor >= {1}::bigint) AS orders"
        " FROM purchase p WHERE p.member_id = $1 AND p.paid_at >= {0}::timestamptz"
        " AND p.paid_at <= $2 AND (s.settled_only_until IS NULL OR s.settled_only_until <= $2"
        " OR p.settles_at <= $2) GROUP BY p.day) AS d",
        since,
        order_min_minor,
        orders_per_day,
    )
    question.ask(
        "interaction",
        "SELECT coalesce(sum(CASE WHEN t.credit_account = 'available' THEN t.amount"
        " ELSE -t.amount END), 0)::bigint FROM transfer t WHERE t.member_id = $1"
        " AND t.currency = 'GROWTH' AND t.reason = 'interaction'"
        " AND t.occurred_at >= {0}::timestamptz AND t.occurred_at <= $2",
        since,
    )


def as_of(question: Question, name: str, at: datetime) -> None:
    question.ask(
        name,
        "SELECT coalesce(sum(CASE WHEN t.credit_account = 'available' THEN t.amount"
        " WHEN t.debit_account = 'available' THEN -t.amount ELSE 0 END), 0)::bigint"
        " FROM transfer t WHERE t.member_id = $1 AND t.currency = 'POINTS'"
        " AND t.occurred_at <= {0}::timestamptz",
        at,
    )


def history(question: Question, name: str, *, first: int, before_seq: int, explained: bool) -> None:
    """One more than `first`, newest recorded first."""
    decision = (
        f"SELECT {_DECISION} FROM decision d WHERE d.member_id = $1 AND d.id = e.decision_id"
        if explained
        else "NULL::json"
    )
    question.ask(
        name,
        "SELECT json_agg(json_build_object('seq', e.seq, 'amount', e.amount * e.sign,"  # noqa: S608
        " 'kind', e.kind, 'reason', e.reason, 'occurred_at', e.occurred_at,"
        " 'expires_at', (SELECT l.expires_at FROM lot l JOIN lot_move v ON v.member_id = $1"
        " AND v.currency = 'POINTS' AND v.seq = e.seq AND v.lot_id = l.id"
        " WHERE l.member_id = $1 AND l.opened_by = e.seq),"
        f" 'decision', ({decision})) ORDER BY e.seq DESC)"
        f" FROM (SELECT t.*, {_SIGN} AS sign FROM transfer t WHERE t.member_id = $1"
        " AND t.currency = 'POINTS' AND t.seq < {1}::bigint AND "
        f"{_BOUNDARY} ORDER BY t.seq DESC LIMIT {{0}}::bigint) AS e",
        first + 1,
        before_seq,
    )


def last_check_in(question: Question) -> None:
    question.ask(
        "streak",
        "SELECT json_build_array(c.day, c.streak_days) FROM check_in c"
        " WHERE c.member_id = $1 ORDER BY c.day DESC LIMIT 1",
    )
    question.ask(
        "last",
        "SELECT json_build_array(c.day, c.occurred_at, c.streak_days, c.points_awarded)"
        " FROM check_in c WHERE c.member_id = $1 AND NOT c.made_up ORDER BY c.day DESC LIMIT 1",
    )


def check_in_days(question: Question, name: str, from_day: date, until_day: date) -> None:
    question.ask(
        name,
        "SELECT json_agg(c.day ORDER BY c.day) FROM check_in c WHERE c.member_id = $1"
        " AND c.day >= {0}::date AND c.day < {1}::date",
        from_day,
        until_day,
    )


def redemptions(question: Question, name: str, *, first: int, before: UUID) -> None:
    """One more than `first`, newest first."""
    question.ask(
        name,
        "SELECT json_agg(r ORDER BY r.id DESC) FROM (SELECT * FROM redemption r"
        " WHERE r.member_id = $1 AND r.id < {1}::uuid ORDER BY r.id DESC LIMIT {0}::bigint) AS r",
        first + 1,
        before,
    )


def referral(question: Question) -> None:
    question.ask(
        "referral",
        "SELECT json_build_object('bound', count(*),"
        " 'qualified', count(*) FILTER (WHERE i.qualified_at IS NOT NULL),"
        " 'rewarded', count(*) FILTER (WHERE i.state = 'REWARDED'),"
        " 'points_earned', coalesce(sum(i.points), 0)::bigint)"
        " FROM invitation i WHERE i.member_id = $1",
    )
