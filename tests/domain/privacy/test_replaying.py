"""Is who was erased erased again after the database was restored to a moment before?"""

from datetime import timedelta

import asyncpg
import pytest

from db.connection import reader
from domain.members.views import by_external_id
from domain.privacy import views
from domain.privacy.model import Replayed
from domain.privacy.operations import replay
from kit.ids import new_id
from tests.support import buying
from tests.support.forgetting import asked, forgotten, holding
from tests.support.merging import column, merged, sound
from tests.support.value import give, wallet
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
CANARIES = ("Canary Nick", "canary-1", "canary@example.com")


class Backup:
    """Every table's rows at one moment, to be put back as a restore would."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    async def take(self) -> None:
        async with reader() as tx:
            for table in await column(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename NOT LIKE 'tortoise%'"
            ):
                self.rows[table] = await tx.fetchval(
                    f"SELECT coalesce(json_agg(t), '[]')::text FROM {table} t"  # noqa: S608
                )

    async def restore(self, database: str) -> None:
        owner = await asyncpg.connect(database)
        await owner.execute("SET session_replication_role = replica")
        for table, rows in self.rows.items():
            await owner.execute(f"DELETE FROM {table}")  # noqa: S608
            await owner.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)",  # noqa: S608
                rows,
            )
        await owner.close()


async def lines():
    return [line async for line in views.journal(until=NOW + 99 * DAY)]


async def heads():
    return await column("SELECT head FROM wallet ORDER BY member_id, currency")


async def test_after_a_restore_the_journal_is_replayed_and_nothing_of_them_is_back(
    database: str,
):
    await published()
    canary = await a_member(nickname=CANARIES[0], external_id=CANARIES[1], email=CANARIES[2])
    twin, other = await a_member(), await a_member(nickname="小红")
    await give(canary.member_id, 100)
    await give(other.member_id, 7)
    backup = Backup()
    await backup.take()
    before = await heads()
    await merged(canary, twin)
    await forgotten(canary, at=NOW + DAY)
    journal = await lines()
    assert {line.member_id for line in journal} == {canary.member_id, twin.member_id}

    await backup.restore(database)
    assert await heads() == before
    assert await by_external_id(CANARIES[1]) is not None
    assert await replay(journal, now=NOW + 2 * DAY) == Replayed(2, 0, 0, {})
    assert await holding(*CANARIES) == {}
    await sound(NOW + 2 * DAY)
    kept = await wallet(canary.member_id)
    assert (kept.available, (await wallet(other.member_id)).available) == (0, 7)
    async with nothing_changed():
        assert await replay(journal, now=NOW + 3 * DAY) == Replayed(0, 2, 0, {})
    assert [line.request_id for line in await lines()] == ["ticket-1", "ticket-1"]


async def test_who_is_not_there_is_told_and_what_is_refused_is_done_by_the_next_run():
    await buying.in_force_with_coupons()
    buyer = await buying.a_buyer(5_000)
    await buying.opened(buyer, points_max=1_000)
    wish = asked()
    facts = (NOW, wish.by, wish.reason.value, wish.request_id, wish.content.value)
    journal = [views.Erasure(buyer, *facts), views.Erasure(new_id(), *facts)]
    async with nothing_changed():
        found = await replay(journal, now=NOW)
    assert found == Replayed(0, 0, 1, {buyer: "VALUE_RESERVED"})
    assert await replay(journal, now=NOW + DAY) == Replayed(1, 0, 1, {})


async def test_the_journal_is_read_in_pages_and_from_an_instant_on(monkeypatch):
    await published()
    monkeypatch.setattr(views, "JOURNAL_LINES", 2)
    members = [await a_member() for _ in range(3)]
    for days, found in enumerate(members):
        await forgotten(found, at=NOW + days * DAY)
    assert [line.member_id for line in await lines()] == [found.member_id for found in members]
    since = [line async for line in views.journal(since=NOW + DAY, until=NOW + 99 * DAY)]
    assert [line.erased_at for line in since] == [NOW + DAY, NOW + 2 * DAY]
