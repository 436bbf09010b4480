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
        ("(x, y);", _INDEX + _SEARCH, "('t', 1), ('v', 2)"),
    ],
    ids=["index", "search", "sequence"],
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
