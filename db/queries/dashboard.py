"""SQL for the dashboard: whatever is asked of one member, by one statement."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from db.connection import Tx
from db.queries.ledger import OPEN_HOLDS

_BOUNDARY = """
(t.debit_account IN ('pending', 'available', 'held', 'debt'))
 <> (t.credit_account IN ('pending', 'available', 'held', 'debt'))
"""
_SIGN = "CASE WHEN t.credit_account IN ('pending', 'available', 'held', 'debt') THEN 1 ELSE -1 END"
# Who the other of a merge was is said by their own row, so that it is forgotten with it.
_DECISION = """
json_build_object('kind', d.kind, 'inputs', CASE WHEN d.kind IN ('merge', 'unmerge')
  THEN d.inputs || jsonb_build_object('with', coalesce((SELECT o.nickname FROM member o
    WHERE o.member_id = (d.inputs ->> 'member')::uuid), '')) ELSE d.inputs END,
 'outcome', d.outcome, 'programme_version', d.programme_version)
"""
# What staff wrote stands with the decision, which can lose it; a transfer can't, and says a code.
_REASON = """
coalesce(CASE WHEN e.reason IN ('adjustment', 'credit_grant') THEN (SELECT
  nullif(d.inputs ->> 'reason', '') FROM decision d WHERE d.member_id = $1 AND d.id = e.decision_id)
 END, e.reason)
"""


def _history(decision: str) -> str:
    return f"""
SELECT json_agg(json_build_object('seq', e.seq, 'amount', e.amount * e.sign, 'kind', e.kind,
  'reason', {_REASON}, 'occurred_at', e.occurred_at, 'expires_at', (SELECT l.expires_at FROM lot l
    JOIN lot_move v ON v.member_id = $1 AND v.currency = 'POINTS' AND v.seq = e.seq
      AND v.lot_id = l.id WHERE l.member_id = $1 AND l.opened_by = e.seq),
  'decision', ({decision})) ORDER BY e.seq DESC)
FROM (SELECT t.*, {_SIGN} AS sign FROM transfer t WHERE t.member_id = $1
  AND t.currency = 'POINTS' AND t.seq < {{1}}::bigint AND {_BOUNDARY}
  ORDER BY t.seq DESC LIMIT {{0}}::bigint) AS e
"""  # noqa: S608  constants of this module


# $1 is the member, $2 is now; {0}, {1}, … stand for a piece's own arguments.
_PIECES = {
    "member": "to_json(m)",
    "standing": "to_json(s)",
    "wallets": """
SELECT json_agg(w) FROM wallet w WHERE w.member_id = $1 AND w.currency IN ('POINTS', 'GROWTH')
""",
    "lots": """
SELECT json_agg(l) FROM lot l WHERE l.member_id = $1 AND l.currency = 'POINTS'
  AND (l.remaining > 0 OR l.held > 0) AND EXISTS (SELECT FROM wallet w
    WHERE w.member_id = $1 AND w.currency = 'POINTS' AND w.next_due_at <= $2)
""",
    "holds": f"""
{OPEN_HOLDS} AND h.currency = 'POINTS' AND EXISTS (SELECT FROM wallet w
  WHERE w.member_id = $1 AND w.currency = 'POINTS' AND w.next_due_at <= $2)
""",
    "due_decisions": f"""
SELECT json_object_agg(d.id, {_DECISION}) FROM decision d WHERE d.member_id = $1
  AND d.id IN (SELECT l.decision_id FROM lot l WHERE l.member_id = $1
    AND (l.remaining > 0 OR l.held > 0) AND l.currency = 'POINTS' AND EXISTS (SELECT FROM wallet w
      WHERE w.member_id = $1 AND w.currency = 'POINTS' AND w.next_due_at <= $2))
""",  # noqa: S608
    "expiring": """
SELECT coalesce(sum(l.remaining), 0) FROM lot l WHERE l.member_id = $1 AND l.currency = 'POINTS'
  AND l.remaining > 0 AND l.activated_at IS NOT NULL AND l.expires_at <= {0}::timestamptz
""",
    "window": """
SELECT json_build_object('spend_minor', coalesce(sum(d.spend), 0)::bigint,
  'orders_counted', coalesce(sum(least(d.orders, {2}::bigint)), 0)::bigint,
  'purchase_growth', coalesce(sum(d.growth), 0)::bigint)
FROM (SELECT sum(p.base_left_minor) AS spend, sum(p.growth_left) AS growth,
    count(*) FILTER (WHERE p.eligible_left_minor >= {1}::bigint) AS orders
  FROM purchase p WHERE p.member_id = $1 AND p.paid_at >= {0}::timestamptz AND p.paid_at <= $2
    AND (s.settled_only_until IS NULL OR s.settled_only_until <= $2 OR p.settles_at <= $2)
  GROUP BY p.day) AS d
""",
    "interaction": """
SELECT coalesce(sum(CASE WHEN t.credit_account = 'available' THEN t.amount ELSE -t.amount END),
  0)::bigint
FROM transfer t WHERE t.member_id = $1 AND t.currency = 'GROWTH' AND t.reason = 'interaction'
  AND t.occurred_at >= {0}::timestamptz AND t.occurred_at <= $2
""",
    # Where time may have changed the tier, or where it is asked for ({0}).
    "counted": """
SELECT json_build_object(
  'orders', (SELECT json_agg(json_build_array(p.paid_at, p.day, p.base_left_minor,
      p.eligible_left_minor, p.growth_left, p.settles_at))
    FROM purchase p WHERE p.member_id = $1 AND p.paid_at >= s.counts_since AND p.paid_at <= $2),
  'interactions', (SELECT json_agg(json_build_array(t.occurred_at,
      CASE WHEN t.credit_account = 'available' THEN t.amount ELSE -t.amount END))
    FROM transfer t WHERE t.member_id = $1 AND t.currency = 'GROWTH' AND t.reason = 'interaction'
      AND t.occurred_at >= s.counts_since AND t.occurred_at <= $2))
WHERE {0}::boolean OR s.retention_at <= $2
""",
    "as_of": """
SELECT coalesce(sum(CASE WHEN t.credit_account = 'available' THEN t.amount
  WHEN t.debit_account = 'available' THEN -t.amount ELSE 0 END), 0)::bigint
FROM transfer t WHERE t.member_id = $1 AND t.currency = 'POINTS'
  AND t.occurred_at <= {0}::timestamptz
""",
    "history": _history("NULL::json"),
    "history_explained": _history(
        f"SELECT {_DECISION} FROM decision d WHERE d.member_id = $1 AND d.id = e.decision_id"  # noqa: S608
    ),
    "streak": """
SELECT json_build_array(c.day, c.streak_days) FROM check_in c WHERE c.member_id = $1
ORDER BY c.day DESC LIMIT 1
""",
    "last": """
SELECT json_build_array(c.day, c.occurred_at, c.streak_days, c.points_awarded) FROM check_in c
WHERE c.member_id = $1 AND NOT c.made_up ORDER BY c.day DESC LIMIT 1
""",
    "days": """
SELECT json_agg(c.day ORDER BY c.day) FROM check_in c
WHERE c.member_id = $1 AND c.day >= {0}::date AND c.day < {1}::date
""",
    "redemptions": """
SELECT json_agg(r ORDER BY r.id DESC) FROM (SELECT * FROM redemption r
  WHERE r.member_id = $1 AND r.id < {1}::uuid ORDER BY r.id DESC LIMIT {0}::bigint) AS r
""",
    "referral": """
SELECT json_build_object('bound', count(*),
  'qualified', count(*) FILTER (WHERE i.qualified_at IS NOT NULL),
  'rewarded', count(*) FILTER (WHERE i.state = 'REWARDED'),
  'points_earned', coalesce(sum(i.points), 0)::bigint)
FROM invitation i WHERE i.member_id = $1
""",
}

CREDIT = "credit_"
"""Before the name of a piece, for the same of credit."""

_ALSO_OF_CREDIT = (
    *("lots", "holds", "due_decisions", "expiring"),
    *("as_of", "history", "history_explained"),
)
_PIECES |= {
    f"{CREDIT}wallets": """
SELECT json_agg(w) FROM wallet w WHERE w.member_id = $1 AND w.currency = 'CREDIT'
""",
    **{CREDIT + name: _PIECES[name].replace("'POINTS'", "'CREDIT'") for name in _ALSO_OF_CREDIT},
    **{
        f"{currency.lower()}_{name}": _PIECES[name].replace("'POINTS'", f"'{currency}'")
        for currency in ("COMMUNITY", "GROWTH")
        for name in ("history", "history_explained")
    },
}


class _Piece(NamedTuple):
    name: str
    sql: str
    arguments: int


class Question:
    """One statement on its way: what is asked of a member at `now`, and under which names."""

    def __init__(self, member_id: UUID, now: datetime) -> None:
        self._args: list[object] = [member_id, now]
        self._pieces: list[_Piece] = []

    def ask(self, piece: str, *args: object, name: str | None = None) -> None:
        """Ask for a piece, answered under `name` (its own if there is one of it only)."""
        self._pieces.append(_Piece(name or piece, piece, len(args)))
        self._args += args

    async def answer(self, tx: Tx) -> dict[str, Any] | None:
        """The pieces by name; None where there is no such member."""
        return await tx.fetchjson(_statement(tuple(self._pieces)), *self._args)

    def ask_wallets(self, *, of: str = "", explained: bool) -> None:
        """The wallets; with anything due, the lots that posting it concerns and why they are."""
        self.ask(of + "wallets")
        self.ask(of + "lots")
        self.ask(of + "holds")
        if explained:
            self.ask(of + "due_decisions")

    def ask_window(self, *, since: datetime, order_min_minor: int, orders_per_day: int) -> None:
        """Spend, orders that count, GROWTH by class since then; settled orders after a fall."""
        self.ask("window", since, order_min_minor, orders_per_day)
        self.ask("interaction", since)

    def ask_history(
        self, name: str, *, of: str = "", first: int, before_seq: int, explained: bool
    ) -> None:
        """One more than `first`, newest recorded first."""
        piece = of + ("history_explained" if explained else "history")
        self.ask(piece, first + 1, before_seq, name=name)

    def ask_days(self, name: str, from_day: date, until_day: date) -> None:
        self.ask("days", from_day, until_day, name=name)

    def ask_redemptions(self, name: str, *, first: int, before: UUID) -> None:
        """One more than `first`, newest first."""
        self.ask("redemptions", first + 1, before, name=name)


@lru_cache(maxsize=256)
def _statement(pieces: tuple[_Piece, ...]) -> str:
    number = 2
    asked: list[str] = []
    for piece in pieces:
        places = [f"${number + place}" for place in range(1, piece.arguments + 1)]
        number += piece.arguments
        asked.append(f"'{piece.name}', ({_PIECES[piece.sql].format(*places)})")
    return (
        f"SELECT json_build_object({', '.join(asked)}) FROM member m"  # noqa: S608  constants
        " JOIN standing s USING (member_id)"
        " WHERE m.member_id = $1::uuid AND $2::timestamptz IS NOT NULL"
    )
