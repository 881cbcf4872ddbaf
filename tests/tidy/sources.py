"""Which files are ours, and what is in them?"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "dev", "schema", "resolvers", "workers", "domain", "db", "kit")
FOLDERS = (*PACKAGES, "tests", "benchmarks")
DOCUMENTS = ("*.md", "docs/**/*.md", "programmes/*.yaml", "*.yml", "Makefile", "Dockerfile")


def python_files(*folders: str) -> list[Path]:
    return _files(folders or FOLDERS, "*.py")


def sql_files() -> list[Path]:
    return _files(PACKAGES, "*.sql")


def documents() -> list[Path]:
    return sorted(path for pattern in DOCUMENTS for path in ROOT.glob(pattern))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def method_calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and method name of every `something.method(...)`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node.func.attr


def sql_texts() -> Iterator[tuple[str, str]]:
    """Where it stands and the text of every SQL file and every string literal of the product."""
    for path in sql_files():
        yield name(path), re.sub(r"--[^\n]*", "", text(path))
    for path in python_files(*PACKAGES):
        prose = {id(node) for node in _docstrings(tree(path))}
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if id(node) not in prose:
                yield f"{name(path)}:{node.lineno}", re.sub(r"--[^\n]*", "", node.value)


def _docstrings(module: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _files(folders: tuple[str, ...], pattern: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob(pattern)
        if "__pycache__" not in path.parts
    )
