"""What do the shop's facts look like? Payloads of each event type, and an event on its way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from unicodedata import category
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from kit.errors import Refusal

MINOR_MAX = 10**12
EVENTS_MAX = 500
WORD_MAX = 128
ADDRESS_MAX = 500


def is_seen(text: str) -> bool:
    """Whether nothing in it is a control character or half of one that isn't there."""
    return not any(category(letter) in {"Cc", "Cs"} for letter in text)


def _seen(text: str) -> str:
    if not is_seen(text):
        raise PydanticCustomError("unseen", "has control characters")
    return text


def _instant(value: object) -> object:
    """A text only: a bare number could be seconds or milliseconds."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


Word = Annotated[str, Field(min_length=1, max_length=WORD_MAX), AfterValidator(_seen)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
Minor = Annotated[int, Field(ge=0, le=MINOR_MAX, strict=True)]
Quantity = Annotated[int, Field(ge=1, le=100_000, strict=True)]


class Payload(BaseModel):
    """Keys are camelCase on the wire; unknown ones are passed over: a shop may send more."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, hide_input_in_errors=True
    )


class Line(Payload):
    """`amount_minor` is the line's total before `discount_minor`."""

    line_id: Word
    sku: Word
    category: Word | None = None
    brand: Word | None = None
    quantity: Quantity = 1
    amount_minor: Minor
    discount_minor: Minor = 0
    eligible: Annotated[bool, Field(strict=True)] = True


class OrderPaid(Payload):
    """What must hold between its amounts is `points.rules.check_order`'s affair.

    `checkout_id`: the checkout that it was paid through, as `openCheckout` answered; that one's
    price says then what points and the balance paid, whatever `points_paid_minor` says.
    `payment_fingerprint`: what tells the means of payment from others, as the payment provider
    names it, never a card's number. Of it and of the address only keyed hashes are kept.
    """

    order_id: Word
    paid_at: Instant
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=500)]
    shipping_minor: Minor = 0
    points_paid_minor: Minor = 0
    channel: Word | None = None
    checkout_id: Word | None = None
    payment_fingerprint: Word | None = None
    delivery_address: Annotated[str, Field(min_length=1, max_length=ADDRESS_MAX)] | None = None


class OrderCompleted(Payload):
    order_id: Word


class RefundedLine(Payload):
    line_id: Word
    quantity: Annotated[int, Field(ge=0, le=100_000, strict=True)] = 1
    amount_minor: Minor


class OrderRefunded(Payload):
    """No lines: the whole order, or what is left of it. `by_shop`: the shop cancelled it."""

    order_id: Word
    refund_id: Word
    lines: Annotated[tuple[RefundedLine, ...], Field(max_length=500)] = ()
    by_shop: Annotated[bool, Field(strict=True)] = False


class ReviewApproved(Payload):
    review_id: Word
    photos: Annotated[int, Field(ge=0, le=1_000, strict=True)] = 0
    order_id: Word | None = None
    sku: Word | None = None


class ShareOpened(Payload):
    """`opener` is whoever opened the link, as far as the shop can tell them apart."""

    link: Word
    opener: Word


class ReviewRemoved(Payload):
    review_id: Word


class PostPublished(Payload):
    post_id: Word


class PostRemoved(Payload):
    post_id: Word


class CampaignJoined(Payload):
    """`campaign`: the name by which tasks of the programme ask for it."""

    campaign: Word


@dataclass(frozen=True, slots=True)
class EventType:
    """`naturally` names the fields that identify the happening, whatever the event's id.

    `by_subject`: it happens to each customer once.
    """

    payload: type[Payload]
    naturally: tuple[str, ...]
    by_subject: bool = False


EVENT_TYPES = {
    "order.paid": EventType(OrderPaid, ("order_id",)),
    "order.completed": EventType(OrderCompleted, ("order_id",)),
    "order.refunded": EventType(OrderRefunded, ("order_id", "refund_id")),
    "review.approved": EventType(ReviewApproved, ("review_id",)),
    "review.removed": EventType(ReviewRemoved, ("review_id",)),
    "share.opened": EventType(ShareOpened, ("link", "opener")),
    "post.published": EventType(PostPublished, ("post_id",)),
    "post.removed": EventType(PostRemoved, ("post_id",)),
    "campaign.joined": EventType(CampaignJoined, ("campaign",), by_subject=True),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as the shop sent it."""

    id: str
    source: str
    type: str
    time: datetime
    subject: str
    data: Any


@dataclass(slots=True)
class InboxEvent:
    """A row of the inbox. `waits_for`: the order that a parked event is about."""

    member_id: UUID
    id: UUID
    source: str
    event_id: str
    type: str
    subject: str
    data: dict[str, Any]
    occurred_at: datetime
    received_at: datetime
    state: str
    attempts: int
    waits_for: str | None
    note: str | None
    processed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a call: `refused` pairs an event's id with its refusal."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[str, Refusal], ...]
