"""Rows that look like what follows from others, where no schema is left to say whose they are."""

import json
from pathlib import Path

import pytest

from dbadmin.salvage.report import lacks_something
from dbadmin.salvage.salvage import salvage
from tests.dbadmin.change.changing import pair
from tests.dbadmin.files import change, content
from tests.dbadmin.salvage.damage import overwrite

_TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); CREATE TABLE z (n NOT NULL);"
_INDEX = "CREATE INDEX t_a ON t (a);"
_SEARCH = "CREATE VIRTUAL TABLE f USING fts5 (a, content='t');"


@pytest.mark.parametrize(
    ("mine", "kept", "values"),
    [
        ("(x TEXT PRIMARY KEY, y INTEGER) WITHOUT ROWID;", _SEARCH, "('dear', 1), ('one', 2)"),
        ("(x INTEGER PRIMARY KEY, y BLOB);", _INDEX + _SEARCH, "(1, x'01'), (2, x'02')"),
        ("(x INTEGER PRIMARY KEY, y BLOB);", _INDEX + _SEARCH, "(1, x'01'), (10, x'02')"),
        ("(x INTEGER PRIMARY KEY, y BLOB);", _INDEX + _SEARCH, "(1764325092123456, x'01'), (1764325092123457, x'02')"),
        ("(x INTEGER PRIMARY KEY, y BLOB);", _INDEX + _SEARCH, "(1, x'01'), (10, x'02'), (1764325092123456, x'03')"),
        ("(x, y);", _INDEX + _SEARCH, "('t', 1), ('v', 2)"),
    ],
    ids=["index", "search", "two records", "microseconds", "both", "sequence"],
)
def test_an_operators_table_like_what_is_made_anew_is_kept(tmp_path: Path, mine: str, kept: str, values: str) -> None:
    path, registry = pair(tmp_path, f"{_TABLE} CREATE TABLE mine {mine} {kept}", _TABLE + _INDEX + _SEARCH)
    change(path, "INSERT INTO t (a) VALUES ('one')", "INSERT INTO z VALUES (1)", f"INSERT INTO mine VALUES {values}")
    expected = {str(y) for (y,) in content(path, "SELECT CASE typeof(y) WHEN 'blob' THEN hex(y) ELSE y END FROM mine")}
    report = salvage(overwrite(path, 1), registry, tmp_path / ".quarantine")
    found = content(report.quarantined / "lost_and_found.db", "SELECT cells FROM lost_and_found")
    last = [json.loads(str(cells))[-1] for (cells,) in found]
    assert expected <= {str(cell["hex"] if isinstance(cell, dict) else cell) for cell in last}
    assert lacks_something(report.as_data())


def test_the_blocks_of_a_search_are_not_kept_beside_the_new_ones(tmp_path: Path) -> None:
    """Those of words, and where a word is on many pages the lists of these."""
    table = _TABLE.replace("a TEXT", "a TEXT, b NOT NULL")
    path, registry = pair(tmp_path, f"{table} CREATE TABLE mine (x, y, v, w); {_SEARCH}", table + _SEARCH)
    rows = "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i, 'the', 1 FROM n"
    change(path, f"INSERT INTO t {rows}", "INSERT INTO z VALUES (1)", "INSERT INTO mine VALUES (1, 2, 3, 4)")
    change(path, "INSERT INTO f (f, rank) VALUES ('pgsz', 64)", "INSERT INTO f (f) VALUES ('rebuild')")
    assert content(path, f"SELECT 1 FROM f_data WHERE id & {1 << 36}")
    report = salvage(overwrite(path, 1), registry, tmp_path / ".quarantine")
    found = content(report.quarantined / "lost_and_found.db", "SELECT cells FROM lost_and_found")
    assert [cells for (cells,) in found if "pgsz" not in str(cells) and "version" not in str(cells)] == ["[1, 2, 3, 4]"]


@pytest.mark.parametrize(("number", "kept"), [(-1, []), (-2, [('["one", -2]',)])])
def test_an_operators_row_is_kept_unless_an_entry_has_its_very_values(
    tmp_path: Path, number: int, kept: list[tuple[str]]
) -> None:
    mine = "CREATE TABLE mine (x TEXT PRIMARY KEY, y INTEGER) WITHOUT ROWID;"
    path, registry = pair(tmp_path, _TABLE + mine, _TABLE + _INDEX)
    change(path, "INSERT INTO t VALUES (-1, 'one'), (2, 'two'), (3, 'three')", "INSERT INTO z VALUES (1)")
    change(path, f"INSERT INTO mine VALUES ('one', {number}), ('two', 2), ('three', 3)")
    report = salvage(overwrite(path, 1), registry, tmp_path / ".quarantine")
    found = content(report.quarantined / "lost_and_found.db", "SELECT cells FROM lost_and_found")
    assert found == kept
