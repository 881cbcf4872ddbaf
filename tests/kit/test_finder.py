"""Are all words found that are there, and no others?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.finder import Finder

_SHORT = st.text("ab", max_size=4)


def test_words_within_words_are_found_in_the_order_in_which_they_end():
    assert Finder(["he", "she", "his", "hers", "刷单"]).found("ushers 刷单") == [
        "she",
        "he",
        "hers",
        "刷单",
    ]


def test_without_words_nothing_is_found():
    assert Finder([]).found("anything") == []
    assert Finder(["", "x"]).found("") == []


@given(st.lists(_SHORT, max_size=8), st.text("ab", max_size=40))
@settings(max_examples=150)
def test_it_finds_what_looking_for_each_word_finds(words, text):
    assert set(Finder(words).found(text)) == {word for word in words if word and word in text}
