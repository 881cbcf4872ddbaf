"""How does somebody see all that is known of a member, and have it forgotten?"""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from domain.privacy.model import Erasure
from kit.ids import global_id
from resolvers import privacy
from resolvers.answers import Answer
from schema.guards import Info, allow
from schema.limits.catalogue import once
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Json


@strawberry.enum(description="What becomes of a member's posts and comments.")
class ErasedContent(Enum):
    DELETE = "DELETE"
    KEEP = "KEEP"


@strawberry.enum(description="Why staff erase a member.")
class ErasureReason(Enum):
    REQUEST = "REQUEST"
    PURPOSE_ENDED = "PURPOSE_ENDED"
    LEGAL_DUTY = "LEGAL_DUTY"


@strawberry.input
class EraseMeInput:
    content: ErasedContent
    request_id: str = strawberry.field(description="A number of the request; no personal data.")
    password: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Who has none needs a token of the last ten minutes.",
    )


@strawberry.input
class EraseMemberInput:
    member_id: strawberry.ID
    content: ErasedContent
    reason: ErasureReason
    request_id: str = strawberry.field(description="A number of the request; no personal data.")


@strawberry.type(name="Erasure", description="What is kept of it: no personal data.")
class ErasureType:
    member_id: strawberry.ID
    erased_at: datetime
    request_id: str
    content: ErasedContent

    @classmethod
    def of(cls, found: Erasure) -> "ErasureType":
        return cls(
            member_id=strawberry.ID(global_id("Member", found.member_id)),
            erased_at=found.erased_at,
            request_id=found.request_id,
            content=ErasedContent(found.content),
        )


@strawberry.type
class ErasePayload:
    erasure: ErasureType | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[Erasure], info: Info) -> "ErasePayload":
        return cls(
            erasure=made.value and ErasureType.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class ExportPayload:
    document: Json | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[dict[str, Any]], info: Info) -> "ExportPayload":
        return cls(document=made.value, refusal=refusal_or_none(made.refusal, info.context.locale))


@strawberry.type
class PrivacyQueries:
    @strawberry.field(
        extensions=allow("member"),
        metadata=once(),
        description="Everything that concerns the signed-in member; six times an hour.",
    )
    async def export_my_data(self, info: Info) -> ExportPayload:
        return ExportPayload.of(await privacy.export_own(info.context), info)

    @strawberry.field(
        extensions=allow("staff"),
        metadata=once(),
        description="Everything that concerns a member, for who asked for it.",
    )
    async def export_member_data(self, info: Info, member_id: strawberry.ID) -> ExportPayload:
        return ExportPayload.of(await privacy.export_of(info.context, member_id), info)


@strawberry.type
class PrivacyMutations:
    @strawberry.mutation(
        extensions=allow("member"),
        metadata=once(),
        description="Forget the signed-in member for good: who they are, and what they have.",
    )
    async def erase_me(
        self, info: Info, asked: Annotated[EraseMeInput, strawberry.argument(name="input")]
    ) -> ErasePayload:
        made = await privacy.erase_own(
            info.context,
            password=asked.password or None,
            request_id=asked.request_id,
            content=asked.content.value,
        )
        return ErasePayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Forget a member for good, as `eraseMe` does; once, and the same answer after.",
    )
    async def erase_member(
        self, info: Info, asked: Annotated[EraseMemberInput, strawberry.argument(name="input")]
    ) -> ErasePayload:
        made = await privacy.erase(
            info.context,
            asked.member_id,
            reason=asked.reason.value,
            request_id=asked.request_id,
            content=asked.content.value,
        )
        return ErasePayload.of(made, info)
