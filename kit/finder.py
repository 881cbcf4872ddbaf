"""Which of many words are in a text? By the automaton of Aho and Corasick: one walk over the text.

Our own, of forty lines: texts here are short, and a compiled dependency would have to be there for
every platform.
"""

from collections import deque
from collections.abc import Iterable


class Finder:
    """Finds all of some words at once; its time grows with the text, not with the words."""

    __slots__ = ("_ends", "_falls", "_steps")

    def __init__(self, words: Iterable[str]) -> None:
        self._steps: list[dict[str, int]] = [{}]
        self._ends: list[tuple[str, ...]] = [()]
        self._falls = [0]
        for word in dict.fromkeys(words):
            if word:
                self._add(word)
        self._link()

    def _add(self, word: str) -> None:
        state = 0
        for letter in word:
            following = self._steps[state].get(letter)
            if following is None:
                following = self._steps[state][letter] = len(self._steps)
                self._steps.append({})
                self._ends.append(())
                self._falls.append(0)
            state = following
        self._ends[state] = (word,)

    def _link(self) -> None:
        """Where to go on from where no word goes on: the longest end that is a beginning."""
        waiting = deque(self._steps[0].values())
        while waiting:
            state = waiting.popleft()
            for letter, following in self._steps[state].items():
                waiting.append(following)
                fall = self._falls[state]
                while fall and letter not in self._steps[fall]:
                    fall = self._falls[fall]
                self._falls[following] = self._steps[fall].get(letter, 0)
                self._ends[following] += self._ends[self._falls[following]]

    def found(self, text: str) -> list[str]:
        """The words that are in it, each once, in the order in which they end."""
        state, words = 0, dict[str, None]()
        for letter in text:
            while state and letter not in self._steps[state]:
                state = self._falls[state]
            state = self._steps[state].get(letter, 0)
            words |= dict.fromkeys(self._ends[state])
        return list(words)
