"""Which refusals tell a client more than their code and message? A type with its facts each."""

from datetime import date, datetime

import strawberry

from domain.checkouts.model import COUPONS_NAMED_MAX
from domain.devices.model import Reason
from schema.carts import CartPrice, RefusedCoupon
from schema.checkins import CheckIn
from schema.limits.catalogue import cap
from schema.scalars import Points

strawberry.enum(Reason, name="LimitReason", description="Why what may leave an account is limited.")


@strawberry.interface(name="Refusal", description="A rule said no, and nothing has changed.")
class Refusal:
    code: str = strawberry.field(description="Stable; docs/refusals has a page for each.")
    message: str = strawberry.field(description="In the viewer's language.")


@strawberry.type(description="A refusal that its code and message say all about.")
class GenericRefusal(Refusal):
    pass


@strawberry.type
class InvalidInput(Refusal):
    path: list[str] = strawberry.field(description="The field that is wrong, outermost first.")


@strawberry.type
class InsufficientPoints(Refusal):
    available: Points
    required: Points


@strawberry.type
class InsufficientExpiringPoints(Refusal):
    available: Points = strawberry.field(description="Of points that expire within 30 days.")
    required: Points


@strawberry.type
class NoHigherTier(Refusal):
    tier: str = strawberry.field(description="The code of the one that the member has.")


@strawberry.type
class LotteryClosed(Refusal):
    lottery: str


@strawberry.type
class InsufficientCommunity(Refusal):
    available: Points
    required: Points


@strawberry.type
class InsufficientCredit(Refusal):
    available_minor: Points
    required_minor: Points
    currency: str


@strawberry.type
class CreditLimitReached(Refusal):
    balance_minor: Points = strawberry.field(description="What the member has, held included.")
    limit_minor: Points
    currency: str


@strawberry.type
class OutOfStock(Refusal):
    pass


@strawberry.type
class AlreadyCheckedIn(Refusal):
    check_in: CheckIn = strawberry.field(description="The first one of that day.")


@strawberry.type
class CheckInTooSoon(Refusal):
    available_at: datetime


@strawberry.type
class LimitReached(Refusal):
    limit: int
    period: str = strawberry.field(description="day, week, month, year or ever.")
    resets_at: datetime | None = strawberry.field(description="Null: never.")


@strawberry.type
class MakeUpLimitReached(Refusal):
    limit: int
    resets_on: date


@strawberry.type
class TierTooLow(Refusal):
    required: str = strawberry.field(description="The code of the lowest tier that may.")


@strawberry.type
class LevelTooLow(Refusal):
    required: str = strawberry.field(description="The code of the lowest community level that may.")


@strawberry.type
class CommunityBanned(Refusal):
    reason: str
    ends_at: datetime | None = strawberry.field(description="Null: for good.")


@strawberry.type
class WordsRefused(Refusal):
    words: str


@strawberry.type
class TooManyLinks(Refusal):
    links: int
    limit: int


@strawberry.type
class TooManyBlocks(Refusal):
    limit: int


@strawberry.type
class TooManyFollows(Refusal):
    limit: int


@strawberry.type
class NotStarted(Refusal):
    starts_at: datetime


@strawberry.type
class Ended(Refusal):
    ends_at: datetime


@strawberry.type
class ContactTaken(Refusal):
    kind: str = strawberry.field(description="email or phone.")


@strawberry.type
class BirthdayChangedRecently(Refusal):
    again_at: datetime


@strawberry.type
class TimezoneChangedRecently(Refusal):
    again_at: datetime


@strawberry.type
class NewDeviceLimit(Refusal):
    reason: Reason
    currency: str = strawberry.field(description="POINTS, CREDIT (minor units) or COMMUNITY.")
    limit: Points = strawberry.field(description="What may leave in any 24 hours.")
    left: Points


@strawberry.type
class CodeWrong(Refusal):
    tries_left: int


@strawberry.type
class TooManyAttempts(Refusal):
    retry_after_seconds: int


@strawberry.type
class AddressRefused(Refusal):
    address: str = strawberry.field(description="The part of the URL that nothing is sent to.")


@strawberry.type
class EndpointDisabled(Refusal):
    reason: str


@strawberry.type
class CannotBeMuted(Refusal):
    message_class: str
    channel: str


@strawberry.type
class AlreadyClaimed(Refusal):
    period: str


@strawberry.type
class TaskNotClaimable(Refusal):
    progress: int
    target: int


@strawberry.type
class TaskLocked(Refusal):
    requires: str = strawberry.field(description="Codes of the tasks that come first.")


@strawberry.type
class QuizTriesUsedUp(Refusal):
    tries_per_day: int
    resets_at: datetime


@strawberry.type
class MemberMerged(Refusal):
    survivor_id: str = strawberry.field(description="The id as which the member goes on.")


@strawberry.type
class ValueReserved(Refusal):
    member_id: str = strawberry.field(description="For whom something is set aside.")


@strawberry.type
class FreshSignInNeeded(Refusal):
    minutes: int = strawberry.field(description="How old a token may be.")


@strawberry.type
class ExportTooLarge(Refusal):
    limit: int = strawberry.field(description="In bytes.")


@strawberry.type
class MergedLately(Refusal):
    until: datetime


@strawberry.type
class UnmergeTooLate(Refusal):
    until: datetime


@strawberry.type
class BatchEnded(Refusal):
    state: str


@strawberry.type
class PriceChanged(Refusal):
    quote: CartPrice = strawberry.field(description="As it is now, with the digest to agree to.")


@strawberry.type
class NotApplicable(Refusal):
    reasons: list[RefusedCoupon] = strawberry.field(
        metadata=cap(COUPONS_NAMED_MAX), description="Of the named coupons, those at fault."
    )


@strawberry.type
class TooManyCheckouts(Refusal):
    limit: int


@strawberry.type
class CheckoutExpired(Refusal):
    expires_at: datetime
    paid_at: datetime


@strawberry.type
class CheckoutClosed(Refusal):
    state: str = strawberry.field(description="COMPLETED or CANCELLED.")


@strawberry.type
class CheckoutBound(Refusal):
    order_id: str = strawberry.field(description="The order that it belongs to.")


@strawberry.type
class OrderHasCheckout(Refusal):
    order_id: str


@strawberry.type
class ApprovalRequired(Refusal):
    proposal_id: strawberry.ID = strawberry.field(
        description="For approveProposal, by another of the staff."
    )
    expires_at: datetime


@strawberry.type
class ProposalClosed(Refusal):
    state: str = strawberry.field(description="APPROVED, REJECTED, WITHDRAWN or EXPIRED.")


@strawberry.type
class StaffLimitReached(Refusal):
    limit: Points = strawberry.field(description="Within 24 hours.")


TYPES: dict[str, type[Refusal]] = {
    "APPROVAL_REQUIRED": ApprovalRequired,
    "NEW_DEVICE_LIMIT": NewDeviceLimit,
    "PROPOSAL_CLOSED": ProposalClosed,
    "STAFF_LIMIT_REACHED": StaffLimitReached,
    "BATCH_ENDED": BatchEnded,
    "MEMBER_MERGED": MemberMerged,
    "VALUE_RESERVED": ValueReserved,
    "FRESH_SIGN_IN_NEEDED": FreshSignInNeeded,
    "EXPORT_TOO_LARGE": ExportTooLarge,
    "MERGED_LATELY": MergedLately,
    "UNMERGE_TOO_LATE": UnmergeTooLate,
    "ALREADY_CLAIMED": AlreadyClaimed,
    "TASK_NOT_CLAIMABLE": TaskNotClaimable,
    "TASK_LOCKED": TaskLocked,
    "QUIZ_TRIES_USED_UP": QuizTriesUsedUp,
    "ADDRESS_REFUSED": AddressRefused,
    "ENDPOINT_DISABLED": EndpointDisabled,
    "INSUFFICIENT_POINTS": InsufficientPoints,
    "INSUFFICIENT_EXPIRING_POINTS": InsufficientExpiringPoints,
    "NO_HIGHER_TIER": NoHigherTier,
    "LOTTERY_CLOSED": LotteryClosed,
    "INSUFFICIENT_CREDIT": InsufficientCredit,
    "INSUFFICIENT_COMMUNITY": InsufficientCommunity,
    "CREDIT_LIMIT_REACHED": CreditLimitReached,
    "OUT_OF_STOCK": OutOfStock,
    "TOO_MANY_CHECKOUTS": TooManyCheckouts,
    "CHECKOUT_EXPIRED": CheckoutExpired,
    "CHECKOUT_CLOSED": CheckoutClosed,
    "CHECKOUT_BOUND": CheckoutBound,
    "ORDER_HAS_CHECKOUT": OrderHasCheckout,
    "CHECK_IN_TOO_SOON": CheckInTooSoon,
    "LIMIT_REACHED": LimitReached,
    "MAKE_UP_LIMIT_REACHED": MakeUpLimitReached,
    "TIER_TOO_LOW": TierTooLow,
    "LEVEL_TOO_LOW": LevelTooLow,
    "TOO_MANY_BLOCKS": TooManyBlocks,
    "TOO_MANY_FOLLOWS": TooManyFollows,
    "COMMUNITY_BANNED": CommunityBanned,
    "WORDS_REFUSED": WordsRefused,
    "TOO_MANY_LINKS": TooManyLinks,
    "NOT_STARTED": NotStarted,
    "ENDED": Ended,
    "CONTACT_TAKEN": ContactTaken,
    "BIRTHDAY_CHANGED_RECENTLY": BirthdayChangedRecently,
    "TIMEZONE_CHANGED_RECENTLY": TimezoneChangedRecently,
    "TOO_MANY_ATTEMPTS": TooManyAttempts,
    "CODE_WRONG": CodeWrong,
    "CANNOT_BE_MUTED": CannotBeMuted,
}
"""Types whose fields are facts of the refusal by the same name."""
