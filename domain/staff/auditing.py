"""Is what staff did still what they did? Every chain from its first act to its end."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from db.connection import Tx
from db.queries import staff as queries
from domain.staff.chain import START, chain_hash

_PAGE = 5_000


async def broken(tx: Tx, checked: Counter[str]) -> AsyncIterator[str]:
    """What is wrong, row by row; `checked` counts the acts that were looked at."""
    ends: dict[str, tuple[int, str]] = {}
    totals: Counter[tuple[str, str]] = Counter()
    place = ("", 0)
    while page := await queries.acts_after(tx, place, _PAGE):
        for row in page:
            act = dict(row)
            for detail in _wrong(act, ends, totals):
                yield f"staff_act {act['person']} {act['seq']}: {detail}"
            ends[act["person"]] = (act["seq"], act["hash"])
        checked["acts of staff"] += len(page)
        place = (page[-1]["person"], page[-1]["seq"])
    heads = await queries.heads(tx)
    for person in sorted(heads.keys() | ends.keys()):
        if heads.get(person) != ends.get(person, (0, START)):
            yield f"staff_head {person}: it is not where their last act is"


def _wrong(
    act: dict[str, Any], ends: dict[str, tuple[int, str]], totals: Counter[tuple[str, str]]
) -> list[str]:
    seq, previous = ends.get(act["person"], (0, START))
    found: list[str] = []
    if act["seq"] != seq + 1:
        found.append(f"it follows {seq}")
    if chain_hash(previous, act) != act["hash"]:
        found.append("its hash is another's")
    if act["alone_total"] is not None:
        of = (act["person"], act["unit"])
        totals[of] += abs(act["amount"])
        if totals[of] != act["alone_total"]:
            found.append(f"{act['alone_total']} alone, should be {totals[of]}")
    return found
