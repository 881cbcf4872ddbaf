"""Does the audit find a count that is not what it counts?"""

from db.connection import transactional
from domain.ledger.audit import Invariant
from domain.ledger.operations import audit
from domain.meetups import operations as meetups
from tests.support.programmes import in_force
from tests.support.talking import answer, like, say
from tests.support.working import work
from tests.support.world import NOW

MEETUP = {
    "code": "TASTING",
    "name": {"zh-CN": "品鉴会", "en": "Tasting"},
    "place": {"zh-CN": "杭州", "en": "Hangzhou"},
    "starts_at": "2026-04-01T00:00:00+08:00",
    "ends_at": "2026-04-02T00:00:00+08:00",
    "capacity": 1,
}


@transactional
async def _spoil(tx, sql):
    assert await tx.execute(sql) == 1


async def _found() -> list[tuple[Invariant, str]]:
    breaches = (await audit(now=NOW)).breaches
    return sorted((breach.invariant, breach.detail) for breach in breaches)


async def test_a_count_that_is_not_what_it_counts_is_found(ming, hua):
    await in_force(since=NOW, community={"meetups": [MEETUP]})
    post = await say(ming)
    comment = await answer(hua, post)
    await like(hua, post)
    await meetups.sign_up(hua.member_id, "TASTING", now=NOW)
    await work(NOW)
    assert await _found() == []
    await _spoil("UPDATE community_post SET like_count = like_count + 1")
    await _spoil("UPDATE community_comment SET like_count = like_count + 1")
    await _spoil("UPDATE meetup_tally SET taken = 0")
    assert [what for what, _ in await _found()] == [
        *(Invariant.COUNTS, Invariant.COUNTS, Invariant.SEATS)
    ]
    assert f"community_comment {comment.id}" in str(await _found())
