"""Rows read from pages are the rows that SQLite reads."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.freelist import free_pages, guess_free_pages
from dbadmin.sqlite_file.header import parse_header
from dbadmin.sqlite_file.pages import FilePages, whole_payload
from dbadmin.sqlite_file.record import Value, decode_record
from dbadmin.sqlite_file.table import table_cells, table_payloads
from tests.dbadmin.sqlite_file.files import make_file

_VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3000),
    st.binary(max_size=3000),
)
_CODECS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}
_numbers = count()


@contextmanager
def opened(path: Path) -> Iterator[FilePages]:
    """The pages of a file that nobody has open."""
    descriptor = os.open(path, os.O_RDONLY)
    header = parse_header(os.pread(descriptor, 100, 0))
    yield FilePages(descriptor, b"", header.page_size, header.usable, header.page_count or 0)
    os.close(descriptor)


def read_rows(path: Path, root: int, codec: str = "utf-8") -> list[tuple[Value, ...]]:
    """The rowid and values of each row."""
    with opened(path) as pages:
        return [(cell.rowid, *decode_record(whole_payload(pages, cell), codec)) for cell in table_cells(pages, root)]


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), _VALUES, _VALUES), unique_by=lambda row: row[0]),
    page_size=st.sampled_from([512, 1024, 4096]),
    encoding=st.sampled_from(list(_CODECS)),
)
def test_any_values_are_read_as_sqlite_reads_them(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Value, ...]], page_size: int, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"values-{next(_numbers)}.db"
    make_file(path, ["CREATE TABLE t (a, b)"], page_size=page_size, encoding=f"'{encoding}'")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO t (rowid, a, b) VALUES (?, ?, ?)", rows)
        expected = connection.execute("SELECT rowid, a, b FROM t ORDER BY rowid").fetchall()
    assert read_rows(path, 2, _CODECS[encoding]) == expected


def test_the_freelist_is_what_sqlite_counts(tmp_path: Path) -> None:
    fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) "
    path = make_file(tmp_path / "a.db", ["PRAGMA secure_delete = OFF", "CREATE TABLE kept (a)", "CREATE TABLE gone (a)",
        f"INSERT INTO gone {fill} SELECT hex(randomblob(100)) FROM n", f"INSERT INTO kept {fill} SELECT i FROM n",
        "DROP TABLE gone"], page_size=512)  # fmt: skip
    with closing(sqlite3.connect(path)) as connection:
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        used = {number for (number,) in connection.execute("SELECT pageno FROM dbstat")}
    first_trunk = parse_header(path.read_bytes()).first_trunk
    with opened(path) as pages:
        found = free_pages(pages, first_trunk)
        assert len(found) == free > 130
        assert not found & used
        assert guess_free_pages(pages) == found


def test_a_chain_of_overflow_pages_that_returns_is_refused(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", ["CREATE TABLE t (a)", "INSERT INTO t VALUES (zeroblob(9000))"], page_size=512)
    data = bytearray(path.read_bytes())
    # The third page is the row's first overflow page; its first four bytes name the next.
    data[1024:1028] = (3).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(MalformedError, match="comes back to page 3"):
        read_rows(path, 2)


def test_a_row_larger_than_its_file_is_refused(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", ["CREATE TABLE t (a)", "INSERT INTO t VALUES (zeroblob(600))"], page_size=512)
    data = bytearray(path.read_bytes())
    pointer = int.from_bytes(data[512 + 8 : 512 + 10], "big")
    data[512 + pointer : 512 + pointer + 2] = b"\xff\x7f"
    path.write_bytes(data)
    with pytest.raises(MalformedError):
        read_rows(path, 2)


def test_a_tree_that_leads_back_to_itself_is_refused(tmp_path: Path) -> None:
    fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i FROM n"
    path = make_file(tmp_path / "a.db", ["CREATE TABLE t (a)", fill], page_size=512)
    data = bytearray(path.read_bytes())
    data[512 + 8 : 512 + 12] = (2).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(MalformedError, match="comes back to page 2"):
        read_rows(path, 2)


def test_rows_that_share_their_overflow_pages_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", ["CREATE TABLE t (a)", "INSERT INTO t VALUES (zeroblob(5000))"], page_size=512)
    data = bytearray(path.read_bytes())
    data[512 + 3 : 512 + 5] = (20).to_bytes(2, "big")
    data[512 + 8 : 512 + 48] = data[512 + 8 : 512 + 10] * 20
    path.write_bytes(data)
    with opened(path) as pages, pytest.raises(MalformedError, match="more bytes than the file has"):
        list(table_payloads(pages, 2))


def test_a_record_with_more_values_than_any_table_has_columns_is_malformed() -> None:
    header = (1 << 20).to_bytes(3, "big")
    with pytest.raises(MalformedError, match="more than 32767 values"):
        decode_record(bytes([header[0] << 2 | 0x80 | header[1] >> 6, 0x80, 0]) + bytes(1 << 20), "utf-8")
