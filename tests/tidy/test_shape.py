"""Is every file and function small, and does each say what it is for?"""

import ast
from collections.abc import Callable
from pathlib import Path

from tests.tidy import sources

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
RESOLVER_LINES_MAX = 15
ACTOR_LINES_MAX = 10
Function = ast.FunctionDef | ast.AsyncFunctionDef
RESOLVER_DECORATORS = {"field", "mutation", "subscription"}


def test_no_file_is_longer_than_400_lines():
    long = {
        sources.name(path): count
        for path in sources.python_files()
        if (count := len(sources.text(path).splitlines())) > FILE_LINES_MAX
        and "db/migrations/" not in sources.name(path)
    }
    assert long == {}


def test_no_function_is_longer_than_50_lines():
    assert _longer_than(FUNCTION_LINES_MAX, sources.python_files(), lambda _: True) == []


def test_no_resolver_is_longer_than_15_lines():
    files = sources.python_files("schema", "resolvers")
    resolvers = _longer_than(RESOLVER_LINES_MAX, files, _is_resolver)
    assert resolvers == []


def test_no_actor_is_longer_than_10_lines():
    actors = _longer_than(
        ACTOR_LINES_MAX,
        sources.python_files("workers"),
        lambda function: "actor" in _decorators(function),
    )
    assert actors == []


def test_every_module_of_the_product_says_which_question_it_answers():
    silent = [
        sources.name(path)
        for path in sources.python_files(*sources.PACKAGES)
        if "db/migrations/" not in sources.name(path)
        and (path.name != "__init__.py" or sources.text(path).strip())
        and ast.get_docstring(sources.tree(path)) is None
    ]
    assert silent == []


def test_the_front_page_of_a_context_is_prose_only():
    with_code = [
        sources.name(path)
        for path in sorted((sources.ROOT / "domain").glob("*/__init__.py"))
        if ast.get_docstring(sources.tree(path)) is None or len(sources.tree(path).body) > 1
    ]
    assert with_code == []


def _longer_than(
    lines_max: int, files: list[Path], is_meant: Callable[[Function], bool]
) -> list[str]:
    return [
        f"{sources.name(path)}:{function.lineno} {function.name}: {lines} lines"
        for path in files
        if "db/migrations/" not in sources.name(path)
        for function in sources.functions(path)
        if is_meant(function) and (lines := _lines(function)) > lines_max
    ]


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _is_resolver(function: Function) -> bool:
    return bool(_decorators(function) & RESOLVER_DECORATORS)


def _decorators(function: Function) -> set[str]:
    """Last names: `field` for both `@strawberry.field` and `@field(...)`."""
    found = set()
    for decorator in function.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        found.add(node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", ""))
    return found
