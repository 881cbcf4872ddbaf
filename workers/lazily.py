"""Where is a domain operation that its actor can't import yet?"""

import pkgutil
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any


@cache
def operation(path: str) -> Callable[..., Awaitable[Any]]:
    """The function at `package.module:name`, looked up when it is first called."""
    return pkgutil.resolve_name(path)
