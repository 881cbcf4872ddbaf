"""Is what somebody said worth points? Long enough, and not what they have said before."""

import re
from collections.abc import Sequence

from domain.programme.model import Quality
from kit.seen import as_seen

_SHINGLE = 3
_REPEATED = re.compile(r"(.{1,8}?)\1{2,}")


def why_unpaid(
    text: str, before: Sequence[str], quality: Quality, *, length_min: int
) -> str | None:
    """TOO_SHORT, SIMILAR to one of the member's own texts `before`, or None: it is worth points."""
    bare = _bare(text)
    if len(bare) < length_min:
        return "TOO_SHORT"
    if any(likeness_percent(text, other) >= quality.similar_percent for other in before):
        return "SIMILAR"
    return None


def likeness_percent(one: str, other: str) -> int:
    """How much of both texts is the same, of a hundred, rounded down.

    By the runs of three letters or digits that both have, of all that either has (Jaccard): "abcd"
    has abc and bcd, "abce" has abc and bce; one of three is the same: 33. Case, spaces and
    punctuation don't count.
    """
    first, second = _shingles(_bare(one)), _shingles(_bare(other))
    both = len(first & second)
    return 100 * both // (len(first | second) or 1)


def _bare(text: str) -> str:
    """Its letters and digits; what is repeated, up to eight of them, stands at most twice."""
    plain = "".join(filter(str.isalnum, as_seen(text)))
    return _REPEATED.sub(r"\1\1", plain)


def _shingles(bare: str) -> set[str]:
    count = max(len(bare) - _SHINGLE + 1, 1)
    return {bare[place : place + _SHINGLE] for place in range(count)}
