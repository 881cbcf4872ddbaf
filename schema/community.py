"""What do members say to each other, where, and what comes first?"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from domain.community import model
from domain.community.honours import Honours, Shown
from domain.community.views import Thread
from domain.programme.model import CommunityLevel as Level
from domain.programme.model import Topic
from kit.ids import global_id
from kit.paging import Page
from resolvers import community
from schema.badges import Badge
from schema.guards import Info, allow, allow_everybody
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.programme import Tier
from schema.scalars import Points

_BENEFITS_MAX = 10
_TOPICS_MAX = 100
_BADGES_MAX = 200
_EARNINGS_MAX = 20
strawberry.enum(model.MeritKind)
strawberry.enum(model.MeritState)
strawberry.enum(
    model.Scope,
    name="FeedScope",
    description="HOME: of the members and topics that the viewer follows. HOT: by attention, which"
    " age halves. Both others by time.",
)
strawberry.enum(model.PostKind)
strawberry.enum(model.State, name="ContentState")


@strawberry.input(
    description="`topic` with scope TOPIC, `memberId` with MEMBER, `sku` with REVIEWS."
)
class FeedInput:
    scope: model.Scope
    topic: str | None = strawberry.UNSET
    member_id: strawberry.ID | None = strawberry.UNSET
    sku: str | None = strawberry.UNSET


@strawberry.type(description="A member as others see them in the community.")
class CommunityMember:
    id: strawberry.ID
    nickname: str
    followed_by_me: bool
    honours: strawberry.Private[Honours]

    @strawberry.field(description="What they go by, if they show it.")
    def title(self, info: Info) -> str | None:
        found = community.title(info.context, self.honours.title)
        return found and found.in_(info.context.locale)

    @strawberry.field(description="Their tier, if they show it.")
    def tier(self, info: Info) -> Tier | None:
        found = community.tier(info.context, self.honours.tier_code)
        return found and Tier.of(found, info.context.programme, info.context.locale)

    @classmethod
    def of(cls, found: model.Author) -> "CommunityMember":
        return cls(
            id=strawberry.ID(global_id("Member", found.member_id)),
            nickname=found.nickname,
            followed_by_me=found.followed,
            honours=found.honours,
        )


@strawberry.type(description="Reached with so much COMMUNITY earned, spent or not.")
class CommunityLevel:
    code: str
    name: str
    earned: int
    benefits: list[str]

    @classmethod
    def of(cls, found: Level, locale: str) -> "CommunityLevel":
        benefits = [benefit.in_(locale) for benefit in found.benefits]
        return cls(
            code=found.code, name=found.name.in_(locale), earned=found.earned, benefits=benefits
        )


@strawberry.type(description="Which honours the member shows to others.")
class HonoursShown:
    badges: bool
    title: bool
    tier: bool
    growth: bool

    @classmethod
    def of(cls, found: Shown) -> "HonoursShown":
        return cls(
            badges=found.shows_badges,
            title=found.shows_title,
            tier=found.shows_tier,
            growth=found.shows_growth,
        )


@strawberry.type
class CommunityProfile:
    member: CommunityMember
    follower_count: int
    level: CommunityLevel
    blocked_by_me: bool
    growth: Points | None = strawberry.field(description="Null where it isn't shown.")
    honours: strawberry.Private[Honours]

    @strawberry.field(
        description="The latest first; empty where they aren't shown.",
        metadata=cap(_BADGES_MAX),
    )
    def badges(self, info: Info) -> list[Badge]:
        return [Badge.of(held, info.context.locale) for held in self.honours.badges]


@strawberry.type
class CommunityTopic:
    code: str
    name: str
    description: str | None
    write_tier_min: str | None = strawberry.field(
        description="The code of the lowest tier that may write in it; null: any."
    )
    write_level_min: str | None = strawberry.field(
        description="The code of the lowest community level that may write in it; null: any."
    )

    @strawberry.field
    async def followed_by_me(self, info: Info) -> bool:
        return self.code in await community.followed_topics(info.context)

    @strawberry.field(description="Whether the viewer's tier and level let them write in it.")
    async def writable_by_me(self, info: Info) -> bool:
        return self.code in await community.writable_topics(info.context)

    @classmethod
    def of(cls, found: Topic, locale: str) -> "CommunityTopic":
        description = found.description and found.description.in_(locale)
        return cls(
            code=found.code,
            name=found.name.in_(locale),
            description=description,
            write_tier_min=found.write.tier_min,
            write_level_min=found.write.level_min,
        )


@strawberry.type
class Comment:
    id: strawberry.ID
    author: CommunityMember
    body: str
    like_count: int
    liked_by_me: bool
    state: model.State
    published_at: datetime
    found: strawberry.Private[model.Comment]

    @strawberry.field(description="The oldest first.")
    async def replies(
        self, info: Info, first: int | None = 10, after: str | None = strawberry.UNSET
    ) -> Connection["Comment"]:
        size, begin = page_arguments(first, after)
        asked = Thread(self.found.id, replies=True, first=size, after=begin)
        return comment_connection(await community.thread(info.context, asked))

    @classmethod
    def of(cls, shown: model.ShownComment) -> "Comment":
        found = shown.comment
        return cls(
            id=strawberry.ID(community.comment_id(found.member_id, found.id)),
            author=CommunityMember.of(shown.author),
            body=found.body,
            like_count=found.like_count,
            liked_by_me=shown.liked,
            state=model.State(found.state),
            published_at=found.published_at,
            found=found,
        )


def comment_connection(page: Page[model.ShownComment]) -> Connection[Comment]:
    return Connection(
        nodes=[Comment.of(shown) for shown in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )


@strawberry.type(description="What content gave of one kind, or why it gave nothing.")
class Earning:
    kind: model.MeritKind
    state: model.MeritState
    reason: str | None = strawberry.field(description="Why it is not paid.")
    count: int
    amount: Points
    currency: str

    @classmethod
    def of(cls, found: model.Earning) -> "Earning":
        return cls(
            kind=model.MeritKind(found.kind),
            state=model.MeritState(found.state),
            reason=found.reason,
            count=found.count,
            amount=found.amount,
            currency=found.currency,
        )


@strawberry.type
class Post:
    id: strawberry.ID
    kind: model.PostKind
    author: CommunityMember
    topic: CommunityTopic | None
    body: str
    images: list[str] = strawberry.field(description="URLs, which are never fetched by us.")
    skus: list[str] = strawberry.field(description="Goods that it is about.")
    like_count: int = strawberry.field(description="Follows a moment after a like.")
    comment_count: int = strawberry.field(description="Answers to comments included.")
    liked_by_me: bool
    state: model.State = strawberry.field(description="Others see what is VISIBLE only.")
    rating: int | None = strawberry.field(description="Stars of a review, 1 to 5.")
    accepted_comment_id: strawberry.ID | None = strawberry.field(
        description="The answer that helped who asked."
    )
    picked: bool = strawberry.field(description="The staff finds it worth reading.")
    published_at: datetime
    found: strawberry.Private[model.Post]

    @strawberry.field(
        description="What the viewer's own post gave, and why it gave nothing; empty for others.",
        metadata=cap(_EARNINGS_MAX),
    )
    async def earned(self, info: Info) -> list[Earning]:
        found = await community.earned(info.context, self.found)
        return [Earning.of(one) for one in found[:_EARNINGS_MAX]]

    @strawberry.field(description="The oldest first; of many posts by one read.")
    async def comments(
        self, info: Info, first: int | None = 10, after: str | None = strawberry.UNSET
    ) -> Connection[Comment]:
        size, begin = page_arguments(first, after)
        asked = Thread(self.found.id, first=size, after=begin)
        return comment_connection(await community.thread(info.context, asked))

    @classmethod
    def of(cls, shown: model.ShownPost, info: Info) -> "Post":
        found, context = shown.post, info.context
        topic = found.topic and context.programme.community.topic(found.topic)
        return cls(
            id=strawberry.ID(community.post_id(found.member_id, found.id)),
            kind=model.PostKind(found.kind),
            author=CommunityMember.of(shown.author),
            topic=CommunityTopic.of(topic, context.locale) if topic else None,
            body=found.body,
            images=found.images,
            skus=found.skus,
            like_count=found.like_count,
            comment_count=found.comment_count,
            liked_by_me=shown.liked,
            state=model.State(found.state),
            rating=found.rating,
            accepted_comment_id=_accepted(found),
            picked=found.picked_at is not None,
            published_at=found.published_at,
            found=found,
        )


def _accepted(found: model.Post) -> strawberry.ID | None:
    author, comment = found.accepted_member_id, found.accepted_id
    if author is None or comment is None:
        return None
    return strawberry.ID(community.comment_id(author, comment))


@strawberry.type(description="Of the reviews of goods that are seen.")
class ProductRating:
    review_count: int
    mean: Decimal | None = strawberry.field(
        description="Of the stars, rounded down to a hundredth; null: no review."
    )


@strawberry.type(description="What a shared link leads to: a post that one may read, or goods.")
class SharedLink:
    post: Post | None
    sku: str | None

    @classmethod
    def of(cls, found: tuple[model.Share, model.ShownPost | None], info: Info) -> "SharedLink":
        share, post = found
        return cls(post=post and Post.of(post, info), sku=share.sku)


@strawberry.type
class CommunityQueries:
    @strawberry.field(
        extensions=allow_everybody(),
        description="Those that the viewer may read.",
        metadata=cap(_TOPICS_MAX),
    )
    async def community_topics(self, info: Info) -> list[CommunityTopic]:
        found = await community.topics(info.context)
        return [CommunityTopic.of(topic, info.context.locale) for topic in found]

    @strawberry.field(
        extensions=allow_everybody(),
        description="Posts that the viewer may read; new ones move nothing on later pages.",
    )
    async def feed(
        self,
        info: Info,
        of: FeedInput,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Post]:
        asked = community.asked(of.scope, of.topic or None, of.member_id or None, of.sku or None)
        page = await community.feed(info.context, asked, page_arguments(first, after))
        nodes = [Post.of(shown, info) for shown in page.items]
        return Connection(nodes=nodes, page_info=PageInfo.of(page), cursors=page.cursors)

    @strawberry.field(extensions=allow_everybody(), description="Null: not there for the viewer.")
    async def post(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> Post | None:
        found = await community.post(info.context, id_)
        return found and Post.of(found, info)

    @strawberry.field(extensions=allow_everybody())
    async def product_rating(self, info: Info, sku: str) -> ProductRating:
        count, mean = await community.rating(info.context, sku)
        return ProductRating(review_count=count, mean=mean)

    @strawberry.field(
        extensions=allow_everybody(), description="Null for a link that is none; counts nothing."
    )
    async def shared_link(self, info: Info, token: str) -> SharedLink | None:
        found = await community.shared(info.context, token)
        return found and SharedLink.of(found, info)

    @strawberry.field(extensions=allow_everybody())
    async def community_profile(
        self, info: Info, member_id: strawberry.ID
    ) -> CommunityProfile | None:
        found = await community.profile(info.context, member_id)
        return found and CommunityProfile(
            member=CommunityMember.of(found.author),
            follower_count=found.follower_count,
            level=CommunityLevel.of(found.level, info.context.locale),
            blocked_by_me=found.blocked,
            growth=found.author.honours.growth,
            honours=found.author.honours,
        )

    @strawberry.field(extensions=allow("member"))
    async def honours_shown(self, info: Info) -> HonoursShown:
        return HonoursShown.of(await community.honours_shown(info.context))

    @strawberry.field(extensions=allow("member"), description="The last one first.")
    async def blocked_members(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[CommunityMember]:
        page = await community.blocked(info.context, page_arguments(first, after))
        nodes = [CommunityMember.of(found) for found in page.items]
        return Connection(nodes=nodes, page_info=PageInfo.of(page), cursors=page.cursors)
