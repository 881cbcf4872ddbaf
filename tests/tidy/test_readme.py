"""Does the README promise only what is there?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.tidy.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
HELP_SECONDS_MAX = 30


def test_every_make_target_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|[$`] ?)make ([a-z-]+)", README, re.MULTILINE))
    assert named - targets == set()
    assert {"run", "test"} <= named


def test_every_accrue_command_that_is_named_exists():
    named = set(re.findall(r"(?:^|[$`] ?)(?:\.venv/bin/)?accrue ([a-z-]+)", README, re.MULTILINE))
    unknown = [
        command
        for command in sorted(named)
        if subprocess.run(
            [Path(sys.executable).parent / "accrue", command, "--help"],
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=HELP_SECONDS_MAX,
        ).returncode
    ]
    assert unknown == []


def test_every_graphql_example_is_valid():
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    examples = re.findall(r"^```graphql\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert examples
    assert [str(error) for text in examples for error in validate(schema, parse(text))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
