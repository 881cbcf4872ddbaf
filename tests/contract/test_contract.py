"""Does the published schema keep the contract, and is the file what the code serves?"""

import subprocess
import sys
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from tests.contract.comparison import breaches

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "schema" / "schema.graphql"
EXPORT_SECONDS_MAX = 60


def test_the_schema_keeps_the_contract():
    contract = _schema(Path(__file__).parent / "CONTRACT.graphql")
    assert list(breaches(contract, _schema(PUBLISHED))) == []


def test_the_published_schema_is_what_the_code_serves():
    exported = subprocess.run(
        [Path(sys.executable).parent / "accrue", "export-schema"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=EXPORT_SECONDS_MAX,
    )
    assert exported.stdout == PUBLISHED.read_text(encoding="utf-8"), "run `make schema`"


def _schema(path: Path) -> GraphQLSchema:
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)
