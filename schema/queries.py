"""Whom and what may one ask for?"""

from typing import Annotated

import strawberry

from domain.dashboard.model import Entry, RedemptionView
from domain.lottery.model import Drawn
from domain.members.model import Scope
from domain.rewards.views import Shown
from resolvers import members, nodes
from resolvers.nodes import Found
from resolvers.seeing import Seen
from schema.answers import member_fields
from schema.batches import BatchQueries
from schema.challenges import ChallengeQueries
from schema.checkouts import CheckoutQueries
from schema.community import CommunityQueries
from schema.coupons import CouponQueries
from schema.credit import CreditEntry
from schema.devices import DeviceQueries
from schema.guards import Info, allow, allow_everybody
from schema.intake import EventQueries
from schema.lottery import Draw, LotteryQueries
from schema.meetups import MeetupQueries
from schema.members import Member, MemberSummary, member_connection, member_or_none
from schema.merging import MergingQueries
from schema.moderation import ModerationQueries
from schema.node import Node
from schema.notifications import NotificationQueries
from schema.orders import OrderQueries
from schema.paging import PAGE_SIZE, Connection, page_arguments
from schema.points import PointsEntry
from schema.privacy import PrivacyQueries
from schema.programme import ProgrammeQueries
from schema.referrals import ReferralQueries
from schema.rewards import Redemption, Reward, RewardQueries
from schema.staff import StaffQueries
from schema.tasks import TaskQueries
from schema.webhooks import WebhookQueries


@strawberry.type
class MemberQueries:
    @strawberry.field(
        extensions=allow("member"),
        description="The signed-in member; UNAUTHENTICATED error for anyone else.",
    )
    async def me(self, info: Info) -> Member:
        return Member.of(await members.me(info.context, member_fields(info)))

    @strawberry.field(
        extensions=allow("staff", "service", scope=Scope.MEMBERS_READ),
        description="Staff and service only.",
    )
    async def member(
        self,
        info: Info,
        id_: Annotated[strawberry.ID | None, strawberry.argument(name="id")] = strawberry.UNSET,
        external_id: str | None = strawberry.UNSET,
    ) -> Member | None:
        found = await members.member(
            info.context, id_ or None, external_id or None, member_fields(info)
        )
        return member_or_none(found)

    @strawberry.field(
        extensions=allow("staff"),
        description="The newest first; `search` is the beginning of a nickname, or a whole email"
        " address, phone number, customer id or referral code.",
    )
    async def members(
        self,
        info: Info,
        search: str = "",
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[MemberSummary]:
        page = await members.search(info.context, search, *page_arguments(first, after))
        return member_connection(page)


@strawberry.type
class NodeQueries:
    @strawberry.field(
        extensions=allow_everybody(),
        description="What has this id; null for what isn't there or isn't the viewer's to see.",
    )
    async def node(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> Node | None:
        found = await nodes.node(info.context, id_, member_fields(info))
        return _node(found, info.context.locale)


def _node(found: Found, locale: str) -> Node | None:
    match found:
        case Seen():
            made = Member.of(found)
        case Entry():
            made = CreditEntry.of(found, locale) if found.money else PointsEntry.of(found)
        case RedemptionView():
            made = Redemption.of(found, locale)
        case Drawn():
            made = Draw.of(found, locale)
        case Shown():
            made = Reward.of(found.reward, found.price, locale, member_id=None, shown=found)
        case None:
            made = None
    return made


@strawberry.type
class Query(
    MemberQueries,
    NodeQueries,
    ProgrammeQueries,
    RewardQueries,
    CheckoutQueries,
    EventQueries,
    OrderQueries,
    TaskQueries,
    MergingQueries,
    PrivacyQueries,
    ChallengeQueries,
    LotteryQueries,
    NotificationQueries,
    WebhookQueries,
    BatchQueries,
    CouponQueries,
    CommunityQueries,
    ModerationQueries,
    MeetupQueries,
    ReferralQueries,
    StaffQueries,
    DeviceQueries,
):
    pass
