"""How is read, written, liked and followed what members say to each other?"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from strawberry.dataloader import DataLoader

from domain.community import operations, views
from domain.community.honours import Shown
from domain.community.model import (
    Author,
    Draft,
    Earning,
    Feed,
    Kind,
    Post,
    Scope,
    Share,
    ShownComment,
    ShownPost,
    ShownProfile,
    Subject,
)
from domain.community.views import Thread
from domain.members import aliases
from domain.programme.model import Text, Tier, Topic
from kit import qr
from kit.errors import NotFound
from kit.ids import global_id, parse_global_id
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context

_POST, _COMMENT = "Post", "Comment"
_KINDS = {_POST: Kind.POST, _COMMENT: Kind.COMMENT}


def post_ids(text: str) -> tuple[UUID, UUID]:
    """The author's id and the post's. Refuses NOT_FOUND."""
    author, post = ids.uuids(text, _POST, 2, "post")
    return aliases.current(author), post


def comment_ids(text: str) -> tuple[UUID, UUID]:
    """The author's id and the comment's. Refuses NOT_FOUND."""
    author, comment = ids.uuids(text, _COMMENT, 2, "comment")
    return aliases.current(author), comment


def subject(text: str) -> Subject:
    """A post or a comment. Refuses NOT_FOUND."""
    found = parse_global_id(text)
    if found is None or found[0] not in _KINDS or len(found[1]) != 2:  # noqa: PLR2004  author, id
        raise NotFound("post")
    author, content = found[1]
    return Subject(aliases.current(author), content, _KINDS[found[0]])


def subject_id(found: Subject) -> str:
    name = _POST if found.kind == Kind.POST else _COMMENT
    return global_id(name, found.member_id, found.id)


def post_id(member_id: UUID, found: UUID) -> str:
    return global_id(_POST, member_id, found)


def comment_id(member_id: UUID, found: UUID) -> str:
    return global_id(_COMMENT, member_id, found)


def asked(scope: Scope, topic: str | None, member: str | None, sku: str | None) -> Feed:
    """Refuses NOT_FOUND."""
    return Feed(scope, topic, None if member is None else ids.member_id(member), sku)


async def rating(context: Context, sku: str) -> tuple[int, Decimal | None]:
    await context.speak()
    return await views.rating(sku)


async def shared(context: Context, token: str) -> tuple[Share, ShownPost | None] | None:
    """With the post where it is there for the viewer."""
    await context.speak()
    found = await views.shared(token)
    return None if found is None else (found, await _post_of(context, found))


async def _post_of(context: Context, found: Share) -> ShownPost | None:
    if found.post_member_id is None or found.post_id is None:
        return None
    viewer = context.viewer.member_id
    return await views.post(viewer, found.post_member_id, found.post_id, now=context.now)


async def topics(context: Context) -> Sequence[Topic]:
    await context.speak()
    return await views.topics(context.viewer.member_id, now=context.now)


async def followed_topics(context: Context) -> frozenset[str]:
    """Of the viewer; read once a request."""

    async def read(me: UUID) -> frozenset[str]:
        return frozenset(await views.followed_topics(me))

    return await _of_the_viewer(context, "followed_topics", read)


async def writable_topics(context: Context) -> frozenset[str]:
    """In which the viewer's tier and level let them write; read once a request."""

    async def read(me: UUID) -> frozenset[str]:
        return await views.writable_topics(me, now=context.now)

    return await _of_the_viewer(context, "writable_topics", read)


async def _of_the_viewer(
    context: Context, name: str, read: Callable[[UUID], Awaitable[frozenset[str]]]
) -> frozenset[str]:
    me = context.viewer.member_id
    if me is None:
        return frozenset()
    loader = context.loaders.get(name)
    if loader is None:

        async def load(members: Sequence[UUID]) -> list[frozenset[str]]:
            found = await read(me)
            return [found for _ in members]

        loader = context.loaders[name] = DataLoader(load, cache=False)
    return await loader.load(me)


async def feed(context: Context, asked: Feed, page: tuple[int, str | None]) -> Page[ShownPost]:
    """Refuses INVALID_INPUT, NOT_FOUND."""
    await context.speak()
    first, after = page
    return await views.feed(
        context.viewer.member_id, asked, first=first, after=after, now=context.now
    )


async def post(context: Context, text: str) -> ShownPost | None:
    await context.speak()
    try:
        author, found = post_ids(text)
    except NotFound:
        return None
    return await views.post(context.viewer.member_id, author, found, now=context.now)


async def profile(context: Context, member: str) -> ShownProfile | None:
    await context.speak()
    try:
        found = ids.member_id(member)
    except NotFound:
        return None
    return await views.profile(context.viewer.member_id, found, now=context.now)


async def thread(context: Context, asked: Thread) -> Page[ShownComment]:
    """Pages of many posts that are asked for together are read together."""
    loader = context.loaders.get("threads")
    if loader is None:

        async def load(wanted: Sequence[Thread]) -> list[Page[ShownComment]]:
            return await views.threads(context.viewer.member_id, wanted)

        loader = context.loaders["threads"] = DataLoader(load, cache=False)
    return await loader.load(asked)


async def earned(context: Context, of: Post) -> list[Earning]:
    """Of the viewer's own posts, many together by one read."""
    if of.member_id != context.viewer.member_id:
        return []
    loader = context.loaders.get("earned")
    if loader is None:

        async def load(wanted: Sequence[UUID]) -> list[list[Earning]]:
            found = await views.earnings(of.member_id, wanted)
            return [found[post_id] for post_id in wanted]

        loader = context.loaders["earned"] = DataLoader(load, cache=False)
    return await loader.load(of.id)


async def create_post(context: Context, draft: Draft, key: str) -> Answer[ShownPost]:
    me = context.viewer.own_member_id()

    async def verb() -> ShownPost:
        await context.attempts.write(str(me))
        made = await operations.create_post(me, draft, key=key, now=context.now)
        found = await post(context, post_id(me, made.id))
        if found is None:
            raise NotFound("post")
        return found

    return await answer(context, verb())


async def delete_post(context: Context, text: str) -> Answer[str]:
    me = context.viewer.own_member_id()

    async def verb() -> str:
        author, found = post_ids(text)
        if author != me:
            raise NotFound("post")
        await operations.delete_post(me, found, now=context.now)
        return text

    return await answer(context, verb())


async def write_comment(
    context: Context, of: str, body: str, *, parent: str | None, key: str
) -> Answer[ShownComment]:
    me = context.viewer.own_member_id()

    async def verb() -> ShownComment:
        await context.attempts.write(str(me))
        answered = None if parent is None else comment_ids(parent)
        made = await operations.write_comment(
            me, post_ids(of), body, parent=answered, key=key, now=context.now
        )
        return await views.comment(me, made.id)

    return await answer(context, verb())


async def accept_answer(context: Context, of: str, answer_: str | None) -> Answer[ShownPost]:
    me = context.viewer.own_member_id()

    async def verb() -> ShownPost:
        author, found = post_ids(of)
        accepted = None if answer_ is None else comment_ids(answer_)
        if author != me:
            raise NotFound("post")
        await operations.accept_answer(me, found, accepted, now=context.now)
        shown = await post(context, of)
        assert shown is not None, "one's own is there"
        return shown

    return await answer(context, verb())


async def share(context: Context, of: str | None, sku: str | None) -> Answer[Share]:
    me = context.viewer.own_member_id()

    async def verb() -> Share:
        await context.attempts.write(str(me))
        shown = None if of is None else post_ids(of)
        return await operations.share(me, of=shown, sku=sku, now=context.now)

    return await answer(context, verb())


async def open_share(context: Context, token: str) -> Answer[tuple[Share, ShownPost | None]]:
    me = context.viewer.own_member_id()

    async def verb() -> tuple[Share, ShownPost | None]:
        found = await operations.open_share(me, token, now=context.now)
        await context.speak()
        return found, await _post_of(context, found)

    return await answer(context, verb())


def link_qr(url: str) -> str:
    """As SVG."""
    return qr.svg(url)


async def delete_comment(context: Context, text: str) -> Answer[str]:
    me = context.viewer.own_member_id()

    async def verb() -> str:
        author, found = comment_ids(text)
        if author != me:
            raise NotFound("comment")
        await operations.delete_comment(me, found, now=context.now)
        return text

    return await answer(context, verb())


async def set_like(context: Context, text: str, *, is_on: bool) -> Answer[bool]:
    me = context.viewer.own_member_id()

    async def verb() -> bool:
        await operations.set_like(me, subject(text), is_on=is_on, now=context.now)
        return is_on

    return await answer(context, verb())


async def set_follow(context: Context, member: str, *, is_on: bool) -> Answer[bool]:
    me = context.viewer.own_member_id()

    async def verb() -> bool:
        found = ids.member_id(member)
        await operations.set_follow(me, found, is_on=is_on, now=context.now)
        return is_on

    return await answer(context, verb())


async def show_honours(context: Context, changed: Mapping[str, bool]) -> Answer[Shown]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.show_honours(me, changed, now=context.now))


async def honours_shown(context: Context) -> Shown:
    return await views.shown(context.viewer.own_member_id())


def title(context: Context, badge_code: str | None) -> Text | None:
    """What a badge lets a member be called."""
    found = None if badge_code is None else context.programme.badge(badge_code)
    return found and found.title


def tier(context: Context, code: str | None) -> Tier | None:
    """None for what the ladder has no more."""
    return next((one for one in context.programme.tiers.ladder if one.code == code), None)


async def set_block(context: Context, member: str, *, is_on: bool) -> Answer[bool]:
    me = context.viewer.own_member_id()

    async def verb() -> bool:
        found = ids.member_id(member)
        await operations.set_block(me, found, is_on=is_on, now=context.now)
        return is_on

    return await answer(context, verb())


async def blocked(context: Context, page: tuple[int, str | None]) -> Page[Author]:
    """Refuses INVALID_INPUT."""
    first, after = page
    return await views.blocked(context.viewer.own_member_id(), first=first, after=after)


async def set_topic_follow(context: Context, code: str, *, is_on: bool) -> Answer[bool]:
    me = context.viewer.own_member_id()

    async def verb() -> bool:
        await operations.set_topic_follow(me, code, is_on=is_on, now=context.now)
        return is_on

    return await answer(context, verb())
