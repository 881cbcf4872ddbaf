"""Who is part of a member?"""

from datetime import datetime
from typing import Any, cast

import strawberry

from domain.merging import model
from kit.ids import global_id
from resolvers import merging
from schema.guards import Info
from schema.limits.catalogue import cap

_MERGED_MAX = 100


@strawberry.type(description="Somebody who was merged into a member.")
class MergedMember:
    id: strawberry.ID = strawberry.field(description="Leads to the member who goes on.")
    external_id: str | None
    nickname: str
    merged_at: datetime

    @classmethod
    def of(cls, found: model.MergedMember) -> "MergedMember":
        return cls(
            id=strawberry.ID(global_id("Member", found.absorbed_id)),
            external_id=found.external_id,
            nickname=found.nickname,
            merged_at=found.merged_at,
        )


@strawberry.type
class MemberMerges:
    @strawberry.field(
        description="Who was merged into this member, the last one first; for who may read them.",
        metadata=cap(_MERGED_MAX),
    )
    async def merged_from(self, info: Info) -> list[MergedMember]:
        found = await merging.merged_from(info.context, cast("Any", self).seen.view.member_id)
        return [MergedMember.of(one) for one in found]
