"""What a plan says would be lost is what goes."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dbadmin.change.errors import BlockedError, ConsentNeededError
from dbadmin.examine import examine
from dbadmin.states import Status
from tests.dbadmin.change.changing import changed, made, pair, planned, steps
from tests.dbadmin.files import change, content, redefine


def test_rows_that_a_step_moves_elsewhere_are_no_loss(tmp_path: Path) -> None:
    after = "after = ['INSERT INTO new SELECT a FROM old']"
    path, registry = steps(tmp_path, "CREATE TABLE old (a);", "CREATE TABLE new (a);", after)
    change(path, "INSERT INTO old VALUES (1), (2)")
    assert planned(path, registry=registry).losses == {}
    changed(path, registry=registry)
    assert content(path, "SELECT a FROM new") == [(1,), (2,)]


@pytest.mark.parametrize("now", ["f USING fts5 (a)", "f USING fts5 (a, content='t')"])
def test_what_a_full_text_table_does_not_keep_any_more_is_a_loss(tmp_path: Path, now: str) -> None:
    was = "CREATE TABLE t (a); CREATE VIRTUAL TABLE f USING fts5 (a, b);"
    path, registry = pair(tmp_path, was, f"CREATE TABLE t (a); CREATE VIRTUAL TABLE {now};")
    change(path, "INSERT INTO f VALUES ('x', 'y'), ('x', 'y')")
    assert set(planned(path, registry=registry).losses.values()) == {2}
    with pytest.raises(ConsentNeededError):
        changed(path, registry=registry)


def test_an_empty_table_called_as_a_column_does_not_hide_what_that_loses(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (a, x); CREATE TABLE 't.x' (a);", "CREATE TABLE t (a);", "")
    change(path, "INSERT INTO t VALUES (1, 'precious')")
    assert planned(path, registry=registry).losses == {"t.x": 1}


def test_what_an_operator_added_to_metadata_that_are_made_anew_is_a_loss(tmp_path: Path) -> None:
    path = redefine(made(tmp_path), "database_metadata", "schema_version INTEGER NOT NULL", "schema_version")
    change(path, "ALTER TABLE database_metadata ADD COLUMN note")
    change(path, "UPDATE database_metadata SET schema_version = 'abc', note = 'precious'")
    assert planned(path).losses == {"database_metadata.note": 1}


def test_an_index_whose_content_is_nowhere_is_a_loss(tmp_path: Path) -> None:
    sql = "CREATE VIRTUAL TABLE f USING fts5 (a, content='');"
    path, registry = pair(tmp_path, sql, sql.replace(")", ", prefix='2')"))
    change(path, "INSERT INTO f (rowid, a) VALUES (1, 'x')")
    assert planned(path, registry=registry).losses == {"f": 1}


@pytest.mark.parametrize("value", ["rowid", "oid", "rowid || a"])
@pytest.mark.parametrize("rename", ["", "rename_columns = {'t.a' = 'a2'}\n"])
def test_a_value_of_the_rowid_moves_no_column_elsewhere(tmp_path: Path, value: str, rename: str) -> None:
    kept = "a2" if rename else "a"
    path, registry = steps(
        tmp_path, "CREATE TABLE t (a, b);", f"CREATE TABLE t ({kept}, n);", f"{rename}fill = {{'t.n' = '{value}'}}"
    )
    change(path, "INSERT INTO t VALUES ('x', 'mine'), ('y', 'mine')")
    assert planned(path, registry=registry).losses == {"t.b": 2}


def test_a_key_that_comes_to_number_the_rows_is_no_loss(tmp_path: Path) -> None:
    path, registry = pair(
        tmp_path, "CREATE TABLE t (a INT PRIMARY KEY, b INT);", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);"
    )
    change(path, "INSERT INTO t VALUES (5, 1), (7, 2)")
    assert planned(path, registry=registry).losses == {}


def test_what_cannot_be_done_asks_for_no_consent(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (a, b);", "CREATE TABLE t (b NOT NULL);", "")
    change(path, "INSERT INTO t VALUES ('mine', NULL)")
    with pytest.raises(BlockedError):
        changed(path, registry=registry)


def test_what_cannot_be_counted_is_not_dropped(tmp_path: Path) -> None:
    sql = "CREATE VIRTUAL TABLE f USING fts5 (a, content='');"
    path, registry = pair(tmp_path, sql, sql.replace(")", ", prefix='2')"))
    change(path, "INSERT INTO f (rowid, a) VALUES (1, 'x')", "DELETE FROM f_data")
    assert "What would be lost cannot be counted" in " ".join(planned(path, registry=registry).blocked)


def test_values_that_give_way_to_computed_ones_are_a_loss(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a, b);", "CREATE TABLE t (a, b AS (a * 2));")
    change(path, "INSERT INTO t VALUES (1, 'mine'), (2, NULL)")
    assert planned(path, registry=registry).losses == {"t.b": 1}


@pytest.mark.parametrize(
    ("was", "now", "values", "losses"),
    [
        ("TEXT", "INTEGER", "('007'), ('7'), ('x'), (NULL)", 1),
        ("", "REAL", "('1.50'), ('1.5'), (9007199254740993), (2)", 2),
        ("REAL", "TEXT", "(0.1 + 0.2), (0.5)", 1),
        ("INTEGER", "TEXT", "(7), ('x'), (x'00')", 0),
    ],
)
def test_values_that_another_type_writes_otherwise_are_a_loss(
    tmp_path: Path, was: str, now: str, values: str, losses: int
) -> None:
    path, registry = pair(tmp_path, f"CREATE TABLE t (a {was});", f"CREATE TABLE t (a {now});")
    change(path, f"INSERT INTO t VALUES {values}")
    assert planned(path, registry=registry).losses == ({"t.a (as it is written)": losses} if losses else {})


def test_text_that_an_ordinary_table_writes_otherwise_than_a_full_text_one_is_a_loss(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE VIRTUAL TABLE f USING fts5 (a, b);", "CREATE TABLE f (a TEXT, b INTEGER);")
    change(path, "INSERT INTO f (rowid, a, b) VALUES (5, '007', '007'), (9, 'x', '7')")
    plan = planned(path, registry=registry)
    assert plan.losses == {"f.b (as it is written)": 1}
    changed(path, registry=registry, consent=plan.hash)
    assert content(path, "SELECT rowid, a, b FROM f") == [(5, "007", 7), (9, "x", 7)]


def test_a_column_that_an_operator_had_before_the_version_becomes_the_versions(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (a, b TEXT NOT NULL DEFAULT '');", "")
    change(path, "ALTER TABLE t ADD COLUMN b", "INSERT INTO t VALUES (1, 'mine'), (2, NULL)")
    changed(path, registry=registry)
    assert content(path, "SELECT a, b FROM t") == [(1, "mine"), (2, "")]
    assert examine(path, registry).status == Status.CURRENT


def test_a_fill_over_the_column_of_an_operator_is_a_loss(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (a);", "CREATE TABLE t (a, b);", "fill = { 't.b' = \"a\" }")
    change(path, "ALTER TABLE t ADD COLUMN b", "INSERT INTO t VALUES (1, 'mine')")
    plan = planned(path, registry=registry)
    assert plan.losses == {"t.b (written over)": 1}
    changed(path, registry=registry, consent=plan.hash)
    assert content(path, "SELECT a, b FROM t") == [(1, 1)]


@pytest.mark.parametrize(
    ("column", "fill", "values", "losses"),
    [
        ("a INTEGER", "max(a, 0)", "(-3), (4), (NULL)", 1),
        ("a INTEGER", "coalesce(a, 0)", "(-3), (NULL)", 0),
        ("a TEXT COLLATE NOCASE", "lower(a)", "('ABC'), ('abc')", 1),
        ("a TEXT COLLATE RTRIM", "trim(a)", "('a  '), ('a')", 1),
        ("a", "CAST(a AS INTEGER)", "('007'), ('7'), (7.0)", 1),
        ("a REAL", "a", "(9007199254740992), (0.1 + 0.2)", 0),
        ("a", "CAST(a AS TEXT)", "(0.1 + 0.2), (0.5), (x'00')", 2),
        ("a", "rowid", "(1), ('two')", 1),
    ],
)
def test_every_value_that_a_step_makes_another_is_a_loss(
    tmp_path: Path, column: str, fill: str, values: str, losses: int
) -> None:
    path, registry = steps(tmp_path, f"CREATE TABLE t ({column});", f"CREATE TABLE t ({column}, b);", _fill(a=fill))
    change(path, f"INSERT INTO t VALUES {values}")
    assert planned(path, registry=registry).losses == ({"t.a (written over)": losses} if losses else {})


def test_a_step_is_counted_as_the_steps_before_it_leave_the_rows(tmp_path: Path) -> None:
    table = "CREATE TABLE t (a, b, CHECK ({}));".format
    path, registry = steps(tmp_path, table(1), table(2), _fill(a="abs(a)"), table(3), _fill(b="a"))
    change(path, "INSERT INTO t VALUES (-1, -1), (2, 2)")
    assert planned(path, registry=registry).losses == {"t.a (written over)": 1, "t.b (written over)": 1}


def test_steps_that_write_over_one_column_add_up(tmp_path: Path) -> None:
    table = "CREATE TABLE t (a, CHECK ({}));".format
    path, registry = steps(tmp_path, table(1), table(2), _fill(a="max(a, 0)"), table(3), _fill(a="min(a, 9)"))
    change(path, "INSERT INTO t VALUES (-1), (2), (20)")
    assert planned(path, registry=registry).losses == {"t.a (written over)": 2}


def test_a_fill_of_the_key_counts_all_for_nobody_can_tell_which_row_became_which(tmp_path: Path) -> None:
    table = "CREATE TABLE t (k TEXT PRIMARY KEY, a, CHECK ({})) WITHOUT ROWID;".format
    path, registry = steps(tmp_path, table(1), table(2), _fill(k="lower(k)", a="a"))
    change(path, "INSERT INTO t VALUES ('A', 1), ('b', 2)")
    assert planned(path, registry=registry).losses == {"t.k (written over)": 2, "t.a (written over)": 2}


def test_rows_without_a_rowid_are_compared_by_their_key(tmp_path: Path) -> None:
    table = "CREATE TABLE t (k TEXT PRIMARY KEY, a, CHECK ({})) WITHOUT ROWID;".format
    path, registry = steps(tmp_path, table(1), table(2), _fill(a="max(a, 0)"))
    change(path, "INSERT INTO t VALUES ('A', 1), ('b', -2)")
    assert planned(path, registry=registry).losses == {"t.a (written over)": 1}


@pytest.mark.parametrize("renamed", ["rename_columns = { 't.b' = 'c', 't.a' = 'b' }"])
def test_columns_that_change_names_are_counted_by_what_becomes_of_them(tmp_path: Path, renamed: str) -> None:
    second = "CREATE TABLE t (b, c, d);"
    path, registry = steps(tmp_path, "CREATE TABLE t (a, b, d);", second, f"{renamed}\n{_fill(d='b')}")
    change(path, "INSERT INTO t VALUES (1, 1, 2), (3, 3, 3)")
    assert planned(path, registry=registry).losses == {"t.d (written over)": 1}


def test_a_fill_reads_the_row_under_its_old_names_though_another_column_has_one_now(tmp_path: Path) -> None:
    step = f"rename_columns = {{ 't.b' = 'c', 't.a' = 'b' }}\n{_fill(d='b')}"
    path, registry = steps(tmp_path, "CREATE TABLE t (a, b, d);", "CREATE TABLE t (b, c, d);", step)
    change(path, "INSERT INTO t VALUES (1, 10, NULL)")
    changed(path, registry=registry)
    assert content(path, "SELECT b, c, d FROM t") == [(1, 10, 10)]


def test_a_column_that_a_fill_reads_in_double_quotes_is_no_loss(tmp_path: Path) -> None:
    fill = """fill = { 't.place' = '"order"' }"""
    path, registry = steps(tmp_path, 'CREATE TABLE t ("order");', "CREATE TABLE t (place);", fill)
    change(path, "INSERT INTO t VALUES (7)")
    changed(path, registry=registry)
    assert content(path, "SELECT place FROM t") == [(7,)]


@pytest.mark.parametrize("taken", ["_rowid_", "rowid", "oid", "_rowid_, rowid"])
def test_values_are_compared_row_by_row_though_a_column_is_called_as_the_rowid(tmp_path: Path, taken: str) -> None:
    table = f"CREATE TABLE t (a INTEGER, {taken});"
    path, registry = steps(tmp_path, "CREATE TABLE t (a INTEGER);", "CREATE TABLE t (a INTEGER, b);", _fill(a="-a"))
    change(path, "DROP TABLE t", table, "INSERT INTO t (a) VALUES (-1), (1), (0)")
    assert planned(path, registry=registry).losses == {"t.a (written over)": 2}


def test_values_of_a_table_whose_columns_have_all_names_of_the_rowid_all_count(tmp_path: Path) -> None:
    table = "CREATE TABLE t (a, _rowid_, rowid, oid{});".format
    path, registry = steps(tmp_path, table(""), table(", b"), _fill(a="a"))
    change(path, "INSERT INTO t (a) VALUES (1), (2), (NULL)")
    assert planned(path, registry=registry).losses == {"t.a (written over)": 2}


def test_a_key_that_says_the_same_in_its_new_type_is_no_loss(tmp_path: Path) -> None:
    table = "CREATE TABLE t (k {} PRIMARY KEY, a) WITHOUT ROWID;".format
    path, registry = pair(tmp_path, table(""), table("TEXT"))
    change(path, "INSERT INTO t VALUES (1, 'x'), ('two', 'y')")
    changed(path, registry=registry)
    assert content(path, "SELECT k, a FROM t") == [("1", "x"), ("two", "y")]


@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        ("k INTEGER, a, PRIMARY KEY (k, a)) WITHOUT ROWID", "k REAL, a, PRIMARY KEY (k, a)) WITHOUT ROWID", 2**53 + 1),
        ("k REAL PRIMARY KEY, a) WITHOUT ROWID", "k TEXT PRIMARY KEY, a) WITHOUT ROWID", "0.1 + 0.2"),
        ("k INTEGER PRIMARY KEY, a) WITHOUT ROWID", "k REAL PRIMARY KEY, a)", 2**53 + 1),
    ],
)
def test_a_key_that_its_new_type_writes_otherwise_is_a_loss(tmp_path: Path, was: str, now: str, key: object) -> None:
    path, registry = pair(tmp_path, f"CREATE TABLE t ({was};", f"CREATE TABLE t ({now};")
    change(path, f"INSERT INTO t VALUES ({key}, 1), (5, 1)")
    assert planned(path, registry=registry).losses == {"t.k (as it is written)": 1}


@pytest.mark.parametrize("extra", ["", ", x ANY"])
def test_values_of_any_type_are_compared_where_a_table_is_not_strict_any_more(tmp_path: Path, extra: str) -> None:
    path, registry = pair(tmp_path, f"CREATE TABLE t (a ANY{extra}) STRICT;", "CREATE TABLE t (a ANY);")
    change(path, f"INSERT INTO t VALUES ('007'{', 7' if extra else ''})")
    assert planned(path, registry=registry).losses == {"t.a (as it is written)": 1}


def test_values_of_a_kept_column_are_compared_too(tmp_path: Path) -> None:
    path, registry = pair(tmp_path, "CREATE TABLE t (a INT, x ANY) STRICT;", "CREATE TABLE t (a INT);")
    change(path, "INSERT INTO t VALUES (1, '007')")
    assert planned(path, registry=registry).losses == {"t.x (as it is written)": 1}


@pytest.mark.parametrize(
    ("column", "fill"), [("lower", "lower(x)"), ("kind", "(SELECT 1 AS kind)"), ("text", "'text'")]
)
def test_a_column_that_a_fill_only_seems_to_read_is_a_loss(tmp_path: Path, column: str, fill: str) -> None:
    first = f"CREATE TABLE t (x, {column});"
    path, registry = steps(tmp_path, first, "CREATE TABLE t (x, y);", _fill(y=fill))
    change(path, "INSERT INTO t VALUES ('X', 'mine')")
    assert planned(path, registry=registry).losses == {f"t.{column}": 1}


def test_a_table_that_a_step_only_seems_to_read_is_a_loss(tmp_path: Path) -> None:
    second, after = "CREATE TABLE t (a, notes);", "after = [\"UPDATE t SET notes = 'x' WHERE notes IS NULL\"]"
    path, registry = steps(tmp_path, f"{second} CREATE TABLE notes (a);", second, after)
    change(path, "INSERT INTO notes VALUES (1)")
    assert planned(path, registry=registry).losses == {"notes": 1}


def test_rows_that_a_damaged_index_lacks_are_counted(tmp_path: Path) -> None:
    path, registry = steps(tmp_path, "CREATE TABLE t (a, b, c); CREATE INDEX i ON t (a);", "CREATE TABLE u (a);", "")
    redefine(path, "i", "(a)", "(a) WHERE 0")
    change(path, "INSERT INTO t VALUES (1, 2, 3), (4, 5, 6)")
    redefine(path, "i", "(a) WHERE 0", "(a)")
    assert planned(path, registry=registry, keep_extra=False).losses == {"t": 2}


@pytest.mark.parametrize("seed", range(30))
def test_whatever_a_step_writes_over_was_told(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    columns = ", ".join(f"{name} {chance.choice(_TYPES)}" for name in "ab")
    after = columns if chance.random() < 0.6 else ", ".join(f"{name} {chance.choice(_TYPES)}" for name in "ab")
    fill = _fill(**{name: chance.choice(_FILLS) for name in chance.sample("ab", chance.choice((1, 2)))})
    path, registry = steps(tmp_path, f"CREATE TABLE t (k INTEGER PRIMARY KEY, {columns});",
                           f"CREATE TABLE t (k INTEGER PRIMARY KEY, {after}, CHECK (1));", fill)  # fmt: skip
    rows = ", ".join(f"({key}, {chance.choice(_VALUES)}, {chance.choice(_VALUES)})" for key in range(4))
    change(path, f"INSERT INTO t VALUES {rows}")
    query = "SELECT a, b FROM t ORDER BY k"
    before, plan = content(path, query), planned(path, registry=registry)
    changed(path, registry=registry, consent=plan.hash)
    pairs = [pair for rows in zip(before, content(path, query), strict=True) for pair in zip("ab", *rows, strict=True)]
    others = Counter(name for name, was, now in pairs if not _says_the_same(was, now))
    assert Counter({name.partition(" ")[0]: count for name, count in plan.losses.items()}) == Counter(
        {f"t.{name}": count for name, count in others.items()}
    )


_TYPES = ("", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM")
_FILLS = (
    "max(a, 0)",
    "abs(b)",
    "coalesce(a, b)",
    "lower(a)",
    "trim(b)",
    "CAST(a AS INTEGER)",
    "CAST(b AS TEXT)",
    "a",
    "k",
)
_VALUES = (
    "NULL",
    "-5",
    "0",
    "3",
    "'007'",
    "'abc'",
    "'ABC'",
    "'1e2'",
    "'x  '",
    "2.0",
    "2.5",
    "x'01'",
    "9007199254740993",
)


def _fill(**columns: str) -> str:
    return "fill = { " + ", ".join(f"'t.{name}' = \"{value}\"" for name, value in columns.items()) + " }"


def _says_the_same(was: Any, now: Any) -> bool:
    if was is None:
        return True
    if isinstance(was, int | float) and isinstance(now, int | float):
        return was == now
    if type(was) is type(now):
        return bool(was == now)
    return not isinstance(was, bytes) and not isinstance(now, bytes) and str(was) == str(now)
