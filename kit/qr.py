"""How does a link look that a camera reads? As a QR code in SVG."""

from functools import lru_cache

import segno

KEPT_MAX = 1_000


@lru_cache(KEPT_MAX)
def svg(text: str) -> str:
    """One `<svg>` element without a size of its own: it fills what it is put into.

    Error correction M: it can still be read with a seventh of it covered.
    """
    return segno.make(text, error="m", micro=False).svg_inline(omitsize=True)
