"""SQL by which rows of one member become another's, or are copied to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from db.changes import TABLES
from db.connection import Tx
from db.queries.personal import CATALOGUE

Keys = list[list[Any]]
"""Of rows of one table the columns of the key after member_id, as JSON shows them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A table whose rows go along; `sets`: what else changes of them; `stays`: which don't go.

    Both are SQL over the row `s`, $1 the member whose it was and $2 whose it is. `is_copied`: the
    one has it as well, and an unmerge ends the other's.
    """

    table: str
    sets: str = ""
    stays: str = "false"
    key_of: tuple[str, ...] = ()
    has_decision: bool = True
    is_copied: bool = False

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
        Moved("community_post", has_decision=False),
        Moved("community_comment", has_decision=False),
        Moved("community_topic_follow", has_decision=False),
        Moved("community_report", stays="s.subject_member_id = $2", has_decision=False),
        Moved("community_ban", has_decision=False),
        Moved("community_appeal", has_decision=False),
        Moved("community_merit"),
        Moved("community_share", has_decision=False),
        Moved("meetup_sign_up", has_decision=False),
        Moved("community_open", stays="s.share_member_id = $2", has_decision=False),
        # Who they invited still has to look like them.
        Moved("fingerprint", key_of=("kind", "digest"), has_decision=False, is_copied=True),
        # Followers are taken over one by one (`community.take_followers`).
        Moved("community_received", stays="s.kind = 'FOLLOW'", has_decision=False),
    )
}
# A decision is found by the keys of the shop's events and orders, which are nobody else's, nor are
# those of milestones for friends; any other key would stand in the way of what its new holder may
# still do. Words that somebody wrote stay with whom they are about: a copy outlives an unmerge, and
# would an erasure.
_WORDS = orjson.dumps(CATALOGUE["decision"].blanks).decode()
_COPY_DECISIONS = r"""
INSERT INTO decision SELECT r.* FROM decision s, LATERAL jsonb_populate_record(NULL::decision,
  to_jsonb(s) || jsonb_build_object('member_id', $2::uuid,
    'inputs', s.inputs || coalesce('WORDS'::jsonb -> s.kind, '{{}}'), 'key',
    CASE WHEN strpos(s.key, chr(31)) > 0 OR s.key ~ '^referral[.](inviter|milestone_undone):'
    THEN s.key
    ELSE 'merged' || chr(31) || $1::uuid || chr(31) || s.key END)) AS r
WHERE s.member_id = $1::uuid AND {} ON CONFLICT DO NOTHING
""".replace("WORDS", _WORDS.replace("{", "{{").replace("}", "}}"))


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


async def copy_actions(tx: Tx, source: UUID, target: UUID) -> None:
    """Let it be known of another member, too, what was done about one and what they wrote."""
    await tx.execute(
        "INSERT INTO community_action SELECT r.* FROM community_action s,"
        " LATERAL jsonb_populate_record(NULL::community_action,"
        " to_jsonb(s) || jsonb_build_object('member_id', $2::uuid)) AS r"
        " WHERE s.member_id = $1 ON CONFLICT DO NOTHING",
        source,
        target,
    )


async def drop_actions(tx: Tx, source: UUID, target: UUID) -> None:
    """Undo `copy_actions`: what was done about the target is known of them alone."""
    rows = await tx.fetch(
        "SELECT s.id::text AS id FROM community_action s JOIN community_action t USING (id)"
        " WHERE s.member_id = $1 AND t.member_id = $2",
        source,
        target,
    )
    keys = [[row["id"]] for row in rows]
    await _drop(tx, "community_action", source, target, columns=("id",), keys=keys)


async def copy_preference(tx: Tx, source: UUID, target: UUID) -> None:
    """How the one wants to be told and what they show, where the other has never said so."""
    for table in ("preference", "honour_setting"):
        await tx.execute(
            f"INSERT INTO {table} SELECT r.* FROM {table} s, LATERAL jsonb_populate_record("  # noqa: S608
            f"NULL::{table}, to_jsonb(s) || jsonb_build_object('member_id', $2::uuid)) AS r"
            " WHERE s.member_id = $1 ON CONFLICT DO NOTHING",
            source,
            target,
        )
