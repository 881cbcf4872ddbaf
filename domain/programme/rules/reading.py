"""What does a YAML text say, exactly, and on which line does it say it?

A small and safe part of YAML: one document of mappings, lists and scalars, without anchors,
aliases and tags, so that no text can grow when it is read. A plain `17.5` is read as the decimal
that it shows, never as a float; `yes`, `2026-01-01` and `1e3` are texts.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from domain.programme.errors import Problem, ProgrammeInvalid
from domain.programme.model.places import Path, written

BYTES_MAX = 256 * 1024
DEPTH_MAX = 20

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "true": True, "false": False,
}  # fmt: skip


class Reading:
    """A document, the line of each place in it, and the keys that stand twice."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []
        try:
            _refuse_what_is_not_plain(text)
            root = yaml.BaseLoader(text).get_single_node()
        except yaml.YAMLError as error:
            raise ProgrammeInvalid((_broken(text, error),)) from None
        if not isinstance(root, yaml.MappingNode):
            raise ProgrammeInvalid(
                (Problem("", "the document is not a mapping", "`key: value` lines", 1),)
            )
        self.document: dict[str, Any] = self._mapping(root, ())

    def line(self, path: Path) -> int:
        """The line of the place, or of the nearest one around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401  a YAML value
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._entry(entry, (*path, i)) for i, entry in enumerate(node.value))
        return _scalar(node)

    def _entry(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401  a YAML value
        self.lines[path] = node.start_mark.line + 1
        return self._value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(
                    Problem(written(path), "a key that is not a word", "keys that are words", line)
                )
                continue
            key = str(key_node.value)
            place = (*path, key)
            if key in entries:
                first = self.lines[place]
                message = f"stands twice, first in line {first}"
                self.problems.append(Problem(written(place), message, "each key once", line))
                continue
            self.lines[place] = line
            entries[key] = self._value(value_node, place)
        return entries


def _scalar(node: yaml.Node) -> str | int | bool | Decimal | None:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text


def _refuse_what_is_not_plain(text: str) -> None:
    """Looks at the events alone: nothing is expanded and nothing recurses before this is done."""
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > BYTES_MAX:
        raise ProgrammeInvalid(
            (Problem("", f"{size_bytes} bytes are too many", f"at most {BYTES_MAX} bytes", 1),)
        )
    depth = 0
    for event in _events(text):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        problem = _not_plain(event, depth)
        if problem is not None:
            raise ProgrammeInvalid((problem,))


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=yaml.BaseLoader)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _not_plain(event: yaml.Event, depth: int) -> Problem | None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
        mark = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
        return Problem("", f"{mark} ({event.anchor})", "each value written out", line)
    if getattr(event, "tag", None) is not None:
        return Problem("", f"a tag ({getattr(event, 'tag', '')})", "plain values", line)
    if depth > DEPTH_MAX:
        return Problem("", "nested too deeply", f"at most {DEPTH_MAX} levels", line)
    return None


def _broken(text: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        return Problem("", f"not YAML: {error.problem}", "one document", line)
    position = int(getattr(error, "position", 0))
    line = text.count("\n", 0, position) + 1
    return Problem("", "a character that YAML forbids", "printable UTF-8 text", line)
