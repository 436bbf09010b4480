"""What a database says about itself: the one row of its table database_metadata."""

import sqlite3
from typing import NamedTuple

from dbadmin.schema.model import METADATA_TABLE, Schema

MOST_SHOWN = 80  # characters of what stands in a version's place: a file may have many megabytes there


class Metadata(NamedTuple):
    """The declared version, and the checksum of its schema ("" where there is no text)."""

    version: int
    checksum: str


class NoMetadata(NamedTuple):
    """A database does not say which version it has, and why."""

    reason: str


def read_metadata(connection: sqlite3.Connection, schema: Schema) -> Metadata | NoMetadata:
    """The metadata of an open database; raises SQLite's errors about the file."""
    table = schema.tables.get(METADATA_TABLE)
    if table is None:
        return NoMetadata(f"There is no table {METADATA_TABLE}.")
    if "schema_version" not in table.columns:
        return NoMetadata(f"The table {METADATA_TABLE} has no column schema_version.")
    # "x" would be a string where there is no column x.
    checksum = "schema_checksum" if "schema_checksum" in table.columns else "''"
    try:
        rows = connection.execute(f"SELECT schema_version, {checksum} FROM {METADATA_TABLE} LIMIT 2").fetchall()  # noqa: S608 - ours
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        # A column over a function that this process does not have.
        return NoMetadata(f"The table {METADATA_TABLE} cannot be read: {error}.")
    return as_metadata(rows)


def as_metadata(rows: list[tuple[object, object]]) -> Metadata | NoMetadata:
    """The metadata of the table's rows (version, checksum), of which the first two suffice."""
    if len(rows) != 1:
        return NoMetadata(f"The table {METADATA_TABLE} has {'more than one row' if rows else 'no row'}.")
    version, checksum = rows[0]
    if not isinstance(version, int):
        shown = repr(version)
        shown = f"{shown[:MOST_SHOWN]}…" if len(shown) > MOST_SHOWN else shown
        return NoMetadata(f"The version in {METADATA_TABLE} is {shown}, which is no whole number.")
    return Metadata(version, checksum if isinstance(checksum, str) else "")
