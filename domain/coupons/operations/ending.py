"""How does a coupon end: by the clock, or because staff take it away?"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import coupons as queries
from db.queries.points import told
from domain.coupons import steps
from domain.coupons.model import Coupon, Owned, State
from domain.ledger.steps import Desk, open_desk, post
from domain.members.rules import valid_reason
from domain.members.steps import lock_all
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.webhooks.steps import write
from kit.calendar import ONE_DAY, day_of
from kit.errors import NotFound
from kit.ids import new_id

FIRST = UUID(int=0)
_NAMES_MAX = 10
_INSTANT = timedelta(microseconds=1)


@transactional
async def expire(tx: Tx, *, as_of: datetime, limit: int) -> int:
    """Post the expiry of up to `limit` coupons, the longest due first; how many.

    Reads show them as expired before. What is reserved is left to its checkout.
    """
    members = await lock_all(tx, await queries.due(tx, as_of, limit=limit))
    rows = await queries.due_of(tx, [member.member_id for member in members], as_of)
    coupons = [Coupon(**row) for row in rows]
    by_id = {member.member_id: Desk(member, {}, as_of) for member in members}
    for coupon in coupons:
        steps.expire(by_id[coupon.member_id], coupon)
    await post(tx, *by_id.values())
    return len(coupons)


@transactional
async def revoke(
    tx: Tx, member_id: UUID, coupon_id: UUID, *, staff: str, reason: str, now: datetime
) -> Owned:
    """Take a coupon away; one that is reserved or used goes when it comes back.

    Refuses INVALID_INPUT, NOT_FOUND; one that is revoked, expired or forfeited stays what it is.
    """
    reason = valid_reason(reason)
    desk = await open_desk(tx, member_id, now)
    found = await steps.held(tx, member_id, [coupon_id])
    if not found:
        raise NotFound("coupon")
    (owned,) = found
    coupon = owned.coupon
    is_over = coupon.state_at(now) in {State.EXPIRED, State.FORFEITED}
    if is_over or coupon.revoked_at is not None:
        return owned
    steps.revoke(desk, coupon)
    desk.changes.put(
        "staff_action",
        {
            "member_id": member_id,
            "id": new_id(),
            "actor": staff,
            "action": "coupon.revoke",
            "reason": reason,
            "recorded_at": now,
        },
    )
    await post(tx, desk)
    return owned


@transactional
async def remind_expiring(
    tx: Tx, *, as_of: datetime, after: UUID | None = None, limit: int = 200, now: datetime
) -> UUID | None:
    """Tell up to `limit` members which coupons end soon; where to go on, None at the end.

    Once for each day on which some end, `notifications.coupon_days` ahead; not of what was issued
    within the last day. A late run speaks of what is still good at `now`.
    """
    programme = (await versions(tx)).at(as_of).programme
    days = programme.notifications.coupon_days
    if not days:
        return None
    span = {"issued_before": now - ONE_DAY, "since": now, "until": as_of + days * ONE_DAY}
    members = await queries.ending(tx, **span, after=after or FIRST, limit=limit)
    rows = await queries.ending_of(tx, members, **span)
    found = await steps.owned(tx, [Coupon(**row) for row in rows])
    await _tell(tx, members, found, programme, now=now)
    return members[-1] if len(members) == limit else None


async def _tell(
    tx: Tx, members: Sequence[UUID], found: Iterable[Owned], programme: Programme, *, now: datetime
) -> None:
    def place(owned: Owned) -> tuple[UUID, str]:
        assert owned.coupon.expires_at is not None
        last = day_of(owned.coupon.expires_at - _INSTANT, programme.zone, programme.day_start_hour)
        return owned.coupon.member_id, f"coupons:{last.isoformat()}"

    ending = {key: list(own) for key, own in groupby(found, key=place)}
    causes = sorted({cause for _, cause in ending})
    known = await told(tx, members, Template.COUPONS_EXPIRING, causes)
    changes = Changes()
    for (member_id, cause), own in ending.items():
        if (member_id, cause) not in known:
            notify(
                *(changes, member_id, Template.COUPONS_EXPIRING, cause, _facts(own, now)),
                occurred_at=now,
                now=now,
            )
    await write(tx, changes, now=now)


def _facts(own: Sequence[Owned], now: datetime) -> dict[str, object]:
    first = own[0].coupon.expires_at
    assert first is not None
    return {
        "coupons": [
            owned.template.name.model_dump(mode="json", by_alias=True) for owned in own[:_NAMES_MAX]
        ],
        "days": -(-(first - now) // ONE_DAY),
        "expires_at": first.isoformat(),
    }
