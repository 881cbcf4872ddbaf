"""What does a programme say? One immutable, typed document whose defaults are the domain's."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Self, cast
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from domain.programme.model.adjustments import Adjustments, Alone, Reason
from domain.programme.model.audience import Audience, Lifecycle, Segment, Stage, Tag, Traits
from domain.programme.model.badges import BADGES_DEFAULT, Badge, BadgeMetric, BadgeRule
from domain.programme.model.base import (
    EXPONENT_DEFAULT,
    Exact,
    Frozen,
    Locale,
    Section,
    Text,
    an_empty_section,
    no_entries,
    plain_decimal,
)
from domain.programme.model.challenges import Challenge, Metric, Prize, ScoreMilestone
from domain.programme.model.channels import Channel
from domain.programme.model.check_in import CheckIn, MakeUpCard, Milestone
from domain.programme.model.community import (
    Access,
    Community,
    CommunityLevel,
    Meetup,
    Moderation,
    Quality,
    Topic,
    WordLists,
)
from domain.programme.model.coupons import (
    Cashback,
    Checkout,
    CouponKind,
    CouponTemplate,
    Exchange,
    Picks,
    Present,
    Scope,
    Stacking,
    Window,
)
from domain.programme.model.credit import Credit
from domain.programme.model.currencies import exponent_of
from domain.programme.model.gifts import Gifts
from domain.programme.model.gives import Gives
from domain.programme.model.limits import Limit
from domain.programme.model.lotteries import Lottery, LotteryPrize
from domain.programme.model.notices import Notifications, Wording, Wordings
from domain.programme.model.places import Change
from domain.programme.model.points import (
    AnnualDecay,
    CommunityInteraction,
    EarningRule,
    Expiry,
    FixedDate,
    Growth,
    Inactivity,
    Interaction,
    Interactions,
    Match,
    Never,
    PointsPolicy,
    ReviewInteraction,
    Rolling,
)
from domain.programme.model.referral import CODE_PLACE, InviteeMilestone, Referral, Vigilance
from domain.programme.model.rewards import EXPIRING_DAYS, Reward, RewardKind
from domain.programme.model.security import Security
from domain.programme.model.tasks import (
    ORDER_KINDS,
    Material,
    OrderFilter,
    ProfileField,
    Question,
    Quiz,
    Recurrence,
    Task,
    TaskKind,
)
from domain.programme.model.tiers import (
    LADDER_DEFAULT,
    Benefits,
    DiscountDay,
    FreeShipping,
    MakeUpAction,
    Score,
    Tier,
    Tiers,
    TrialQuota,
)
from kit.money import exponent

__all__ = [
    "BADGES_DEFAULT",
    "CODE_PLACE",
    "EXPIRING_DAYS",
    "LADDER_DEFAULT",
    "ORDER_KINDS",
    "Access",
    "Adjustments",
    "Alone",
    "AnnualDecay",
    "Audience",
    "Badge",
    "BadgeMetric",
    "BadgeRule",
    "Benefits",
    "Cashback",
    "Challenge",
    "Change",
    "Channel",
    "CheckIn",
    "Checkout",
    "Community",
    "CommunityInteraction",
    "CommunityLevel",
    "CouponKind",
    "CouponTemplate",
    "Credit",
    "DiscountDay",
    "EarningRule",
    "Exchange",
    "Expiry",
    "FixedDate",
    "FreeShipping",
    "Gifts",
    "Gives",
    "Growth",
    "Inactivity",
    "Interaction",
    "Interactions",
    "InviteeMilestone",
    "Lifecycle",
    "Limit",
    "Locale",
    "Lottery",
    "LotteryPrize",
    "MakeUpAction",
    "MakeUpCard",
    "Match",
    "Material",
    "Meetup",
    "Metric",
    "Milestone",
    "Moderation",
    "Never",
    "Notifications",
    "OrderFilter",
    "Picks",
    "PointsPolicy",
    "Present",
    "Prize",
    "ProfileField",
    "Programme",
    "Quality",
    "Question",
    "Quiz",
    "Reason",
    "Recurrence",
    "Referral",
    "ReviewInteraction",
    "Reward",
    "RewardKind",
    "Rolling",
    "Scope",
    "Score",
    "ScoreMilestone",
    "Section",
    "Security",
    "Segment",
    "Stacking",
    "Stage",
    "Tag",
    "Task",
    "TaskKind",
    "Text",
    "Tier",
    "Tiers",
    "Topic",
    "Traits",
    "TrialQuota",
    "Vigilance",
    "Window",
    "WordLists",
    "Wording",
    "Wordings",
    "exponent_of",
    "plain_decimal",
]


def _known_currency(currency: str) -> str:
    if exponent_of(currency) is None:
        raise PydanticCustomError(
            "currency", "is not a currency", {"allowed": "an ISO 4217 code, such as CNY or USD"}
        )
    return currency


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(zone: str) -> str:
    if zone not in _zones():
        raise PydanticCustomError(
            "zone", "is not a time zone", {"allowed": "an IANA zone, such as Asia/Shanghai"}
        )
    return zone


Currency = Annotated[str, AfterValidator(_known_currency)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class Programme(Section):
    """The whole document. Everything it leaves out has the domain's default.

    Money is written in yuan, 10^exponent minor units of `currency`. `rates`: yuan for one unit of
    another currency.
    """

    name: Text = Text(zh_cn="会员计划", en="Membership")
    currency: Currency = "CNY"
    zone: Zone = "Asia/Shanghai"
    day_start_hour: Annotated[int, Field(ge=0, le=23)] = 0
    locale: Locale = "zh-CN"
    rates: Frozen[Currency, Annotated[Exact, Field(gt=0)]] = Field(default_factory=no_entries)
    points: PointsPolicy = PointsPolicy()
    growth: Growth = Growth()
    credit: Credit = Field(default_factory=an_empty_section, validate_default=True)
    adjustments: Adjustments = Field(default_factory=an_empty_section, validate_default=True)
    tiers: Tiers = Field(default_factory=an_empty_section, validate_default=True)
    check_in: CheckIn = CheckIn()
    coupons: Annotated[tuple[CouponTemplate, ...], Field(max_length=200)] = ()
    checkout: Checkout = Checkout()
    rewards: Annotated[tuple[Reward, ...], Field(max_length=1_000)] = ()
    lotteries: Annotated[tuple[Lottery, ...], Field(max_length=10)] = ()
    referral: Referral = Field(default_factory=an_empty_section, validate_default=True)
    badges: Annotated[tuple[Badge, ...], Field(max_length=200)] = BADGES_DEFAULT
    lifecycle: Lifecycle = Lifecycle()
    segments: Annotated[tuple[Segment, ...], Field(max_length=100)] = ()
    tasks: Annotated[tuple[Task, ...], Field(max_length=200)] = ()
    challenges: Annotated[tuple[Challenge, ...], Field(max_length=100)] = ()
    gifts: Gifts = Gifts()
    community: Community = Community()
    notifications: Notifications = Field(default_factory=Notifications)
    security: Security = Field(default_factory=an_empty_section, validate_default=True)

    @model_validator(mode="after")
    def _money_was_read_in_this_currency(self, info: ValidationInfo) -> Self:
        read_with: Mapping[str, Any] = info.context or {}
        if exponent(self.currency) != read_with.get("exponent", EXPONENT_DEFAULT):
            raise PydanticCustomError(
                "exponent", "build a programme of this currency with Programme.of", {}
            )
        return self

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The programme of a document, as `document()` gives it, partial ones included.

        Raises pydantic's ValidationError; what holds between sections is `rules.parse`'s affair.
        """
        found = exponent_of(document.get("currency", "CNY"))
        context = {"exponent": EXPONENT_DEFAULT if found is None else found}
        return cls.model_validate(_tuples(document), context=context)

    def document(self) -> dict[str, Any]:
        """The canonical document: every default written out, decimals and money as strings."""
        return self.model_dump(
            mode="json", by_alias=True, context={"exponent": exponent(self.currency)}
        )

    def brief(self) -> dict[str, Any]:
        """The document without what is a default."""
        return self.model_dump(
            mode="json",
            by_alias=True,
            exclude_defaults=True,
            context={"exponent": exponent(self.currency)},
        )

    @property
    def digest(self) -> str:
        """sha-256 (hex) of the canonical document: equal programmes have equal digests."""
        canonical = json.dumps(
            self.document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def reward(self, code: str) -> Reward | None:
        return next((reward for reward in self.rewards if reward.code == code), None)

    def lottery(self, code: str) -> Lottery | None:
        return next((lottery for lottery in self.lotteries if lottery.code == code), None)

    def badge(self, code: str) -> Badge | None:
        return next((badge for badge in self.badges if badge.code == code), None)

    def task(self, code: str) -> Task | None:
        return next((task for task in self.tasks if task.code == code), None)

    def segment(self, code: str) -> Segment | None:
        return next((segment for segment in self.segments if segment.code == code), None)

    def coupon(self, code: str) -> CouponTemplate | None:
        return next((coupon for coupon in self.coupons if coupon.code == code), None)


def _tuples(value: object) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        return {key: _tuples(entry) for key, entry in entries.items()}
    if isinstance(value, list | tuple):
        return tuple(_tuples(entry) for entry in cast("list[object]", value))
    return value
