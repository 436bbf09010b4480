"""The rows of a file's schema (section 2.6, "Storage Of The SQL Database Schema"), checked as SQLite checks them."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.memory import check_statements
from dbadmin.sqlite_file.record import decode_record

METADATA = "database_metadata"


class SchemaRow(NamedTuple):
    """One row of sqlite_schema; `root_page` is 0 for what has no b-tree, `sql` None for a constraint's own index."""

    type: str
    name: str
    table_name: str
    root_page: int
    sql: str | None


class SchemaRows(NamedTuple):
    """All rows in their order, and what follows from them alone."""

    rows: tuple[SchemaRow, ...]
    key: str
    largest_root: int
    metadata: SchemaRow | None


@lru_cache(maxsize=256)
def parse_schema(payloads: tuple[bytes, ...]) -> SchemaRows:
    """The schema that these UTF-8 records are; raises MalformedError for one that SQLite might read otherwise.

    Remembered, because the files of a fleet have the same few schemas.
    """
    rows = tuple(_schema_row(payload) for payload in payloads)
    roots = [row.root_page for row in rows if row.root_page]
    if len(set(roots)) != len(roots):
        raise MalformedError("Two objects of the schema have the same root page.")
    metadata = [row for row in rows if row.name.lower() == METADATA]
    if len(metadata) > 1 or any(row.type != "table" or not row.root_page for row in metadata):
        raise MalformedError(f"{METADATA} is not one ordinary table.")
    check_statements(rows)
    return SchemaRows(rows, _digest(rows), max(roots, default=0), metadata[0] if metadata else None)


def _schema_row(payload: bytes) -> SchemaRow:
    """One row; raises MalformedError unless it is just as SQLite writes them."""
    values = decode_record(payload, "utf-8")
    match values:
        case (str(kind), str(name), str(table), int(root), None) if name.startswith("sqlite_autoindex_") and root:
            row = SchemaRow(kind, name, table, root, None)
        case (str(kind), str(name), str(table), int(root), str(sql)) if sql[:7].upper() == "CREATE ":
            row = SchemaRow(kind, name, table, root, sql)
        case _:
            raise MalformedError("A row of the schema is none that SQLite writes.")
    has_tree = row.type in ("table", "index") and not (row.sql or "").upper().startswith("CREATE VIRTUAL ")
    if row.root_page < 2 if has_tree else row.root_page:  # noqa: PLR2004 - the schema's own tree is on page 1
        raise MalformedError(f"The {row.type} {row.name!a} has root page {row.root_page}.")
    _check_text(row)
    return row


def _check_text(row: SchemaRow) -> None:
    """Text that SQLite would read only up to a zero, or that is no UTF-8, is left to SQLite."""
    text = f"{row.type}{row.name}{row.table_name}{row.sql}"
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise MalformedError(f"The schema's row of {row.name!a} is not plain UTF-8.")


def _digest(rows: tuple[SchemaRow, ...]) -> str:
    """SHA-256 of everything but the root pages, each part with its length before it."""
    digest = hashlib.sha256()
    for row in rows:
        for part in (row.type, row.name, row.table_name, row.sql):
            data = b"-" if part is None else b"+" + part.encode()
            digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()
