"""What does the model allow at a place of the document, in words?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from difflib import SequenceMatcher
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from domain.programme.model import Programme, Section, plain_decimal
from domain.programme.model.audience import TAG_FORM
from domain.programme.model.base import CODE_FORM, MONEY
from domain.programme.model.places import Path


class Expectation:
    """A type of the model with the bounds on it."""

    def __init__(self, annotation: Any, metadata: Iterable[Any] = ()) -> None:  # noqa: ANN401
        bounds = list(metadata)
        while True:
            origin = get_origin(annotation)
            if origin is Annotated:
                bounds += annotation.__metadata__
                annotation = get_args(annotation)[0]
            elif origin in {Union, UnionType}:
                members = [member for member in get_args(annotation) if member is not NoneType]
                if len(members) != 1:
                    break
                annotation = members[0]
            else:
                break
        self.annotation = annotation
        self.origin = get_origin(annotation)
        nested = [bound.metadata for bound in bounds if isinstance(bound, FieldInfo)]
        self.bounds = bounds + [bound for found in nested for bound in found]
        self.is_money = MONEY in bounds

    def keys(self) -> list[str]:
        """The keys of a section, as they are written."""
        return [_key(name, field) for name, field in _fields(self.annotation).items()]

    def kinds(self) -> list[str]:
        """The names of the shapes that a section can have (`kind: …`)."""
        return [member.model_fields["kind"].default for member in get_args(self.annotation)]

    def key(self) -> "Expectation":
        """What the keys of a mapping must be."""
        return Expectation(get_args(self.annotation)[0])

    def inside(self, part: str | int) -> "Expectation | None":
        """What is expected one step further; None where the model knows no such step."""
        if self.origin is tuple:
            return Expectation(get_args(self.annotation)[0])
        if self.origin is Mapping:
            return Expectation(get_args(self.annotation)[1])
        for name, field in _fields(self.annotation).items():
            if _key(name, field) == part:
                return Expectation(field.annotation, field.metadata)
        return None

    def shaped(self, kind: str | int) -> "Expectation | None":
        """The member of a choice of shapes that has this `kind`."""
        choices = get_args(self.annotation) if self.origin in {Union, UnionType} else ()
        shapes = (one for one in choices if one.model_fields["kind"].default == kind)
        return next((Expectation(shape) for shape in shapes), None)

    def words(self, exponent: int) -> str:
        if self.origin is Literal:
            return "one of " + ", ".join(map(str, get_args(self.annotation)))
        if self.origin in {Union, UnionType}:
            return "kind: one of " + ", ".join(self.kinds())
        if self.origin in {tuple, Mapping}:
            noun = "a list" if self.origin is tuple else "a mapping"
            return noun + self._length("entries")
        if _fields(self.annotation):
            return "a mapping with the keys " + ", ".join(self.keys())
        return self._scalar(exponent)

    def _scalar(self, exponent: int) -> str:
        if self.is_money:
            return "an amount of money" + self._range(exponent)
        if self.annotation is str:
            return self._text()
        return _NOUNS[self.annotation] + self._range(0)

    def _text(self) -> str:
        for form in (getattr(bound, "pattern", None) for bound in self.bounds):
            if form is not None:
                return _FORMS[form]
        return "text (numbers in quotes)" + self._length("characters")

    def _range(self, exponent: int) -> str:
        limits = [
            f"{word} {plain_decimal(Decimal(getattr(bound, name)).scaleb(-exponent))}"
            for bound in self.bounds
            for kind, name, word in _LIMITS
            if isinstance(bound, kind)
        ]
        return ", " + ", ".join(limits) if limits else ""

    def _length(self, noun: str) -> str:
        limits: list[str] = []
        for bound in self.bounds:
            if isinstance(bound, MinLen | Len) and bound.min_length:
                limits.append(f"at least {bound.min_length}")
            if isinstance(bound, MaxLen | Len) and bound.max_length:
                limits.append(f"at most {bound.max_length}")
        return f", {', '.join(limits)} {noun}" if limits else ""


_FORMS = {
    CODE_FORM: "a code of at most 40 capital letters, digits and _, a letter first",
    TAG_FORM: "a tag of at most 40 small letters, digits, - and _, a letter or digit first",
}
_NOUNS: dict[Any, str] = {
    int: "a whole number",
    Decimal: "a decimal",
    bool: "true or false",
    datetime: "an ISO 8601 instant with its offset, such as 2026-01-31T00:00:00+08:00",
}
_LIMITS = (
    (Gt, "gt", "more than"),
    (Ge, "ge", "at least"),
    (Lt, "lt", "less than"),
    (Le, "le", "at most"),
)


def expected(location: Path) -> tuple[Expectation | None, Path]:
    """What the model expects at a location of pydantic's, and the place in the document it means.

    Pydantic's locations name the chosen shape as a step of its own; the document doesn't.
    """
    here: Expectation | None = Expectation(Programme)
    place: list[str | int] = []
    around = here
    for part in location:
        if part == "[key]":
            return around.key() if around else None, tuple(place)
        around = here
        shaped = here.shaped(part) if here else None
        if shaped is not None:
            here = shaped
            continue
        place.append(part)
        here = here.inside(part) if here else None
    return here, tuple(place)


def closest_first(word: str, choices: Iterable[str]) -> list[str]:
    """The choices, those that look most like `word` first, so that a typo shows its remedy."""
    return sorted(
        choices, key=lambda choice: (-SequenceMatcher(None, word, choice).ratio(), choice)
    )


def _fields(annotation: Any) -> dict[str, FieldInfo]:  # noqa: ANN401  any type of the model
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation.model_fields
    return {}


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else name
