"""What does a reader see of a text, however it is written? For comparing texts, not for showing."""

from unicodedata import category, normalize

_UNSEEN = frozenset({"Cf", "Mn", "Me"})
_BLANK = "\u115f\u1160\u2800"
"""Letters of Hangul that fill a place, and Braille without a dot: they are shown as nothing."""
_ALIKE = str.maketrans(
    "аеорсхуіјѕһԁԛԝвнкмтαορνικτυχεβηγωϲıɑɡʙᴄᴀᴇɪɴᴏꜱøłđ",
    "aeopcxyijshdqwbhkmtaopviktuxebnywciagbcaeinosold",
)


def as_seen(text: str) -> str:
    """In one spelling, small, without what nobody sees.

    Full-width and styled letters are the usual ones, accents are left out, and letters of other
    scripts that look like Latin ones are these: "Ｃá\u200bсino" (with a Cyrillic с) is "cacino".
    """
    spelt = normalize("NFKD", normalize("NFKD", text).casefold())
    seen = "".join(letter for letter in spelt if category(letter) not in _UNSEEN)
    return normalize("NFC", seen.translate(_ALIKE)).translate(dict.fromkeys(map(ord, _BLANK)))


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in it."""
    return not as_seen(text).strip()
