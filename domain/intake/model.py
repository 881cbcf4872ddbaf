"""What do the shop's facts look like? Payloads of each event type, and an event on its way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

MINOR_MAX = 10**12
EVENTS_MAX = 500

Word = Annotated[str, Field(min_length=1, max_length=128)]
Minor = Annotated[int, Field(ge=0, le=MINOR_MAX, strict=True)]
Quantity = Annotated[int, Field(ge=1, le=100_000, strict=True)]


class Payload(BaseModel):
    """Keys are camelCase on the wire; unknown ones are passed over, so that a shop may send more."""

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

    @model_validator(mode="after")
    def _discount_within_amount(self) -> "Line":
        if self.discount_minor > self.amount_minor:
            msg = "discountMinor is more than amountMinor"
            raise ValueError(msg)
        return self


class OrderPaid(Payload):
    order_id: Word
    paid_at: AwareDatetime
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=500)]
    shipping_minor: Minor = 0
    points_paid_minor: Minor = 0
    channel: Word | None = None

    @model_validator(mode="after")
    def _lines_are_distinct(self) -> "OrderPaid":
        if len({line.line_id for line in self.lines}) != len(self.lines):
            msg = "two lines have the same lineId"
            raise ValueError(msg)
        return self


class OrderCompleted(Payload):
    order_id: Word


class RefundedLine(Payload):
    line_id: Word
    quantity: Annotated[int, Field(ge=0, le=100_000, strict=True)] = 1
    amount_minor: Minor


class OrderRefunded(Payload):
    """No lines: the whole order, or what is left of it."""

    order_id: Word
    refund_id: Word
    lines: Annotated[tuple[RefundedLine, ...], Field(max_length=500)] = ()


class ReviewApproved(Payload):
    review_id: Word
    photos: Annotated[int, Field(ge=0, le=1_000, strict=True)] = 0
    order_id: Word | None = None
    sku: Word | None = None


class ShareOpened(Payload):
    """`opener` is whoever opened the link, as far as the shop can tell them apart."""

    link: Word
    opener: Word


@dataclass(frozen=True, slots=True)
class EventType:
    """`naturally` names the payload's fields that identify the happening, whatever the event's id."""

    payload: type[Payload]
    naturally: tuple[str, ...]


EVENT_TYPES = {
    "order.paid": EventType(OrderPaid, ("order_id",)),
    "order.completed": EventType(OrderCompleted, ("order_id",)),
    "order.refunded": EventType(OrderRefunded, ("order_id", "refund_id")),
    "review.approved": EventType(ReviewApproved, ("review_id",)),
    "share.opened": EventType(ShareOpened, ("link", "opener")),
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
    refused: tuple[tuple[str, Exception], ...]
