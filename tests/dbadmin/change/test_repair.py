"""What a repair brings back, and that every row is still there afterwards."""

from contextlib import closing
from pathlib import Path

import pytest

from dbadmin.change.actions import Kind
from dbadmin.change.apply import never
from dbadmin.change.errors import BlockedError
from dbadmin.change.execute import begin, execute
from dbadmin.change.plan import outline
from dbadmin.examine import examine
from dbadmin.opening import open_database
from dbadmin.states import Flag, Status
from tests.dbadmin.change.changing import changed, made, planned, registry_with
from tests.dbadmin.change.dumps import metadata_of, rows_of, schema_of
from tests.dbadmin.files import change, content, make_from, redefine, registry


def test_a_file_that_is_well_needs_nothing(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = path.read_bytes()
    applied = changed(path)
    assert applied.plan.is_empty
    assert applied.snapshot is None
    assert path.read_bytes() == before


def test_missing_triggers_come_back_and_the_rows_they_missed_are_found(tmp_path: Path) -> None:
    path = change(
        made(tmp_path),
        "DROP TRIGGER captions_inserted",
        "INSERT INTO captions (language, source, body) VALUES ('xx', 'auto', 'missed')",
    )
    before = rows_of(path)["captions"]
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT
    assert rows_of(path)["captions"] == before
    assert content(path, "SELECT count(*) FROM captions_search WHERE captions_search MATCH 'missed'") == [(1,)]
    change(path, "INSERT INTO captions (language, source, body) VALUES ('yy', 'auto', 'added')")
    assert content(path, "SELECT count(*) FROM captions_search WHERE captions_search MATCH 'added'") == [(1,)]


def test_a_missing_column_comes_with_not_null_and_its_computed_default(tmp_path: Path) -> None:
    path = change(made(tmp_path), "ALTER TABLE captions DROP COLUMN created_at")
    before = rows_of(path)["captions"]
    plan = changed(path).plan
    assert Kind.REBUILD_TABLE in {action.kind for action in plan.actions}
    assert schema_of(path)["table captions"] == registry().schema(3).tables["captions"].sql
    assert [row[:-1] for row in rows_of(path)["captions"]] == before
    assert content(path, "SELECT count(*) FROM captions WHERE created_at > '2026'") == [(3,)]


def test_a_missing_column_with_a_constant_default_is_added_in_place(tmp_path: Path) -> None:
    other = registry_with(tmp_path / "registry", 3, "(datetime('now'))", "'long ago'")
    path = made(tmp_path)
    change(path, "ALTER TABLE captions DROP COLUMN created_at")
    plan = changed(path, registry=other).plan
    assert [action.kind for action in plan.actions] == [Kind.ADD_COLUMN, Kind.SET_METADATA]
    assert content(path, "SELECT DISTINCT created_at FROM captions") == [("long ago",)]
    assert examine(path, other).status == Status.CURRENT


def test_a_missing_unique_with_duplicates_is_blocked_and_the_rows_stay(tmp_path: Path) -> None:
    path = _without_unique(tmp_path)
    change(path, "INSERT INTO captions (language, source, body) SELECT language, source, 'again' FROM captions")
    before = path.read_bytes()
    reasons = {"captions: UNIQUE constraint failed: captions.language, captions.source": 3}
    assert planned(path).blocked == reasons
    with pytest.raises(BlockedError) as blocked:
        changed(path)
    assert blocked.value.blocked == reasons
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".snapshots/abc/*.db"))


def test_a_missing_unique_without_duplicates_comes_back(tmp_path: Path) -> None:
    path = _without_unique(tmp_path)
    before = rows_of(path)
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT
    assert rows_of(path) == before


def test_rows_that_break_a_missing_check_are_counted(tmp_path: Path) -> None:
    path = redefine(made(tmp_path), "chapters", " CHECK (start_ms >= 0)", "")
    change(path, "UPDATE chapters SET start_ms = -1 WHERE id < 3")
    assert planned(path).blocked == {"chapters: CHECK constraint failed: start_ms >= 0": 2}


def test_nulls_where_none_may_be_are_counted(tmp_path: Path) -> None:
    path = redefine(made(tmp_path), "chapters", "title TEXT NOT NULL", "title TEXT")
    change(path, "UPDATE chapters SET title = NULL WHERE id = 1")
    assert planned(path).blocked == {"chapters: NOT NULL constraint failed: chapters.title": 1}


def test_nulls_get_the_default_where_there_is_one(tmp_path: Path) -> None:
    path = redefine(made(tmp_path), "captions", "created_at TEXT NOT NULL", "created_at TEXT")
    change(path, "UPDATE captions SET created_at = NULL WHERE id = 1")
    assert planned(path).blocked == {}
    changed(path)
    assert content(path, "SELECT count(*) FROM captions WHERE created_at IS NULL") == [(0,)]


def test_a_unique_index_that_rows_break_is_blocked(tmp_path: Path) -> None:
    other = registry_with(tmp_path / "registry", 3, "CREATE INDEX chapters_start", "CREATE UNIQUE INDEX chapters_start")
    path = change(made(tmp_path), "UPDATE chapters SET title = 'same', start_ms = 5")
    assert planned(path, registry=other).blocked == {"chapters: UNIQUE constraint failed: index 'chapters_start'": 2}


def test_a_missing_reference_is_blocked_where_rows_lead_nowhere(tmp_path: Path) -> None:
    path = redefine(made(tmp_path), "chapters", " REFERENCES captions (id) ON DELETE CASCADE", "")
    change(path, "UPDATE chapters SET caption_id = 77 WHERE id = 1")
    reasons = {"chapters: FOREIGN KEY constraint failed: rows refer to rows of captions that are not there": 1}
    assert planned(path).blocked == reasons
    with pytest.raises(BlockedError) as blocked:
        changed(path)
    assert blocked.value.blocked == reasons


def test_references_that_led_nowhere_before_stop_no_repair(tmp_path: Path) -> None:
    path = change(made(tmp_path), "UPDATE chapters SET caption_id = 77 WHERE id = 1", "DROP TRIGGER captions_deleted")
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT


def test_a_rebuild_keeps_views_indexes_triggers_rowids_and_marks(tmp_path: Path) -> None:
    path = change(
        made(tmp_path, rows=5),
        "CREATE INDEX of_an_operator ON chapters (title)",
        "CREATE TRIGGER of_an_operator_too AFTER UPDATE ON chapters BEGIN SELECT 1; END",
        "DELETE FROM chapters WHERE id IN (2, 5)",
    )
    redefine(path, "chapters", "start_ms INTEGER NOT NULL CHECK", "start_ms INTEGER CHECK")
    redefine(path, "captions", "body TEXT NOT NULL", "body TEXT")
    before, schema = rows_of(path), schema_of(path)
    plan = changed(path).plan
    assert {"captions", "chapters"} == {action.name for action in plan.actions if action.kind == Kind.REBUILD_TABLE}
    assert rows_of(path) == before
    after = schema_of(path)
    for table in ("table captions", "table chapters"):
        schema[table] = registry().schema(3).tables[table.partition(" ")[2]].sql
    assert after == schema
    assert examine(path, registry(), deep=True).status == Status.CURRENT
    change(path, "INSERT INTO chapters (title, start_ms) VALUES ('next', 1)")
    assert content(path, "SELECT max(id) FROM chapters") == [(6,)]


def test_rowids_without_a_name_are_kept(tmp_path: Path) -> None:
    other = registry_with(
        tmp_path / "registry", 3, "CREATE VIEW", "CREATE TABLE words (word TEXT NOT NULL);\nCREATE VIEW"
    )
    path = change(
        made(tmp_path),
        "CREATE TABLE words (word TEXT)",
        "INSERT INTO words (rowid, word) VALUES (7, 'seven'), (9, 'nine')",
    )
    changed(path, registry=other)
    assert content(path, "SELECT rowid, word FROM words") == [(7, "seven"), (9, "nine")]


_MINE = "(caption_id, title, start_ms)"


def _with_an_index_that_lacks_rows(folder: Path, kind: str = "INDEX") -> Path:
    """A database with three chapters of which an operator's index knows none."""
    path = change(made(folder, rows=0), f"CREATE {kind} mine ON chapters {_MINE}")
    redefine(path, "mine", _MINE, f"{_MINE} WHERE 0")
    change(path, f"INSERT INTO chapters {_MINE} VALUES (1, 'one', 1), (2, 'two', 2), (2, 'two', 2)")
    return redefine(path, "mine", f"{_MINE} WHERE 0", _MINE)


def test_an_index_that_lacks_rows_is_built_again(tmp_path: Path) -> None:
    path = _with_an_index_that_lacks_rows(tmp_path)
    assert Flag.INDEX_DAMAGE in examine(path, registry(), deep=True).flags
    plan = changed(path).plan
    assert [(action.kind, action.name) for action in plan.actions] == [
        (Kind.REINDEX, "chapters"),
        (Kind.SET_METADATA, "database_metadata"),
    ]
    assert Flag.INDEX_DAMAGE not in examine(path, registry(), deep=True).flags
    assert content(path, "SELECT count(*) FROM chapters INDEXED BY mine WHERE caption_id = 2") == [(2,)]


def test_an_index_with_entries_of_rows_that_are_gone_is_built_again(tmp_path: Path) -> None:
    path = change(made(tmp_path), f"CREATE INDEX mine ON chapters {_MINE}")
    redefine(path, "mine", _MINE, f"{_MINE} WHERE 0")
    change(path, "DELETE FROM chapters WHERE id = 1")
    redefine(path, "mine", f"{_MINE} WHERE 0", _MINE)
    changed(path)
    assert examine(path, registry(), deep=True).flags == {Flag.DRIFTED}


def test_the_damage_of_one_index_hides_no_other(tmp_path: Path) -> None:
    path = change(made(tmp_path, rows=1500), "CREATE TABLE nocase (a)", "CREATE INDEX mine ON nocase (a)")
    redefine(path, "mine", "(a)", "(a) WHERE 0")
    redefine(path, "chapters_start", "lower(title)", "upper(title)")
    change(path, "INSERT INTO nocase SELECT id FROM captions", "INSERT INTO chapters (title, start_ms) VALUES ('x', 9)")
    redefine(path, "mine", "(a) WHERE 0", "(a)")
    redefine(path, "chapters_start", "upper(title)", "lower(title)")
    assert [action.name for action in changed(path).plan.actions if action.kind == Kind.REINDEX] == [
        "chapters",
        "nocase",
    ]
    assert examine(path, registry(), deep=True).flags == {Flag.DRIFTED}


def test_a_unique_index_that_its_rows_do_not_fit_is_blocked(tmp_path: Path) -> None:
    path = _with_an_index_that_lacks_rows(tmp_path, "UNIQUE INDEX")
    (reason,) = planned(path).blocked
    assert "UNIQUE constraint failed" in reason
    before = path.read_bytes()
    with pytest.raises(BlockedError, match="UNIQUE constraint failed"):
        changed(path)
    assert path.read_bytes() == before


def test_a_rebuild_takes_the_rows_that_an_index_lacks_of_whose_damage_nobody_knows(tmp_path: Path) -> None:
    other = registry_with(tmp_path / "registry", 3, "CREATE VIEW", f"CREATE INDEX mine ON chapters {_MINE};CREATE VIEW")
    path = _with_an_index_that_lacks_rows(tmp_path)
    # All that is copied is also in the index, which is smaller than the table: SQLite would read that instead.
    change(path, "ALTER TABLE chapters ADD COLUMN notes TEXT")
    with closing(open_database(path, write=True)) as connection:
        begin(connection)
        plan = outline(connection, other, None, keep_extra=False)
        execute(connection, plan, never)
        connection.execute("COMMIT")
    assert {action.kind for action in plan.actions} == {Kind.REBUILD_TABLE, Kind.SET_METADATA}
    assert content(path, "SELECT title FROM chapters NOT INDEXED ORDER BY id") == [("one",), ("two",), ("two",)]


def test_a_garbled_full_text_index_is_built_again(tmp_path: Path) -> None:
    path = change(made(tmp_path), "UPDATE captions_search_data SET block = x'00' WHERE id > 10")
    assert Flag.FTS_DAMAGE in examine(path, registry(), deep=True).flags
    changed(path)
    assert examine(path, registry(), deep=True).flags == frozenset()
    assert content(path, "SELECT count(*) FROM captions_search WHERE captions_search MATCH 'body'") == [(3,)]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM captions_search_data",
        "DELETE FROM captions_search_config",
        "UPDATE captions_search_data SET block = x'ffffffff'",
        "DROP TABLE captions_search_docsize",
    ],
)
def test_a_full_text_index_that_does_not_even_load_is_built_again(tmp_path: Path, damage: str) -> None:
    path = change(made(tmp_path), damage)
    changed(path)
    finding = examine(path, registry(), deep=True)
    assert (finding.status, finding.flags) == (Status.CURRENT, frozenset())


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "ab" / "abc" / "captions.db"
    path.parent.mkdir(parents=True)
    path.touch()
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT
    assert metadata_of(path) == (3, registry().fingerprint(3))


@pytest.mark.parametrize("metadata", ["DELETE FROM database_metadata", "DROP TABLE database_metadata"])
def test_a_file_without_metadata_gets_those_of_the_version_it_has(tmp_path: Path, metadata: str) -> None:
    path = change(made(tmp_path, version=2), metadata)
    before = rows_of(path)
    changed(path, to_version=2)
    assert examine(path, registry()).status == Status.OUTDATED
    assert rows_of(path) == before


def test_metadata_that_make_no_sense_are_made_anew(tmp_path: Path) -> None:
    path = redefine(made(tmp_path), "database_metadata", "schema_version INTEGER NOT NULL", "schema_version")
    change(path, "UPDATE database_metadata SET schema_version = 'abc'")
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT


def test_a_checksum_that_is_wrong_is_put_right(tmp_path: Path) -> None:
    path = change(made(tmp_path), "UPDATE database_metadata SET schema_checksum = 'x'")
    assert [action.kind for action in changed(path).plan.actions] == [Kind.SET_METADATA]
    assert examine(path, registry()).flags == frozenset()


def test_a_file_that_is_no_version_at_all_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ab" / "abc" / "captions.db"
    path.parent.mkdir(parents=True)
    make_from(path, "CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup');")
    before = path.read_bytes()
    with pytest.raises(BlockedError, match="nobody knows what it should be"):
        changed(path)
    assert path.read_bytes() == before


def _without_unique(folder: Path) -> Path:
    """A database whose captions have lost their UNIQUE."""
    path = made(folder)
    sql = registry().schema(3).tables["captions"].sql.replace(",\n    UNIQUE (language, source)", "")
    schema = registry().schema(3)
    beside = [index.sql for index in schema.indexes.values() if index.table == "captions"]
    beside += [trigger.sql for trigger in schema.triggers.values()]
    change(
        path,
        "PRAGMA legacy_alter_table = ON",
        "ALTER TABLE captions RENAME TO before",
        sql,
        "INSERT INTO captions SELECT * FROM before",
        "DROP TABLE before",
        *beside,
    )
    return path


def test_an_index_that_keeps_no_text_is_left_alone(tmp_path: Path) -> None:
    path = made(tmp_path, version=2)
    change(path, "CREATE VIRTUAL TABLE mine USING fts4 (content='', body)",
           "INSERT INTO mine (docid, body) VALUES (7, 'nowhere else')")  # fmt: skip
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT
    assert content(path, "SELECT docid FROM mine WHERE mine MATCH 'else'") == [(7,)]
