"""Which tables are there? One Tortoise model each, a module for each context.

Keys, checks, foreign keys and triggers are SQL (db/migrations). Tortoise knows keys of one column
only: a model's key here is the last column of the table's key, which tells the rows of one member
apart and nothing more. So a read of a member table always filters by `member_id`, and rows are
written by SQL, never by a model's `save()`.
"""

from db.models.badges import Badge, ChosenTitle
from db.models.batches import Batch, BatchRow
from db.models.challenges import (
    ChallengeClose,
    ChallengeEntry,
    ChallengeResult,
    LeaderboardName,
)
from db.models.checkins import CheckIn
from db.models.checkouts import Checkout
from db.models.community import (
    CommunityAction,
    CommunityAppeal,
    CommunityBan,
    CommunityBlock,
    CommunityComment,
    CommunityFollow,
    CommunityLike,
    CommunityLink,
    CommunityMerit,
    CommunityOpen,
    CommunityPost,
    CommunityProfile,
    CommunityReceived,
    CommunityReport,
    CommunityShare,
    CommunityTopicFollow,
    HonourSetting,
)
from db.models.coupons import Coupon, CouponCode, CouponStock, Voucher, VoucherBatch
from db.models.devices import Device, DeviceCode, DeviceTaking, Presence
from db.models.gifts import Gift
from db.models.identity import ApiKey, Idempotency, ServiceKey
from db.models.intake import EventKey, Inbox
from db.models.jobs import Job, ScheduleRun
from db.models.ledger import Decision, Hold, Lot, LotMove, Transfer, Usage, Wallet
from db.models.lottery import Draw, LotteryRound, LotteryStock, LotteryTally
from db.models.meetups import MeetupSignUp, MeetupTally, MeetupTicket
from db.models.members import Contact, Credential, ExternalId, Member, StaffAction
from db.models.merging import Alias, Merge, Movable
from db.models.notifications import Delivery, Notification, Preference, PushAddress
from db.models.orders import Purchase, Refund
from db.models.privacy import Erasure
from db.models.programme import ProgrammeVersion
from db.models.referrals import (
    Fingerprint,
    Invitation,
    Referral,
    ReferralCode,
    ReferralReview,
)
from db.models.rewards import Redemption, RewardCode, RewardStock
from db.models.staff import StaffAct, StaffHead, StaffProposal
from db.models.tasks import MemberTag, QuizAttempt, TaskBackfill, TaskProgress
from db.models.tiers import Standing, TierChange
from db.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "Alias",
    "ApiKey",
    "Badge",
    "Batch",
    "BatchRow",
    "ChallengeClose",
    "ChallengeEntry",
    "ChallengeResult",
    "CheckIn",
    "Checkout",
    "ChosenTitle",
    "CommunityAction",
    "CommunityAppeal",
    "CommunityBan",
    "CommunityBlock",
    "CommunityComment",
    "CommunityFollow",
    "CommunityLike",
    "CommunityLink",
    "CommunityMerit",
    "CommunityOpen",
    "CommunityPost",
    "CommunityProfile",
    "CommunityReceived",
    "CommunityReport",
    "CommunityShare",
    "CommunityTopicFollow",
    "Contact",
    "Coupon",
    "CouponCode",
    "CouponStock",
    "Credential",
    "Decision",
    "Delivery",
    "Device",
    "DeviceCode",
    "DeviceTaking",
    "Draw",
    "Erasure",
    "EventKey",
    "ExternalId",
    "Fingerprint",
    "Gift",
    "Hold",
    "HonourSetting",
    "Idempotency",
    "Inbox",
    "Invitation",
    "Job",
    "LeaderboardName",
    "Lot",
    "LotMove",
    "LotteryRound",
    "LotteryStock",
    "LotteryTally",
    "MeetupSignUp",
    "MeetupTally",
    "MeetupTicket",
    "Member",
    "MemberTag",
    "Merge",
    "Movable",
    "Notification",
    "Preference",
    "Presence",
    "ProgrammeVersion",
    "Purchase",
    "PushAddress",
    "QuizAttempt",
    "Redemption",
    "Referral",
    "ReferralCode",
    "ReferralReview",
    "Refund",
    "RewardCode",
    "RewardStock",
    "ScheduleRun",
    "ServiceKey",
    "StaffAct",
    "StaffAction",
    "StaffHead",
    "StaffProposal",
    "Standing",
    "TaskBackfill",
    "TaskProgress",
    "TierChange",
    "Transfer",
    "Usage",
    "Voucher",
    "VoucherBatch",
    "Wallet",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
