"""Does the database itself refuse a wrong ledger? Each check is broken once, by SQL."""

import json
from uuid import UUID

import asyncpg
import pytest

from db.queries.merging import MOVED

MEMBER, OTHER = UUID(int=1), UUID(int=2)
LEDGER = ("decision", "hold", "lot", "lot_move", "transfer", "usage", "wallet")
APPEND_ONLY = (
    *("decision", "erasure", "event_key", "lot_move", "programme_version"),
    *("refund", "staff_act", "staff_action", "tier_change", "transfer"),
)
AT = "2026-03-01T00:00:00+00:00"
STORY = {"programme_version": 1, "occurred_at": AT, "recorded_at": AT}
SOURCE = {"source_type": "order", "source_id": "A-1", "decision_id": str(UUID(int=3))}
# 100 points earned, 40 of them held: what every attempt starts from, parents first.
ROWS: dict[str, dict[str, object]] = {
    "member": {
        "member_id": str(MEMBER),
        "nickname": "Lin",
        "timezone": "Asia/Shanghai",
        "locale": "zh-CN",
        "referral_code": "LIN",
        "joined_at": AT,
        "recorded_at": AT,
    },
    "decision": {
        **STORY,
        "id": SOURCE["decision_id"],
        "key": "order:A-1",
        "kind": "order",
        "inputs": {},
        "outcome": {},
    },
    "wallet": {
        "currency": "POINTS",
        "pending": 0,
        "available": 60,
        "held": 40,
        "debt": 0,
        "lifetime_earned": 100,
        "lifetime_moved": 0,
        "seq": 1,
        "head": "h",
    },
    "transfer": {
        **STORY,
        **SOURCE,
        "currency": "POINTS",
        "seq": 1,
        "amount": 100,
        "kind": "grant",
        "reason": "purchase",
        "debit_account": "issuance",
        "credit_account": "available",
        "hash": "h",
    },
    "lot": {
        **STORY,
        **SOURCE,
        "id": str(UUID(int=4)),
        "currency": "POINTS",
        "opened_by": 1,
        "reinstated": False,
        "granted": 100,
        "remaining": 60,
        "held": 40,
        "spent": 0,
        "expired": 0,
        "taken": 0,
        "forfeited": 0,
        "activated_at": AT,
        "moved": 0,
        "gone": False,
        "came_spent": 0,
        "came_expired": 0,
        "came_taken": 0,
        "came_forfeited": 0,
    },
    "lot_move": {
        "currency": "POINTS",
        "seq": 1,
        "lot_id": str(UUID(int=4)),
        "amount": 100,
        "position": 0,
    },
    "hold": {
        **SOURCE,
        "id": str(UUID(int=5)),
        "currency": "POINTS",
        "amount": 40,
        "state": "open",
        "held_by": 1,
        "created_at": AT,
        "expires_at": AT,
    },
    "usage": {"code": "purchase", "period": "2026-03", "amount": 100},
}
# Of a lot with 100 granted: nothing but what is named.
EMPTY_LOT = {"remaining": 0, "held": 0, "spent": 0, "expired": 0, "taken": 0}
BREACHES: dict[str, tuple[str, dict[str, object]]] = {
    "wallet_currency_check": ("wallet", {"currency": "YUAN"}),
    "wallet_pending_check": ("wallet", {"pending": -1}),
    "wallet_available_check": ("wallet", {"available": -1}),
    "wallet_held_check": ("wallet", {"held": -1}),
    "wallet_debt_check": ("wallet", {"debt": 1, "available": 0}),
    "wallet_check": ("wallet", {"debt": -1, "available": 1}),
    "wallet_lifetime_earned_check": ("wallet", {"lifetime_earned": -1}),
    "wallet_seq_check": ("wallet", {"seq": -1}),
    "transfer_amount_check": ("transfer", {"amount": 0}),
    "transfer_seq_check": ("transfer", {"seq": 0}),
    "transfer_debit_account_check": ("transfer", {"debit_account": "bank"}),
    "transfer_credit_account_check": (
        "transfer",
        {"debit_account": "available", "credit_account": "bank"},
    ),
    "transfer_check": ("transfer", {"debit_account": "available"}),
    "transfer_check1": ("transfer", {"credit_account": "expiry"}),
    "lot_granted_check": ("lot", {**EMPTY_LOT, "granted": 0}),
    "lot_remaining_check": ("lot", {**EMPTY_LOT, "remaining": -1, "spent": 101}),
    "lot_held_check": ("lot", {**EMPTY_LOT, "held": -1, "spent": 101}),
    "lot_spent_check": ("lot", {**EMPTY_LOT, "spent": -1, "taken": 101}),
    "lot_taken_check": ("lot", {**EMPTY_LOT, "taken": -1, "spent": 101}),
    "lot_moved_check": ("lot", {**EMPTY_LOT, "moved": -1, "taken": 101}),
    "lot_check": ("lot", {**EMPTY_LOT, "expired": 100, "forfeited": 101}),
    "lot_check1": ("lot", {"remaining": 61}),
    "lot_check2": ("lot", {"activated_at": None}),
    "lot_move_amount_check": ("lot_move", {"amount": 0}),
    "lot_move_position_check": ("lot_move", {"position": -1}),
    "hold_amount_check": ("hold", {"amount": 0}),
    "hold_state_check": ("hold", {"state": "lost", "resolved_at": AT}),
    "hold_check": ("hold", {"state": "committed"}),
    "usage_amount_check": ("usage", {"amount": -1}),
}
# `forfeited BETWEEN 0 AND expired` says it too, and is reported first.
IMPLIED = {"lot_expired_check": "lot_check"}
CHECKS = """
    SELECT conname FROM pg_constraint
    WHERE contype = 'c' AND conrelid = ANY ($1::text[]::regclass[])"""
GUARDED = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'"
FIRST_COLUMN = "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum = 1"


@pytest.fixture
async def ledger(owner: asyncpg.Connection) -> asyncpg.Connection:
    for table in ROWS:
        await _insert(owner, table, {})
    return owner


async def test_every_check_of_the_ledger_is_broken_here(owner: asyncpg.Connection):
    checks = await owner.fetch(CHECKS, LEDGER)
    assert {row["conname"] for row in checks} == {*BREACHES, *IMPLIED}


@pytest.mark.parametrize("check", BREACHES)
async def test_a_row_that_breaks_a_check_is_refused(ledger: asyncpg.Connection, check: str):
    table, changes = BREACHES[check]
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await _insert(ledger, table, changes)
    assert refused.value.as_dict()["constraint_name"] == check


async def test_a_lot_never_has_less_than_nothing_expired(ledger: asyncpg.Connection):
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await _insert(ledger, "lot", {**EMPTY_LOT, "expired": -1, "spent": 101})
    assert refused.value.as_dict()["constraint_name"] == IMPLIED["lot_expired_check"]


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("transfer", {"seq": 2, "decision_id": str(UUID(int=9))}),
        ("transfer", {"seq": 2, "currency": "GROWTH"}),
        ("lot", {"id": str(UUID(int=9)), "opened_by": 2}),
        ("lot", {"id": str(UUID(int=9)), "currency": "GROWTH"}),
        ("lot_move", {"lot_id": str(UUID(int=9))}),
        ("lot_move", {"seq": 2}),
        ("hold", {"id": str(UUID(int=9)), "held_by": 2}),
        ("wallet", {"member_id": str(OTHER)}),
        ("usage", {"member_id": str(OTHER)}),
    ],
)
async def test_a_row_that_points_nowhere_is_refused(
    ledger: asyncpg.Connection, table: str, changes: dict[str, object]
):
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await _insert(ledger, table, changes)


@pytest.mark.parametrize("table", LEDGER)
async def test_a_second_row_of_the_same_key_is_refused(ledger: asyncpg.Connection, table: str):
    with pytest.raises(asyncpg.UniqueViolationError):
        await _insert(ledger, table, {})


async def test_a_decision_is_made_once(ledger: asyncpg.Connection):
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await _insert(ledger, "decision", {"id": str(UUID(int=9))})
    assert refused.value.as_dict()["constraint_name"] == "decision_member_id_key_key"


async def test_these_tables_are_append_only(owner: asyncpg.Connection):
    assert sorted(row[0] for row in await owner.fetch(GUARDED)) == list(APPEND_ONLY)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"]
)
@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        ("accrue_app", asyncpg.InsufficientPrivilegeError),
        ("none", asyncpg.RestrictViolationError),
    ],
    ids=["by the application", "by the owner"],
)
async def test_what_is_append_only_is_never_changed(
    ledger: asyncpg.Connection, table: str, change: str, role: str, refusal: type[Exception]
):
    column = await ledger.fetchval(FIRST_COLUMN, table)
    await ledger.execute(f"SET LOCAL ROLE {role}")
    with pytest.raises(refusal):
        await ledger.execute(change.format(table, column))


@pytest.mark.parametrize("table", ["hold", "lot", "member", "purchase", "redemption", "wallet"])
async def test_the_application_never_deletes_what_value_stands_on(
    application: asyncpg.Connection, table: str
):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(f"DELETE FROM {table}")  # noqa: S608


@pytest.mark.parametrize("table", ["lot", "transfer", "wallet", "member"])
async def test_nothing_of_the_ledger_goes_to_another_member(
    application: asyncpg.Connection, table: str
):
    with pytest.raises(asyncpg.RestrictViolationError):
        await application.execute(
            "SELECT drop_moved($1, $2, $3, $4, '[]')", table, MEMBER, OTHER, ["member_id"]
        )


async def test_a_row_ends_only_in_a_table_whose_rows_move_or_are_copied(owner: asyncpg.Connection):
    rows = await owner.fetch("SELECT name FROM movable")
    expected = [*MOVED, "referral", "community_action"]
    assert sorted(row["name"] for row in rows) == sorted(expected)


async def test_the_application_writes_a_whole_ledger(application: asyncpg.Connection):
    for table in ROWS:
        await _insert(application, table, {})
    changed = "UPDATE wallet SET available = 50, debt = 0, seq = 2 WHERE member_id = $1"
    assert await application.execute(changed, MEMBER) == "UPDATE 1"


@pytest.mark.parametrize("statement", ["CREATE TABLE mine ()", "ALTER TABLE lot DROP taken"])
async def test_the_application_never_changes_the_tables(
    application: asyncpg.Connection, statement: str
):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(statement)


async def _insert(connection: asyncpg.Connection, table: str, changes: dict[str, object]) -> None:
    row = {"member_id": str(MEMBER)} | ROWS[table] | changes
    await connection.execute(
        f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, $1)",  # noqa: S608
        json.dumps(row),
    )
