"""How does one say something here, like it and follow others?"""

from typing import Annotated

import strawberry

from domain.community.model import Draft, Share, ShownPost
from resolvers import community
from resolvers.answers import Answer
from schema.community import Comment, HonoursShown, Post, SharedLink
from schema.guards import Info, allow
from schema.refusals import Refusal, refusal_or_none

Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.input(
    description="`sku`: goods of the shop's that it is about. `orderSource` and `orderId`: an order"
    " of one's own that is shown instead. `images`: https URLs."
)
class CreatePostInput:
    body: str
    images: list[str] = strawberry.field(default_factory=list)
    topic: str | None = strawberry.UNSET
    sku: str | None = strawberry.UNSET
    order_source: str | None = strawberry.UNSET
    order_id: str | None = strawberry.UNSET
    question: bool = strawberry.field(
        default=False, description="Others answer, and one says which answer helped."
    )
    idempotency_key: str

    def draft(self) -> Draft:
        named = self.order_source or self.order_id
        order = (self.order_source or "", self.order_id or "") if named else None
        return Draft(
            self.body,
            tuple(self.images),
            self.topic or None,
            self.sku or None,
            order,
            is_question=self.question,
        )


@strawberry.input(description="Of one line of an order of one's own, once; `rating` 1 to 5.")
class WriteReviewInput:
    order_source: str
    order_id: str
    line_id: str
    rating: int
    body: str
    images: list[str] = strawberry.field(default_factory=list[str])
    idempotency_key: str

    def draft(self) -> Draft:
        return Draft(
            self.body,
            tuple(self.images),
            order=(self.order_source, self.order_id),
            line_id=self.line_id,
            rating=self.rating,
        )


@strawberry.input(description="`parentId`: the comment that is answered.")
class WriteCommentInput:
    post_id: strawberry.ID
    body: str
    parent_id: strawberry.ID | None = strawberry.UNSET
    idempotency_key: str


@strawberry.type
class PostPayload:
    post: Post | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[ShownPost], info: Info) -> "PostPayload":
        return cls(
            post=made.value and Post.of(made.value, info),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class CommentPayload:
    comment: Comment | None = None
    refusal: Refusal | None = None


@strawberry.type
class DeletePayload:
    deleted_id: strawberry.ID | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[str], info: Info) -> "DeletePayload":
        return cls(
            deleted_id=None if made.value is None else strawberry.ID(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type(description="How it is now; null where it was refused.")
class SwitchPayload:
    is_on: bool | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[bool], info: Info) -> "SwitchPayload":
        refusal = refusal_or_none(made.refusal, info.context.locale)
        return cls(is_on=made.value, refusal=refusal)


@strawberry.type(description="A link of one's own, the same each time it is asked for.")
class CommunityShare:
    token: str
    open_count: int = strawberry.field(description="Other members who opened it, each once.")
    url: str | None = strawberry.field(description="Null: the programme has no `share_url`.")

    @strawberry.field(description="The URL as SVG.")
    def qr_code(self) -> str | None:
        return None if self.url is None else community.link_qr(self.url)

    @classmethod
    def of(cls, found: Share, info: Info) -> "CommunityShare":
        url = info.context.programme.community.link(found.token)
        return cls(token=found.token, open_count=found.open_count, url=url)


@strawberry.type
class SharePayload:
    share: CommunityShare | None = None
    refusal: Refusal | None = None


@strawberry.type
class OpenSharePayload:
    link: SharedLink | None = None
    refusal: Refusal | None = None


_HONOURS = ("badges", "title", "tier", "growth")


@strawberry.input
class ShowHonoursInput:
    badges: bool | None = strawberry.UNSET
    title: bool | None = strawberry.UNSET
    tier: bool | None = strawberry.UNSET
    growth: bool | None = strawberry.UNSET


@strawberry.type
class ShowHonoursPayload:
    shown: HonoursShown | None = None
    refusal: Refusal | None = None


@strawberry.type
class CommunityMutations:
    @strawberry.mutation(extensions=allow("member"), description="Once for each idempotency key.")
    async def create_post(
        self, info: Info, asked: Annotated[CreatePostInput, strawberry.argument(name="input")]
    ) -> PostPayload:
        made = await community.create_post(info.context, asked.draft(), asked.idempotency_key)
        return PostPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Of what one bought and kept. What it gives waits as long as its order.",
    )
    async def write_review(
        self, info: Info, asked: Annotated[WriteReviewInput, strawberry.argument(name="input")]
    ) -> PostPayload:
        made = await community.create_post(info.context, asked.draft(), asked.idempotency_key)
        return PostPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Which answer to one's own question helped; null: none any more.",
    )
    async def accept_answer(
        self, info: Info, post_id: strawberry.ID, comment_id: strawberry.ID | None
    ) -> PostPayload:
        made = await community.accept_answer(info.context, post_id, comment_id)
        return PostPayload.of(made, info)

    @strawberry.mutation(extensions=allow("member"), description="A post, or goods of the shop.")
    async def share(
        self,
        info: Info,
        post_id: strawberry.ID | None = strawberry.UNSET,
        sku: str | None = strawberry.UNSET,
    ) -> SharePayload:
        made = await community.share(info.context, post_id or None, sku or None)
        return SharePayload(
            share=made.value and CommunityShare.of(made.value, info),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("member"), description="Counts for who shared it, once; one's own never."
    )
    async def open_share(self, info: Info, token: str) -> OpenSharePayload:
        made = await community.open_share(info.context, token)
        return OpenSharePayload(
            link=made.value and SharedLink.of(made.value, info),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(extensions=allow("member"), description="One's own, for good.")
    async def delete_post(self, info: Info, id_: Id) -> DeletePayload:
        return DeletePayload.of(await community.delete_post(info.context, id_), info)

    @strawberry.mutation(extensions=allow("member"), description="Once for each idempotency key.")
    async def write_comment(
        self, info: Info, asked: Annotated[WriteCommentInput, strawberry.argument(name="input")]
    ) -> CommentPayload:
        made = await community.write_comment(
            info.context,
            asked.post_id,
            asked.body,
            parent=asked.parent_id or None,
            key=asked.idempotency_key,
        )
        return CommentPayload(
            comment=made.value and Comment.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(extensions=allow("member"), description="One's own, for good.")
    async def delete_comment(self, info: Info, id_: Id) -> DeletePayload:
        return DeletePayload.of(await community.delete_comment(info.context, id_), info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="A post or a comment of somebody else; its count follows a moment later.",
    )
    async def set_like(self, info: Info, id_: Id, liked: bool) -> SwitchPayload:  # noqa: FBT001
        made = await community.set_like(info.context, id_, is_on=liked)
        return SwitchPayload.of(made, info)

    @strawberry.mutation(extensions=allow("member"))
    async def set_follow(
        self,
        info: Info,
        member_id: strawberry.ID,
        following: bool,  # noqa: FBT001
    ) -> SwitchPayload:
        made = await community.set_follow(info.context, member_id, is_on=following)
        return SwitchPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Show these honours to others, or not; what isn't given stays as it is.",
    )
    async def show_honours(
        self, info: Info, asked: Annotated[ShowHonoursInput, strawberry.argument(name="input")]
    ) -> ShowHonoursPayload:
        given = {f"shows_{name}": getattr(asked, name) for name in _HONOURS}
        changed = {name: value for name, value in given.items() if isinstance(value, bool)}
        made = await community.show_honours(info.context, changed)
        refusal = refusal_or_none(made.refusal, info.context.locale)
        return ShowHonoursPayload(shown=made.value and HonoursShown.of(made.value), refusal=refusal)

    @strawberry.mutation(
        extensions=allow("member"),
        description="See nothing of a member any more, and have them leave one alone.",
    )
    async def set_block(
        self,
        info: Info,
        member_id: strawberry.ID,
        blocked: bool,  # noqa: FBT001
    ) -> SwitchPayload:
        made = await community.set_block(info.context, member_id, is_on=blocked)
        return SwitchPayload.of(made, info)

    @strawberry.mutation(extensions=allow("member"))
    async def set_topic_follow(
        self,
        info: Info,
        topic: str,
        following: bool,  # noqa: FBT001
    ) -> SwitchPayload:
        made = await community.set_topic_follow(info.context, topic, is_on=following)
        return SwitchPayload.of(made, info)
