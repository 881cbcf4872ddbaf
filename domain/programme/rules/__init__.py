"""Which programme does a text describe, does it keep the domain's promises, what changed?"""

from typing import Any

from pydantic import ValidationError

from domain.programme.errors import Problem, ProgrammeInvalid
from domain.programme.model import Change, Programme, exponent_of
from domain.programme.model.base import EXPONENT_DEFAULT
from domain.programme.model.places import Finding, written
from domain.programme.rules.checks import check
from domain.programme.rules.differences import diff
from domain.programme.rules.reading import Reading
from domain.programme.rules.wording import findings

__all__ = ["Change", "diff", "parse"]


def parse(text: str) -> Programme:
    """The programme that the YAML describes; what it leaves out has the domain's default.

    Raises ProgrammeInvalid with every problem found, in the order of the lines.
    """
    reading = Reading(text)
    programme, found = _built(reading.document)
    problems = reading.problems + [_located(finding, reading) for finding in found]
    if programme is None or problems:
        raise ProgrammeInvalid(tuple(sorted(problems, key=lambda problem: problem.line)))
    return programme


def _built(document: dict[str, Any]) -> tuple[Programme | None, list[Finding]]:
    """The programme, and what is wrong with it.

    Sections that the model refuses are left out, so that the others are checked all the same.
    """
    try:
        programme = Programme.of(document)
    except ValidationError as error:
        exponent = exponent_of(document.get("currency", ""))
        found = findings(error, EXPONENT_DEFAULT if exponent is None else exponent)
        unsound = {finding.path[0] for finding in found}
        rest = {key: value for key, value in document.items() if key not in unsound}
        sound = Programme.of(rest)
        return None, found + check(sound, lambda section: section not in unsound)
    return programme, check(programme, lambda _: True)


def _located(finding: Finding, reading: Reading) -> Problem:
    line = reading.line(finding.path)
    return Problem(written(finding.path), finding.message, finding.allowed, line)
