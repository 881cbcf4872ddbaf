"""How do the lines of several processes look in one terminal, or in one stream of JSON?"""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from dev.supervisor import OnLine

COLOURS = (36, 33, 32, 35, 34, 31)


class Stream(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...


def line_printer(stream: Stream, names: Sequence[str], *, as_json: bool = False) -> OnLine:
    """Print `name | line`, coloured on a terminal; or every line as JSON, as it comes if it is."""
    width = max(map(len, names))
    coloured = stream.isatty()

    def prefix(name: str) -> str:
        if not coloured or name not in names:
            return f"{name:<{width}} | "
        colour = COLOURS[names.index(name) % len(COLOURS)]
        return f"\x1b[{colour}m{name:<{width}} |\x1b[0m "

    def print_line(name: str, line: str) -> None:
        text = _json_of(name, line) if as_json else prefix(name) + line
        stream.write(text + "\n")
        stream.flush()

    return print_line


def _json_of(name: str, line: str) -> str:
    with suppress(ValueError):
        if isinstance(json.loads(line), dict):
            return line
    return json.dumps({"process": name, "event": line}, ensure_ascii=False)
