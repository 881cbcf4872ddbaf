"""What do many parallel calls of ours give, each in a transaction of its own?"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from kit.errors import Refusal

PARALLEL = 40
"""As many as a pool can queue."""


async def together(*calls: Awaitable[Any]) -> list[Any]:
    """What each call gave or refused, at most 40 of them at a time."""
    gate = asyncio.Semaphore(PARALLEL)

    async def one(call: Awaitable[Any]) -> Any:
        async with gate:
            try:
                return await call
            except Refusal as refusal:
                return refusal

    return await asyncio.gather(*map(one, calls))
