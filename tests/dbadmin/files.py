"""Builders of real database files, and the small registry they are of."""

import sqlite3
from contextlib import closing
from pathlib import Path

from dbadmin.schema.registry import Registry, load_registry

REGISTRY_FOLDER = Path(__file__).parent / "registry"
CREATED_AT = "2026-01-02T03:04:05Z"
_ROWS = {
    1: ["INSERT INTO tracks (id, lang, auto, body) VALUES (?1, 'lang' || ?1, ?1 % 2, 'body ' || ?1)"],
    2: [
        "INSERT INTO captions (id, language, source, body)"
        " VALUES (?1, 'lang' || ?1, CASE WHEN ?1 % 2 THEN 'auto' ELSE 'manual' END, 'body ' || ?1)",
        "INSERT INTO chapters (id, caption_id, title, start_ms) VALUES (?1, ?1, 'Chapter ' || ?1, ?1 * 1000)",
    ],
}
_ROWS[3] = _ROWS[2]


def registry() -> Registry:
    """Versions 1 to 3 of a small database with everything a schema can have."""
    return load_registry(REGISTRY_FOLDER)


def make_database(path: Path, version: int = 3, rows: int = 3, *, journal_mode: str = "delete") -> Path:
    """A database as it should be: its version's schema, metadata, and so many rows in each of its tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    make_from(path, registry().sql(version), journal_mode=journal_mode)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "INSERT INTO database_metadata (id, schema_version, schema_checksum, created_at) VALUES (1, ?, ?, ?)",
            (version, registry().fingerprint(version), CREATED_AT),
        )
        for statement in _ROWS[version]:
            connection.executemany(statement, ((number,) for number in range(1, rows + 1)))
    return path


def make_from(path: Path, sql: str, *, journal_mode: str = "delete") -> Path:
    """A database with this schema and nothing in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug of a test
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        connection.executescript(f"BEGIN; {sql}; COMMIT")
    return path


def change(path: Path, *statements: str) -> Path:
    """Run statements on a database, foreign keys off, each committed; give its path back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in statements:
            connection.execute(statement)
    return path


def content(path: Path, query: str) -> list[tuple[object, ...]]:
    """What a query finds in a database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def rename_bytes(path: Path, old: bytes, new: bytes) -> Path:
    """Put other bytes, as many, in place of these everywhere in the file; names may become what is no UTF-8."""
    assert len(old) == len(new)
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


def lose_pages_of(path: Path, table: str) -> Path:
    """Damage a file where only a check of all of it looks: the page at which a table's rows begin."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    return path


def redefine(path: Path, name: str, old: str, new: str) -> Path:
    """Change a piece of the stored text of a table, as a hand that edits sqlite_schema would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        changed = connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)", (old, new, name, old)
        )
        assert changed.rowcount == 1, f"{name} has no {old!r}"
        version = connection.execute("PRAGMA schema_version").fetchone()[0]
        connection.execute(f"PRAGMA schema_version = {version + 1}")
    return path
