"""How is a long list read page by page? By keyset: a cursor is a row's sort key, opaque outside."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import orjson

from kit.errors import InvalidInput

PAGE_SIZE_MAX = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; `cursors[i]` belongs to `items[i]`."""

    items: list[T]
    cursors: list[str]
    has_next: bool
    has_previous: bool
    total: int | None = None


def encode_cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def decode_cursor(text: str, *types: type) -> tuple[object, ...]:
    """The sort key in a cursor of ours; refuses INVALID_INPUT for anything else."""
    key: Any
    try:
        key = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_"))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list):
        raise foreign_cursor()
    parts = tuple(cast("list[object]", key))
    if tuple(map(type, parts)) != types:
        raise foreign_cursor()
    return parts


def foreign_cursor() -> InvalidInput:
    return InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标")


def page_size(first: int) -> int:
    """`first` as asked; refuses INVALID_INPUT outside 0 to 100."""
    if not 0 <= first <= PAGE_SIZE_MAX:
        raise InvalidInput(
            ["first"],
            f"{first} is not within 0 to {PAGE_SIZE_MAX}",
            f"{first} 不在 0 至 {PAGE_SIZE_MAX} 之间",
        )
    return first
