"""Can a file of members be read whoever saved it, and is what goes out the same that comes in?"""

import importlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.commands import member_files
from app.commands.failing import BadInput
from app.commands.member_files import checksum, records, writing
from domain.imports.errors import ColumnsInvalid, RowInvalid

HEAD = "external_id,nickname,points\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "members.csv"


def read(file: Path, ignored: Sequence[str] = ()) -> list:
    return list(records(file, ignored))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_text_in_utf_8_is_read_with_and_without_its_mark(file: Path, encoding: str, ends: str):
    text = (HEAD + 'c-1,小明,5\n\nc-2,"Ann, the\nfirst",7\nc-3,,\n').replace("\n", ends)
    file.write_bytes(text.encode(encoding))
    assert [(number, row["external_id"]) for number, row in read(file)] == [
        (2, "c-1"),
        (4, "c-2"),
        (6, "c-3"),
    ]
    assert read(file)[0][1] == {"external_id": "c-1", "nickname": "小明", "points": "5"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ((HEAD + "c-1,小明,5\n").encode("gb18030"), "looks like GB18030: iconv -f GB18030"),
        ((HEAD + "c-1,小明,5\n").encode("utf-16"), "UTF-16"),
        (HEAD.encode() + b"c-1,\xff\xfe\xff,5\n", "isn't text in UTF-8"),
        (HEAD.encode() + b"c-1,a,5\n" * 10_000 + b"c-1,\xc3\x28,5\n", "isn't text in UTF-8"),
        (HEAD.encode() + b"c-1,\0,5\n", "isn't text"),
        (HEAD.encode() + b'c-1,"' + b"x" * 5_000 + b'",5\n', "more than 4,096 characters"),
        (HEAD.encode() + b'c-1,"a"b,5\n', "line 2"),
        (b"external_id;nickname;points\nc-1;a;5\n", "parted by semicolons"),
        (b"external_id\tpoints\nc-1\t5\n", "parted by tabs"),
    ],
)
def test_a_file_that_can_not_be_read_says_what_would_help(file: Path, content: bytes, said: str):
    file.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        read(file)


def test_a_file_without_its_first_line_is_refused(file: Path):
    for content in ("", "c-1,a,5\n"):
        file.write_text(content)
        with pytest.raises(ColumnsInvalid):
            read(file)


def test_a_row_with_too_few_fields_is_refused_and_the_others_are_read(file: Path):
    file.write_text(HEAD + "c-1,a\nc-2,b,7\n")
    (_, refused), (_, sound) = read(file)
    assert isinstance(refused, RowInvalid)
    assert str(refused) == "ROW_INVALID: Column (row): it has 2 fields and the first line 3."
    assert sound["points"] == "7"


@pytest.mark.parametrize("name", ["members.csv", "members.parquet"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str):
    file = tmp_path / name
    at = datetime(2026, 12, 31, 16, tzinfo=UTC)
    with writing(file) as sink:
        sink([{"external_id": "c-1", "points": 2**53 - 1, "expires_at": at}])
        assert not file.exists()
        sink([{"external_id": "c-2", "nickname": "小明,\n", "growth": 3, "expires_at": "never"}])
    rows = [row for _, row in read(file)]
    assert [str(row["external_id"]) for row in rows] == ["c-1", "c-2"]
    assert (int(rows[0]["points"]), rows[0]["expires_at"]) == (2**53 - 1, "2026-12-31T16:00:00Z")
    assert (rows[1]["nickname"], int(rows[1]["growth"])) == ("小明,\n", 3)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert len(checksum(file)) == 64


def test_a_file_that_could_not_be_written_whole_is_not_there(tmp_path: Path):
    file = tmp_path / "members.csv"
    with pytest.raises(ValueError, match="fields not in fieldnames"), writing(file) as sink:
        sink([{"external_id": "c-1"}, {"nothing": 1}])
    assert list(tmp_path.iterdir()) == []


def test_parquet_of_another_make_is_read_with_its_own_types(tmp_path: Path):
    pa = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    file = tmp_path / "members.parquet"
    at = datetime(2026, 12, 31, 16, tzinfo=UTC)
    table = pa.table(
        {
            "Customer ID": pa.array([17, 18]),
            "points": pa.array([5.0, None]),
            "expiry": pa.array([at, None], pa.timestamp("us", "UTC")),
        }
    )
    parquet.write_table(table, file)
    assert read(file) == [
        (1, {"external_id": 17, "points": 5.0, "expires_at": at}),
        (2, {"external_id": 18, "points": None, "expires_at": None}),
    ]
    file.write_bytes(b"no parquet")
    with pytest.raises(BadInput, match="isn't a Parquet file"):
        read(file)


def test_without_its_library_parquet_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(BadInput, match=r"extra `parquet`.*CSV needs nothing"):
        member_files.require_parquet(tmp_path / "members.parquet")
    member_files.require_parquet(tmp_path / "members.csv")
