"""Where in a programme document is something, and how is the place written?"""

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem whose line isn't known yet."""

    path: Path
    message: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two programmes; None where one of them has no such place."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path}: added {self.after}"
        if self.after is None:
            return f"{self.path}: removed {self.before}"
        return f"{self.path}: {self.before} -> {self.after}"


def written(path: Path) -> str:
    """`("tiers", "ladder", 2, "threshold")` is written `tiers.ladder[2].threshold`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
