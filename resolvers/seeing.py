"""How is a member read for a viewer? With all that a request's fields show of them, by one read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from strawberry.dataloader import DataLoader

from domain.dashboard.model import MemberView, Part
from domain.dashboard.views import member_view
from domain.programme.model import Programme
from kit.errors import Refusal
from resolvers.context import Context, Viewer

_Key = tuple[UUID, frozenset[Part]]
_LOADER = "members"


@dataclass(frozen=True, slots=True)
class Seen:
    """A member as read, and by whom: some of it is only for them."""

    view: MemberView
    viewer: Viewer
    programme: Programme
    locale: str


async def see(
    context: Context, member_id: UUID, parts: frozenset[Part], *, viewer: Viewer | None = None
) -> Seen | None:
    """The member, None where there is none. Refuses INVALID_INPUT for arguments that can't be."""
    view = await _loader(context).load((member_id, parts))
    if view is None:
        return None
    if context.asked_locale is None and member_id == context.viewer.member_id:
        context.locale, context.learn_locale = view.locale, None
    return Seen(view, viewer or context.viewer, context.programme, context.locale)


def _loader(context: Context) -> DataLoader[_Key, MemberView | None]:
    """Joins what fields that resolve together ask of one member; nothing is kept beyond that."""
    found = context.loaders.get(_LOADER)
    if found is None:

        async def load(keys: Sequence[_Key]) -> list[MemberView | Refusal | None]:
            return await _read(context, keys)

        found = context.loaders[_LOADER] = DataLoader(load, cache=False)
    return found


async def _read(context: Context, keys: Sequence[_Key]) -> list[MemberView | Refusal | None]:
    wanted: dict[UUID, frozenset[Part]] = {}
    for member_id, parts in keys:
        wanted[member_id] = wanted.get(member_id, frozenset()) | parts
    found: dict[UUID, MemberView | Refusal | None] = {}
    for member_id, parts in wanted.items():
        try:
            found[member_id] = await member_view(
                member_id,
                parts,
                now=context.now,
                locale=context.asked_locale,
                for_staff=context.viewer.role == "staff",
            )
        except Refusal as refusal:
            found[member_id] = refusal
    return [found[member_id] for member_id, _ in keys]
