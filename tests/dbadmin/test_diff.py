"""Differences between two schemas, as data and in words."""

import pytest

from dbadmin.schema.diff import Difference, column_order_differs, compare
from tests.dbadmin.files import registry
from tests.dbadmin.test_fingerprint import TABLE, schema_of


def differences(actual: list[str], expected: list[str]) -> list[tuple[str, str, str, str]]:
    found = compare(schema_of(*actual), schema_of(*expected))
    return [(one.kind, one.type, one.table, one.name) for one in found]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_equal_schemas_do_not_differ(version: int) -> None:
    assert compare(schema_of(registry().sql(version)), registry().schema(version)) == ()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (TABLE.replace("name TEXT NOT NULL DEFAULT 'x', ", ""), ("missing", "column", "t", "name")),
        (TABLE.replace("name", "more, name"), ("extra", "column", "t", "more")),
        (TABLE.replace("TEXT", "BLOB"), ("changed", "column", "t", "name")),
        (TABLE.replace("TEXT", "TEXT COLLATE NOCASE"), ("changed", "column", "t", "name")),
        (TABLE.replace(" CHECK (size > 0)", ""), ("missing", "check", "t", "size > 0")),
        (TABLE.replace("TEXT", "TEXT UNIQUE"), ("extra", "unique", "t", "name")),
        (TABLE.replace("TEXT", "TEXT REFERENCES t"), ("extra", "foreign_key", "t", "(name) REFERENCES t")),
        (TABLE + " STRICT", ("changed", "option", "t", "strict")),
        (TABLE.replace("KEY", "KEY AUTOINCREMENT"), ("changed", "option", "t", "autoincrement")),
        (TABLE.replace("NOT NULL", "NOT NULL ON CONFLICT IGNORE"), ("changed", "option", "t", "on_conflict")),
    ],
)
def test_what_differs_in_a_table_is_named(changed: str, expected: tuple[str, str, str, str]) -> None:
    assert differences([changed], [TABLE]) == [expected]


def test_whole_objects_are_missing_extra_or_changed() -> None:
    mine = [TABLE, "CREATE INDEX i ON t (name)", "CREATE VIEW v AS SELECT 1", "CREATE TABLE mine (a)"]
    theirs = [TABLE, "CREATE INDEX i ON t (size)", "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END"]
    assert differences(mine, theirs) == [
        ("extra", "table", "mine", "mine"),
        ("changed", "index", "t", "i"),
        ("missing", "trigger", "t", "g"),
        ("extra", "view", "", "v"),
    ]


def test_a_difference_is_data_with_the_sql_of_both_sides() -> None:
    (found,) = compare(schema_of(TABLE.replace("INT CHECK", "TEXT CHECK")), schema_of(TABLE))
    data = found.as_data()
    assert (data["actual"], data["expected"]) == ("TEXT", "INT")
    assert ("size TEXT" in data["actual_sql"], "size INT" in data["expected_sql"]) == (True, True)


@pytest.mark.parametrize(
    ("difference", "to_own_version", "to_version", "to_other"),
    [
        (
            Difference("missing", "trigger", "t", "g"),
            "The trigger 'g' of 't' is missing.",
            "The trigger 'g' of 't' is missing.",
            "The trigger 'g' of 't' is only in x.",
        ),
        (
            Difference("extra", "table", "t", "t"),
            "The table 't' is not in the schema of its version.",
            "The table 't' is not in the schema of version 2.",
            "The table 't' is not in x.",
        ),
        (
            Difference("changed", "column", "t", "c", actual="INT", expected="TEXT"),
            "The column 'c' of 't' is 'INT' and should be 'TEXT'.",
            "The column 'c' of 't' is 'INT' and should be 'TEXT'.",
            "The column 'c' of 't' is 'INT', in x 'TEXT'.",
        ),
    ],
)
def test_a_difference_is_said_in_words(
    difference: Difference, to_own_version: str, to_version: str, to_other: str
) -> None:
    assert difference.sentence == to_own_version
    assert difference.to_version("version 2") == to_version
    assert difference.to_other("x") == to_other


def test_another_order_of_columns_is_no_difference_but_known() -> None:
    turned = schema_of("CREATE TABLE t (b, a, more)")
    assert column_order_differs(turned, schema_of("CREATE TABLE t (a, b)"))
    assert not column_order_differs(turned, schema_of("CREATE TABLE t (b, other, a)"))


def test_the_metadata_table_is_compared_although_it_is_not_in_the_fingerprint() -> None:
    metadata = "CREATE TABLE database_metadata (id INTEGER PRIMARY KEY{})"
    assert differences([metadata.format("")], [metadata.format(", verified_at TEXT")]) == [
        ("missing", "column", "database_metadata", "verified_at")
    ]
