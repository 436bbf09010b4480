"""Files made to make salvage read more than they hold: it takes no more memory and disk than their size allows."""

import sqlite3
import struct
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from dbadmin.salvage.report import SalvageReport
from dbadmin.salvage.salvage import salvage
from dbadmin.sqlite_file.btree import Kind, cell_pointers, kind_of, leaf_cell
from tests.dbadmin.files import change, content, make_database, registry

LARGE = 1 << 21
# So many pages are added, each full of pointers to the same bytes.
PAGES = 50
# What one row costs while it is read, decoded and written down.
TIMES = 12


@pytest.fixture(params=[4096, 65536])
def page_size(request: pytest.FixtureRequest) -> int:
    """The bytes of a page: on a small one little is local, a large one has room for many pointers."""
    return int(request.param)


@pytest.fixture
def path(page_size: int, tmp_path: Path) -> Path:
    """A database with one row of many overflow pages."""
    path = make_database(tmp_path / "ab" / "abc" / "captions.db", rows=5)
    change(path, f"PRAGMA page_size = {page_size}", "VACUUM")
    with closing(sqlite3.connect(path)) as connection, connection:
        row = (9, "x", "auto", "x" * LARGE)
        connection.execute("INSERT INTO captions (id, language, source, body) VALUES (?, ?, ?, ?)", row)
    return path


def longest_cell(path: Path, page_size: int, *, overflowing: bool) -> bytes:
    """The longest cell as it is on its page, of those that go on in overflow pages, or of those that do not."""
    data = path.read_bytes()
    found = []
    for start in range(page_size, len(data), page_size):
        page = data[start : start + page_size]
        for pointer in cell_pointers(page, 0) if kind_of(page, 0) is Kind.TABLE_LEAF else ():
            cell = leaf_cell(page, pointer, page_size)
            if bool(cell.overflow) == overflowing and cell.rowid in range(1, 10):
                found.append(page[pointer : page.index(cell.local, pointer) + len(cell.local) + 4 * overflowing])
    return max(found, key=len)


def leaf(page_size: int, cell: bytes, *, once: bool) -> bytes:
    """A leaf that is full of a cell: each time its own bytes, or once, with as many pointers to it as there can be."""
    count = (page_size - 8 - len(cell)) // 6 if once else (page_size - 8) // (len(cell) + 2)
    end = [page_size - len(cell) * (1 if once else number + 1) for number in range(count)]
    head = struct.pack(f">BHHHB{count}H", Kind.TABLE_LEAF, 0, count, end[-1] % 65536, 0, *end)
    body = cell if once else cell * count
    return head.ljust(page_size - len(body), b"\0") + body


def measured(path: Path, page_size: int, *pages: bytes) -> tuple[SalvageReport, float]:
    """Add pages, lose the schema and salvage; how many times the file's size that took of memory at once."""
    data = path.read_bytes()
    path.write_bytes(data[:100] + bytes(page_size - 100) + data[page_size:] + b"".join(pages))
    size = path.stat().st_size
    tracemalloc.start()
    try:
        report = salvage(path, registry(), path.parents[2] / ".quarantine")
        return report, tracemalloc.get_traced_memory()[1] / size
    finally:
        tracemalloc.stop()


def test_a_chain_that_many_rows_claim_is_read_for_one_of_them(path: Path, page_size: int) -> None:
    page = leaf(page_size, longest_cell(path, page_size, overflowing=True), once=False)
    report, times = measured(path, page_size, *[page] * PAGES)
    assert times < TIMES
    assert report.unreadable >= PAGES
    assert content(path, "SELECT length(body) FROM captions WHERE id = 9") == [(LARGE,)]
    assert (report.quarantined / "lost_and_found.db").stat().st_size < LARGE


def test_a_cell_that_many_pointers_lead_to_is_read_until_its_page_would_be_full(path: Path, page_size: int) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE captions SET body = ? WHERE id = 1", ["y" * (page_size // 3)])
    page = leaf(page_size, longest_cell(path, page_size, overflowing=False), once=True)
    report, times = measured(path, page_size, *[page] * PAGES)
    assert times < TIMES
    assert report.lost_and_found <= 4 * PAGES


@pytest.mark.parametrize("claim", [1 << 31, 1 << 62])
def test_a_row_that_claims_more_than_the_file_is_not_read(path: Path, page_size: int, claim: int) -> None:
    cell = longest_cell(path, page_size, overflowing=True)
    report, times = measured(path, page_size, leaf(page_size, varint(claim) + cell[3:], once=False))
    assert times < TIMES
    assert report.unreadable >= 1


def test_a_chain_that_comes_back_to_itself_costs_its_row_only(path: Path, page_size: int) -> None:
    first = int.from_bytes(longest_cell(path, page_size, overflowing=True)[-4:], "big")
    with path.open("r+b") as file:
        file.seek((first + 3) * page_size)
        file.write(first.to_bytes(4, "big"))
    report, times = measured(path, page_size)
    assert times < TIMES
    assert (report.tables["captions"].recovered, report.unreadable) == (5, 1)


def varint(number: int) -> bytes:
    """A number as SQLite writes it, of more than 56 bits or of fewer."""
    if number >> 56:
        return bytes(number >> (8 + 7 * place) & 0x7F | 0x80 for place in reversed(range(8))) + bytes([number & 0xFF])
    groups = [number >> (7 * place) & 0x7F for place in range(number.bit_length() // 7 + 1)]
    return bytes(group | 0x80 for group in reversed(groups[1:])) + bytes(groups[:1])
