"""What does a wallet hold now, whatever the jobs have posted so far?"""

from datetime import datetime

from db.connection import Tx
from domain.ledger.steps import Desk, open_desks
from domain.members.model import Member
from domain.programme.model import Programme


async def desk_of(tx: Tx, member: Member, programme: Programme, *, now: datetime) -> Desk:
    """The member's books with what is due by `now` posted, to be read only: nothing is locked."""
    (desk,) = await open_desks(tx, [member], programme, now)
    return desk
