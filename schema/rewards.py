"""What may be had, and what has a member had?"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.dashboard.model import RedemptionView
from domain.programme import model
from domain.rewards.rules import CANCELLABLE_KINDS
from domain.rewards.views import Shown, Wanted
from kit.ids import global_id
from kit.paging import Page, page_size
from resolvers import lottery, rewards
from resolvers.ids import reward_id
from schema.gives import Gives
from schema.guards import Info, allow_everybody
from schema.limits.catalogue import cap
from schema.lottery import Draw
from schema.node import Node
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.scalars import Points

_CODES_MAX = 100
_DRAWS_DEFAULT = 10


@strawberry.type
class Reward(Node):
    code: str
    title: str
    kind: str = strawberry.field(
        description="COUPON, PHYSICAL, VIRTUAL, SERVICE, DONATION, LOTTERY_TICKET, TIER_UPGRADE or"
        " BUNDLE."
    )
    price_points: Points = strawberry.field(
        description="For one, at the tier of who asks; 0 where it costs `priceCommunity` instead."
    )
    price_community: Points | None = strawberry.field(
        description="In COMMUNITY, for one, at the tier of who asks; null: it costs points."
    )
    expiring_price_points: Points | None = strawberry.field(
        description="A lower price, from points that expire within 30 days; null: there is none."
    )
    tier_min: str | None = strawberry.field(description="The code of the lowest tier that may.")
    level_min: str | None = strawberry.field(
        description="The code of the lowest community level that may."
    )
    cancellable: bool = strawberry.field(description="Whether its kind and terms allow a cancel.")
    lottery: str | None = strawberry.field(
        description="Of a LOTTERY_TICKET, the code of the lottery that it draws in."
    )
    starts_at: datetime | None
    ends_at: datetime | None
    found: strawberry.Private[model.Reward]
    member_id: strawberry.Private[UUID | None]
    shown: strawberry.Private[Shown | None]

    @strawberry.field(description="Of a BUNDLE, what is in it.")
    def gives(self, info: Info) -> Gives | None:
        gives, context = self.found.gives, info.context
        return gives and Gives.of(gives, context.programme, context.locale)

    @strawberry.field(description="Null: endless. Zero: sold out, or not offered any more.")
    async def stock_left(self, info: Info) -> int | None:
        found = self.shown or await rewards.shown(info.context, self.member_id, self.code)
        return 0 if found is None else found.stock_left

    @strawberry.field(
        description="It takes a higher tier or community level than the viewer's: `tierMin`,"
        " `levelMin`."
    )
    async def locked(self, info: Info) -> bool:
        found = self.shown or await rewards.shown(info.context, self.member_id, self.code)
        return found is None or found.locked

    @strawberry.field(description="Whether the member could redeem one now; false for others.")
    async def redeemable(self, info: Info) -> bool:
        found = self.shown or await rewards.shown(info.context, self.member_id, self.code)
        return found is not None and found.redeemable

    @classmethod
    def of(
        cls,
        reward: model.Reward,
        price: int,
        locale: str,
        *,
        member_id: UUID | None,
        shown: Shown | None = None,
    ) -> "Reward":
        return cls(
            id=strawberry.ID(reward_id(reward.code)),
            code=reward.code,
            title=reward.title.in_(locale),
            kind=reward.kind,
            price_points=0 if reward.costs_community else price,
            price_community=price if reward.costs_community else None,
            expiring_price_points=shown.expiring_price_points
            if shown
            else reward.expiring_price_points,
            tier_min=shown.required_tier if shown else reward.tier_min,
            level_min=shown.required_level if shown else reward.level_min,
            cancellable=reward.cancellable and reward.kind in CANCELLABLE_KINDS,
            lottery=reward.lottery,
            starts_at=reward.starts_at,
            ends_at=reward.ends_at,
            found=reward,
            member_id=member_id,
            shown=shown,
        )


@strawberry.type
class RewardConnection(Connection[Reward]):
    total_count: int | None = None

    @classmethod
    def of(cls, page: Page[Shown], info: Info) -> "RewardConnection":
        viewer, locale = info.context.viewer, info.context.locale
        return cls(
            nodes=[
                Reward.of(one.reward, one.price, locale, member_id=viewer.member_id, shown=one)
                for one in page.items
            ],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
            total_count=page.total,
        )


@strawberry.type
class Redemption(Node):
    reward: Reward = strawberry.field(description="As it was when it was redeemed.")
    quantity: int
    price_points: Points = strawberry.field(
        description="For all of `quantity`; 0 where it was paid with COMMUNITY."
    )
    price_community: Points | None = strawberry.field(
        description="In COMMUNITY, for all of `quantity`; null: it was paid with points."
    )
    state: str = strawberry.field(
        description="A thing is REQUESTED, SHIPPED, DELIVERED or FAILED; a service and a step up"
        " REQUESTED, DELIVERED or FAILED; a coupon ISSUED; codes, donations, draws and bundles"
        " DELIVERED at once. What came back is CANCELLED or FAILED."
    )
    codes: list[str] = strawberry.field(
        description="Of coupons, also a BUNDLE's, or from the pool of a VIRTUAL reward.",
        metadata=cap(_CODES_MAX),
    )
    created_at: datetime
    member_id: strawberry.Private[UUID]
    redemption_id: strawberry.Private[UUID]

    @strawberry.field(description="Of a LOTTERY_TICKET, one for each piece, in their order.")
    async def draws(self, info: Info, first: int | None = _DRAWS_DEFAULT) -> list[Draw]:
        if self.reward.lottery is None:
            return []
        count = page_size(_DRAWS_DEFAULT if first is None else first)
        found = await lottery.draws_of(info.context, self.member_id, self.redemption_id)
        return [Draw.of(one, info.context.locale) for one in found[:count]]

    @classmethod
    def of(cls, found: RedemptionView, locale: str) -> "Redemption":
        return cls(
            id=strawberry.ID(global_id("Redemption", found.member_id, found.id)),
            reward=Reward.of(
                found.reward,
                (found.price_community or found.price_points) // found.quantity,
                locale,
                member_id=found.member_id,
            ),
            quantity=found.quantity,
            price_points=found.price_points,
            price_community=found.price_community or None,
            state=found.state,
            codes=list(found.codes),
            created_at=found.created_at,
            member_id=found.member_id,
            redemption_id=found.id,
        )


def redemption_connection(page: Page[RedemptionView], locale: str) -> Connection[Redemption]:
    return Connection(
        nodes=[Redemption.of(found, locale) for found in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )


@strawberry.input
class RewardFilter:
    kinds: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Null: all kinds."
    )
    affordable: bool = strawberry.field(
        default=False, description="Only what the viewer has the price, the tier and the level for."
    )

    def wanted(self) -> Wanted:
        kinds = frozenset(self.kinds) if isinstance(self.kinds, list) else None
        return Wanted(kinds, self.affordable)


@strawberry.type
class RewardQueries:
    @strawberry.field(
        extensions=allow_everybody(),
        description="The shelf, as it stands now and as the viewer's tier sees it.",
    )
    async def rewards(
        self,
        info: Info,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
        filter_: Annotated[
            RewardFilter | None, strawberry.argument(name="filter")
        ] = strawberry.UNSET,
    ) -> RewardConnection:
        wanted = filter_.wanted() if filter_ else Wanted()
        page = await rewards.shelf(info.context, *page_arguments(first, after), wanted)
        return RewardConnection.of(page, info)
