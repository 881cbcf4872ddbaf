"""How is a text that somebody else wrote filled in? By a small part of Jinja, node by node.

Allowed are names, `if`, one `for` over a name, comparisons and the filters `join` and `length` of a
name. There are no attributes, calls, ranges, arithmetic, nested loops or filters of what a filter
made, so that a text can neither reach what it wasn't given nor grow much beyond what it was given.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.filters import do_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS = ("join", "length")
RENDERED_CHARACTERS_MAX = 5_000
_TEXTS_KEPT_MAX = 1_024
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter),
    *(nodes.If, nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not),
)

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_environment.globals = {}
_environment.filters = {"join": do_join, "length": len}


class CannotRender(ValueError):
    """The text can't be filled in with these values."""


def problem(text: str, names: Collection[str]) -> str | None:
    """What is wrong with a text that may use `names`; None where nothing is."""
    try:
        tree = _environment.parse(text)
    except TemplateError as error:
        return f"can't be read: {error.message}"
    except RecursionError:
        return "is nested too deeply"
    loops = list(tree.find_all(nodes.For))
    own = {loop.target.name for loop in loops if isinstance(loop.target, nodes.Name)}
    for node in tree.find_all(nodes.Node):
        found = _problem_of(node, {*names, *own})
        if found is not None:
            return found
    try:
        _compiled(text)
    except Exception:  # noqa: BLE001  Jinja makes Python of it, whose own limits are Python's to say
        return "is nested too deeply"
    return None


def render(text: str, values: Mapping[str, object]) -> str:
    """The text with the values in it, at most 5,000 characters. Raises CannotRender."""
    try:
        return _compiled(text).render(values)[:RENDERED_CHARACTERS_MAX]
    except Exception as error:  # noqa: BLE001  whoever wrote it, nobody's message is lost by it
        raise CannotRender(str(error)) from None


def _problem_of(node: nodes.Node, names: Collection[str]) -> str | None:
    if not isinstance(node, _ALLOWED):
        return f"{type(node).__name__} isn't allowed"
    if isinstance(node, nodes.Name) and node.name not in names:
        return f"there is no {node.name}"
    if isinstance(node, nodes.Filter):
        return _problem_of_filter(node)
    if isinstance(node, nodes.For):
        return _problem_of_loop(node)
    return None


def _problem_of_filter(found: nodes.Filter) -> str | None:
    if found.name not in FILTERS:
        return f"there is no filter {found.name}"
    if not isinstance(found.node, nodes.Name):
        return "a filter takes a name"
    is_text = all(isinstance(one, nodes.Const) for one in found.args)
    if not is_text or len(found.args) > (found.name == "join"):
        return "join takes one text, length nothing"
    return None


def _problem_of_loop(loop: nodes.For) -> str | None:
    if not isinstance(loop.iter, nodes.Name) or loop.recursive:
        return "a loop goes over a name"
    if any(found is not loop for found in loop.find_all(nodes.For)):
        return "a loop in a loop"
    return None


@lru_cache(_TEXTS_KEPT_MAX)
def _compiled(text: str) -> Template:
    return _environment.from_string(text)
