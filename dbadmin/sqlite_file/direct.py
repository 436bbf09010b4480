"""A file's schema and metadata read straight from its pages: several times faster than opening it with SQLite.

For the scan of a fleet. Whatever is not beyond doubt gives None, and SQLite is asked instead. Not to be called in a
process that holds an SQLite connection to the file: closing the descriptor here would drop that connection's locks.
"""

import os
from typing import NamedTuple

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.header import HEADER_SIZE, UTF8, Header, parse_header
from dbadmin.sqlite_file.look import Look
from dbadmin.sqlite_file.memory import stored_columns
from dbadmin.sqlite_file.pages import FilePages, RecordedPages
from dbadmin.sqlite_file.record import Value, decode_record
from dbadmin.sqlite_file.schema_rows import SchemaRow, SchemaRows, parse_schema
from dbadmin.sqlite_file.standstill import DoubtError, check_stood_still, hold_still
from dbadmin.sqlite_file.table import table_payloads

# The schema and the metadata are made first: they are among the first pages, which come in one read.
_FIRST_BYTES = 16384
# A link is not followed, and a pipe with the name of a database does not make the open wait.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_MOST_REMEMBERED = 64


class DirectReading(NamedTuple):
    """What SQLite would answer about a file, and how that looked.

    `rows` are those of sqlite_schema in their order. `schema_key` is the SHA-256 of all but their root pages: what is
    derived from a schema that SQLite has read once may be kept under it. `columns` are those of database_metadata as
    its statement writes them, `metadata` its rows; None when there is no such table.
    """

    rows: tuple[SchemaRow, ...]
    schema_key: str
    columns: tuple[str, ...]
    metadata: tuple[tuple[Value, ...], ...] | None
    seen: Look


class _Remembered(NamedTuple):
    """A schema, what the first page held after the file's header, the other pages that it was read from, by number,
    and the bytes its rows claim."""

    page_size: int
    usable: int
    first: bytes
    others: dict[int, bytes]
    claimed: int
    schema: SchemaRows


# The files of a fleet have the same few schemas on the same pages: to compare those is a fraction of taking them apart
# again, and of making a hash of them.
_remembered: list[_Remembered] = []


def read_schema(path: str | os.PathLike[str]) -> DirectReading | None:
    """The schema and metadata of the database at a path, None for every doubt: then SQLite must be asked.

    What is said is true of a moment after the call. Doubts are a log with frames, a journal, a writer, a change
    meanwhile or in the two seconds before, text that is not UTF-8, sizes that disagree, and anything that SQLite does
    not write.
    """
    path = os.fspath(path)
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return None
    try:
        return _read(descriptor, path)
    except (MalformedError, OSError):
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: str) -> DirectReading:
    """The reading of an open file; raises MalformedError or OSError for a doubt."""
    seen = hold_still(descriptor, path)
    first = os.pread(descriptor, _FIRST_BYTES, 0)
    header = parse_header(first)
    pages = FilePages(descriptor, first, header.page_size, header.usable, _page_count(header, seen.size))
    schema = _schema(pages)
    if schema.largest_root > pages.count:
        raise MalformedError(f"{path} has a root page {schema.largest_root} of {pages.count}.")
    columns, metadata = ((), None) if schema.metadata is None else _metadata(pages, schema.metadata)
    check_stood_still(path, seen)
    return DirectReading(schema.rows, schema.key, columns, metadata, seen)


def _page_count(header: Header, size: int) -> int:
    """The number of pages, on which the header and the file must agree."""
    count = header.page_count
    if header.encoding != UTF8 or count is None or count * header.page_size != size:
        raise DoubtError(f"{size} bytes are not {header.stated_page_count} pages of UTF-8.")
    return count


def _schema(pages: FilePages) -> SchemaRows:
    """The schema, taken apart only where the pages that it is on are not remembered."""
    page = pages.page(1)
    for known in _remembered:
        if (
            known.page_size == pages.page_size
            and known.usable == pages.usable
            and page.startswith(known.first, HEADER_SIZE)
            and known.claimed <= pages.count * pages.page_size
            and all(pages.page(number) == other for number, other in known.others.items())
        ):
            return known.schema
    recorded = RecordedPages(pages)
    rows = list(table_payloads(recorded, 1))
    schema = parse_schema(tuple([payload for _, payload in rows]))
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    first = recorded.read.pop(1)[HEADER_SIZE:]
    claimed = sum(cell.payload_size for cell, _ in rows)
    _remembered.append(_Remembered(pages.page_size, pages.usable, first, recorded.read, claimed, schema))
    return schema


def _metadata(pages: FilePages, table: SchemaRow) -> tuple[tuple[str, ...], tuple[tuple[Value, ...], ...]]:
    """The columns and the rows of database_metadata."""
    columns, rowid_place = stored_columns(table.name, table.sql or "")
    rows = []
    for cell, payload in table_payloads(pages, table.root_page):
        row = decode_record(payload, "utf-8")
        if len(row) != len(columns):
            raise DoubtError("A row was written before the table had its present columns.")
        if rowid_place is not None:
            row = (*row[:rowid_place], cell.rowid, *row[rowid_place + 1 :])
        rows.append(row)
    return columns, tuple(rows)
