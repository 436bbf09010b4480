"""Kinds of tables and objects that the small registry has not, and what operators add to a database."""

from pathlib import Path

import pytest

from dbadmin.change.errors import BlockedError, ChangeFailedError
from dbadmin.examine import examine
from dbadmin.states import Flag, Status
from tests.dbadmin.change.changing import changed, made, pair, planned, snapshots, steps
from tests.dbadmin.change.dumps import metadata_of, rows_of
from tests.dbadmin.files import change, content, redefine, rename_bytes

NO_KEY = "NULL, or no whole number, in the key that numbers the rows"


def test_strict_generated_and_without_rowid_tables_are_rebuilt_with_their_rows(tmp_path: Path) -> None:
    path, registry = pair(
        tmp_path,
        'CREATE TABLE "Odd name" (a TEXT, b INTEGER, PRIMARY KEY (a));',
        'CREATE TABLE "Odd name" (a TEXT NOT NULL, b INTEGER, twice INTEGER AS (b * 2) STORED, PRIMARY KEY (a))'
        " STRICT, WITHOUT ROWID;",
    )
    change(path, """INSERT INTO "Odd name" VALUES ('x', 1), ('y', 2)""")
    changed(path, registry=registry)
    assert content(path, 'SELECT a, b, twice FROM "Odd name" ORDER BY a') == [("x", 1, 2), ("y", 2, 4)]
    assert examine(path, registry).status == Status.CURRENT


def test_a_missing_column_that_is_computed_from_a_later_one_comes_back(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (a, g AS (n + 1), n INT);")
    change(path, "INSERT INTO t VALUES (1)")
    changed(path, registry=registry)
    assert content(path, "SELECT a, g, n FROM t") == [(1, None, None)]


def test_values_that_a_strict_table_refuses_are_counted(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a INTEGER);", "CREATE TABLE t (a INTEGER) STRICT;")
    change(path, "INSERT INTO t VALUES (1), ('many'), (x'00')")
    assert planned(path, registry=registry).blocked == {
        "t: cannot store TEXT value in INTEGER column t.a": 1,
        "t: cannot store BLOB value in INTEGER column t.a": 1,
    }


@pytest.mark.parametrize("called", ["oid", "rowid, _rowid_, oid"])
def test_rows_that_do_not_fit_are_counted_whatever_columns_are_called(tmp_path: Path, called: str) -> None:
    table = f"CREATE TABLE t ({called}, b{{}});".format
    path, registry = pair(tmp_path, table(""), table(" NOT NULL"))
    first = called.partition(",")[0]
    change(path, f"INSERT INTO t ({first}) VALUES ('x'), ('x'), (NULL), (CAST(x'ff80' AS TEXT))")
    assert planned(path, registry=registry).blocked == {"t: NOT NULL constraint failed: t.b": 4}
    with pytest.raises(BlockedError, match=r"\(4 rows\)"):
        changed(path, registry=registry)


def test_new_values_that_an_index_of_an_operator_refuses_are_counted(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a TEXT);", "CREATE TABLE t (a INTEGER);")
    change(path, "CREATE UNIQUE INDEX of_an_operator ON t (a)", "INSERT INTO t VALUES ('7'), ('07'), ('007'), ('8')")
    blocked = {"t: UNIQUE constraint failed: t.a": 2}
    assert planned(path, registry=registry).blocked == blocked
    with pytest.raises(BlockedError) as told:
        changed(path, registry=registry)
    assert told.value.blocked == blocked


@pytest.mark.parametrize("clause", ["UNIQUE ON CONFLICT REPLACE", "UNIQUE ON CONFLICT IGNORE"])
def test_a_conflict_clause_of_the_new_table_costs_no_row(tmp_path: Path, clause: str) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a, b);", f"CREATE TABLE t (a {clause}, b);")
    change(path, "INSERT INTO t VALUES (1, 'x'), (1, 'y')")
    with pytest.raises(BlockedError, match=r"UNIQUE constraint failed: t.a \(1 row\)"):
        changed(path, registry=registry)
    assert content(path, "SELECT a, b FROM t") == [(1, "x"), (1, "y")]


def test_keys_that_cannot_be_rowids_are_counted(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a TEXT PRIMARY KEY);", "CREATE TABLE t (a INTEGER PRIMARY KEY);")
    change(path, "INSERT INTO t VALUES ('1'), ('x'), ('y')")
    assert planned(path, registry=registry).blocked == {f"t: {NO_KEY}": 2}
    with pytest.raises(BlockedError, match=rf"{NO_KEY} \(2 rows\)"):
        changed(path, registry=registry)


def test_a_row_without_a_key_gets_none_by_itself(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (id INTEGER);", "CREATE TABLE t (id INTEGER PRIMARY KEY);")
    change(path, "INSERT INTO t VALUES (7), (NULL), (NULL)")
    with pytest.raises(BlockedError) as told:
        changed(path, registry=registry)
    assert told.value.blocked == {f"t: {NO_KEY}": 2}


def test_a_missing_key_column_gets_the_rowids(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (id INTEGER PRIMARY KEY, a);")
    change(path, "INSERT INTO t (rowid, a) VALUES (5, 'five'), (9, 'nine')")
    changed(path, registry=registry)
    assert content(path, "SELECT id, a FROM t") == [(5, "five"), (9, "nine")]


@pytest.mark.parametrize("taken", ["_rowid_", "rowid", "oid", "_rowid_, oid"])
def test_rows_keep_their_rowids_though_a_column_of_an_operator_is_called_so(tmp_path: Path, taken: str) -> None:
    path, registry = pair(tmp_path, f"CREATE TABLE t (a, {taken});", "CREATE TABLE t (a NOT NULL);")
    free = next(name for name in ("_rowid_", "rowid", "oid") if name not in taken.split(", "))
    change(path, f"INSERT INTO t ({free}, a) VALUES (10, 'ten'), (20, 'twenty')")
    changed(path, registry=registry)
    assert content(path, f"SELECT {free}, a FROM t") == [(10, "ten"), (20, "twenty")]


def test_a_number_once_given_out_is_never_given_again(tmp_path: Path) -> None:
    path, registry = pair(
        tmp_path,
        "CREATE TABLE Counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a);",
        "CREATE TABLE Counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a NOT NULL);",
    )
    change(path, "INSERT INTO Counted (id, a) VALUES (41, 1)", "DELETE FROM Counted")
    changed(path, registry=registry)
    change(path, "INSERT INTO counted (a) VALUES (1)")
    assert content(path, "SELECT id FROM Counted") == [(42,)]
    assert content(path, "SELECT name, seq FROM sqlite_sequence") == [("Counted", 42)]


def test_a_full_text_table_with_rows_of_its_own_keeps_them(tmp_path: Path) -> None:
    path, registry = pair(
        tmp_path, "CREATE VIRTUAL TABLE f USING fts5 (a, b);", "CREATE VIRTUAL TABLE f USING fts5 (a, b, prefix='2');"
    )
    change(path, "INSERT INTO f (rowid, a, b) VALUES (7, 'seven', 'x'), (9, 'nine', 'y')")
    changed(path, registry=registry)
    assert content(path, "SELECT rowid, a, b FROM f WHERE f MATCH 'ni*'") == [(9, "nine", "y")]
    assert examine(path, registry, deep=True).status == Status.CURRENT


@pytest.mark.parametrize("prefix", ["", ", prefix='2'"])
def test_a_full_text_column_may_have_any_name(tmp_path: Path, prefix: str) -> None:
    sql = """CREATE VIRTUAL TABLE f USING fts5 ("c c", 'b = b' UNINDEXED{});"""
    path, registry = pair(tmp_path, sql.format(""), sql.format(f", detail=none{prefix}"))
    change(path, "INSERT INTO f VALUES ('mine', 'x'), ('yours', 'y')")
    changed(path, registry=registry)
    assert content(path, "SELECT * FROM f") == [("mine", "x"), ("yours", "y")]


def test_the_text_of_a_full_text_column_that_goes_is_a_loss_whatever_its_name(tmp_path: Path) -> None:
    was, now = ('CREATE VIRTUAL TABLE f USING fts5 ("c c");', 'CREATE VIRTUAL TABLE f USING fts5 ("c");')
    path, registry = pair(tmp_path, was, now)
    change(path, "INSERT INTO f VALUES ('mine'), ('yours')")
    assert planned(path, registry=registry).losses == {"f.c c": 2}


def test_the_index_of_an_operator_over_a_table_that_is_rebuilt_is_built_again(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (a NOT NULL DEFAULT 'none');")
    change(path, "CREATE VIRTUAL TABLE mine USING fts5 (a, content='t')", "INSERT INTO t VALUES ('one'), (NULL)")
    change(path, "INSERT INTO mine (mine) VALUES ('rebuild')")
    changed(path, registry=registry)
    assert content(path, "SELECT rowid FROM mine WHERE mine MATCH 'none'") == [(2,)]
    assert examine(path, registry, deep=True).flags == {Flag.DRIFTED}


@pytest.mark.parametrize(
    ("options", "now", "up"),
    [
        ("", "CREATE TABLE t (k INTEGER PRIMARY KEY, a) WITHOUT ROWID;", ""),
        (", content_rowid='k'", "CREATE TABLE t (n INTEGER PRIMARY KEY, a);", "rename_columns = { 't.k' = 'n' }"),
    ],
)
def test_the_index_of_an_operator_that_cannot_read_its_text_any_more_is_told_and_stops_nothing(
    tmp_path: Path, options: str, now: str, up: str
) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (k INTEGER PRIMARY KEY, a);", now, up)
    change(path, f"CREATE VIRTUAL TABLE mine USING fts5 (a, content='t'{options})", "INSERT INTO t VALUES (1, 'one')")
    change(path, "INSERT INTO mine (mine) VALUES ('rebuild')")
    changed(path, registry=registry)
    finding = examine(path, registry, deep=True)
    assert (finding.status, finding.flags) == (Status.CURRENT, frozenset({Flag.DRIFTED}))
    assert any("'mine' cannot be compared with its content" in sentence for sentence in finding.findings)
    assert planned(path, registry=registry).is_empty


@pytest.mark.parametrize("damage", ["DELETE FROM mine_data", "DELETE FROM mine_data WHERE id > 10"])
def test_a_damaged_index_that_keeps_no_text_is_told_and_stops_nothing(tmp_path: Path, damage: str) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (a NOT NULL);")
    change(
        path, "CREATE VIRTUAL TABLE mine USING fts5 (a, content='')", "INSERT INTO mine (rowid, a) VALUES (1, 'one')"
    )
    changed(change(path, damage), registry=registry)
    finding = examine(path, registry, deep=True)
    assert (finding.status, finding.flags) == (Status.CURRENT, frozenset({Flag.DRIFTED, Flag.FTS_DAMAGE}))


def test_rows_in_a_damaged_full_text_table_are_kept(tmp_path: Path) -> None:
    sql = "CREATE VIRTUAL TABLE f USING fts5 (a);"
    path, registry = pair(tmp_path, sql, sql)
    change(path, "INSERT INTO f (rowid, a) VALUES (7, 'seven')", "DELETE FROM f_data")
    changed(path, registry=registry)
    assert content(path, "SELECT rowid, a FROM f WHERE f MATCH 'seven'") == [(7, "seven")]


def test_a_column_is_added_to_the_content_of_a_search_though_it_is_called_like_an_inner_table(tmp_path: Path) -> None:
    sql = "CREATE TABLE f_content (a); CREATE VIRTUAL TABLE f USING fts5 (a, content = 'f_content');"
    path, registry = pair(tmp_path, sql, sql.replace("(a);", "(a, b DEFAULT 2);"))
    change(path, "INSERT INTO f_content VALUES ('x')")
    changed(path, registry=registry)
    assert content(path, "SELECT a, b FROM f_content") == [("x", 2)]


def test_a_full_text_table_that_does_not_load_can_be_dropped(tmp_path: Path) -> None:
    path = change(made(tmp_path), "DELETE FROM captions_search_data")
    changed(path, to_version=2, consent=planned(path, to_version=2).hash)
    assert content(path, "SELECT name FROM sqlite_schema WHERE name LIKE 'captions_search%'") == []


def test_the_index_of_a_column_that_goes_goes_with_it(tmp_path: Path) -> None:
    path = change(made(tmp_path), "CREATE INDEX of_an_operator ON captions (created_at)")
    plan = planned(path, to_version=2)
    assert plan.blocked == {}
    changed(path, to_version=2, consent=plan.hash)
    assert content(path, "SELECT name FROM sqlite_schema WHERE name = 'of_an_operator'") == []


def test_a_trigger_that_could_not_work_any_more_goes(tmp_path: Path) -> None:
    path = change(
        made(tmp_path),
        "CREATE TRIGGER of_an_operator AFTER INSERT ON chapters BEGIN UPDATE captions SET created_at = 'now'; END",
    )
    changed(path, to_version=2, consent=planned(path, to_version=2).hash)
    change(path, "INSERT INTO chapters (title, start_ms) VALUES ('x', 1)")
    assert content(path, "SELECT name FROM sqlite_schema WHERE name = 'of_an_operator'") == []


def test_the_index_of_a_column_that_goes_goes_whatever_it_is_called(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, 'CREATE TABLE t (a, "c c");', "CREATE TABLE t (a);", "")
    change(path, 'CREATE UNIQUE INDEX of_an_operator ON t ("c c")', "INSERT INTO t (a) VALUES (1), (2)")
    changed(path, registry=registry)
    assert content(path, "SELECT name FROM sqlite_schema WHERE name = 'of_an_operator'") == []


@pytest.mark.parametrize("event", ["INSERT", "UPDATE", "DELETE"])
def test_a_trigger_on_a_view_that_cannot_work_stops_no_rename(tmp_path: Path, event: str) -> None:
    step = "rename_columns = { 't.a' = 'b' }"
    path, registry = steps(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (b);", step)
    trigger = f"CREATE TRIGGER {{}} INSTEAD OF {event} ON mine BEGIN INSERT INTO {{}} VALUES (1); END".format
    change(path, "CREATE VIEW mine AS SELECT a FROM t", trigger("bad", "nowhere"), trigger("good", "t"))
    assert changed(path, registry=registry).plan.kept == ("good", "mine")


@pytest.mark.parametrize("parent", ["p", "t (b)"])
def test_a_reference_to_what_goes_is_told_before(tmp_path: Path, parent: str) -> None:
    first = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (b); CREATE UNIQUE INDEX i ON t (b);"
    path, registry = steps(tmp_path, first, "CREATE TABLE t (b);", "")
    change(
        path, f"CREATE TABLE mine (x REFERENCES {parent})", "INSERT INTO p VALUES (1)", "INSERT INTO mine VALUES (1)"
    )
    plan = planned(path, registry=registry)
    with pytest.raises(BlockedError) as told:
        changed(path, registry=registry, consent=plan.hash)
    assert plan.blocked == told.value.blocked


def test_references_that_could_not_be_checked_before_stop_no_change(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (a NOT NULL);")
    change(path, "CREATE TABLE mine (x REFERENCES t (a))", "INSERT INTO t VALUES (1)")
    changed(path, registry=registry)
    assert examine(path, registry).status == Status.CURRENT


def test_a_reference_that_cannot_be_checked_hides_no_other_that_breaks(tmp_path: Path) -> None:
    first, second = "CREATE TABLE p (id PRIMARY KEY);", "CREATE TABLE p (id PRIMARY KEY, b);"
    path, registry = steps(tmp_path, first, second, """fill = { 'p.id' = "id + 1" }""")
    change(path, "CREATE TABLE mine (x REFERENCES p (b))", "CREATE TABLE other (x REFERENCES p)")
    change(path, "INSERT INTO p VALUES (1)", "INSERT INTO other VALUES (1)")
    broken = {"other: FOREIGN KEY constraint failed: rows refer to rows of p that are not there": 1}
    assert planned(path, registry=registry).blocked == broken


def test_a_full_text_table_whose_name_is_no_utf_8_stands_in_the_way(tmp_path: Path) -> None:
    path = change(made(tmp_path, version=2), "CREATE VIRTUAL TABLE mine USING fts5 (a)")
    rename_bytes(path, b"mine", b"min\xff")
    assert list(planned(path).blocked) == ["The schema has a name that is not UTF-8, which no statement can say"]
    with pytest.raises(BlockedError, match="not UTF-8"):
        changed(path)


def test_a_check_by_a_function_that_nobody_has_stands_in_the_way(tmp_path: Path) -> None:
    path = change(made(tmp_path), "DROP VIEW languages", "CREATE TABLE mine (a CHECK (abs(a) > 0))")
    redefine(path, "mine", "abs(", "mys(")
    assert list(planned(path).blocked) == ["SQLite refuses the change of the schema: no such function: mys"]


def test_a_collation_that_nobody_has_stands_in_the_way(tmp_path: Path) -> None:
    path = change(made(tmp_path), "CREATE TABLE mine (a COLLATE NOCASE)", "CREATE INDEX of_mine ON mine (a)")
    redefine(path, "mine", "NOCASE", "MYCASE")
    assert list(planned(path).blocked) == [
        "SQLite refuses the change of the schema: no such collation sequence: MYCASE"
    ]


def test_a_trigger_that_rolls_back_is_told(tmp_path: Path) -> None:
    path = change(made(tmp_path, version=2), _on_metadata("SELECT RAISE(ROLLBACK, 'not here')"))
    before = path.read_bytes()
    assert planned(path).blocked == {"database_metadata: not here": 0}
    with pytest.raises(BlockedError, match="not here"):
        changed(path)
    assert path.read_bytes() == before


def test_a_trigger_that_keeps_the_version_from_being_written_takes_all_of_it_back(tmp_path: Path) -> None:
    path = change(made(tmp_path, version=2), _on_metadata("SELECT RAISE(IGNORE)"))
    before = path.read_bytes()
    with pytest.raises(ChangeFailedError, match="metadata"):
        changed(path)
    assert path.read_bytes() == before
    assert not snapshots(path).of("abc")


def test_what_stands_in_the_way_of_a_rename_is_told(tmp_path: Path) -> None:
    path = change(
        made(tmp_path, version=1), "CREATE TABLE captions (text TEXT)", "INSERT INTO captions VALUES ('mine')"
    )
    with pytest.raises(BlockedError, match="there is already another table or index with this name: captions"):
        changed(path)
    assert rows_of(path)["captions"] == [(1, b"mine")]
    assert metadata_of(path)[0] == 1


def test_columns_in_another_order_are_no_reason_to_change_anything(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (b, a);", "CREATE TABLE t (a, b);")
    assert Flag.COLUMN_ORDER in examine(path, registry).flags
    assert planned(path, registry=registry).is_empty


def test_a_value_that_a_fill_refuses_is_told(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (b);", "fill = { 't.b' = \"json(a)\" }")
    change(path, "INSERT INTO t VALUES ('{}'), ('{'), ('}')")
    assert planned(path, registry=registry).blocked == {"t: malformed JSON": 2}
    with pytest.raises(BlockedError, match=r"malformed JSON \(2 rows\)"):
        changed(path, registry=registry)


@pytest.mark.parametrize("kind", ["INT NOT NULL AS (b * 2)", "INT NOT NULL AS (b * 2) STORED", "AS (b * 2)"])
def test_a_computed_column_of_an_operator_stays_computed_when_its_table_is_rebuilt(tmp_path: Path, kind: str) -> None:
    path, registry = pair(tmp_path, f"CREATE TABLE t (a, x {kind}, b);", "CREATE TABLE t (a NOT NULL);")
    change(path, "INSERT INTO t VALUES (1, 2)")
    assert changed(path, registry=registry).plan.kept == ("t.b", "t.x")
    change(path, "UPDATE t SET b = 5")
    assert content(path, "SELECT a, x, b FROM t") == [(1, 10, 5)]


def _on_metadata(statement: str) -> str:
    return f"CREATE TRIGGER of_an_operator BEFORE UPDATE ON database_metadata BEGIN {statement}; END"


@pytest.mark.parametrize(
    ("parent", "more"), [("code TEXT", " CREATE UNIQUE INDEX u ON p (code);"), ("code TEXT UNIQUE", "")]
)
def test_references_that_were_broken_before_and_can_be_checked_now_stop_nothing(
    tmp_path: Path, parent: str, more: str
) -> None:
    child = "CREATE TABLE c (p TEXT REFERENCES p (code));"
    path, registry = pair(tmp_path, f"CREATE TABLE p (code TEXT); {child}", f"CREATE TABLE p ({parent}); {child}{more}")
    change(path, "INSERT INTO p VALUES ('a')", "INSERT INTO c VALUES ('a'), ('orphan')")
    changed(path, registry=registry)
    assert examine(path, registry).status == Status.CURRENT
