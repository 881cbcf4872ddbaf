"""Where does a developer try the API? GraphiQL with ready-made operations, in development only.

GraphiQL itself is fetched from its CDN. Where that can't be reached the same operations stand in a
plain form, which needs nothing but the server.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Example:
    """One tab; `variables` is JSON text, `token` goes into its Authorization header."""

    title: str
    query: str
    variables: str = ""
    token: str = ""


def page(examples: Sequence[Example]) -> str:
    """The page; its data can't end the script element that it stands in."""
    data = orjson.dumps([asdict(example) for example in examples]).decode()
    return _template().replace("[/*examples*/]", data.replace("<", "\\u003c"))


@cache
def _template() -> str:
    return Path(__file__).with_name("graphiql.html").read_text(encoding="utf-8")
