"""Is every dependency pinned, and does docs/dependencies.md say why it is here?"""

import json
import re
import tomllib

from tests.tidy.sources import ROOT

PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.+!-]+")


def test_constraints_are_exact_pins_without_an_address():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_every_direct_dependency_is_pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {_normal(line.split("==")[0]) for line in lines}
    assert _direct_dependencies() - pinned == set()


def test_docs_explain_the_direct_dependencies_and_no_others():
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {_normal(found) for found in re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)}
    assert explained == _direct_dependencies()


def test_the_clients_of_the_tests_are_exact_pins_without_an_address():
    folder = ROOT / "tests" / "clients"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    lock = (folder / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert "://" not in lock
    assert all(one["integrity"] for path, one in packages.items() if path)


def _direct_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted.extend(extra)
    return {_normal(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in wanted}


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
