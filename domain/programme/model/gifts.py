"""What is given on joining and on a birthday?"""

from domain.programme.model.base import Days, Section
from domain.programme.model.gives import Gives


class BirthdayGift(Gives):
    """`notice_days`: a birthday stated later than so many days ahead earns nothing this time."""

    notice_days: Days = 7


class Gifts(Section):
    """`welcome`: the pack for who joins; `birthday`: once a year."""

    welcome: Gives = Gives()
    birthday: BirthdayGift = BirthdayGift()
