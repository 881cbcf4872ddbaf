"""What does COMMUNITY buy?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from db.idempotency import input_hash
from db.queries.community import merits as queries
from domain.community import rules, steps
from domain.coupons import steps as coupons
from domain.coupons.rules import check_issue
from domain.ledger.model import Cause, Decision
from domain.ledger.steps import Desk, post
from domain.programme.model import CommunityExchange, Programme
from domain.programme.rules.limits import limit_window
from domain.programme.views import versions
from domain.rewards import steps as rewards
from domain.rewards.errors import LimitReached
from kit.errors import NotFound
from kit.keys import check_key

EXCHANGE = "exchangeCommunity"
SOURCE = "community_exchange"


@transactional
async def exchange(
    tx: Tx, member_id: UUID, code: str, *, key: str, now: datetime
) -> CommunityExchange:
    """Pay the cost in COMMUNITY and have what it gives, in one; once for each key.

    Refuses INVALID_INPUT, NOT_FOUND, MEMBER_SUSPENDED, COMMUNITY_BANNED, IDEMPOTENCY_KEY_REUSED,
    TIER_TOO_LOW, LEVEL_TOO_LOW, LIMIT_REACHED, INSUFFICIENT_COMMUNITY, and of coupons what
    `coupons.rules.check_issue` lists.
    """
    check_key(key)
    published = (await versions(tx)).at(now)
    programme = published.programme
    desk = await steps.enter(tx, member_id, now, operation=EXCHANGE, key=key)
    asked = input_hash({"code": code})
    first = steps.first_answer(desk, asked)
    if first is not None:
        version = (await versions(tx)).numbered(int(first["version"]))
        return _known(version.programme, code)
    found = _known(programme, code)
    rules.check_may(steps.guest_of(desk, programme), found.access, programme)
    await _count(tx, desk, found, programme)
    decision = _decide(desk, found, key=key, version=published.version)
    cause = Cause(decision, SOURCE, SOURCE, str(decision.id), now)
    desk.community.charge(found.cost, cause)
    await _check_coupons(tx, desk, found, programme)
    await rewards.give(
        tx,
        desk,
        decision,
        found.gives,
        programme=programme,
        source_type=SOURCE,
        source_id=str(decision.id),
    )
    answer = {"version": str(published.version)}
    steps.kept(desk, operation=EXCHANGE, key=key, asked=asked, answer=answer)
    await post(tx, desk)
    return found


def _known(programme: Programme, code: str) -> CommunityExchange:
    found = programme.community.exchange(code)
    if found is None:
        raise NotFound("exchange")
    return found


async def _count(tx: Tx, desk: Desk, found: CommunityExchange, programme: Programme) -> None:
    if found.limit is None:
        return
    begins_at, resets_at = limit_window(found.limit, programme, desk.now)
    period = "ever" if begins_at is None else f"{begins_at:%Y-%m-%d}"
    code = f"exchange:{found.code}"
    used = await queries.used(tx, desk.member.member_id, code, period)
    if used >= found.limit.count:
        raise LimitReached(found.limit.count, found.limit.period, resets_at)
    row = {"member_id": desk.member.member_id, "code": code, "period": period, "amount": used + 1}
    desk.changes.put("usage", row)


def _decide(desk: Desk, found: CommunityExchange, *, key: str, version: int) -> Decision:
    return desk.decide(
        f"{EXCHANGE} {key}",
        "community_exchange",
        version,
        inputs={
            "exchange": found.code,
            "name": found.name.model_dump(mode="json", by_alias=True),
            "cost": found.cost,
        },
        outcome=found.gives.outcome(),
        occurred_at=desk.now,
    )


async def _check_coupons(
    tx: Tx, desk: Desk, found: CommunityExchange, programme: Programme
) -> None:
    """Nobody pays for a coupon that would be left out."""
    for code in found.gives.coupons:
        face = programme.coupon(code)
        assert face is not None, code
        check_issue(await coupons.look(tx, desk, face, programme), programme, now=desk.now)
