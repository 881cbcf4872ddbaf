"""Which number has each day of check-in in its streak, of the days of two or of one again?"""

from db.connection import Tx
from db.queries import merges as queries
from domain.checkins.steps import renumbered
from domain.members.model import Member
from domain.programme.model import Programme


async def number(tx: Tx, member: Member, programme: Programme) -> None:
    """Number all days anew. What milestones gave stays as it is: nothing is paid again."""
    found = await queries.check_in_days(tx, member.member_id)
    changed = renumbered(((row["day"], row["streak_days"]) for row in found), member, programme)
    if changed:
        await queries.number_days(tx, member.member_id, changed)
