"""SQL taken apart as SQLite does it."""

import pytest

from dbadmin.schema.tokens import SqlError, normalize, tokenize


def normal(sql: str, *names: str) -> str:
    return normalize(tokenize(sql), names or None)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a  >\t0 -- why\n", "a > 0"),
        ("a/* ; ' */>0 /* never closed", "a > 0"),
        ('"A" > `b``c` + [D e]', 'a > "b`c" + "d e"'),
        ("'It''s' || x'AB'", "'It''s' || x'ab'"),
        ("1.5E3 + .5 + 0XFF", "1.5e3 + .5 + 0xff"),
        ("?1 + :a + @b + $c", "?1 + :a + @b + $c"),
        ("a->>'$.b' <> NULL", "a ->> '$.b' <> NULL"),
        ("É = é", "É = é"),
    ],
)
def test_what_is_written_in_different_ways_is_one_text(sql: str, expected: str) -> None:
    assert normal(sql) == expected


def test_keywords_that_can_be_names_are_names_and_others_keep_their_quotes() -> None:
    assert normal('KEY "key" ORDER "order"') == 'key key ORDER "order"'


def test_what_nothing_is_called_is_the_string_that_sqlite_takes_it_for() -> None:
    assert normal('kind = "Kind" AND "Kind" = "New"', "kind") == "kind = kind AND kind = 'New'"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('kind AS "n" ORDER BY "n"', "kind AS n ORDER by n"),
        ("kind AS \"n\" ORDER BY 'n'", "kind AS n ORDER by 'n'"),
        ('"Kind" = "Gone" AND [Other]', 'kind = "Gone" AND other'),
        ('"true" = TRUE', '"true" = true'),
        ('FROM a "left" JOIN b left JOIN [left]', 'FROM a "left" JOIN b left JOIN "left"'),
    ],
)
def test_what_may_be_a_name_or_a_string_is_neither_for_certain(sql: str, expected: str) -> None:
    assert normalize(tokenize(sql), {"kind"}, complete=False) == expected


@pytest.mark.parametrize("sql", ["'open", 'a = "b', "[x", "a \x01 b", "\\"])
def test_what_is_no_sql_is_refused(sql: str) -> None:
    with pytest.raises(SqlError):
        tokenize(sql)
