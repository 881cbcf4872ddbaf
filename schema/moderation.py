"""What does the staff do about what members say, and how does a member object?"""

from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from domain.community import model
from domain.community.views import Mine
from kit.ids import global_id
from kit.paging import Page
from resolvers import community, moderation
from resolvers.answers import Answer
from schema.community import CommunityLevel
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points

_REASONS_MAX = 4
NODE = TypeVar("NODE")
FOUND = TypeVar("FOUND")
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
strawberry.enum(model.ReportReason)
strawberry.enum(model.HeldFor)
strawberry.enum(model.AppealState)
strawberry.enum(model.Action, name="ModerationAction")


@strawberry.type(description="What a member may not do here, and until when.")
class CommunityBan:
    id: strawberry.ID
    reason: str
    begins_at: datetime
    ends_at: datetime | None = strawberry.field(description="Null: for good.")

    @classmethod
    def of(cls, found: model.Ban) -> "CommunityBan":
        return cls(
            id=strawberry.ID(moderation.ban_id(found)),
            reason=found.reason,
            begins_at=found.begins_at,
            ends_at=found.ends_at,
        )


@strawberry.type(description="The viewer's own part in the community.")
class MyCommunity:
    level: CommunityLevel
    earned: Points = strawberry.field(description="COMMUNITY, spent or not.")
    available: Points = strawberry.field(description="COMMUNITY that buys rewards.")
    debt: Points = strawberry.field(description="Taken back after it was spent; 0 or less.")
    ban: CommunityBan | None = strawberry.field(description="The longest that is in force.")

    @classmethod
    def of(cls, found: Mine, locale: str) -> "MyCommunity":
        return cls(
            level=CommunityLevel.of(found.level, locale),
            earned=found.earned,
            available=found.available,
            debt=found.debt,
            ban=found.ban and CommunityBan.of(found.ban),
        )


@strawberry.type
class ReportCount:
    reason: model.ReportReason
    count: int


@strawberry.type(description="Content that the staff has to look at.")
class ModerationCase:
    id: strawberry.ID = strawberry.field(description="Of the post or the comment.")
    author_id: strawberry.ID
    author: str
    body: str
    images: list[str]
    state: model.State
    held_for: model.HeldFor | None
    report_count: int
    reasons: list[ReportCount] = strawberry.field(metadata=cap(_REASONS_MAX))
    published_at: datetime

    @classmethod
    def of(cls, found: model.Case) -> "ModerationCase":
        return cls(
            id=strawberry.ID(community.subject_id(found.subject)),
            author_id=strawberry.ID(global_id("Member", found.subject.member_id)),
            author=found.nickname,
            body=found.body,
            images=found.images,
            state=model.State(found.state),
            held_for=model.HeldFor(found.held_for) if found.held_for else None,
            report_count=found.report_count,
            reasons=[
                ReportCount(reason=model.ReportReason(reason), count=count)
                for reason, count in sorted(found.reasons.items())
            ],
            published_at=found.published_at,
        )


@strawberry.type
class ModerationAppeal:
    id: strawberry.ID
    subject_id: strawberry.ID = strawberry.field(description="Of the content, or of the ban.")
    text: str
    state: model.AppealState
    answer: str | None
    appealed_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, found: model.Appeal) -> "ModerationAppeal":
        return cls(
            id=strawberry.ID(global_id("Appeal", found.member_id, found.id)),
            subject_id=strawberry.ID(moderation.appealed_id(found)),
            text=found.text,
            state=model.AppealState(found.state),
            answer=found.answer,
            appealed_at=found.appealed_at,
            decided_at=found.decided_at,
        )


@strawberry.type(description="What was done about a member or what they wrote, kept for ever.")
class ModerationEntry:
    action: model.Action
    actor: str = strawberry.field(description='Who of the staff; "member" or "engine".')
    subject_id: strawberry.ID
    reason: str
    recorded_at: datetime

    @classmethod
    def of(cls, found: model.Acted) -> "ModerationEntry":
        return cls(
            action=model.Action(found.action),
            actor=found.actor,
            subject_id=strawberry.ID(moderation.appealed_id(found)),
            reason=found.reason,
            recorded_at=found.recorded_at,
        )


@strawberry.type
class ModerationPayload:
    done: bool = False
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[bool], info: Info) -> "ModerationPayload":
        refusal = refusal_or_none(made.refusal, info.context.locale)
        return cls(done=made.value is True, refusal=refusal)


@strawberry.type
class AppealPayload:
    appeal: ModerationAppeal | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[model.Appeal], info: Info) -> "AppealPayload":
        return cls(
            appeal=made.value and ModerationAppeal.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class ModerationQueries:
    @strawberry.field(extensions=allow("member"))
    async def my_community(self, info: Info) -> MyCommunity:
        return MyCommunity.of(await moderation.mine(info.context), info.context.locale)

    @strawberry.field(
        extensions=allow("staff"), description="Held, or reported and not looked at; oldest first."
    )
    async def moderation_queue(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[ModerationCase]:
        page = await moderation.queue(info.context, page_arguments(first, after))
        return _connection([ModerationCase.of(found) for found in page.items], page)

    @strawberry.field(extensions=allow("staff"), description="Not decided; the oldest first.")
    async def moderation_appeals(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[ModerationAppeal]:
        page = await moderation.appeals(info.context, page_arguments(first, after))
        return _connection([ModerationAppeal.of(found) for found in page.items], page)

    @strawberry.field(extensions=allow("staff"), description="About one member; newest first.")
    async def moderation_log(
        self,
        info: Info,
        member_id: strawberry.ID,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[ModerationEntry]:
        page = await moderation.log(info.context, member_id, page_arguments(first, after))
        return _connection([ModerationEntry.of(found) for found in page.items], page)


def _connection(nodes: list[NODE], page: Page[FOUND]) -> Connection[NODE]:
    return Connection(nodes=nodes, page_info=PageInfo.of(page), cursors=page.cursors)


@strawberry.type
class ModerationMutations:
    @strawberry.mutation(extensions=allow("member"), description="Once each; the staff will look.")
    async def report_content(
        self, info: Info, id_: Id, reason: model.ReportReason, note: str = ""
    ) -> ModerationPayload:
        made = await moderation.report(info.context, id_, reason, note)
        return ModerationPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Against one's own content being held or hidden, or one's ban.",
    )
    async def appeal_moderation(self, info: Info, id_: Id, text: str) -> AppealPayload:
        return AppealPayload.of(await moderation.appeal(info.context, id_, text), info)

    @strawberry.mutation(
        extensions=allow("staff"), description="A post worth reading; its author gets points, once."
    )
    async def pick_post(self, info: Info, id_: Id, reason: str) -> ModerationPayload:
        return ModerationPayload.of(await moderation.pick(info.context, id_, reason), info)

    @strawberry.mutation(extensions=allow("staff"), description="The author is told the reason.")
    async def hide_content(self, info: Info, id_: Id, reason: str) -> ModerationPayload:
        return ModerationPayload.of(await moderation.hide(info.context, id_, reason), info)

    @strawberry.mutation(
        extensions=allow("staff"), description="It may be seen; what was reported is settled."
    )
    async def restore_content(self, info: Info, id_: Id, reason: str) -> ModerationPayload:
        return ModerationPayload.of(await moderation.restore(info.context, id_, reason), info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Until then, or for good. Reading goes on."
    )
    async def ban_from_community(
        self,
        info: Info,
        member_id: strawberry.ID,
        reason: str,
        ends_at: datetime | None = strawberry.UNSET,
    ) -> ModerationPayload:
        made = await moderation.ban(info.context, member_id, reason, ends_at or None)
        return ModerationPayload.of(made, info)

    @strawberry.mutation(extensions=allow("staff"), description="Every one that is in force.")
    async def lift_community_ban(
        self, info: Info, member_id: strawberry.ID, reason: str
    ) -> ModerationPayload:
        made = await moderation.lift_ban(info.context, member_id, reason)
        return ModerationPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Accepted, the content is seen or the ban ends."
    )
    async def decide_appeal(
        self,
        info: Info,
        id_: Id,
        accept: bool,  # noqa: FBT001
        answer: str,
    ) -> AppealPayload:
        made = await moderation.decide(info.context, id_, accept=accept, text=answer)
        return AppealPayload.of(made, info)
