"""Tables WITHOUT ROWID, whose rows are on index pages: what is salvaged of them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dbadmin.examine import examine
from dbadmin.salvage.report import SalvageReport
from dbadmin.salvage.salvage import salvage
from dbadmin.schema.registry import Registry
from dbadmin.states import Status
from tests.dbadmin.change.changing import pair, registry_with
from tests.dbadmin.files import change, content, lose_pages_of, make_from
from tests.dbadmin.salvage.damage import PAGE, overwrite, page_of

ROWS = 3000
_WORDS = """
CREATE TABLE words (
    note TEXT,
    word TEXT NOT NULL COLLATE NOCASE,
    caption_id INTEGER REFERENCES captions (id),
    weight REAL,
    place INTEGER NOT NULL,
    PRIMARY KEY (place, word DESC)
) WITHOUT ROWID;
CREATE INDEX words_noted ON words (note);
CREATE TABLE labels (label TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX captions_language ON captions (language);
CREATE VIEW"""
_ALL = "SELECT * FROM words ORDER BY place"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry whose third version has a table without rowids and an index on it."""
    return registry_with(tmp_path / "registry", 3, "CREATE VIEW", _WORDS)


@pytest.fixture
def path(tmp_path: Path, registry: Registry) -> Path:
    """A database with rows in the table, every hundredth larger than a page."""
    path = tmp_path / "ab" / "abc" / "captions.db"
    path.parent.mkdir(parents=True)
    make_from(path, registry.sql(3))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO database_metadata (id, schema_version, schema_checksum, created_at) VALUES (1, 3, ?, 'then')",
            [registry.fingerprint(3)],
        )
        connection.executemany(
            "INSERT INTO captions (id, language, source, body) VALUES (?1, 'lang' || ?1, 'auto', 'body')",
            ((number,) for number in range(1, ROWS + 1)),
        )
        connection.executemany(
            "INSERT INTO words VALUES (?2, 'word' || ?1, ?1, ?1, ?1)",
            ((number, f"note {number} " * (1000 if number % 100 == 0 else 1)) for number in range(1, ROWS + 1)),
        )
        connection.execute("INSERT INTO labels SELECT word, place FROM words")
    return path


def salvaged(path: Path, registry: Registry) -> SalvageReport:
    """Salvage, and check that the new file is sound and has the rows that the report counts."""
    report = salvage(path, registry, path.parents[2] / ".quarantine")
    after = examine(path, registry, deep=True)
    assert (after.status, after.flags, after.findings) == (Status.CURRENT, frozenset(), ())
    assert content(path, "SELECT count(*) FROM words") == [(report.tables["words"].recovered,)]
    return report


def lost(report: SalvageReport) -> list[tuple[object, ...]]:
    """The rows in the lost and found."""
    return content(
        report.quarantined / "lost_and_found.db", "SELECT table_name, row_id, reason, cells FROM lost_and_found"
    )


@pytest.mark.parametrize("damaged", ["sqlite_schema", "captions"])
def test_all_rows_come_back_with_their_columns_in_order(path: Path, registry: Registry, damaged: str) -> None:
    before = content(path, _ALL)
    number = 1 if damaged == "sqlite_schema" else page_of(path, "internal", damaged)
    report = salvaged(overwrite(path, number), registry)
    assert content(path, _ALL) == before
    assert (report.tables["words"].recovered, report.tables["words"].uncertain, report.lost_and_found) == (ROWS, 0, 0)
    assert "words" not in report.incomplete


def test_the_loss_of_a_leaf_costs_its_rows_only(path: Path, registry: Registry) -> None:
    before = set(content(path, _ALL))
    report = salvaged(overwrite(path, page_of(path, "leaf", "words")), registry)
    assert 0.9 * ROWS < report.tables["words"].recovered < ROWS
    assert set(content(path, _ALL)) < before
    assert report.incomplete == ("words",)


def test_the_loss_of_the_root_costs_the_rows_on_it_only(path: Path, registry: Registry) -> None:
    root = content(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'words'")[0][0]
    on_it = content(path, "SELECT ncell FROM dbstat WHERE name = 'words' AND path = '/'")[0][0]
    report = salvaged(overwrite(path, int(str(root))), registry)
    numbers = report.tables["words"]
    assert numbers.recovered == numbers.uncertain == ROWS - int(str(on_it))


def test_rows_in_which_sqlite_sees_null_where_it_is_not_are_taken(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (a, b TEXT NOT NULL, k, PRIMARY KEY (a, k)) WITHOUT ROWID;"
    path, registry = pair(tmp_path, f"{sql} CREATE TABLE z (a);", sql)
    change(path, "INSERT INTO t VALUES (1, 'x', 2)")
    salvage(lose_pages_of(path, "z"), registry, tmp_path / ".quarantine")
    assert content(path, "SELECT * FROM t") == [(1, "x", 2)]


def test_entries_of_an_index_are_not_taken_for_rows(path: Path, registry: Registry) -> None:
    before = content(path, _ALL)
    report = salvaged(overwrite(path, page_of(path, "internal", "words_noted")), registry)
    assert content(path, _ALL) == before
    assert report.tables["words"].uncertain == report.lost_and_found == 0


def test_a_page_of_an_index_in_the_place_of_a_page_with_rows_brings_no_rows(path: Path, registry: Registry) -> None:
    before = set(content(path, _ALL))
    query = "SELECT pageno FROM dbstat WHERE name = ? AND path = '/'"
    with closing(sqlite3.connect(path)) as connection:
        root, other = (connection.execute(query, [name]).fetchone()[0] for name in ("words", "words_noted"))
    data = path.read_bytes()
    overwrite(path, root, data[(other - 1) * PAGE : other * PAGE])
    report = salvaged(path, registry)
    assert set(content(path, _ALL)) < before
    assert report.tables["words"].recovered > 0.9 * ROWS


def test_rows_whose_parent_is_lost_are_found_in_lost_and_found(path: Path, registry: Registry) -> None:
    report = salvaged(overwrite(path, page_of(path, "leaf", "captions")), registry)
    gone = ROWS - report.tables["captions"].recovered
    assert report.tables["words"].rejected == len(lost(report)) == gone
    table, rowid, reason, cells = lost(report)[0]
    assert (table, rowid, reason) == ("words", None, "the row of captions that it refers to is lost")
    assert json.loads(str(cells))["word"] == f"word{json.loads(str(cells))['place']}"


def test_rows_that_may_be_entries_of_an_index_are_found_in_lost_and_found(path: Path, registry: Registry) -> None:
    change(path, "PRAGMA auto_vacuum = FULL", "VACUUM")
    before = content(path, "SELECT * FROM labels ORDER BY uses")
    report = salvaged(overwrite(path, 1), registry)
    assert content(path, "SELECT * FROM labels") == []
    assert "labels" in report.incomplete
    found = [
        json.loads(str(cells)) for table, _, reason, cells in lost(report) if not table and "may be" in str(reason)
    ]
    assert {tuple(row) for row in found} > set(before)
