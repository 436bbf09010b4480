"""SQLite files of many sorts, and what SQLite itself says of them."""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

METADATA = (
    "CREATE TABLE database_metadata (id INTEGER PRIMARY KEY CHECK (id = 1), schema_version INTEGER NOT NULL,"
    " schema_checksum TEXT NOT NULL, created_at TEXT NOT NULL, migrated_at TEXT, verified_at TEXT)"
)
ONE_ROW = "INSERT INTO database_metadata VALUES (1, 3, 'abc', '2026-01-01T00:00:00Z', NULL, NULL)"
SCHEMA = (
    METADATA,
    ONE_ROW,
    "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, weight REAL, data BLOB)",
    "CREATE INDEX words_by_weight ON words (weight) WHERE weight > 0",
    "CREATE VIEW heavy AS SELECT * FROM words WHERE weight > 100",
    "CREATE TRIGGER no_empty_word BEFORE INSERT ON words WHEN new.word = '' BEGIN SELECT RAISE(ABORT, 'empty'); END",
    "CREATE VIRTUAL TABLE found USING fts5(word, content='words', content_rowid='id')",
)

Answer = tuple[list[tuple[object, ...]], list[Mapping[str, object]] | None]


def make_file(path: Path, statements: Iterable[str] = SCHEMA, **pragmas: object) -> Path:
    """A database made by SQLite with these pragmas and statements, last changed long ago."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}")
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return settle(path)


def settle(path: Path) -> Path:
    """The file as if nobody had written to it for long."""
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def ask_sqlite(path: Path) -> Answer:
    """The schema's rows, and the rows of the metadata by column: None where there is no such table."""
    connection = sqlite3.connect(path.as_uri() + "?mode=rw", uri=True, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        rows = connection.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema").fetchall()
        if not any(str(name).lower() == "database_metadata" for _, name, *_ in rows):
            return rows, None
        found = connection.execute("SELECT * FROM database_metadata")
        names = [column[0] for column in found.description]
        return rows, [dict(zip(names, values, strict=True)) for values in found]
    finally:
        connection.close()
