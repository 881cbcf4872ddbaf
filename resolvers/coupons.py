"""How are coupons read, claimed, redeemed by a code, given and taken?"""

import csv
import io

from domain.batches.model import Batch
from domain.coupons import operations, views
from domain.coupons.model import BulkAsked, Group, Made, Owned, VouchersAsked
from domain.coupons.views import Offered
from kit.errors import Forbidden, NotFound
from kit.ids import global_id
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context
from resolvers.seeing import Seen


async def wallet(
    context: Context, seen: Seen, group: Group | None, page: tuple[int, str | None]
) -> Page[Owned]:
    """Refuses FORBIDDEN to who may not read that member, INVALID_INPUT."""
    if not seen.viewer.may_read(seen.view.member_id):
        raise Forbidden
    first, after = page
    member_id = seen.view.member_id
    return await views.wallet(member_id, group, first=first, after=after, now=context.now)


async def claimable(context: Context) -> list[Offered]:
    await context.speak()
    return await views.claimable(context.viewer.member_id, now=context.now)


async def by_code(context: Context, code: str) -> Owned | None:
    """None for what is no coupon's."""
    await context.speak()
    try:
        return await views.by_code(code)
    except NotFound:
        return None


async def claim(context: Context, template: str, *, key: str, parts: Parts) -> Answer[Owned]:
    async def verb() -> Owned:
        me = context.viewer.own_member_id()
        owned = await operations.claim(me, template, idempotency_key=key, now=context.now)
        await context.speak()
        return owned

    return await answer(context, verb(), parts)


async def redeem_code(context: Context, code: str, *, key: str, parts: Parts) -> Answer[Owned]:
    """Every try counts against the account, its network and everybody's; one that works doesn't."""

    async def verb() -> Owned:
        me = context.viewer.own_member_id()
        await context.attempts.coupon_code(str(me))
        owned = await operations.redeem_code(
            me, code, idempotency_key=key, secret=context.voucher_secret, now=context.now
        )
        await context.attempts.coupon_code_worked(str(me))
        await context.speak()
        return owned

    return await answer(context, verb(), parts)


async def revoke(context: Context, coupon: str, reason: str, parts: Parts) -> Answer[Owned]:
    async def verb() -> Owned:
        member_id, coupon_id = ids.coupon_ids(coupon)
        owned = await operations.revoke(
            *(member_id, coupon_id),
            staff=context.viewer.subject,
            reason=reason,
            now=context.now,
        )
        await context.speak()
        return owned

    return await answer(context, verb(), parts, shows=lambda owned: owned.coupon.member_id)


async def issue_in_bulk(context: Context, asked: BulkAsked) -> Answer[Batch]:
    async def verb() -> Batch:
        found = await operations.issue_in_bulk(asked, actor=context.viewer.subject, now=context.now)
        await context.speak()
        return found

    return await answer(context, verb())


async def make_vouchers(context: Context, asked: VouchersAsked) -> tuple[Answer[Made], str | None]:
    """With the codes as CSV where they were made by this very call."""
    verb = operations.make_vouchers(
        asked, actor=context.viewer.subject, secret=context.voucher_secret, now=context.now
    )
    made = await answer(context, verb)
    return made, _csv(made.value) if made.value and made.value.codes else None


async def revoke_vouchers(context: Context, batch: str) -> Answer[int]:
    async def verb() -> int:
        (batch_id,) = ids.uuids(batch, "VoucherBatch", 1, "voucher batch")
        return await operations.revoke_vouchers(batch_id, now=context.now)

    return await answer(context, verb())


def voucher_batch_id(made: Made) -> str:
    return global_id("VoucherBatch", made.batch.id)


def _csv(made: Made) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    expires_at = made.batch.expires_at
    writer.writerow(("code", "template", "expires_at"))
    for code in made.codes:
        row = (code, made.batch.template, "" if expires_at is None else expires_at.isoformat())
        writer.writerow(row)
    return text.getvalue()
