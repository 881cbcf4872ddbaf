"""Are two inputs the same? By sha-256 over their canonical JSON."""

from hashlib import sha256

import orjson


def input_hash(value: object) -> str:
    """The same for equal JSON-like values, whatever the order of their keys."""
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
