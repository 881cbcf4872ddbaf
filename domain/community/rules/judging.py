"""Are a reason, a note and an appeal as they should be?"""

from kit.errors import InvalidInput

NOTE_LENGTH_MAX = 500
APPEAL_LENGTH_MAX = 1_000


def check_note(note: str) -> None:
    """Refuses INVALID_INPUT; a note may be left out."""
    _check(note, ["note"], 0, NOTE_LENGTH_MAX)


def check_appeal(text: str) -> None:
    """Refuses INVALID_INPUT."""
    _check(text, ["text"], 1, APPEAL_LENGTH_MAX)


def _check(text: str, path: list[str], least: int, most: int) -> None:
    printable = all(letter.isprintable() or letter in "\n\t" for letter in text)
    if not least <= len(text.strip()) <= most or len(text) > most or not printable:
        raise InvalidInput(
            path,
            f"it has {least} to {most} printable characters",
            f"应为 {least} 至 {most} 个可见字符",
        )
