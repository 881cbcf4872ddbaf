"""What is given on joining and on a birthday?"""

from domain.programme.model.base import Section
from domain.programme.model.gives import Gives


class Gifts(Section):
    """`welcome`: the pack for who joins; `birthday`: once a year."""

    welcome: Gives = Gives()
    birthday: Gives = Gives()
