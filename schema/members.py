"""What is there to see of a member?"""

from datetime import date, datetime
from typing import TypeVar, cast
from uuid import UUID

import strawberry

from domain.dashboard import model
from domain.dashboard.model import Entry, Part, PartName, RedemptionView
from domain.members.model import Member as MemberRow
from kit.errors import Forbidden
from kit.ids import global_id
from kit.paging import Page
from resolvers.seeing import Seen
from schema.badges import MemberBadges
from schema.challenges import MemberChallenges
from schema.coupons import MemberCoupons
from schema.credit import MemberCredit
from schema.limits.catalogue import cap
from schema.merged import MemberMerges
from schema.node import Node
from schema.notifications import MemberNotifications
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.points import PointsEntry, PointsSummary, entry_connection
from schema.programme import Tier
from schema.referrals import ReferralSummary
from schema.rewards import Redemption, redemption_connection
from schema.scalars import Points
from schema.tasks import MemberTasks
from schema.tiers import TierProgress

_DAYS_OF_A_MONTH_MAX = 31
T = TypeVar("T")


@strawberry.type
class CheckInStatus:
    checked_in_today: bool
    streak_days: int = strawberry.field(description="0 once a day was missed.")
    parts: strawberry.Private[dict[Part, object]]

    @strawberry.field(
        description="The days of a month, such as 2026-11, on which the member checked in.",
        metadata=cap(_DAYS_OF_A_MONTH_MAX),
    )
    def days(self, month: str) -> list[date]:
        return cast("list[date]", self.parts[Part("days", (month,))])

    @classmethod
    def of(cls, found: model.CheckInState, parts: dict[Part, object]) -> "CheckInStatus":
        return cls(
            checked_in_today=found.checked_in_today, streak_days=found.streak_days, parts=parts
        )


@strawberry.type(description="A person in the programme; read by one statement, as asked for.")
class Member(
    MemberCoupons,
    MemberCredit,
    MemberTasks,
    MemberChallenges,
    MemberBadges,
    MemberNotifications,
    MemberMerges,
    Node,
):
    external_id: str | None = strawberry.field(description="The shop's customer id.")
    nickname: str
    joined_at: datetime
    timezone: str = strawberry.field(description="IANA; the member's days follow it.")
    locale: str = strawberry.field(description="zh-CN or en.")
    suspended_at: datetime | None = strawberry.field(description="Null: in good standing.")
    erased_at: datetime | None = strawberry.field(description="Since when nobody is this member.")
    tier: Tier
    tier_progress: TierProgress
    points: PointsSummary
    growth: Points = strawberry.field(description="What the tiers count; never spent.")
    check_in_status: CheckInStatus
    referral: ReferralSummary
    seen: strawberry.Private[Seen]

    @strawberry.field(description="Only for the member, staff, and services that read members.")
    def email(self) -> str | None:
        return self._private().email

    @strawberry.field(description="Only for the member, staff, and services that read members.")
    def phone(self) -> str | None:
        return self._private().phone

    @strawberry.field(description="Only for the member, staff, and services that read members.")
    def birthday(self) -> date | None:
        return self._private().birthday

    @strawberry.field(
        description="Signed entries that cross the wallet's boundary (earned, spent, expired,"
        " taken back, adjusted), newest recorded first; holds and activations are not listed."
        " Only for the member, staff, and services that read members."
    )
    def points_history(
        self, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[PointsEntry]:
        return self._history("history", first, after)

    @strawberry.field(
        description="As `pointsHistory`, of COMMUNITY: earned by talking, spent on rewards, taken"
        " back. Only for the member, staff, and services that read members."
    )
    def community_history(
        self, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[PointsEntry]:
        return self._history("community_history", first, after)

    @strawberry.field(
        description="As `pointsHistory`, of GROWTH. Only for the member, staff, and services that"
        " read members."
    )
    def growth_history(
        self, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[PointsEntry]:
        return self._history("growth_history", first, after)

    @strawberry.field(
        description="Newest first. Only for the member, staff, and services that read members."
    )
    def redemptions(
        self, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[Redemption]:
        found = self._private().parts[Part("redemptions", page_arguments(first, after))]
        return redemption_connection(cast("Page[RedemptionView]", found), self.seen.locale)

    def _history(
        self, name: PartName, first: int | None, after: str | None
    ) -> Connection[PointsEntry]:
        parts, arguments = self._private().parts, page_arguments(first, after)
        found = parts.get(Part(name, (*arguments, True)))
        if found is None:
            found = parts[Part(name, (*arguments, False))]
        return entry_connection(cast("Page[Entry]", found))

    def _private(self) -> model.MemberView:
        if not self.seen.viewer.may_read(self.seen.view.member_id):
            raise Forbidden
        return self.seen.view

    @classmethod
    def of(cls, seen: Seen) -> "Member":
        """With the parts that were asked for; nobody looks at the others."""
        view, parts = seen.view, seen.view.parts
        progress, points = (
            _part(parts, model.Progress, "progress"),
            _part(parts, model.Points, "points"),
        )
        retention = _part(parts, model.Retention, "retention")
        check_in = _part(parts, model.CheckInState, "check_in")
        referral = _part(parts, model.ReferralView, "referral")
        return cls(
            id=member_id(view.member_id),
            external_id=view.external_id,
            nickname=view.nickname,
            joined_at=view.joined_at,
            timezone=view.timezone,
            locale=view.locale,
            suspended_at=view.suspended_at,
            erased_at=view.erased_at,
            tier=Tier.of(view.tier, seen.programme, seen.locale),
            tier_progress=_asked(progress and TierProgress.of(progress, retention, seen)),
            points=_asked(points and PointsSummary.of(points, parts)),
            growth=cast("int", parts.get(_GROWTH)),
            check_in_status=_asked(check_in and CheckInStatus.of(check_in, parts)),
            referral=_asked(referral and ReferralSummary.of(referral)),
            seen=seen,
        )


_GROWTH = Part("growth")


def _part(parts: dict[Part, object], kind: type[T], name: model.PartName) -> T | None:
    found = parts.get(Part(name))
    assert found is None or isinstance(found, kind)
    return found


def _asked(value: T | None) -> T:
    """A value that is there whenever its field is resolved, for then its part was read."""
    return cast("T", value)


def member_id(found: UUID) -> strawberry.ID:
    return strawberry.ID(global_id("Member", found))


def member_or_none(seen: Seen | None) -> Member | None:
    return None if seen is None else Member.of(seen)


@strawberry.type(description="A line of the staff's list of members; `member` shows the rest.")
class MemberSummary:
    id: strawberry.ID = strawberry.field(description="The member's.")
    external_id: str | None
    nickname: str
    email: str | None
    phone: str | None
    timezone: str
    locale: str
    joined_at: datetime
    suspended_at: datetime | None

    @classmethod
    def of(cls, found: MemberRow) -> "MemberSummary":
        return cls(
            id=member_id(found.member_id),
            external_id=found.external_id,
            nickname=found.nickname,
            email=found.email,
            phone=found.phone,
            timezone=found.timezone,
            locale=found.locale,
            joined_at=found.joined_at,
            suspended_at=found.suspended_at,
        )


def member_connection(page: Page[MemberRow]) -> Connection[MemberSummary]:
    return Connection(
        nodes=[MemberSummary.of(found) for found in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )
