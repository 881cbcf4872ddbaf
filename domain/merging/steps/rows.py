"""Which rows go with an absorbed member, and which come back to them?"""

from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.queries import merges, merging
from db.queries.merging import MOVED, Keys, community, meetups
from db.queries.privacy import parts
from domain.intake.steps import inbox_job
from domain.merging.model import Json
from domain.merging.steps import talk
from domain.webhooks.steps import write

DEVICES = "push_address"
# A coupon's code and a pool's are found with who has them; refunds are where their order is.
_GO_BACK = (
    "check_in", "badge", "coupon", "redemption", "draw", "checkout", "invitation", "gift",
    "task_progress", "quiz_attempt", "member_tag", "notification", "delivery",
    "community_report", "community_ban", "community_appeal", "community_share", "community_open",
    "meetup_sign_up", "fingerprint",
)  # fmt: skip

_ABOUT = ("purchase", "checkout", "invitation", "community_post", "community_comment")


async def join(tx: Tx, absorbed: UUID, survivor: UUID, *, code: str, now: datetime) -> Json:
    """Let all that the absorbed has be the survivor's; by table, the keys of what went.

    Nothing is done twice: a day, a gift, a task, a tag that both have stays where it is.
    """
    await merging.copy_decisions(tx, absorbed, survivor)
    paid = await merging.settle_tasks(tx, absorbed, survivor)
    moved: Json = {}
    for table in MOVED:
        moved[table] = await merging.insert(tx, table, absorbed, survivor)
    for table in reversed(list(MOVED)):
        if not MOVED[table].is_copied:
            await merging.drop(tx, table, absorbed, survivor, moved[table])
    await merging.count_rewards(tx, survivor, paid)
    await community.point_comments(tx, absorbed, survivor)
    await merging.copy_refunds(tx, absorbed, survivor, _ids(moved["purchase"]))
    await _point_codes(tx, survivor, moved)
    await community.point_links(tx, survivor, _ids(moved["community_share"]))
    await meetups.point_tickets(tx, survivor, [key for (key,) in moved["meetup_sign_up"]])
    await meetups.give_up_seats(tx, absorbed, now)
    await merging.copy_keys(tx, absorbed, survivor)
    await merging.copy_actions(tx, absorbed, survivor)
    await merging.copy_preference(tx, absorbed, survivor)
    await merging.add_usage(tx, absorbed, survivor)
    await merging.join_entries(tx, absorbed, survivor, now)
    await merging.move_jobs(tx, absorbed, survivor)
    moved[DEVICES] = await merging.move_devices(tx, absorbed, survivor)
    await point(tx, absorbed, survivor, code=code)
    await merging.rest(tx, absorbed)
    return moved


async def part(
    tx: Tx, survivor: UUID, absorbed: UUID, *, moved: Json, owned: list[UUID], since: datetime
) -> list[UUID]:
    """Let what came go back as it is now, and what the shop told since of the absorbed's orders.

    The orders that went back. What was reached while the two were one stands.
    """
    subjects = await merges.subjects(tx, absorbed)
    orders = {*_ids(moved["purchase"]), *await merges.purchases_by(tx, survivor, owned)}
    back: dict[str, Keys] = {table: moved[table] for table in _GO_BACK}
    back["purchase"] = [[str(order)] for order in sorted(orders)]
    sold = await merges.sold_through(tx, survivor, sorted(orders))
    back["checkout"] = back["checkout"] + [[str(row["id"])] for row in sold]
    back["coupon"] = back["coupon"] + [[key] for row in sold for key in row["coupon_ids"]]
    back["coupon"] += [[str(one)] for one in await merges.coupons_by(tx, survivor, owned)]
    back["delivery"] = await merges.deliveries(tx, survivor, _ids(back["notification"]))
    told = await merges.inbox_of(tx, survivor, subjects)
    back["inbox"] = [[str(event)] for event in told]
    back |= await talk.content(tx, survivor, moved, orders)
    await merging.copy_decisions(tx, survivor, absorbed, owned)
    for table in MOVED:
        await merging.insert(tx, table, survivor, absorbed, only=back[table])
    for table in reversed(list(MOVED)):
        await merging.drop(tx, table, survivor, absorbed, back[table])
    await community.point_comments(tx, survivor, absorbed)
    await merging.copy_refunds(tx, survivor, absorbed, sorted(orders))
    await _point_codes(tx, absorbed, back)
    await community.point_links(tx, absorbed, _ids(back["community_share"]))
    await meetups.point_tickets(tx, absorbed, [key for (key,) in back["meetup_sign_up"]])
    await merging.copy_keys(tx, survivor, absorbed, since)
    await merging.drop_actions(tx, survivor, absorbed)
    await merging.subtract_usage(tx, absorbed, survivor)
    await merging.finish_tasks(tx, survivor, since)
    about = [key for table in _ABOUT for (key,) in back[table]]
    about += [str(member_id) for member_id in await parts(tx, absorbed)]
    await merging.move_jobs(tx, survivor, absorbed, about)
    await merging.move_devices(tx, survivor, absorbed, moved[DEVICES])
    return sorted(orders)


async def point(tx: Tx, absorbed: UUID, owner: UUID, *, code: str) -> None:
    """Let the shop's ids and the referral code of the absorbed lead to `owner`."""
    subjects = await merges.subjects(tx, absorbed)
    await merging.point(tx, owner, external_ids=subjects, code=code)


async def forward(tx: Tx, absorbed: UUID, survivor: UUID, now: datetime) -> None:
    """Let what came in for a merged member at the moment of the merge be the survivor's."""
    came = await merging.insert(tx, "inbox", absorbed, survivor)
    await merging.drop(tx, "inbox", absorbed, survivor, came)
    await merging.move_jobs(tx, absorbed, survivor)
    await talk.forward(tx, absorbed, survivor, now)
    if came:
        changes = Changes()
        changes.put("job", inbox_job(survivor, now))
        await write(tx, changes, now=now)


async def _point_codes(tx: Tx, owner: UUID, moved: Json) -> None:
    coupons = [key for (key,) in moved["coupon"]]
    redemptions = _ids(moved["redemption"])
    await merging.point_codes(tx, owner, coupons=coupons, pool_codes=redemptions)


def _ids(keys: Keys) -> list[UUID]:
    return [UUID(key) for (key,) in keys]
