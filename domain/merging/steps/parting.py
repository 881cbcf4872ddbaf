"""How are two members parted again? Each with what is theirs, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.queries import merges as queries
from domain.activity.model import CHALLENGES_ASSESS, TASKS_ASSESS
from domain.activity.steps import assess_job as look_job
from domain.intake.steps import inbox_job
from domain.ledger.steps import open_desks, post
from domain.members.model import Member
from domain.merging.model import MergeRow, Outcome
from domain.merging.steps import days, referrals, rows, standing, talk, value
from domain.merging.steps.joining import balances, between
from domain.merging.steps.value import Entry, Share
from domain.programme.views import versions
from domain.webhooks.steps import write

KIND = "unmerge"
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Parting:
    """Two locked members, who were merged, at the moment of their parting."""

    tx: Tx
    survivor: Member
    absorbed: Member
    merge: MergeRow
    now: datetime

    async def run(self) -> Outcome:
        """Move lots and rows back, let each stand by what is theirs, and look again at both."""
        tx, now, merge = self.tx, self.now, self.merge
        await standing.bring_up_to_date(tx, [self.survivor], now)
        friends = await referrals.friends_of(tx, merge)
        owned = await self._owned(friends)
        lots = await self._move_value(owned)
        went = await self._move_rows(owned, friends)
        await self._close()
        programme = (await versions(tx)).at(now).programme
        for member in (self.survivor, self.absorbed):
            await days.number(tx, member, programme)
        key = f"{KIND} {merge.id} tier"
        await standing.part(tx, self.survivor, merge.standing, key, now)
        await standing.judge(tx, self.absorbed, now)
        return Outcome(
            survivor_id=merge.member_id,
            absorbed_id=merge.absorbed_id,
            at=now,
            tier=await standing.judge(tx, self.survivor, now),
            balances=await balances(tx, self.survivor, now),
            lots=lots,
            orders=len(went),
            coupons=len(merge.moved["coupon"]),
            check_in_days=len(merge.moved["check_in"]),
        )

    async def _owned(self, friends: Sequence[str]) -> list[UUID]:
        """Decisions since the merge on what the shop told of the absorbed and of their orders.

        And on what they had said and redeemed before it, whom they had invited and by whom they
        were.
        """
        moved, since = self.merge.moved, self.merge.merged_at
        found = await queries.owned(
            self.tx,
            self.merge.member_id,
            await queries.subjects(self.tx, self.merge.absorbed_id),
            since,
            purchases=[key for (key,) in moved["purchase"]],
            content=[key for (key,) in (*moved["community_post"], *moved["community_comment"])],
            redemptions=[key for (key,) in moved["redemption"]],
        )
        return [*found, *await referrals.decided(self.tx, self.merge, friends)]

    async def _move_value(self, owned: Sequence[UUID]) -> int:
        tx = self.tx
        source, target = await open_desks(tx, [self.survivor, self.absorbed], self.now)
        await value.load_lots(tx, source, target)
        came = await queries.merge_decision(tx, self.merge.member_id, self.merge.id)
        entries = await queries.interactions(tx, self.merge.member_id, _EVER, [came, *owned])
        caused = {str(key): await self._caused(str(key), owned) for key in source.books}
        share = Share(
            merge=self.merge,
            came=frozenset(map(UUID, self.merge.moved["lot"])),
            owned=frozenset(owned),
            caused=caused,
            entries=[Entry.of(row.items()) for row in entries],
        )
        pair = between(source, target, await versions(tx), KIND, self.merge.id)
        lots = value.part(pair, share)
        await post(tx, source, target)
        return len(lots)

    async def _caused(self, currency: str, owned: Sequence[UUID]) -> dict[str, int]:
        brought = self.merge.wallets.get(currency, {"seq": 0})
        row = await queries.caused(self.tx, self.merge.member_id, currency, brought["seq"], owned)
        return dict(row)

    async def _move_rows(self, owned: list[UUID], friends: Sequence[str]) -> list[UUID]:
        tx, survivor, absorbed = self.tx, self.merge.member_id, self.merge.absorbed_id
        went = await rows.part(
            tx,
            survivor,
            absorbed,
            moved=self.merge.moved | {"invitation": [[friend] for friend in friends]},
            owned=owned,
            since=self.merge.merged_at,
        )
        await talk.part(tx, survivor, absorbed, self.merge.moved["talk"], self.now)
        await rows.point(tx, absorbed, absorbed, code=self.absorbed.referral_code)
        await referrals.part(tx, survivor, absorbed, self.merge.moved["referral"])
        return went

    async def _close(self) -> None:
        """Note that it was undone, tell of it, and have looked at all that hangs on deeds."""
        changes = Changes()
        changes.put("merge", replace(self.merge, unmerged_at=self.now))
        for member_id in (self.merge.member_id, self.merge.absorbed_id):
            changes.put("job", inbox_job(member_id, self.now))
            changes.put("job", look_job(member_id, TASKS_ASSESS, self.now))
            changes.put("job", look_job(member_id, CHALLENGES_ASSESS, self.now))
        await write(self.tx, changes, now=self.now)
