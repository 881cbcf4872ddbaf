"""SQL that joins two members and parts them. Each statement writes rows of one member.

A table's rows go by being inserted under the other member's id and deleted under the old one (a
distributed table's key isn't updated); what is append-only is copied and stays (docs/adr/0013).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.changes import TABLES
from db.connection import Tx

Keys = list[list[Any]]
"""Of rows of one table the columns of the key after member_id, as JSON shows them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A table whose rows go along; `sets`: what else changes of them; `stays`: which don't go.

    Both are SQL over the row `s`, $1 the member whose it was and $2 whose it is.
    """

    table: str
    sets: str = ""
    stays: str = "false"
    key_of: tuple[str, ...] = ()
    has_decision: bool = True

    @property
    def key(self) -> tuple[str, ...]:
        return self.key_of or TABLES[self.table].key[1:]


# Parents before their children.
MOVED: Mapping[str, Moved] = {
    moved.table: moved
    for moved in (
        Moved("purchase"),
        Moved("inbox", has_decision=False),
        Moved("check_in"),
        Moved("badge"),
        Moved("coupon"),
        # Whose wallet paid: nobody else's once it is back where it was.
        Moved("redemption", ", 'paid_by', nullif(coalesce(s.paid_by, s.member_id), $2)"),
        Moved("draw", ", 'drawn_by', nullif(coalesce(s.drawn_by, s.member_id), $2)"),
        # A key that both used stays the survivor's; one that is paid late is paid by who they are.
        Moved(
            "checkout",
            ", 'paid_by', CASE s.state WHEN 'COMPLETED'"
            " THEN nullif(coalesce(s.paid_by, s.member_id), $2) END,"
            " 'idempotency', CASE WHEN EXISTS (SELECT FROM checkout o WHERE o.member_id = $2"
            " AND o.opened_by = s.opened_by AND o.idempotency = s.idempotency)"
            " THEN s.idempotency || ' ' || s.member_id ELSE s.idempotency END",
        ),
        Moved("invitation", stays="s.invitee_id = $2", has_decision=False),
        Moved("gift"),
        Moved("task_progress"),
        Moved("quiz_attempt", has_decision=False),
        Moved("member_tag", has_decision=False),
        Moved("notification", key_of=("id",), has_decision=False),
        Moved(
            "delivery",
            stays="NOT EXISTS (SELECT FROM notification n"
            " WHERE n.member_id = $2 AND n.id = s.notification_id)",
            has_decision=False,
        ),
    )
}
# A decision is found by the keys of the shop's events and orders, which are nobody else's; any
# other key would stand in the way of what its new holder may still do.
_COPY_DECISIONS = """
INSERT INTO decision SELECT r.* FROM decision s, LATERAL jsonb_populate_record(NULL::decision,
  to_jsonb(s) || jsonb_build_object('member_id', $2::uuid, 'key',
    CASE WHEN strpos(s.key, chr(31)) > 0 THEN s.key
    ELSE 'merged' || chr(31) || $1::uuid || chr(31) || s.key END)) AS r
WHERE s.member_id = $1::uuid AND {} ON CONFLICT DO NOTHING
"""


def _key(moved: Moved, alias: str) -> str:
    return f"jsonb_build_array({', '.join(f'{alias}.{column}' for column in moved.key)})"


async def insert(
    tx: Tx, table: str, source: UUID, target: UUID, *, only: Keys | None = None
) -> Keys:
    """Give another member these rows, or all; which ones they got. `drop` ends the old ones.

    They don't get what they have already under that key.
    """
    moved = MOVED[table]
    args: list[object] = [source, target]
    where = f"s.member_id = $1 AND NOT ({moved.stays})"
    if only is not None:
        where += f" AND {_key(moved, 's')} IN (SELECT jsonb_array_elements($3::text::jsonb))"
        args.append(orjson.dumps(only).decode())
    if moved.has_decision:
        held = f"s.id IN (SELECT s.decision_id FROM {table} s WHERE {where})"  # noqa: S608
        await tx.execute(_COPY_DECISIONS.format(held), *args)
    rows = await tx.fetch(
        f"INSERT INTO {table} SELECT r.* FROM {table} s, LATERAL jsonb_populate_record("  # noqa: S608
        f"NULL::{table}, to_jsonb(s) || jsonb_build_object('member_id', $2::uuid{moved.sets})) AS r"
        f" WHERE {where} ON CONFLICT DO NOTHING RETURNING {_key(moved, table)}::text AS key",
        *args,
    )
    return [orjson.loads(row["key"]) for row in rows]


async def drop(tx: Tx, table: str, source: UUID, target: UUID, keys: Keys) -> None:
    """End rows of one member that the other has; a badge that is shown as a title stays."""
    if table == "badge":
        shown = await tx.fetchval("SELECT badge FROM chosen_title WHERE member_id = $1", source)
        keys = [key for key in keys if key != [shown]]
    if keys:
        await _drop(tx, table, source, target, columns=MOVED[table].key, keys=keys)


async def _drop(
    tx: Tx, table: str, source: UUID, target: UUID, *, columns: Sequence[str], keys: Keys
) -> None:
    await tx.execute(
        "SELECT drop_moved($1, $2, $3, $4, $5::text::jsonb)",
        table,
        source,
        target,
        list(columns),
        orjson.dumps(keys).decode(),
    )


async def put_referral(tx: Tx, row: Sequence[object]) -> None:
    """Let a member have this binding, in the place of the one that they have."""
    await tx.execute(
        "INSERT INTO referral VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (member_id) DO UPDATE SET (inviter_id, code, state, bound_at, qualified_at,"
        " rewarded_at, purchase_id, programme_version, bound_as) = ROW (EXCLUDED.inviter_id,"
        " EXCLUDED.code, EXCLUDED.state, EXCLUDED.bound_at, EXCLUDED.qualified_at,"
        " EXCLUDED.rewarded_at, EXCLUDED.purchase_id, EXCLUDED.programme_version,"
        " EXCLUDED.bound_as)",
        *row,
    )


async def drop_referral(tx: Tx, source: UUID, target: UUID, bound_as: UUID) -> None:
    """End a binding of one member that the other has now."""
    await _drop(tx, "referral", source, target, columns=("bound_as",), keys=[[str(bound_as)]])


async def copy_decisions(
    tx: Tx, source: UUID, target: UUID, ids: Sequence[UUID] | None = None
) -> None:
    """Let another member have these decisions, too, or all of them."""
    if ids is None:
        await tx.execute(_COPY_DECISIONS.format("true"), source, target)
    else:
        await tx.execute(_COPY_DECISIONS.format("s.id = ANY($3)"), source, target, list(ids))


async def copy_refunds(tx: Tx, source: UUID, target: UUID, purchases: Sequence[UUID]) -> None:
    """Let another member have the refunds of orders, which they have; with their decisions."""
    held = "s.id IN (SELECT decision_id FROM refund WHERE member_id = $1 AND purchase_id = ANY($3))"
    args = (source, target, list(purchases))
    await tx.execute(_COPY_DECISIONS.format(held), *args)
    await tx.execute(
        "INSERT INTO refund SELECT r.* FROM refund s, LATERAL jsonb_populate_record(NULL::refund,"
        " to_jsonb(s) || jsonb_build_object('member_id', $2::uuid)) AS r"
        " WHERE s.member_id = $1 AND s.purchase_id = ANY($3) ON CONFLICT DO NOTHING",
        *args,
    )


async def copy_keys(tx: Tx, source: UUID, target: UUID, since: datetime | None = None) -> None:
    """Let a request that was answered be known as the other member's, too."""
    await tx.execute(
        "INSERT INTO idempotency SELECT $2, operation, key, input_hash, result, created_at"
        " FROM idempotency WHERE member_id = $1 AND ($3::timestamptz IS NULL OR created_at >= $3)"
        " ON CONFLICT DO NOTHING",
        source,
        target,
        since,
    )


async def copy_preference(tx: Tx, source: UUID, target: UUID) -> None:
    """How the one wants to be told, where the other has never said so."""
    await tx.execute(
        "INSERT INTO preference SELECT r.* FROM preference s, LATERAL jsonb_populate_record("
        "NULL::preference, to_jsonb(s) || jsonb_build_object('member_id', $2::uuid)) AS r"
        " WHERE s.member_id = $1 ON CONFLICT DO NOTHING",
        source,
        target,
    )


async def add_usage(tx: Tx, source: UUID, target: UUID) -> None:
    """Add what the one has used of limits to what the other has."""
    await tx.execute(
        "INSERT INTO usage SELECT $2, code, period, amount FROM usage WHERE member_id = $1"
        " ON CONFLICT (member_id, code, period)"
        " DO UPDATE SET amount = usage.amount + EXCLUDED.amount",
        source,
        target,
    )


async def subtract_usage(tx: Tx, source: UUID, target: UUID) -> None:
    """Undo `add_usage`; what the one used was not changed meanwhile."""
    await tx.execute(
        "UPDATE usage u SET amount = greatest(0, u.amount - s.amount) FROM usage s"
        " WHERE u.member_id = $2 AND s.member_id = $1 AND s.code = u.code AND s.period = u.period",
        source,
        target,
    )


async def settle_tasks(tx: Tx, source: UUID, target: UUID) -> list[Record]:
    """End rows of the target that the source has, too, with the reward paid or about to be.

    What is left of them, to be kept by `count_rewards`: how often they had been paid.
    """
    rows = await tx.fetch(
        "SELECT t.task, t.period, t.times_rewarded FROM task_progress t"
        " JOIN task_progress s USING (task, period) WHERE t.member_id = $2"
        " AND s.member_id = $1 AND s.state IN ('COMPLETED', 'REWARDED')"
        " AND (t.state IN ('OPEN', 'CLAIMABLE') OR t.state = 'COMPLETED' AND s.state = 'REWARDED')",
        source,
        target,
    )
    await drop(tx, "task_progress", target, source, [[row["task"], row["period"]] for row in rows])
    return rows


async def count_rewards(tx: Tx, member_id: UUID, counts: Sequence[Record]) -> None:
    for row in counts:
        await tx.execute(
            "UPDATE task_progress SET times_rewarded = greatest(times_rewarded, $4)"
            " WHERE member_id = $1 AND task = $2 AND period = $3",
            member_id,
            row["task"],
            row["period"],
            row["times_rewarded"],
        )


async def finish_tasks(tx: Tx, member_id: UUID, since: datetime) -> None:
    """Let targets that were reached since then stand for good."""
    await tx.execute(
        "UPDATE task_progress SET is_final = true WHERE member_id = $1 AND updated_at >= $2"
        " AND state IN ('COMPLETED', 'CLAIMABLE', 'REWARDED')",
        member_id,
        since,
    )


_OPEN = """
NOT EXISTS (SELECT FROM challenge_close c
  WHERE c.challenge = s.challenge AND c.closed_at IS NOT NULL)
"""
_HOLD_CLOSINGS = """
SELECT FROM challenge_close WHERE closed_at IS NULL ORDER BY challenge FOR SHARE
"""
_JOIN_ENTRIES = f"""
INSERT INTO challenge_entry SELECT r.* FROM challenge_entry s, LATERAL
  jsonb_populate_record(NULL::challenge_entry, to_jsonb(s)
    || jsonb_build_object('member_id', $2::uuid, 'updated_at', $3::timestamptz)) AS r
WHERE s.member_id = $1 AND {_OPEN}
ON CONFLICT (member_id, challenge) DO UPDATE
SET milestone = greatest(challenge_entry.milestone, EXCLUDED.milestone),
  joined_at = least(challenge_entry.joined_at, EXCLUDED.joined_at),
  version = challenge_entry.version + 1, updated_at = $3
"""  # noqa: S608  constants of this module
_LEAVE_BOARDS = f"""
UPDATE challenge_entry s SET ranks = false, version = version + 1, updated_at = $2
WHERE s.member_id = $1 AND s.ranks AND {_OPEN}
"""  # noqa: S608  constants of this module
_COPY_RESULTS = """
INSERT INTO challenge_result SELECT r.* FROM challenge_result s, LATERAL
  jsonb_populate_record(NULL::challenge_result, to_jsonb(s)
    || jsonb_build_object('member_id', $2::uuid)) AS r
WHERE s.member_id = $1 ON CONFLICT DO NOTHING
"""


async def join_entries(tx: Tx, source: UUID, target: UUID, now: datetime) -> None:
    """Let one entry in each open challenge take part; milestones that either was paid are paid.

    Ranks that are being fixed are waited for.
    """
    await tx.execute(_HOLD_CLOSINGS)
    await tx.execute(_JOIN_ENTRIES, source, target, now)
    await tx.execute(_LEAVE_BOARDS, source, now)
    await tx.execute(_COPY_RESULTS, source, target)


_JOBS_OF = "s.member_id = $1 AND s.state IN ('ready', 'running') AND s.kind <> 'webhooks.send'"
# What is to be done about an order or a checkout goes with it.
_JOBS_ABOUT = (
    f"{_JOBS_OF} AND (s.payload ->> 'purchase_id' = ANY($3) OR s.kind = 'intake'"
    " AND split_part(s.key, ':', 2) = ANY($3) OR s.kind LIKE 'checkouts.%' AND s.key = ANY($3))"
)
_MOVE_JOBS = """
INSERT INTO job SELECT r.* FROM (SELECT DISTINCT ON (s.kind, s.key) s.* FROM job s WHERE {}
  ORDER BY s.kind, s.key, s.run_at) AS s, LATERAL jsonb_populate_record(NULL::job, to_jsonb(s)
  || jsonb_build_object('member_id', $2::uuid, 'state', 'ready', 'attempts', 0,
    'token', s.token + 1, 'lease_until', NULL)) AS r
ON CONFLICT (member_id, kind, key) WHERE state = 'ready'
  DO UPDATE SET run_at = least(job.run_at, EXCLUDED.run_at)
"""


async def move_jobs(tx: Tx, source: UUID, target: UUID, about: Sequence[str] | None = None) -> None:
    """Let what is to be done for one member be done for another.

    Or only what is `about` these orders and checkouts, by their ids.

    Whoever is at it has lost the lease. What endpoints are told stays addressed as it was.
    """
    args: list[object] = [] if about is None else [list(about)]
    where = _JOBS_OF if about is None else _JOBS_ABOUT
    await tx.execute(_MOVE_JOBS.format(where), source, target, *args)
    where = where.replace("$3", "$2")
    await tx.execute(f"DELETE FROM job AS s WHERE {where}", source, *args)  # noqa: S608


async def point(tx: Tx, member_id: UUID, *, external_ids: Sequence[str], code: str) -> None:
    """Let a shop's customer ids and a referral code be this member's."""
    await tx.execute(
        "UPDATE external_id SET member_id = $1 WHERE external_id = ANY($2)",
        member_id,
        list(external_ids),
    )
    await tx.execute("UPDATE referral_code SET member_id = $1 WHERE code = $2", member_id, code)


async def point_codes(
    tx: Tx, member_id: UUID, *, coupons: Sequence[str], pool_codes: Sequence[UUID]
) -> None:
    """Let the codes of coupons, and pools' codes of redemptions, be found with this member."""
    if coupons:
        await tx.execute(
            "UPDATE coupon_code SET member_id = $1 WHERE code IN (SELECT code FROM coupon"
            " WHERE member_id = $1 AND id = ANY($2::uuid[]))",
            member_id,
            list(coupons),
        )
        await tx.execute(
            "UPDATE voucher SET member_id = $1 WHERE coupon_id = ANY($2::uuid[])",
            member_id,
            list(coupons),
        )
    if pool_codes:
        await tx.execute(
            "UPDATE reward_code SET member_id = $1 WHERE redemption_id = ANY($2::uuid[])",
            member_id,
            list(pool_codes),
        )


async def move_devices(
    tx: Tx, source: UUID, target: UUID, tokens: Sequence[str] | None = None
) -> list[str]:
    """Let push messages for another member reach these devices, or all; their tokens."""
    rows = await tx.fetch(
        "UPDATE push_address SET member_id = $2 WHERE member_id = $1"
        " AND ($3::text[] IS NULL OR token = ANY($3)) RETURNING token",
        source,
        target,
        None if tokens is None else list(tokens),
    )
    return [row["token"] for row in rows]


async def name_survivor(tx: Tx, member_id: UUID, survivor_id: UUID | None) -> None:
    """Note as whom a member goes on; None: as themselves again."""
    await tx.execute(
        "UPDATE member SET merged_into = $2 WHERE member_id = $1", member_id, survivor_id
    )
    await tx.execute(
        "INSERT INTO alias VALUES ($1::uuid, coalesce($2::uuid, $1::uuid), nextval('alias_number'))"
        " ON CONFLICT (member_id) DO UPDATE SET survivor_id = EXCLUDED.survivor_id,"
        " number = EXCLUDED.number",
        member_id,
        survivor_id,
    )


async def rest(tx: Tx, member_id: UUID) -> None:
    """Let time have nothing to judge of a merged member's tier."""
    await tx.execute("UPDATE standing SET retention_at = NULL WHERE member_id = $1", member_id)
