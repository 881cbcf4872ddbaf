"""What is a member told, and how do they want to be told?"""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from domain.notifications import model
from domain.notifications.model import Channel, MessageClass, Shown
from domain.notifications.operations import Changed
from domain.notifications.views import DeliveryView
from kit.ids import global_id
from kit.paging import Page
from resolvers import notifications
from resolvers.notifications import Pages
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Json

strawberry.enum(Channel, name="NotificationChannel", description="How a message reaches a member.")
strawberry.enum(
    MessageClass, name="NotificationClass", description="What can be muted and capped together."
)
_MUTED_MAX = len(Channel) * len(MessageClass)


@strawberry.type(description="What a member is told, in the viewer's language.")
class Notification:
    id: strawberry.ID
    template: str = strawberry.field(description="Which message it is, such as tier_warned.")
    title: str
    body: str
    occurred_at: datetime = strawberry.field(description="When that happened which it tells of.")
    created_at: datetime
    read_at: datetime | None = strawberry.field(description="Null: not read yet.")

    @classmethod
    def of(cls, shown: Shown) -> "Notification":
        row = shown.notification
        return cls(
            id=_notification_id(row.member_id, row.id),
            template=row.template,
            title=shown.title,
            body=shown.body,
            occurred_at=row.occurred_at,
            created_at=row.created_at,
            read_at=row.read_at,
        )


@strawberry.type(description="A class of messages that doesn't come by a channel.")
class MutedNotifications:
    message_class: MessageClass
    channel: Channel


@strawberry.type(description="How a member wants to be told.")
class NotificationPreferences:
    muted: list[MutedNotifications] = strawberry.field(metadata=cap(_MUTED_MAX))
    quiet_from_hour: int | None = strawberry.field(
        description="0 to 23, in the member's zone; null: the programme's quiet hours."
    )
    quiet_until_hour: int | None
    check_in_hour: int | None = strawberry.field(
        description="When to be reminded to check in; null: never."
    )

    @classmethod
    def of(cls, found: model.Preference) -> "NotificationPreferences":
        return cls(
            muted=[_muted(entry) for entry in found.muted],
            quiet_from_hour=found.quiet_from_hour,
            quiet_until_hour=found.quiet_until_hour,
            check_in_hour=found.check_in_hour,
        )


def _muted(entry: str) -> MutedNotifications:
    class_, _, channel = entry.partition(":")
    return MutedNotifications(message_class=MessageClass(class_), channel=Channel(channel))


@strawberry.type(description="What a message would say.")
class NotificationPreview:
    title: str = strawberry.field(description="By email its subject; no part of an SMS.")
    body: str


@strawberry.type(description="What became of a notification by one channel.")
class NotificationDelivery:
    notification_id: strawberry.ID
    template: str
    channel: Channel
    state: str = strawberry.field(description="WAITING, SENDING, SENT, FAILED or SKIPPED.")
    reason: str | None = strawberry.field(description="Why it was skipped.")
    attempts: int
    provider: str | None
    answer: str | None = strawberry.field(description="What the provider said last.")
    next_at: datetime | None = strawberry.field(description="When it is tried next.")
    sent_at: datetime | None

    @classmethod
    def of(cls, found: DeliveryView) -> "NotificationDelivery":
        row = found.delivery
        return cls(
            notification_id=_notification_id(row.member_id, row.notification_id),
            template=found.template,
            channel=Channel(row.channel),
            state=row.state,
            reason=row.reason,
            attempts=row.attempts,
            provider=row.provider,
            answer=row.answer,
            next_at=row.next_at,
            sent_at=row.sent_at,
        )


@strawberry.input(description="A class of messages and a channel.")
class MuteInput:
    message_class: MessageClass
    channel: Channel


@strawberry.input(description="Hours of the member's zone, 0 to 23; equal ones: never quiet.")
class QuietHoursInput:
    from_hour: int
    until_hour: int


@strawberry.input(
    description="What is left out stays; null quietHours are the programme's, a null checkInHour"
    " ends the reminder. `muted` replaces all that was muted."
)
class UpdateNotificationPreferencesInput:
    muted: list[MuteInput] | None = strawberry.UNSET
    quiet_hours: QuietHoursInput | None = strawberry.UNSET
    check_in_hour: int | None = strawberry.UNSET

    def changed(self) -> Changed:
        hours, hour = self.quiet_hours, self.check_in_hour
        return Changed(
            muted=None if self.muted is strawberry.UNSET else self._pairs(),
            quiet_hours=None if hours is strawberry.UNSET else _hours(hours),
            check_in_hour=None if hour is strawberry.UNSET else () if hour is None else (hour,),
        )

    def _pairs(self) -> list[tuple[MessageClass, Channel]]:
        return [(one.message_class, one.channel) for one in self.muted or ()]


def _hours(asked: QuietHoursInput | None) -> tuple[int, ...]:
    return () if asked is None else (asked.from_hour, asked.until_hour)


@strawberry.type
class MarkNotificationsReadPayload:
    marked: int = strawberry.field(default=0, description="What was read before isn't counted.")
    unread_notifications: int | None = strawberry.field(default=None, description="What is left.")
    refusal: Refusal | None = None


@strawberry.type
class UpdateNotificationPreferencesPayload:
    preferences: NotificationPreferences | None = None
    refusal: Refusal | None = None


@strawberry.type
class PushAddressPayload:
    refusal: Refusal | None = None


@strawberry.type
class MemberNotifications:
    @strawberry.field(description="The newest first. Only for who may read the member.")
    async def notifications(
        self,
        info: Info,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
        unread_only: bool = False,  # noqa: FBT001, FBT002  an argument of the API
    ) -> Connection[Notification]:
        asked = Pages(*page_arguments(first, after), unread_only)
        return _connection(await notifications.inbox(info.context, _whose(self), asked))

    @strawberry.field(description="1000 stands for 1,000 and more.")
    async def unread_notifications(self, info: Info) -> int:
        return await notifications.unread(info.context, _whose(self))

    @strawberry.field
    async def notification_preferences(self, info: Info) -> NotificationPreferences:
        found = await notifications.preference(info.context, _whose(self))
        return NotificationPreferences.of(found)


@strawberry.type
class NotificationQueries:
    @strawberry.field(
        extensions=allow("staff"),
        description="What a message says under the programme in force, with facts of an example"
        " or with these instead.",
    )
    async def preview_notification(
        self,
        info: Info,
        template: str,
        channel: Channel = Channel.IN_APP,
        locale: str = "zh-CN",
        facts: Json | None = strawberry.UNSET,
    ) -> NotificationPreview:
        given = cast("dict[str, Any] | None", facts or None)
        found = await notifications.preview(info.context, template, channel, locale, given)
        return NotificationPreview(title=found.title, body=found.body)

    @strawberry.field(extensions=allow("staff"), description="The newest notification's first.")
    async def notification_deliveries(
        self,
        member_id: strawberry.ID,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[NotificationDelivery]:
        page = await notifications.deliveries(member_id, *page_arguments(first, after))
        return Connection(
            nodes=[NotificationDelivery.of(found) for found in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )


@strawberry.type
class NotificationMutations:
    @strawberry.mutation(
        extensions=allow("member"), description="At most 100 ids, or upTo: it and all before it."
    )
    async def mark_notifications_read(
        self,
        info: Info,
        ids: list[strawberry.ID] | None = strawberry.UNSET,
        up_to: strawberry.ID | None = strawberry.UNSET,
    ) -> MarkNotificationsReadPayload:
        made = await notifications.mark_read(info.context, ids or (), up_to or None)
        marked, left = made.value or (0, None)
        return MarkNotificationsReadPayload(
            marked=marked,
            unread_notifications=left,
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(extensions=allow("member"))
    async def update_notification_preferences(
        self,
        info: Info,
        asked: Annotated[UpdateNotificationPreferencesInput, strawberry.argument(name="input")],
    ) -> UpdateNotificationPreferencesPayload:
        made = await notifications.update_preference(info.context, asked.changed())
        return UpdateNotificationPreferencesPayload(
            preferences=made.value and NotificationPreferences.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("member"),
        description="Push to this device; the ten newest of a member are kept.",
    )
    async def register_push_address(self, info: Info, token: str) -> PushAddressPayload:
        made = await notifications.register_push(info.context, token)
        return PushAddressPayload(refusal=refusal_or_none(made.refusal, info.context.locale))

    @strawberry.mutation(extensions=allow("member"), description="Push no more to this device.")
    async def remove_push_address(self, info: Info, token: str) -> PushAddressPayload:
        made = await notifications.remove_push(info.context, token)
        return PushAddressPayload(refusal=refusal_or_none(made.refusal, info.context.locale))


def _connection(page: Page[Shown]) -> Connection[Notification]:
    return Connection(
        nodes=[Notification.of(found) for found in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )


def _whose(member: object) -> UUID:
    """The fields stand on Member, which knows whom it shows."""
    return cast("Any", member).seen.view.member_id


def _notification_id(member_id: UUID, found: UUID) -> strawberry.ID:
    return strawberry.ID(global_id("Notification", member_id, found))
