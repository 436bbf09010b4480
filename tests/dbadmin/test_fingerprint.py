"""The fingerprint: the same for what means the same, another for everything else."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbadmin.schema.introspect import inspect
from dbadmin.schema.model import Schema
from dbadmin.schema.tokens import Token, tokenize
from tests.dbadmin.files import make_from, registry

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', size INT CHECK (size > 0))"


def schema_of(*statements: str) -> Schema:
    """The schema that statements make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.executescript(statement)
        return inspect(connection)


def fingerprint(*statements: str) -> str:
    return schema_of(*statements).fingerprint()


@pytest.mark.parametrize(
    "written",
    [
        "create table T(ID integer primary key,\n\tName text not null default 'x',SIZE int check(size>0))",
        "CREATE TABLE t (id INTEGER /* , */ PRIMARY KEY, name TEXT -- a name (of it)\n NOT NULL DEFAULT 'x', size INT"
        " CHECK (size > 0))",
        """CREATE TABLE "t"([id] INTEGER PRIMARY KEY, `name` TEXT NOT NULL DEFAULT "x", 'size' INT CHECK ("size">0))""",
        "CREATE TABLE t (size INT, name TEXT NOT NULL DEFAULT ('x'), id INTEGER PRIMARY KEY, CHECK ((size > 0)))",
        "CREATE TABLE t (id INTEGER, name TEXT NOT NULL DEFAULT 'x', size INT CONSTRAINT big CHECK (size > 0),"
        " CONSTRAINT main PRIMARY KEY (id))",
    ],
)
def test_form_case_comments_quoting_and_column_order_make_no_difference(written: str) -> None:
    assert fingerprint(written) == fingerprint(TABLE)


@pytest.mark.parametrize(
    "changed",
    [
        TABLE.replace("size > 0", "size >= 0"),
        TABLE.replace(" CHECK (size > 0)", ""),
        TABLE.replace("size INT", "size INTEGER"),
        TABLE.replace("'x'", "'X'"),
        TABLE.replace(" NOT NULL", ""),
        TABLE.replace("NOT NULL", "NOT NULL ON CONFLICT IGNORE"),
        TABLE.replace("TEXT", "TEXT COLLATE NOCASE"),
        TABLE.replace("TEXT", "TEXT UNIQUE"),
        TABLE.replace("TEXT", "TEXT REFERENCES t"),
        TABLE.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT"),
        TABLE.replace("PRIMARY KEY", "PRIMARY KEY DESC"),
        TABLE.replace("size > 0))", "size > 0), more)"),
        TABLE + " STRICT",
        TABLE + " WITHOUT ROWID",
        TABLE.replace("TABLE t ", "TABLE u "),
    ],
)
def test_a_difference_in_the_table_is_one_in_the_fingerprint(changed: str) -> None:
    assert fingerprint(changed) != fingerprint(TABLE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE INDEX i ON t (name)", "CREATE INDEX i ON t (name) WHERE size = 1"),
        ("CREATE INDEX i ON t (name) WHERE size = 1", "CREATE INDEX i ON t (name) WHERE size = 2"),
        ("CREATE INDEX i ON t (name)", "CREATE UNIQUE INDEX i ON t (name)"),
        ("CREATE INDEX i ON t (name)", "CREATE INDEX i ON t (name DESC)"),
        ("CREATE INDEX i ON t (name)", "CREATE INDEX i ON t (name COLLATE NOCASE)"),
        ("CREATE INDEX i ON t (lower(name))", "CREATE INDEX i ON t (upper(name))"),
        ("CREATE INDEX i ON t (name, size)", "CREATE INDEX i ON t (size, name)"),
        ("CREATE VIEW v AS SELECT id FROM t", "CREATE VIEW v AS SELECT name FROM t"),
        (
            "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END",
            "CREATE TRIGGER a AFTER UPDATE ON t BEGIN SELECT 1; END",
        ),
        (
            "ALTER TABLE t ADD COLUMN o REFERENCES t",
            "ALTER TABLE t ADD COLUMN o REFERENCES t DEFERRABLE INITIALLY DEFERRED",
        ),
        (
            'CREATE VIEW v AS SELECT id AS "n" FROM t ORDER BY "n"',
            "CREATE VIEW v AS SELECT id AS \"n\" FROM t ORDER BY 'n'",
        ),
        ('CREATE VIEW v AS SELECT "value" FROM json_each(1)', "CREATE VIEW v AS SELECT 'value' FROM json_each(1)"),
        ('CREATE VIEW v AS SELECT "A" FROM t', 'CREATE VIEW v AS SELECT "a" FROM t'),
        ("ALTER TABLE t ADD COLUMN o AS (size + 1)", "ALTER TABLE t ADD COLUMN o AS (size + 2)"),
        ("CREATE VIRTUAL TABLE f USING fts5 (a, b)", "CREATE VIRTUAL TABLE f USING fts5 (a, b UNINDEXED)"),
        ("CREATE VIRTUAL TABLE f USING fts5 (a)", "CREATE VIRTUAL TABLE f USING fts5 (a, tokenize = 'porter')"),
    ],
)
def test_a_difference_in_other_objects_is_one_in_the_fingerprint(one: str, other: str) -> None:
    assert len({fingerprint(TABLE), fingerprint(TABLE, one), fingerprint(TABLE, other)}) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE INDEX i ON t (lower(name)) WHERE size > 1", 'create index "I" on T(LOWER("Name") ASC) where (size>1)'),
        ("CREATE VIEW v AS SELECT id FROM t", 'create view if not exists "V" as select [ID]\nfrom T -- all of it'),
        (
            "CREATE VIEW v (n) AS WITH q AS (SELECT id AS i FROM t AS x WHERE x.id) SELECT q.i FROM q",
            'CREATE VIEW v("n") AS WITH "q" AS (SELECT id AS "i" FROM t AS "x" WHERE "x".id) SELECT "q"."i" FROM [q]',
        ),
        (
            "CREATE VIRTUAL TABLE f USING fts5 (a, content = '', prefix = '2 3')",
            'create virtual table F using FTS5("A",prefix="2 3",content="")',
        ),
        (
            "CREATE TRIGGER a AFTER INSERT ON t WHEN new.size > 1 BEGIN DELETE FROM t WHERE name = 'Gone'; END",
            'create trigger [A] after insert on "t" when NEW."size">1 begin delete from t where name=\'Gone\'; end',
        ),
    ],
)
def test_other_objects_have_no_form_either(one: str, other: str) -> None:
    assert fingerprint(TABLE, one) == fingerprint(TABLE, other)


def test_a_column_of_a_full_text_table_that_is_called_like_an_option_keeps_its_place() -> None:
    first, second = (
        schema_of(f"CREATE VIRTUAL TABLE f USING fts5 ({names})") for names in ('"x = y", b', 'b, "x = y"')
    )
    assert first.fingerprint() != second.fingerprint()


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        ("[int] (10)", "INT(10)"),
        ("[decimal](10, 2)", "DECIMAL(10,2)"),
        ("[character varying]", "CHARACTER VARYING"),
        ('"it\'s"', '"IT\'S"'),
        ('"odd]"', '"ODD]"'),
    ],
)
def test_a_type_in_quotes_is_one(quoted: str, expected: str) -> None:
    kind = schema_of(f"CREATE TABLE t (a {quoted})").tables["t"].columns["a"].type
    assert kind == expected == schema_of(f"CREATE TABLE t (a {kind})").tables["t"].columns["a"].type


def test_what_sqlite_keeps_for_itself_does_not_count() -> None:
    other = "CREATE TABLE s (id INTEGER PRIMARY KEY AUTOINCREMENT, u TEXT UNIQUE)"
    assert fingerprint(TABLE, other, "INSERT INTO s VALUES (1, 'x')", "ANALYZE") == fingerprint(TABLE, other)


@pytest.mark.parametrize(
    ("virtual", "own"),
    [
        ("fts5 (a, content = 'f_content')", "f_content"),
        ("fts5 (a, content = '')", "f_content"),
        ("fts5 (a, columnsize = 0)", "f_docsize"),
        ("fts5 (a)", "f_stat"),
        ("fts4 (a, content='f_content')", "f_content"),
        ("fts4 (a, matchinfo=fts3)", "f_docsize"),
        ("fts3 (a)", "f_docsize"),
        ("rtree (a, b, c)", "f_content"),
    ],
)
def test_a_table_that_is_only_called_like_one_of_a_module_counts(virtual: str, own: str) -> None:
    assert set(schema_of(f"CREATE TABLE {own} (a)", f"CREATE VIRTUAL TABLE f USING {virtual}").tables) == {"f", own}


@pytest.mark.parametrize("virtual", ["fts5 (a)", "fts4 (a)", "fts3 (a)", "rtree (a, b, c)", "rtree_i32 (a, b, c)"])
def test_the_tables_that_a_module_makes_for_itself_do_not_count(virtual: str) -> None:
    assert list(schema_of(f"CREATE VIRTUAL TABLE F USING {virtual}").tables) == ["f"]


def test_a_column_added_later_is_as_good_as_one_of_the_beginning() -> None:
    later = "ALTER TABLE t ADD COLUMN size INT CHECK (size > 0)"
    assert fingerprint(TABLE.replace(", size INT CHECK (size > 0)", ""), later) == fingerprint(TABLE)


def test_an_index_is_no_other_in_a_file_of_a_format_that_knows_no_desc(tmp_path: Path) -> None:
    statements = "CREATE TABLE aged (a); CREATE INDEX by_age ON aged (a DESC, lower(a) DESC)"
    path = make_from(tmp_path / "a.db", statements)
    with path.open("r+b") as file:
        file.seek(47)  # the schema format
        file.write(bytes([1]))
    with closing(sqlite3.connect(path)) as connection:
        assert inspect(connection).fingerprint() == fingerprint(statements.replace("DESC", "desc"))  # not remembered


def test_renaming_quotes_names_and_makes_no_difference() -> None:
    trigger = "CREATE TRIGGER a AFTER INSERT ON {0} BEGIN DELETE FROM {0}; END"
    renamed = fingerprint(TABLE.replace("TABLE t", "TABLE old"), trigger.format("old"), "ALTER TABLE old RENAME TO t")
    assert renamed == fingerprint(TABLE, trigger.format("t"))


@given(st.integers(min_value=0), st.sampled_from([1, 2, 3]))
def test_no_formatting_of_the_same_ddl_changes_the_fingerprint(seed: int, version: int) -> None:
    randomness = random.Random(seed)
    statements = registry().sql(version).split(";\n\n")
    written = ";".join(_written(statement, randomness) for statement in statements)
    assert fingerprint(written) == registry().fingerprint(version)


def _written(statement: str, randomness: random.Random) -> str:
    """A statement in another form. The arguments of full text tables are left: FTS5 takes few forms for them."""
    if "VIRTUAL" in statement:
        return statement
    return "".join(_formatted(token, randomness) for token in tokenize(statement))


def _formatted(token: Token, randomness: random.Random) -> str:
    """A token in some case, quoted or not where it is a name, with some space after it."""
    text = token.text
    if token.kind == "word":
        text = "".join(randomness.choice((letter.upper(), letter.lower())) for letter in text)
        if token.text.islower() and token.text not in {"datetime", "lower", "count"}:
            text = randomness.choice(("{}", "[{}]", "`{}`", '"{}"')).format(text)
    return text + randomness.choice((" ", "\n", "\t ", " /* ; ' */ ", ' -- , ( "\n'))
