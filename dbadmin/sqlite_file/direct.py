"""A file's schema and metadata read straight from its pages: several times faster than opening it with SQLite.

For the scan of a fleet. Whatever is not beyond doubt gives None, and SQLite is asked instead. Not to be called in a
process that holds an SQLite connection to the file: closing the descriptor here would drop that connection's locks.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.header import UTF8, Header, parse_header
from dbadmin.sqlite_file.memory import stored_columns
from dbadmin.sqlite_file.pages import FilePages
from dbadmin.sqlite_file.record import Value, decode_record
from dbadmin.sqlite_file.schema_rows import SchemaRow, parse_schema
from dbadmin.sqlite_file.standstill import DoubtError, check_stood_still, hold_still
from dbadmin.sqlite_file.table import table_payloads

# The schema and the metadata are made first: they are among the first pages, which come in one read.
_FIRST_BYTES = 32768
# A link is not followed, and a pipe with the name of a database does not make the open wait.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class DirectReading:
    """What SQLite would answer about a file.

    `rows` are those of sqlite_schema in their order. `schema_key` is the SHA-256 of all but their root pages: what is
    derived from a schema that SQLite has read once may be kept under it. `metadata` are the rows of
    database_metadata by column, None when there is no such table. `size` is the file's, in bytes.
    """

    rows: tuple[SchemaRow, ...]
    schema_key: str
    metadata: tuple[dict[str, Value], ...] | None
    size: int


def read_schema(path: Path) -> DirectReading | None:
    """The schema and metadata of the database at a path, None for every doubt: then SQLite must be asked.

    Doubts are a log with frames, a journal, a writer, a change during the reading or in the two seconds before it, text
    that is not UTF-8, sizes that disagree, and anything that SQLite does not write.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return None
    try:
        return _read(descriptor, os.fspath(path))
    except (MalformedError, OSError):
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: str) -> DirectReading:
    """The reading of an open file; raises MalformedError or OSError for a doubt."""
    before = hold_still(descriptor, path)
    first = os.pread(descriptor, _FIRST_BYTES, 0)
    header = parse_header(first)
    pages = FilePages(descriptor, first, header.page_size, header.usable, _page_count(header, before[2]))
    schema = parse_schema(tuple([payload for _, payload in table_payloads(pages, 1)]))
    if schema.largest_root > pages.count:
        raise MalformedError(f"{path} has a root page {schema.largest_root} of {pages.count}.")
    metadata = None if schema.metadata is None else _metadata(pages, schema.metadata)
    check_stood_still(path, before)
    return DirectReading(schema.rows, schema.key, metadata, before[2])


def _page_count(header: Header, size: int) -> int:
    """The number of pages, on which the header and the file must agree."""
    if header.encoding != UTF8 or header.page_count is None or header.page_count * header.page_size != size:
        raise DoubtError(f"{size} bytes are not {header.stated_page_count} pages of UTF-8.")
    return header.page_count


def _metadata(pages: FilePages, table: SchemaRow) -> tuple[dict[str, Value], ...]:
    """The rows of database_metadata."""
    names, rowid_place = stored_columns(table.name, table.sql or "")
    found = []
    for cell, payload in table_payloads(pages, table.root_page):
        values = list(decode_record(payload, "utf-8"))
        if len(values) != len(names):
            raise DoubtError("A row was written before the table had its present columns.")
        if rowid_place is not None:
            values[rowid_place] = cell.rowid
        found.append(dict(zip(names, values, strict=True)))
    return tuple(found)
