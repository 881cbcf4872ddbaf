"""How does all that one member has become another's? In this order, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries import merges as queries
from domain.activity.model import CHALLENGES_ASSESS, TASKS_ASSESS
from domain.activity.steps import assess_job as look_job
from domain.coupons.model import Coupon
from domain.coupons.steps import revoke
from domain.ledger.model import Cause, Currency, Decision
from domain.ledger.steps import Desk, open_desks, post
from domain.members.model import Member
from domain.merging import rules
from domain.merging.model import Balance, Json, MergeRow, Outcome
from domain.merging.steps import days, referrals, rows, standing, talk, value
from domain.merging.steps.value import Between, Entry
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.orders.dossiers import window_start
from domain.programme.views import Versions, versions

KIND = "merge"


@dataclass(slots=True)
class _Joining:
    tx: Tx
    survivor: Member
    absorbed: Member
    merge_id: UUID
    now: datetime
    published: Versions
    coupons_revoked: int = 0


async def join(
    tx: Tx, survivor: Member, absorbed: Member, merge_id: UUID, now: datetime
) -> Outcome:
    """Move value and rows, judge the tier, number the days; the absorbed is left with nothing."""
    joining = _Joining(tx, survivor, absorbed, merge_id, now, await versions(tx))
    before = await standing.bring_up_to_date(tx, [survivor, absorbed], now)
    reversed_ = await _reverse(joining)
    own = [Coupon(**row) for row in await queries.coupons(tx, survivor.member_id)]
    wallets, lots = await _move_value(joining, before)
    code = absorbed.referral_code
    moved = await rows.join(tx, absorbed.member_id, survivor.member_id, code=code, now=now)
    moved["talk"] = await talk.join(tx, absorbed.member_id, survivor.member_id, now)
    row = MergeRow(
        member_id=survivor.member_id,
        id=merge_id,
        absorbed_id=absorbed.member_id,
        merged_at=now,
        unmerged_at=None,
        wallets=wallets,
        moved=moved | {"lot": lots},
        standing=before[survivor.member_id],
    )
    await _close(joining, row, own)
    await days.number(tx, survivor, joining.published.at(now).programme)
    tier = await standing.join(
        tx, survivor, before[absorbed.member_id], f"{KIND} {merge_id} tier", now
    )
    return Outcome(
        survivor_id=survivor.member_id,
        absorbed_id=absorbed.member_id,
        at=now,
        tier=tier,
        balances=await balances(tx, survivor, now),
        lots=len(lots),
        orders=len(moved["purchase"]),
        coupons=len(moved["coupon"]),
        check_in_days=len(moved["check_in"]),
        coupons_revoked=joining.coupons_revoked,
        referral_reversed=reversed_,
    )


async def _reverse(joining: _Joining) -> bool:
    one, other = await _desks(joining)
    reversed_ = await referrals.reverse_between(joining.tx, one, other, joining.published)
    if reversed_:
        await post(joining.tx, one, other)
    return reversed_


async def _move_value(
    joining: _Joining, before: dict[UUID, Json]
) -> tuple[dict[str, dict[str, int]], list[str]]:
    tx, source_id = joining.tx, joining.absorbed.member_id
    target, source = await _desks(joining)
    await value.load_lots(tx, source, target)
    since = _counted_since(joining, before.values())
    entries = [Entry.of(row.items()) for row in await queries.interactions(tx, source_id, since)]
    pair = between(source, target, joining.published, KIND, joining.merge_id)
    wallets, lots = value.join(pair, entries)
    await post(tx, source, target)
    return wallets, [str(lot.id) for lot in lots]


def _counted_since(joining: _Joining, standings: Any) -> datetime:  # noqa: ANN401  rows as JSON
    """From when on what either did may count for a tier."""
    found = [row["counts_since"] for row in standings if row["counts_since"]]
    begun = [datetime.fromisoformat(at) for at in found]
    return min([window_start(joining.now, joining.published), *begun])


async def _desks(joining: _Joining) -> tuple[Desk, Desk]:
    """The survivor's and the absorbed's; they are locked."""
    one, other = await open_desks(joining.tx, [joining.survivor, joining.absorbed], joining.now)
    return one, other


def between(source: Desk, target: Desk, published: Versions, kind: str, merge_id: UUID) -> Between:
    """Both desks, with the decision of the merge or unmerge on each."""
    causes = [
        _cause(desk, published, kind, merge_id, other)
        for desk, other in ((source, target), (target, source))
    ]
    return Between(source, target, *causes)


def _cause(desk: Desk, published: Versions, kind: str, merge_id: UUID, other: Desk) -> Cause:
    decision: Decision = desk.decide(
        f"{kind} {merge_id}",
        kind,
        published.at(desk.now).version,
        inputs={"member": str(other.member.member_id)},
        outcome={},
        occurred_at=desk.now,
    )
    return Cause(decision, kind, kind, str(merge_id), desk.now)


async def _close(joining: _Joining, row: MergeRow, own: list[Coupon]) -> None:
    """Revoke what only one may have, end the later binding, and tell of the merge."""
    tx, now, survivor_id = joining.tx, joining.now, joining.survivor.member_id
    (desk,) = await open_desks(tx, [joining.survivor], now)
    came = {UUID(key) for (key,) in row.moved["coupon"]}
    found = [Coupon(**found) for found in await queries.coupons(tx, survivor_id)]
    limits = rules.coupon_limits(joining.published.at(now).programme)
    others = [coupon for coupon in found if coupon.id in came]
    for coupon in rules.duplicates(own, others, limits, now):
        revoke(desk, coupon)
        joining.coupons_revoked += 1
    absorbed_id, changes = joining.absorbed.member_id, desk.changes
    row.moved["referral"] = await referrals.join(tx, changes, absorbed_id, survivor_id, now)
    changes.put("merge", row)
    for kind in (TASKS_ASSESS, CHALLENGES_ASSESS):
        changes.put("job", look_job(survivor_id, kind, now))
    notify(
        changes,
        survivor_id,
        Template.MEMBERS_MERGED,
        f"{KIND}:{row.id}",
        {"other": joining.absorbed.nickname},
        occurred_at=now,
        now=now,
    )
    await post(tx, desk)


async def balances(tx: Tx, member: Member, now: datetime) -> tuple[Balance, ...]:
    """The member's wallets as they are now."""
    (desk,) = await open_desks(tx, [member], now)
    return tuple(
        Balance(currency, wallet.pending, wallet.available, wallet.debt)
        for currency, wallet in sorted((str(key), book.wallet) for key, book in desk.books.items())
        if wallet.seq or currency != Currency.CREDIT
    )
