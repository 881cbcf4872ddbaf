"""Which badges are there?"""

from domain.programme.model.base import Code, Section, Text


class Badge(Section):
    """`title`: what a member who has it may be called (头衔)."""

    code: Code
    name: Text
    title: Text | None = None
