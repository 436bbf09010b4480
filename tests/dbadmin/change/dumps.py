"""Everything that is in a database, to compare two of them by."""

import sqlite3
from contextlib import closing
from pathlib import Path


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all ordinary tables with their rowids, but the metadata."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        tables = connection.execute(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            " AND name NOT LIKE 'sqlite_s%' AND name != 'database_metadata'"
        ).fetchall()
        return {
            name.decode(): _rows(connection, name.decode(), "*" if without_rowid else "rowid, *")
            for name, without_rowid in tables
        }


def _rows(connection: sqlite3.Connection, table: str, columns: str) -> list[tuple[object, ...]]:
    return sorted(connection.execute(f'SELECT {columns} FROM "{table}"'), key=repr)


def schema_of(path: Path) -> dict[str, str]:
    """The stored text of all objects."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT type || ' ' || name, sql FROM sqlite_schema"))


def metadata_of(path: Path) -> tuple[object, ...]:
    """The version and the checksum."""
    with closing(sqlite3.connect(path)) as connection:
        return tuple(connection.execute("SELECT schema_version, schema_checksum FROM database_metadata").fetchone())


def is_whole(path: Path) -> bool:
    """What SQLite's integrity check says."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
