"""Which messages are there, of which class, by which channels, and of which facts do they speak?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Template(StrEnum):
    """What a member may be told.

    A fact is a number, a word, a name in both languages (`{"zh-CN": …, "en": …}`), an instant
    at which something ends (its name ends in `_at`; ISO 8601) or a list of such names.
    """

    WELCOME = "welcome"
    BIRTHDAY = "birthday"
    CHECK_IN_REMINDER = "check_in_reminder"
    POINTS_EXPIRING = "points_expiring"
    COUPONS_EXPIRING = "coupons_expiring"
    CREDIT_RECEIVED = "credit_received"
    CREDIT_EXPIRING = "credit_expiring"
    TIER_UPGRADED = "tier_upgraded"
    TIER_GIFTS = "tier_gifts"
    TIER_FELL = "tier_fell"
    TIER_WARNED = "tier_warned"
    TIER_GRACE = "tier_grace"
    TIER_KEPT = "tier_kept"
    TIER_DOWNGRADED = "tier_downgraded"
    TIER_RECOVERED = "tier_recovered"
    TIER_FLOOR_ENDING = "tier_floor_ending"
    TASK_COMPLETED = "task_completed"
    CHALLENGE_PRIZE = "challenge_prize"
    MEETUP_SEAT = "meetup_seat"
    MEETUP_CALLED_OFF = "meetup_called_off"
    CONTENT_HIDDEN = "content_hidden"
    COMMUNITY_BANNED = "community_banned"
    APPEAL_DECIDED = "appeal_decided"
    BADGE_AWARDED = "badge_awarded"
    REWARD_SHIPPED = "reward_shipped"
    MEMBERS_MERGED = "members_merged"
    NEW_DEVICE = "new_device"
    ACCOUNT_AWAKE = "account_awake"
    DEVICE_CODE = "device_code"


class Channel(StrEnum):
    """How a message reaches a member."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class MessageClass(StrEnum):
    """What can be muted and capped together.

    ACCOUNT: about what the member has and may lose; never capped, and not to be muted in the app
    and by email. SECURITY: whether it is the member who uses the account; never capped, muted or
    put off until the morning.
    """

    ACCOUNT = "account"
    SECURITY = "security"
    REMINDER = "reminder"
    REWARD = "reward"


NEVER_MUTED = frozenset(
    {
        (MessageClass.ACCOUNT, Channel.IN_APP),
        (MessageClass.ACCOUNT, Channel.EMAIL),
        *((MessageClass.SECURITY, channel) for channel in Channel),
    }
)
NEVER_CAPPED = frozenset({MessageClass.ACCOUNT, MessageClass.SECURITY})
NEVER_SHOWN = frozenset({Template.DEVICE_CODE})
"""Not to be read in the app or pushed to it: whoever took it over would read it, too."""
CHANNELS: tuple[str, ...] = tuple(channel.value for channel in Channel)

_GOLD = {"zh-CN": "金卡", "en": "Gold"}
_SILVER = {"zh-CN": "银卡", "en": "Silver"}
_COUPONS = [{"zh-CN": "满100减10", "en": "10 off 100"}]
_AT = "2026-03-31T16:00:00+00:00"
_AMOUNT = {"amount": {"zh-CN": "¥8.88", "en": "CN¥8.88"}, "amount_minor": 888}
_SHORT = {"tier": _GOLD, "score": 180, "needed": 240, "gap": 60, "ends_at": _AT}
_APP = (Channel.IN_APP,)
_MAIL = (Channel.IN_APP, Channel.EMAIL)
_PUSH = (Channel.IN_APP, Channel.PUSH)
_SMS = (Channel.IN_APP, Channel.EMAIL, Channel.SMS)


@dataclass(frozen=True, slots=True)
class Kind:
    """A template's class, its channels by default, how long it is news, and facts to try it with.

    The names of `example` are the facts that its texts may use, beside EVERYWHERE.
    """

    class_: MessageClass
    channels: tuple[Channel, ...]
    example: Mapping[str, Any]
    useful_for: timedelta = timedelta(days=3)


EVERYWHERE: Mapping[str, Any] = MappingProxyType(
    {"nickname": "小明", "programme": {"zh-CN": "会员计划", "en": "Membership"}}
)
"""What every text may use."""

KINDS: Mapping[Template, Kind] = MappingProxyType(
    {
        Template.WELCOME: Kind(MessageClass.REWARD, _MAIL, {"points": 100, "coupons": _COUPONS}),
        Template.BIRTHDAY: Kind(
            MessageClass.REWARD,
            (Channel.IN_APP, Channel.EMAIL, Channel.PUSH),
            {"points": 200, "coupons": _COUPONS},
        ),
        Template.CHECK_IN_REMINDER: Kind(
            MessageClass.REMINDER, _PUSH, {"streak_days": 6}, timedelta(hours=4)
        ),
        Template.POINTS_EXPIRING: Kind(
            MessageClass.REMINDER,
            (Channel.IN_APP, Channel.EMAIL, Channel.PUSH),
            {"points": 800, "days": 7, "expires_at": _AT},
        ),
        Template.COUPONS_EXPIRING: Kind(
            MessageClass.REMINDER,
            _PUSH,
            {"coupons": _COUPONS, "days": 3, "expires_at": _AT},
        ),
        Template.CREDIT_RECEIVED: Kind(
            MessageClass.REWARD, _PUSH, {**_AMOUNT, "waits": 0, "expires_at": _AT}
        ),
        Template.CREDIT_EXPIRING: Kind(
            MessageClass.REMINDER,
            (Channel.IN_APP, Channel.EMAIL, Channel.PUSH),
            {**_AMOUNT, "days": 7, "expires_at": _AT},
        ),
        Template.TIER_UPGRADED: Kind(
            MessageClass.ACCOUNT, _PUSH, {"tier": _GOLD, "from_tier": _SILVER}
        ),
        Template.TIER_GIFTS: Kind(
            MessageClass.REWARD, _APP, {"tier": _GOLD, "points": 300, "coupons": _COUPONS}
        ),
        Template.TIER_FELL: Kind(
            MessageClass.ACCOUNT, _MAIL, {"tier": _SILVER, "from_tier": _GOLD}
        ),
        Template.TIER_WARNED: Kind(MessageClass.ACCOUNT, _SMS, {**_SHORT, "otherwise": _SILVER}),
        Template.TIER_GRACE: Kind(
            MessageClass.ACCOUNT,
            (Channel.IN_APP, Channel.EMAIL, Channel.PUSH),
            {
                **_SHORT,
                "otherwise": _SILVER,
                "tasks": [{"zh-CN": "连续签到7天", "en": "Check in for 7 days"}],
            },
        ),
        Template.TIER_KEPT: Kind(MessageClass.ACCOUNT, _MAIL, {"tier": _GOLD, "ends_at": _AT}),
        Template.TIER_DOWNGRADED: Kind(
            MessageClass.ACCOUNT,
            _SMS,
            {
                "tier": _SILVER,
                "from_tier": _GOLD,
                "needed": 240,
                "gap": 60,
                "recover_by_at": _AT,
            },
        ),
        Template.TIER_RECOVERED: Kind(MessageClass.ACCOUNT, _MAIL, {"tier": _GOLD, "ends_at": _AT}),
        Template.TIER_FLOOR_ENDING: Kind(
            MessageClass.ACCOUNT, _MAIL, {"tier": _GOLD, "otherwise": _SILVER, "ends_at": _AT}
        ),
        Template.TASK_COMPLETED: Kind(
            MessageClass.REWARD,
            _APP,
            {
                "task": {"zh-CN": "首次下单", "en": "First order"},
                "points": 50,
                "coupons": _COUPONS,
            },
        ),
        Template.CHALLENGE_PRIZE: Kind(
            MessageClass.REWARD,
            _PUSH,
            {
                "challenge": {"zh-CN": "春季消费榜", "en": "Spring challenge"},
                "rank": 3,
                "points": 500,
                "coupons": _COUPONS,
            },
        ),
        Template.MEETUP_SEAT: Kind(
            MessageClass.ACCOUNT,
            _PUSH,
            {"meetup": {"zh-CN": "春茶品鉴会", "en": "Spring tasting"}, "starts_at": _AT},
        ),
        Template.MEETUP_CALLED_OFF: Kind(
            MessageClass.ACCOUNT,
            _MAIL,
            {
                "meetup": {"zh-CN": "春茶品鉴会", "en": "Spring tasting"},
                "starts_at": _AT,
                "reason": {"zh-CN": "场地临时关闭", "en": "The venue is closed"},
            },
        ),
        Template.CONTENT_HIDDEN: Kind(MessageClass.ACCOUNT, _APP, {"reason": "广告"}),
        Template.COMMUNITY_BANNED: Kind(
            MessageClass.ACCOUNT, _MAIL, {"reason": "多次发布广告", "ends_at": _AT}
        ),
        Template.APPEAL_DECIDED: Kind(
            MessageClass.ACCOUNT, _MAIL, {"accepted": 1, "answer": "误判，已恢复"}
        ),
        Template.BADGE_AWARDED: Kind(
            MessageClass.REWARD, _APP, {"badge": {"zh-CN": "签到达人", "en": "Daily visitor"}}
        ),
        Template.REWARD_SHIPPED: Kind(
            MessageClass.ACCOUNT, _PUSH, {"reward": {"zh-CN": "马克杯", "en": "Mug"}}
        ),
        Template.MEMBERS_MERGED: Kind(MessageClass.ACCOUNT, _MAIL, {"other": "小红"}),
        Template.NEW_DEVICE: Kind(MessageClass.SECURITY, _SMS, {"points": 500, "hours": 24}),
        Template.ACCOUNT_AWAKE: Kind(MessageClass.SECURITY, _SMS, {"points": 500, "hours": 24}),
        Template.DEVICE_CODE: Kind(
            MessageClass.SECURITY,
            (Channel.EMAIL, Channel.SMS),
            {"code": "04938271"},
            timedelta(minutes=10),
        ),
    }
)
