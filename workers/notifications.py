"""Which background work do notifications have, and by whom are they carried?"""

from collections.abc import Sequence
from datetime import datetime

from domain.notifications import operations
from domain.notifications.model import Outbox
from workers.runner import Claim, actor


class _State:
    outbox = Outbox({})


def use(outbox: Outbox) -> None:
    """Who carries letters from this process; until then they are skipped with NO_PROVIDER."""
    _state.outbox = outbox


_state = _State()


@actor(operations.SEND, calls_out=True)
async def send(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.deliver(claims[0], _state.outbox, now=now)
