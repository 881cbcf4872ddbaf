"""What may a member be told, how does it travel, and what became of it?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from domain.programme.model.messages import (
    NEVER_CAPPED,
    NEVER_MUTED,
    NEVER_SHOWN,
    Channel,
    MessageClass,
    Template,
)

__all__ = [
    "NEVER_CAPPED",
    "NEVER_MUTED",
    "NEVER_SHOWN",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Failure",
    "Letter",
    "MessageClass",
    "Notification",
    "Outbox",
    "Preference",
    "Provider",
    "Shown",
    "SkipReason",
    "Template",
    "Told",
]

DeliveryState = Literal["WAITING", "SENDING", "SENT", "FAILED", "SKIPPED"]
SkipReason = Literal["PREFERENCE", "NO_ADDRESS", "CAPPED", "NO_PROVIDER", "SUSPENDED", "STALE"]


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of `notification`; `read_at` None: not read yet."""

    member_id: UUID
    id: UUID
    template: str
    cause: str
    facts: dict[str, Any]
    occurred_at: datetime
    created_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification in its reader's words."""

    notification: Notification
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of `delivery`: what became of a notification on one channel.

    `reason` says why it was SKIPPED, `answer` what the provider said last. It counts for the caps
    from `started_at` on; a WAITING one is tried at `next_at`.
    """

    member_id: UUID
    notification_id: UUID
    channel: str
    state: DeliveryState
    reason: SkipReason | None
    attempts: int
    provider: str | None
    answer: str | None
    started_at: datetime | None
    next_at: datetime | None
    sent_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Preference:
    """A row of `preference`. None: the programme's quiet hours; no reminder to check in.

    An entry of `muted` is a class and a channel, such as `reminder:email`.
    """

    member_id: UUID
    muted: tuple[str, ...] = ()
    quiet_from_hour: int | None = None
    quiet_until_hour: int | None = None
    check_in_hour: int | None = None
    changed_at: datetime | None = None

    def mutes(self, class_: MessageClass, channel: Channel) -> bool:
        return f"{class_.value}:{channel.value}" in self.muted


@dataclass(frozen=True, slots=True)
class Letter:
    """What a provider is given. `key` is the same whenever this delivery is tried again.

    `title` is an email's subject; of an SMS only `body` is sent. `unsubscribe_url` mutes its class
    by email; None where that can't be muted or isn't offered.
    """

    key: str
    channel: Channel
    addresses: tuple[str, ...]
    title: str
    body: str
    locale: str
    sender: str
    template: str
    unsubscribe_url: str | None = None


class Failure(Exception):
    """A provider didn't take a letter; `temporary`: another attempt may succeed."""

    def __init__(self, answer: str, *, temporary: bool) -> None:
        super().__init__(answer)
        self.temporary = temporary


class Provider(Protocol):
    """Somebody who carries letters; at least once, since an answer may be lost on its way."""

    @property
    def name(self) -> str: ...

    async def carry(self, letter: Letter) -> str:
        """What the provider answered. Raises Failure."""
        ...


@dataclass(frozen=True, slots=True)
class Outbox:
    """By which provider each channel is served, and where a member unsubscribes.

    `unsubscribe_url` takes the member and the class; None: it isn't offered. `code_text` takes the
    member and what a one-time code is made of: codes are in letters and nowhere else.
    """

    providers: Mapping[Channel, Provider]
    unsubscribe_url: Callable[[UUID, MessageClass], str] | None = None
    code_text: Callable[[UUID, UUID], str] | None = None

    def unsubscribing(self, member_id: UUID, class_: MessageClass) -> str | None:
        return None if self.unsubscribe_url is None else self.unsubscribe_url(member_id, class_)

    def facts(self, row: Notification) -> dict[str, Any]:
        """What a letter says, with the code in one that brings it."""
        code_id = row.facts.get("code_id")
        if code_id is None or self.code_text is None:
            return row.facts
        return {**row.facts, "code": self.code_text(row.member_id, UUID(code_id))}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an attempt."""

    delivery: Delivery
    letter: Letter
    answer: str = ""
    failure: Failure | None = None
