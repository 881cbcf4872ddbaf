"""How is what the model refuses told to the operator who wrote the document?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.programme.model import plain_decimal
from domain.programme.model.places import Finding
from domain.programme.rules.expecting import Expectation, closest_first, expected

SHOWN_MAX = 40
_WORDS = {None: "nothing", True: "true", False: "false"}

_MESSAGES = {
    "bool_type": "{value} is neither true nor false",
    "datetime_type": "{value} is not an instant",
    "dict_type": "{value} is not a mapping",
    "extra_forbidden": "unknown key",
    "greater_than": "{value} is too small",
    "greater_than_equal": "{value} is too small",
    "int_type": "{value} is not a whole number",
    "less_than": "{value} is too large",
    "less_than_equal": "{value} is too large",
    "literal_error": "{value} is none of the choices",
    "mapping_type": "{value} is not a mapping",
    "missing": "is missing",
    "model_attributes_type": "{value} is not a mapping",
    "model_type": "{value} is not a mapping",
    "string_pattern_mismatch": "{value} is not a code",
    "string_too_long": "the text is too long",
    "string_too_short": "the text is empty",
    "string_type": "{value} is not text",
    "too_long": "too many entries",
    "too_short": "too few entries",
    "tuple_type": "{value} is not a list",
    "union_tag_invalid": "the kind is none of the choices",
    "union_tag_not_found": "the kind is missing",
}


def findings(error: ValidationError, exponent: int) -> list[Finding]:
    details = error.errors(include_url=False)
    return [_finding(detail, exponent) for detail in details if not _is_an_echo(detail)]


def _is_an_echo(detail: ErrorDetails) -> bool:
    """A list is called too short as well when it is its entries that are wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _finding(detail: ErrorDetails, exponent: int) -> Finding:
    expectation, place = expected(detail["loc"])
    template = _MESSAGES.get(detail["type"], "{value} " + detail["msg"])
    value = detail["input"]
    if expectation and expectation.is_money and isinstance(value, int):
        value = Decimal(value).scaleb(-exponent)
    message = template.format(value=shown(value))
    if detail["type"] == "extra_forbidden":
        around, _ = expected(detail["loc"][:-1])
        keys = around.keys() if around else []
        return Finding(place, message, ", ".join(closest_first(str(place[-1]), keys)))
    return Finding(place, message, _allowed(detail, expectation, exponent))


def _allowed(detail: ErrorDetails, expectation: Expectation | None, exponent: int) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    if "allowed" in context:
        return str(context["allowed"])
    return expectation.words(exponent) if expectation else "nothing"


def shown(value: object) -> str:
    """The value as the document has it, short."""
    if isinstance(value, Mapping | tuple):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= SHOWN_MAX else f'"{value[:SHOWN_MAX]}…"'
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return _WORDS.get(value, str(value)) if isinstance(value, bool | None) else str(value)
