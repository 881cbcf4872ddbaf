"""What of a text can't be said, and what does the staff want to see first?"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from domain.community.errors import TooManyLinks, WordsRefused
from domain.community.model import HeldFor
from domain.members.model import Member
from domain.programme.model import Community, Moderation, WordLists
from kit.finder import Finder
from kit.seen import as_seen

# One link is one, from its scheme to its path; browsers take a Chinese full stop for a dot.
_REST = r"[a-z0-9._~:/?#@!$&()*+=%-]*"
_LINK = re.compile(
    rf"https?://{_REST}|(?<![a-z0-9.-])(?:www[.。](?=[a-z0-9])|(?:[a-z0-9-]{{1,63}}[.。])+"
    rf"(?:com|cn|net|org|io|top|xyz|vip|cc|shop|info|me)(?![a-z0-9]))(?:[a-z0-9.。-]*[:/?#]{_REST})?"
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
    links = len(_LINK.findall(as_seen(text)))
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
    chinese, english = _finders(lists.zh_cn, lists.en)
    return [*chinese.found(_squeezed(text)), *english.found(f" {_spelt(text)} ")]


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, as_seen(text)))


def _spelt(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+", as_seen(text).translate(_AS_LETTERS)))


class _Listed:
    """Finds words in the spelling in which texts are searched, and says them as they are listed."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._finder = Finder(words)

    def found(self, text: str) -> list[str]:
        return [self._words[word] for word in self._finder.found(text)]


@lru_cache(_LISTS_KEPT_MAX)
def _finders(zh_cn: tuple[str, ...], en: tuple[str, ...]) -> tuple[_Listed, _Listed]:
    chinese = {_squeezed(word): word for word in zh_cn}
    english = {f" {_spelt(word)} ": word for word in en if _spelt(word)}
    return _Listed(chinese), _Listed(english)
