"""What may one do? Every verb answers with its result or a refusal; both can't be."""

import strawberry

from schema.batches import BatchMutations
from schema.challenges import ChallengeMutations
from schema.checkouts import CheckoutMutations
from schema.community_mutations import CommunityMutations
from schema.coupon_mutations import CouponMutations
from schema.devices import DeviceMutations
from schema.intake import EventMutations
from schema.lottery import LotteryMutations
from schema.meetups import MeetupMutations
from schema.member_mutations import CheckInMutations, MemberMutations, SigningInMutations
from schema.merging import MergingMutations
from schema.moderation import ModerationMutations
from schema.notifications import NotificationMutations
from schema.privacy import PrivacyMutations
from schema.referrals import ReferralMutations
from schema.retention import RetentionMutations
from schema.staff import StaffMutations
from schema.task_mutations import TaskMutations
from schema.value_mutations import CreditMutations, PointsMutations, RewardMutations
from schema.webhooks import WebhookMutations


@strawberry.type
class Mutation(
    SigningInMutations,
    CheckInMutations,
    RewardMutations,
    CheckoutMutations,
    ReferralMutations,
    EventMutations,
    PointsMutations,
    CreditMutations,
    MemberMutations,
    MergingMutations,
    PrivacyMutations,
    TaskMutations,
    ChallengeMutations,
    RetentionMutations,
    LotteryMutations,
    NotificationMutations,
    WebhookMutations,
    BatchMutations,
    CouponMutations,
    CommunityMutations,
    ModerationMutations,
    MeetupMutations,
    StaffMutations,
    DeviceMutations,
):
    pass
