"""Does the database let words go from what is append-only only where a person was erased?"""

import asyncpg
import pytest

from tests.db.test_migrations_ledger import MEMBER, ROWS, _insert

ERASE = "SELECT erase_rows($1, $2, $3)"
DECISION = '{"adjustment": {"reason": ""}}'


@pytest.fixture
async def rows(owner: asyncpg.Connection) -> asyncpg.Connection:
    for table in ROWS:
        await _insert(owner, table, {"kind": "adjustment"} if table == "decision" else {})
    await owner.execute(
        "INSERT INTO staff_action VALUES ($1, $1, 'ada', 'adjust', 'words', now())", MEMBER
    )
    return owner


async def _is_erased(connection: asyncpg.Connection) -> None:
    await connection.execute(
        "UPDATE member SET erased_at = now(), suspended_at = now(), referral_code = ''"
        " WHERE member_id = $1",
        MEMBER,
    )


async def test_nothing_goes_of_who_is_there(rows: asyncpg.Connection):
    with pytest.raises(asyncpg.RestrictViolationError):
        await rows.execute(ERASE, "staff_action", MEMBER, '{"reason": ""}')


@pytest.mark.parametrize(
    ("table", "blanks"),
    [
        ("transfer", None),
        ("transfer", '{"amount": 1}'),
        ("lot", '{"remaining": 0}'),
        ("wallet", '{"available": 0}'),
        ("decision", None),
        ("staff_action", None),
        ("staff_action", '{"actor": ""}'),
        ("erasure", None),
        ("member", None),
    ],
)
async def test_what_value_stands_on_stays(rows: asyncpg.Connection, table: str, blanks: str | None):
    await _is_erased(rows)
    with pytest.raises(asyncpg.RestrictViolationError):
        await rows.execute(ERASE, table, MEMBER, blanks)


async def test_words_go_of_who_was_erased_and_the_row_stays(rows: asyncpg.Connection):
    await rows.execute(
        "INSERT INTO decision SELECT member_id, gen_random_uuid(), 'k', 'redemption',"
        ' programme_version, \'{"reason": "SHOP"}\', outcome, occurred_at, recorded_at'
        " FROM decision"
    )
    await _is_erased(rows)
    await rows.execute("SET LOCAL ROLE accrue_app")
    assert await rows.fetchval(ERASE, "decision", MEMBER, DECISION) == 1
    assert await rows.fetchval(ERASE, "staff_action", MEMBER, '{"reason": ""}') == 1
    found = await rows.fetch("SELECT kind, inputs ->> 'reason' FROM decision ORDER BY kind")
    assert [tuple(row) for row in found] == [("adjustment", ""), ("redemption", "SHOP")]
    assert await rows.fetchval("SELECT actor || ':' || reason FROM staff_action") == "ada:"


async def test_the_switch_alone_opens_nothing(rows: asyncpg.Connection):
    await rows.execute("SET LOCAL accrue.words = 'erased'")
    with pytest.raises(asyncpg.RestrictViolationError):
        await rows.execute("UPDATE staff_action SET reason = ''")


async def test_who_is_erased_has_no_contact(rows: asyncpg.Connection):
    await _is_erased(rows)
    with pytest.raises(asyncpg.CheckViolationError):
        await rows.execute("UPDATE member SET email = 'a@example.com'")
