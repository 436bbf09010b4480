"""Whatever is done to a file: what is read from its pages is what SQLite says, or nothing."""

import sqlite3
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbadmin.sqlite_file.direct import read_schema
from tests.dbadmin.sqlite_file.files import METADATA, ONE_ROW, SCHEMA, ask_sqlite, make_file, settle
from tests.dbadmin.sqlite_file.test_direct import as_answer

_TEXTS = ["'abc'", "''", "x'ff'", "CAST(x'ff41' AS TEXT)", "1.5"]
_WHOLE = ["VACUUM", "ANALYZE", "DELETE FROM database_metadata", "PRAGMA incremental_vacuum", ONE_ROW, METADATA]
_NAMES = st.sampled_from(["a", "B c", "données", "d", "e"])
_CHANGES = st.one_of(
    st.builds('CREATE TABLE IF NOT EXISTS "{}" (id INTEGER PRIMARY KEY, x TEXT UNIQUE, y)'.format, _NAMES),
    st.builds('CREATE TABLE IF NOT EXISTS "{}" (x TEXT PRIMARY KEY, y) WITHOUT ROWID'.format, _NAMES),
    st.builds('CREATE INDEX IF NOT EXISTS "by {0}" ON "{0}" (y, x)'.format, _NAMES),
    st.builds('CREATE VIEW IF NOT EXISTS "of {0}" AS SELECT y FROM "{0}"'.format, _NAMES),
    st.builds('DROP TABLE IF EXISTS "{}"'.format, _NAMES),
    st.builds('DROP VIEW IF EXISTS "of {}"'.format, _NAMES),
    st.builds("ALTER TABLE \"{}\" ADD COLUMN z TEXT NOT NULL DEFAULT '{}'".format, _NAMES, st.integers()),
    st.builds('ALTER TABLE "{0}" RENAME TO "{0} of old"'.format, _NAMES),
    st.builds('INSERT INTO "{}" (x, y) SELECT hex(randomblob({})), 1'.format, _NAMES, st.integers(1, 3000)),
    st.builds('DELETE FROM "{}"'.format, _NAMES),
    st.builds("UPDATE database_metadata SET schema_version = {}".format, st.integers(-(2**63), 2**63 - 1)),
    st.builds("UPDATE database_metadata SET schema_checksum = {}".format, st.sampled_from(_TEXTS)),
    st.sampled_from(_WHOLE),
)
_PRAGMAS = st.fixed_dictionaries({
    "page_size": st.sampled_from([512, 1024, 4096, 8192]),
    "auto_vacuum": st.integers(0, 2),
    "journal_mode": st.sampled_from(["DELETE", "WAL", "PERSIST", "TRUNCATE"]),
    "encoding": st.sampled_from(["'UTF-8'", "'UTF-8'", "'UTF-8'", "'UTF-16le'"]),
})  # fmt: skip
_numbers = count()


def change(path: Path, statements: list[str]) -> None:
    """Do what of it SQLite allows."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    for statement in statements:
        try:
            connection.execute(statement)
        except sqlite3.Error:
            continue
    connection.close()


def check_agreement(path: Path) -> bool:
    """Compare; whether there was something to compare."""
    reading = read_schema(settle(path))
    if reading is None:
        return False
    assert as_answer(reading) == ask_sqlite(path)
    return True


@settings(max_examples=120)
@given(pragmas=_PRAGMAS, changes=st.lists(_CHANGES, max_size=25))
def test_after_any_history(
    tmp_path_factory: pytest.TempPathFactory, pragmas: dict[str, object], changes: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"history-{next(_numbers)}.db"
    make_file(path, [METADATA, ONE_ROW], **pragmas)
    change(path, changes)
    check_agreement(path)


@settings(max_examples=250)
@given(
    page_size=st.sampled_from([512, 1024, 4096]),
    # Half of the blows fall on the first two kilobytes, where every byte matters.
    blows=st.lists(st.tuples(st.floats(0, 1) | st.floats(0, 0.05), st.binary(min_size=1, max_size=40)), max_size=4),
    length=st.floats(0, 1) | st.just(1.0),
)
def test_after_any_damage(
    tmp_path_factory: pytest.TempPathFactory, page_size: int, blows: list[tuple[float, bytes]], length: float
) -> None:
    path = tmp_path_factory.getbasetemp() / f"damage-{next(_numbers)}.db"
    make_file(path, [*SCHEMA, "INSERT INTO words (word) VALUES (hex(randomblob(5000)))"], page_size=page_size)
    data = bytearray(path.read_bytes())
    for place, garbage in blows:
        start = int(place * (len(data) - len(garbage)))
        data[start : start + len(garbage)] = garbage
    path.write_bytes(data[: int(len(data) * length)])
    check_agreement(path)


@pytest.mark.parametrize("start", range(0, 512, 64))
def test_with_every_single_byte_of_the_first_page_changed(tmp_path: Path, start: int) -> None:
    original = make_file(tmp_path / "original.db", [METADATA, ONE_ROW], page_size=512).read_bytes()
    path = tmp_path / "damaged.db"
    for place in range(start, start + 64):
        for value in (0, 1, 0xFF, original[place] ^ 0x80, original[place] + 1 & 0xFF):
            path.write_bytes(original[:place] + bytes([value]) + original[place + 1 :])
            check_agreement(path)
