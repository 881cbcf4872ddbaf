"""How does a batch go on where one member of it fails? The others are done; this one is logged."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from db.connection import UNAVAILABLE, is_contention

_log = logging.getLogger(__name__)


async def each(member_ids: Iterable[UUID], verb: Callable[[UUID], Awaitable[object]]) -> None:
    """Run a verb, with a transaction of its own, for one member after the other.

    A member for whom it fails is left as they were, for the next run. Raises where PostgreSQL is
    away or too busy, which is nobody's fault.
    """
    for member_id in member_ids:
        try:
            await verb(member_id)
        except UNAVAILABLE:
            raise
        except Exception as error:
            if is_contention(error):
                raise
            _log.exception("member %s is passed over", member_id)
