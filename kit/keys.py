"""Is what a client sent a key under which the same request may come again?"""

from kit.errors import InvalidInput

KEY_LENGTH_MAX = 128


def check_key(key: str) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidInput(
            ["input", "idempotencyKey"],
            f"a key has 1 to {KEY_LENGTH_MAX} printable characters",
            f"幂等键应为 1 至 {KEY_LENGTH_MAX} 个可见字符",
        )
