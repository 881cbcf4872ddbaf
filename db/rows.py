"""How does a JSON row become a dataclass? By the dataclass's own field types, resolved once."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints
from uuid import UUID

T = TypeVar("T")

_PARSERS: dict[type, Callable[[str], object]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


@cache
def _parsed_fields(cls: type) -> tuple[tuple[str, Callable[[str], object]], ...]:
    hints = get_type_hints(cls)
    found = []
    for field in fields(cls):
        kinds = get_args(hints[field.name]) or (hints[field.name],)
        parser = next((_PARSERS[kind] for kind in kinds if kind in _PARSERS), None)
        if parser is not None:
            found.append((field.name, parser))
    return tuple(found)


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


def read(cls: type[T], row: Mapping[str, Any]) -> T:
    """`cls` from a JSON object whose keys include its fields; more keys are passed over."""
    values = {name: row[name] for name in _names(cls)}
    for name, parser in _parsed_fields(cls):
        if values[name] is not None:
            values[name] = parser(values[name])
    return cls(**values)
