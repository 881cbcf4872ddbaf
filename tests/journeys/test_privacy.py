"""Is nothing of a person anywhere once they are erased, and nothing in unlikely places before?"""

from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from app.relay import schedule
from app.throttle import Throttle
from domain.privacy.operations import export
from domain.webhooks.operations import prune
from kit import clock
from tests.support.api import SECRET
from tests.support.backups import dumped, ran, restored, saying
from tests.support.canaries import (
    EVERYTHING,
    FACTS,
    IMPORTED,
    KNOWN,
    MAY_HOLD,
    REFERRED,
    a_life,
)
from tests.support.forgetting import forgotten, worked
from tests.support.merging import sound
from tests.support.referring import a_friend
from tests.support.shop import done, paid
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW
from workers.entries import ENTRIES

pytestmark = pytest.mark.usefixtures("database")


async def test_a_person_is_where_the_list_says_and_nowhere_once_they_are_erased(
    database: str, valkey: Redis, tmp_path: Path
):
    throttle = Throttle(SECRET, lambda: valkey)
    with capture_logs() as logs, clock.frozen(NOW):
        canary, _ = await a_life()
        await throttle.of("203.0.113.7", NOW).sign_in(f"email:{FACTS['email']}")
        await export(canary.member_id, now=NOW)
        before = saying(dumped(database), EVERYTHING)
        assert set(before) == set(MAY_HOLD)
        assert set().union(*before.values()) == set(KNOWN)
        await forgotten(canary, at=NOW + timedelta(hours=1))
        await work(NOW + timedelta(hours=2))
    customers = {facts["external_id"] for facts in (FACTS, REFERRED, IMPORTED)}
    assert saying(dumped(database), EVERYTHING) == {"webhook_event": customers}
    backup = tmp_path / "accrue.dump"
    ran(database, "pg_dump", "--format=custom", "--file", backup)
    with restored(database, backup) as copy:
        assert saying(dumped(copy), EVERYTHING) == {"webhook_event": customers}
    await prune(as_of=NOW + timedelta(days=32), limit=1_000)
    assert saying(dumped(database), EVERYTHING) == {}
    kept = [(key, await valkey.dump(key)) for key in await valkey.keys("*")]
    said = f"{logs} {kept}"
    assert [word for word in EVERYTHING if word in said] == []


async def test_time_goes_on_as_if_they_had_never_been_anybody():
    """Every scheduled job, where who was erased was invited, invited and bought."""
    with clock.frozen(NOW) as time:
        canary, other = await a_life()
        friend = await a_friend(canary)
        await done(paid(friend, "of the friend", 20_000))
        await forgotten(canary, at=NOW)
        dropped: list[str] = []
        for at in (NOW + timedelta(days=1), NOW + timedelta(days=100)):
            time.set(at)
            dropped += await worked(at)
            for entry in ENTRIES:
                report = await schedule().run_now(entry.name, at)
                assert (entry.name, report.state, report.last_error) == (entry.name, "done", None)
            dropped += await worked(at)
            await sound(at)
        assert dropped == ["referral.award_inviter"]
        assert (await wallet(canary.member_id)).available == 0
        assert (await wallet(friend.member_id)).available > 0
        assert (await wallet(other.member_id)).debt == 0
