"""In which contests may members take part?"""

from domain.programme.model.base import Code, Section, Text


class Challenge(Section):
    """A contest for places on a leaderboard."""

    code: Code
    name: Text
