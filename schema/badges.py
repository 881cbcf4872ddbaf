"""Which honours does a member have, and what are they called?"""

from datetime import datetime
from typing import Any, cast

import strawberry

from domain.badges.model import Held
from resolvers import badges
from schema.guards import Info
from schema.limits.catalogue import cap

_BADGES_MAX = 200


@strawberry.type
class Badge:
    code: str
    name: str
    description: str | None
    title: str | None = strawberry.field(description="What who has it may be called.")
    icon: str | None = strawberry.field(description="A word for the client to draw by.")
    awarded_at: datetime

    @classmethod
    def of(cls, found: Held, locale: str) -> "Badge":
        badge = found.badge
        return cls(
            code=badge.code,
            name=badge.name.in_(locale),
            description=badge.description and badge.description.in_(locale),
            title=badge.title and badge.title.in_(locale),
            icon=badge.icon,
            awarded_at=found.awarded_at,
        )


@strawberry.type
class MemberBadges:
    @strawberry.field(description="The latest first; kept for ever.", metadata=cap(_BADGES_MAX))
    async def badges(self, info: Info) -> list[Badge]:
        seen = cast("Any", self).seen
        found = await badges.held(info.context, seen.view.member_id)
        return [Badge.of(one, seen.locale) for one in found]

    @strawberry.field(description="The title that the member has chosen from their badges.")
    async def title(self, info: Info) -> str | None:
        seen = cast("Any", self).seen
        title = await badges.title(info.context, seen.view.member_id)
        return title and title.in_(seen.locale)
