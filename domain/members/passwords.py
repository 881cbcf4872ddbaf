"""Is this the member's password? argon2id in a few threads of its own, never inside a transaction.

Hashing takes 64 MiB and a tenth of a second on purpose: requests beyond the threads wait their
turn, so that a flood of sign-ins can't take the machine from everybody else.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

THREADS_MAX = 4
# Of a password that nobody knows, with the parameters that new hashes have.
NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$nKVM9MJNxdAMOKTBlxgm9w"
    "$pnwU07hrdEahH/OHuUv8bUPoeAZiiUJyy2piql5yb8Q"
)

_hasher = PasswordHash((Argon2Hasher(),))
_threads = ThreadPoolExecutor(
    max(1, min(THREADS_MAX, (os.cpu_count() or 1) // 2)), thread_name_prefix="password"
)


async def hashed(password: str) -> str:
    """The hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the hash's password; without a hash the same work is done, and it isn't."""
    found = await asyncio.get_running_loop().run_in_executor(
        _threads, _hasher.verify, password, password_hash or NOBODY
    )
    return found and password_hash is not None
