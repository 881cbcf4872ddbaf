"""Which badges has a member, and what are they called?"""

from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import badges as queries
from domain.badges.model import Held
from domain.programme.model import Badge, Text
from domain.programme.views import Versions, versions

BADGES_SHOWN_MAX = 200


async def held(member_id: UUID, *, now: datetime) -> list[Held]:
    """The latest first; a badge that the programme has no more looks as it last did."""
    async with reader() as tx:
        rows = await queries.badges(tx, member_id, BADGES_SHOWN_MAX)
    published = await versions()
    return [
        Held(named(published, row["code"], now), row["awarded_at"], row["is_title"]) for row in rows
    ]


def named(published: Versions, code: str, now: datetime) -> Badge:
    """The badge of that code as the programme has it, or as one of its versions last did."""
    badge = published.at(now).programme.badge(code)
    if badge is not None:
        return badge
    known = (found.programme.badge(code) for found in reversed(list(published)))
    unnamed = Badge(code=code, name=Text(zh_cn=code, en=code))
    return next((badge for badge in known if badge is not None), unnamed)
