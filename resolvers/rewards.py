"""What may be had, and how does a redemption go on?"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from strawberry.dataloader import DataLoader

from domain.batches.model import Batch
from domain.dashboard.model import RedemptionView
from domain.rewards import operations, views
from domain.rewards.model import Imported, Redeemed
from domain.rewards.views import EVERYTHING, Shown, Wanted
from kit.errors import NotFound
from kit.paging import PAGE_SIZE_MAX, Page
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context
from resolvers.devices import guarded


async def shelf(
    context: Context, first: int, after: str | None, wanted: Wanted = EVERYTHING
) -> Page[Shown]:
    """The rewards as they stand for the viewer; for who is no member at the lowest tier's price."""
    await context.speak()
    me = context.viewer.member_id
    return await views.rewards(me, now=context.now, first=first, after=after, wanted=wanted)


async def shown(context: Context, member_id: UUID | None, code: str) -> Shown | None:
    """One reward as it stands for a member; None where it isn't offered any more."""
    name = f"shelf of {member_id}"
    loader: DataLoader[str, Shown | None] | None = context.loaders.get(name)
    if loader is None:

        async def load(codes: Sequence[str]) -> list[Shown | None]:
            found = await _on_the_shelf(context, member_id, frozenset(codes))
            return [found.get(code) for code in codes]

        loader = context.loaders[name] = DataLoader(load)
    return await loader.load(code)


async def _on_the_shelf(
    context: Context, member_id: UUID | None, codes: frozenset[str]
) -> dict[str, Shown]:
    found: dict[str, Shown] = {}
    after: str | None = None
    wanted = codes & {reward.code for reward in context.programme.rewards}
    while wanted - found.keys():
        page = await views.rewards(member_id, now=context.now, first=PAGE_SIZE_MAX, after=after)
        found |= {one.reward.code: one for one in page.items}
        if not page.has_next:
            break
        after = page.cursors[-1]
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What a member wants, as `operations.redeem` takes it."""

    reward_code: str
    quantity: int
    key: str
    from_expiring: bool = False
    client_seed: str = ""


async def redeem(context: Context, asked: Asked, parts: Parts) -> Answer[RedemptionView]:
    verb = operations.redeem(
        context.viewer.own_member_id(),
        asked.reward_code,
        asked.quantity,
        idempotency_key=asked.key,
        now=context.now,
        from_expiring=asked.from_expiring,
        client_seed=asked.client_seed,
        visit=context.visit,
    )
    return await _redemption(context, guarded(context, verb), parts)


async def cancel(context: Context, redemption: str, parts: Parts) -> Answer[RedemptionView]:
    """A member's own, or by staff anybody's."""

    async def verb() -> Redeemed:
        member_id, redemption_id = ids.redemption_ids(redemption)
        if not context.viewer.may_read(member_id):
            raise NotFound("redemption")
        actor = "staff" if context.viewer.role == "staff" else "member"
        return await operations.cancel(member_id, redemption_id, actor=actor, now=context.now)

    return await _redemption(context, verb(), parts)


async def ship(context: Context, redemption: str, parts: Parts) -> Answer[RedemptionView]:
    return await _step(context, redemption, parts, operations.ship)


async def deliver(context: Context, redemption: str, parts: Parts) -> Answer[RedemptionView]:
    return await _step(context, redemption, parts, operations.deliver)


async def fail(
    context: Context, redemption: str, reason: str, parts: Parts
) -> Answer[RedemptionView]:
    async def verb() -> Redeemed:
        return await operations.fail(
            *ids.redemption_ids(redemption),
            staff=context.viewer.subject,
            reason=reason,
            now=context.now,
        )

    return await _redemption(context, verb(), parts)


async def import_codes(context: Context, pool: str, codes: list[str]) -> Answer[Imported]:
    return await answer(context, operations.import_codes(pool, codes, now=context.now))


async def load_codes(context: Context, pool: str, csv: str) -> Answer[Batch]:
    staff = context.viewer.subject
    return await answer(context, operations.load_codes(pool, csv, staff=staff, now=context.now))


async def _step(
    context: Context,
    redemption: str,
    parts: Parts,
    operation: Callable[..., Awaitable[Redeemed]],
) -> Answer[RedemptionView]:
    async def verb() -> Redeemed:
        return await operation(
            *ids.redemption_ids(redemption), staff=context.viewer.subject, now=context.now
        )

    return await _redemption(context, verb(), parts)


async def _redemption(
    context: Context, verb: Awaitable[Redeemed], parts: Parts
) -> Answer[RedemptionView]:
    async def viewed() -> RedemptionView:
        found = view_of(await verb)
        await context.speak()
        return found

    return await answer(context, viewed(), parts, shows=lambda found: found.member_id)


def view_of(found: Redeemed) -> RedemptionView:
    redemption = found.redemption
    return RedemptionView(
        member_id=redemption.member_id,
        id=redemption.id,
        reward=found.reward,
        quantity=redemption.quantity,
        price_points=redemption.price_points,
        price_community=redemption.price_community,
        state=redemption.state,
        codes=tuple(redemption.codes),
        created_at=redemption.created_at,
    )
