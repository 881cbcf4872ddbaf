"""From which devices does a member take value, and how are they confirmed?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.devices.model import Shown
from domain.devices.views import SHOWN_MAX
from kit.ids import global_id
from resolvers import devices
from resolvers.answers import Answer
from schema.guards import Info, allow
from schema.limits.catalogue import cap, once
from schema.refusals import Refusal, refusal_or_none


@strawberry.type(description="A device that a member was seen with, known by a hash of its name.")
class Device:
    id: strawberry.ID
    first_seen_at: datetime
    last_seen_at: datetime = strawberry.field(description="True to the day.")
    confirmed_at: datetime | None = strawberry.field(
        description="When it was trusted by a code, or as the member's first."
    )
    forgotten_at: datetime | None
    is_trusted: bool = strawberry.field(description="Value leaves from it without a limit.")
    is_current: bool = strawberry.field(description="The one that this request came from.")

    @classmethod
    def of(cls, shown: Shown) -> "Device":
        found = shown.device
        return cls(
            id=strawberry.ID(global_id("Device", found.member_id, found.id)),
            first_seen_at=found.first_seen_at,
            last_seen_at=found.last_seen_at,
            confirmed_at=found.trusted_at,
            forgotten_at=found.forgotten_at,
            is_trusted=shown.is_trusted,
            is_current=shown.is_current,
        )


@strawberry.type
class DeviceCodePayload:
    expires_at: datetime | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[datetime], info: Info) -> "DeviceCodePayload":
        return cls(
            expires_at=made.value, refusal=refusal_or_none(made.refusal, info.context.locale)
        )


@strawberry.type
class DevicesPayload:
    devices: list[Device] | None = strawberry.field(default=None, metadata=cap(SHOWN_MAX))
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[list[Shown]], info: Info) -> "DevicesPayload":
        return cls(
            devices=None if made.value is None else [Device.of(one) for one in made.value],
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class DeviceQueries:
    @strawberry.field(
        extensions=allow("member"),
        metadata=cap(SHOWN_MAX),
        description="The signed-in member's devices, those seen last first.",
    )
    async def my_devices(self, info: Info) -> list[Device]:
        return [Device.of(one) for one in await devices.own(info.context)]

    @strawberry.field(
        extensions=allow("staff"),
        metadata=cap(SHOWN_MAX),
        description="A member's devices, those seen last first.",
    )
    async def member_devices(self, info: Info, member_id: strawberry.ID) -> list[Device]:
        return [Device.of(one) for one in await devices.of_member(info.context, member_id)]


@strawberry.type
class DeviceMutations:
    @strawberry.mutation(
        extensions=allow("member"),
        metadata=once(),
        description="Send a code to the member's email address and phone, good for ten minutes on"
        " the device that X-Device-Id names; five times an hour.",
    )
    async def request_device_code(self, info: Info) -> DeviceCodePayload:
        return DeviceCodePayload.of(await devices.ask_for_code(info.context), info)

    @strawberry.mutation(
        extensions=allow("member"),
        metadata=once(),
        description="Trust the device that the code was asked for on.",
    )
    async def confirm_device(self, info: Info, code: str) -> DevicesPayload:
        return DevicesPayload.of(await devices.confirm(info.context, code), info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Trust a device no more; asked for on a trusted one. `wasNotMe`: from now on"
        " nothing leaves from devices that no code confirmed.",
    )
    async def forget_device(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        was_not_me: bool = False,  # noqa: FBT001, FBT002  an argument of the API
    ) -> DevicesPayload:
        made = await devices.forget(info.context, id_, was_not_me=was_not_me)
        return DevicesPayload.of(made, info)
