"""What of a text can't be said, and what does the staff want to see first?"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from unicodedata import category, normalize

from domain.community.errors import TooManyLinks, WordsRefused
from domain.community.model import HeldFor
from domain.members.model import Member
from domain.programme.model import Community, Moderation, WordLists
from kit.finder import Finder

_LINK = re.compile(
    r"https?://|\bwww\.|\b[a-z0-9-]+\.(?:com|cn|net|org|io|top|xyz|vip|cc|shop|info|me)\b"
)
_AS_LETTERS = str.maketrans("0134578@$", "oieastbas")
_LISTS_KEPT_MAX = 16


def judge_text(text: str, author: Member, community: Community, *, now: datetime) -> HeldFor | None:
    """Why it waits for the staff, None: it doesn't. Refuses WORDS_REFUSED, TOO_MANY_LINKS."""
    moderation = community.moderation
    refused = found_words(text, moderation.refused)
    if refused:
        raise WordsRefused(", ".join(refused))
    limit = moderation.links_max
    if is_new(author.joined_at, moderation, now):
        limit = min(limit, moderation.new_member_links_max)
    links = len(_LINK.findall(_plain(text)))
    if links > limit:
        raise TooManyLinks(links, limit)
    return HeldFor.WORDS if found_words(text, moderation.reviewed) else None


def is_new(joined_at: datetime, moderation: Moderation, now: datetime) -> bool:
    """Whether a member joined less than `new_member_days` ago."""
    return now - joined_at < timedelta(days=moderation.new_member_days)


def found_words(text: str, lists: WordLists) -> list[str]:
    """Words of both lists that are in a text, as the lists have them.

    Chinese ones among the letters and digits alone, so that "刷 · 单" is 刷单. English ones as
    whole words, in which 0 is o, 1 is i, 3 e, 4 a, 5 s, 7 t, 8 b, @ a and $ s: "c@s1no bonu5" is
    "casino bonus", and "Scunthorpe" is nothing.
    """
    plain = _plain(text)
    chinese, english = _finders(lists.zh_cn, lists.en)
    squeezed = "".join(filter(str.isalnum, plain))
    spelt = f" {' '.join(re.findall(r'[a-z]+', plain.translate(_AS_LETTERS)))} "
    return [*chinese.found(squeezed), *(word.strip() for word in english.found(spelt))]


def _plain(text: str) -> str:
    """In one spelling: full-width letters as usual ones, small, without what nobody sees."""
    seen = (letter for letter in normalize("NFKC", text) if category(letter) != "Cf")
    return "".join(seen).casefold()


@lru_cache(_LISTS_KEPT_MAX)
def _finders(zh_cn: tuple[str, ...], en: tuple[str, ...]) -> tuple[Finder, Finder]:
    chinese = ("".join(filter(str.isalnum, _plain(word))) for word in zh_cn)
    english = (f" {' '.join(_plain(word).split())} " for word in en)
    return Finder(chinese), Finder(english)
