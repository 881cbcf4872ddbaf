"""Do running processes leave anything of a person where nobody looks for it, failures included?

An API and a worker of their own do what somebody asks for whose every word is known. Some of it
fails with that word in the error. What the processes wrote down, said to Valkey and to Prometheus,
and every backup, is searched before and after the erasure.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from redis.asyncio import Redis

from app.auth import DEVICE_HEADER
from db import signals
from domain.ledger.operations import audit
from domain.members.model import Member
from domain.notifications.model import Template
from kit import clock
from kit.ids import global_id
from tests.support.backups import dumped, ran, saying
from tests.support.canaries import EVERYTHING, KNOWN, MAY_HOLD, NEVER, a_life
from tests.support.faults import SECRET, Client, ready, token, until, value_of
from tests.support.fleet import Fleet
from tests.support.postmen import Mailbox, a_mailbox
from tests.support.sockets import watching
from tests.support.telling import tell
from tests.support.world import NOW

API_SECONDS_MAX = 60
WORK_SECONDS_MAX = 30
# They quote whom they are about, as PostgreSQL does of a row that can't be.
BREAK = """
CREATE FUNCTION speak() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who member;
BEGIN
    SELECT * INTO who FROM member WHERE member_id = NEW.member_id;
    RAISE EXCEPTION 'no room for % of %', who.nickname, who.email USING DETAIL = who.phone,
      ERRCODE = '23514';
END $$;
CREATE TRIGGER speak BEFORE UPDATE OF nickname ON member FOR EACH ROW EXECUTE FUNCTION speak();
CREATE TRIGGER speak BEFORE INSERT ON purchase FOR EACH ROW EXECUTE FUNCTION speak();
CREATE TRIGGER speak BEFORE INSERT OR UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION speak();
"""
MEND = "DROP FUNCTION speak CASCADE"
RENAME = """mutation R($name: String!) {
  updateProfile(input: {nickname: $name}) { member { id } refusal { code } } }"""
EXPORT = "query E { exportMyData { document refusal { code } } }"
RECORD = """mutation E($events: [EventInput!]!) {
  recordEvents(events: $events) { accepted refused { id refusal { code } } } }"""
ERASE = """mutation E($member: ID!) { eraseMember(input: {memberId: $member, content: DELETE,
  reason: REQUEST, requestId: "ticket-1"}) { erasure { erasedAt } refusal { code } } }"""
REFUSED = "SELECT count(*) FROM delivery WHERE channel = 'email' AND answer LIKE '550%nobody%'"
FAILED = """SELECT (SELECT count(*) FROM inbox WHERE event_id = 'e9' AND note IS NOT NULL) > 0
  AND (SELECT count(*) FROM job WHERE kind = 'notifications.send' AND last_error IS NOT NULL) > 0"""
RUNNING = "SELECT count(*) FROM job WHERE state = 'running' OR state = 'ready' AND run_at <= now()"
WATCH = "subscription { meChanged { nickname unreadNotifications } }"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mailbox() as box:
        yield box


@pytest.fixture
async def fleet(
    database: str, redis_url: str, data_dir: Path, mailbox: Mailbox
) -> AsyncIterator[Fleet]:
    """An API that answers, on the database of the test, and no worker yet."""
    made = Fleet(
        data_dir,
        {
            "DATABASE_URL": database,
            "REDIS_URL": redis_url,
            "ACCRUE_SECRET": SECRET,
            "ACCRUE_DATA_DIR": str(data_dir / "processes"),
            "ACCRUE_LOG_JSON": "true",
            "ACCRUE_SMTP_URL": mailbox.url,
        },
    )
    try:
        made.start_api()
        async with Client(made.api_url, token("service", "probe")) as probe:
            await until(lambda: ready(probe), API_SECONDS_MAX, what="the API is ready")
        yield made
    finally:
        made.close()
        made.print_logs()


@asynccontextmanager
async def overheard(redis_url: str) -> AsyncIterator[list[str]]:
    """Every command that anybody gives Valkey meanwhile: keys, values, job messages, live hints.

    Those of this process are among them.
    """
    heard: list[str] = []
    async with (
        Redis.from_url(redis_url, socket_timeout=None) as valkey,
        valkey.monitor() as monitor,
    ):
        signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads

        async def listen() -> None:
            while True:
                heard.append((await monitor.next_command())["command"])

        listening = asyncio.create_task(listen())
        try:
            yield heard
        finally:
            signals.use(None)
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening


def written(folder: Path) -> str:
    """All that processes wrote into their folder."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(files).decode(errors="replace")


async def measured(fleet: Fleet) -> str:
    async with httpx2.AsyncClient(trust_env=False) as http:
        metrics = (await http.get(f"{fleet.api_url}/metrics")).text
    assert "accrue_graphql_requests_total" in metrics
    return metrics


async def nothing_runs() -> bool:
    return await value_of(RUNNING) == 0


def within(text: str) -> list[str]:
    folded = text.casefold()
    return [word for word in EVERYTHING if word.casefold() in folded]


async def lives_on(canary: Member, fleet: Fleet, mailbox: Mailbox, url: str) -> None:
    """Ask by the API, be told by a letter that is refused, and have three things go wrong."""
    me = canary.member_id
    mailbox.answers = [f"550 5.1.1 nobody is {canary.email}"]
    live = fleet.api_url.replace("http", "ws") + f"/graphql?email={canary.email}"
    own = token("member", str(me))
    async with watching(live, own, WATCH) as stream, Client(fleet.api_url, own) as client:
        client._http.headers[DEVICE_HEADER] = NEVER[0]
        unread = (await stream.value())["unreadNotifications"]
        await tell(me, Template.TIER_WARNED, "a letter", at=clock.now())
        assert (await stream.value())["unreadNotifications"] == unread + 1
        await until(lambda: value_of(REFUSED), WORK_SECONDS_MAX, what="the letter is refused")
        assert await client.try_once(EXPORT) is not None
        assert await client.status(f"/members/{canary.email}") == 404
        await breaks(canary, client, fleet, url)


async def breaks(canary: Member, client: Client, fleet: Fleet, url: str) -> None:
    owner = await asyncpg.connect(url)
    await owner.execute(BREAK)
    try:
        assert await client.try_once(RENAME, name="Canary Nick the second") is None
        async with Client(fleet.api_url, token("service", "shop")) as service:
            answer = await service.ask(RECORD, events=[order_of(canary)])
        assert answer["recordEvents"] == {"accepted": 1, "refused": []}
        await tell(canary.member_id, Template.TIER_KEPT, "a failure", at=clock.now())
        await until(lambda: value_of(FAILED), WORK_SECONDS_MAX, what="both jobs have failed")
    finally:
        await owner.execute(MEND)
        await owner.close()


def order_of(canary: Member) -> dict[str, Any]:
    now = clock.now().isoformat()
    line = {"lineId": "1", "sku": "tea", "amountMinor": 5_000}
    data = {"orderId": "o9", "paidAt": now, "currency": "CNY", "lines": [line]}
    return {
        "id": "e9",
        "source": "shop",
        "type": "order.paid",
        "time": now,
        "subject": canary.external_id,
        "data": {**data, "note": "canary address words"},
    }


async def test_what_processes_write_say_and_back_up_is_nobody(
    fleet: Fleet, mailbox: Mailbox, database: str, redis_url: str, data_dir: Path
):
    with clock.frozen(NOW):
        canary, _ = await a_life()
    fleet.start_worker()
    async with overheard(redis_url) as heard:
        await lives_on(canary, fleet, mailbox, database)
        backup = data_dir / "before.dump"
        ran(database, "pg_dump", "--format=custom", "--file", backup)
        before = saying(ran(database, "pg_restore", "--file=-", backup), EVERYTHING)
        backup.unlink()
        async with Client(fleet.api_url, token("staff", "ada@shop")) as staff:
            await staff.ask(ERASE, member=global_id("Member", canary.member_id))
        await until(nothing_runs, WORK_SECONDS_MAX, what="the work is done")
        said = written(data_dir) + await measured(fleet)
    for told in ("graphql.failed", "a job failed", "an event of member", "SQLSTATE 23514"):
        assert told in said
    assert within(said) == []
    assert within(" ".join(heard)) == []
    assert (set(before), set().union(*before.values())) == (set(MAY_HOLD), set(KNOWN))
    assert saying(dumped(database), EVERYTHING) == {}
    assert (await audit(now=clock.now())).breaches == []
