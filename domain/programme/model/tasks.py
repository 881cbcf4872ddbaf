"""What may members set out to do?"""

from domain.programme.model.base import Code, Section, Text
from domain.programme.model.gives import Gives


class Task(Section):
    """A member's mission."""

    code: Code
    name: Text
    gives: Gives = Gives()
