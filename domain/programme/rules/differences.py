"""What is different between two programmes, in words that an operator can review?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from domain.programme.model import Programme
from domain.programme.model.places import Change

Entries = Mapping[str, Any]


def diff(a: Programme, b: Programme) -> tuple[Change, ...]:
    """Each place whose value differs, from `a` to `b`.

    Entries of a list that have a code are compared by it: `tiers.ladder[GOLD].threshold`; an entry
    that only one of the two has is one change, told without its defaults, and so is another order
    of the same entries.
    """
    return tuple(_changes(a.document(), b.document(), "", (a.brief(), b.brief())))


_Briefs = tuple[Any, Any]


def _changes(before: Any, after: Any, path: str, briefs: _Briefs) -> Iterator[Change]:  # noqa: ANN401  JSON values
    """`briefs`: what of `before` and `after` isn't their default."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = cast("Entries", before), cast("Entries", after)
        yield from _entry_changes(old, new, path + "{}", briefs)
    elif (old := _by_code(before)) is not None and (new := _by_code(after)) is not None:
        brief = (_by_code(briefs[0]), _by_code(briefs[1]))
        yield from _entry_changes(old, new, path + "[{}]", brief)
        yield from _order_changes(list(old), list(new), path)
    else:
        yield Change(path, _told(before), _told(after))


def _entry_changes(before: Entries, after: Entries, path: str, briefs: _Briefs) -> Iterator[Change]:
    for key in [*before, *(key for key in after if key not in before)]:
        within = path.endswith("{}") and path != "{}"
        place = path.replace("{}", f".{key}" if within else key)
        brief = (_part(briefs[0], key), _part(briefs[1], key))
        if key not in after:
            yield Change(place, _told(before[key] if brief[0] is None else brief[0]), None)
        elif key not in before:
            yield Change(place, None, _told(after[key] if brief[1] is None else brief[1]))
        else:
            yield from _changes(before[key], after[key], place, brief)


def _part(brief: Any, key: str) -> Any:  # noqa: ANN401  JSON values
    return cast("Entries", brief).get(key) if isinstance(brief, dict) else None


def _order_changes(old: Sequence[str], new: Sequence[str], path: str) -> Iterator[Change]:
    stayed_old = [code for code in old if code in new]
    stayed_new = [code for code in new if code in old]
    if stayed_old != stayed_new:
        yield Change(f"{path} (order)", ", ".join(old), ", ".join(new))


def _by_code(value: Any) -> Entries | None:  # noqa: ANN401  a JSON value
    if not isinstance(value, list):
        return None
    entries = cast("list[Any]", value)
    if not all(isinstance(entry, dict) and "code" in entry for entry in entries):
        return None
    return {entry["code"]: entry for entry in entries}


def _told(value: Any) -> str:  # noqa: ANN401  a JSON value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
