"""Reading a video's own database, of every version, while it is written, and when it is damaged."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.captions.conftest import ID
from videos.captions import database
from videos.captions.errors import BusyError, DamagedError, VersionError
from videos.captions.match import LONGEST, match_expression
from videos.captions.read import Captions, Said, read_captions

CUES = """INSERT INTO cues VALUES
    (1, 1, 0, 1500, 'Bonjour le monde'), (2, 1, 1500, 2500, 'à bientôt <b>'), (3, 2, 0, 9, 'hello')"""
ROWS = {
    1: ("INSERT INTO tracks VALUES (1, 'fr', 0, 'x'), (2, 'en', 1, 'x')", CUES),
    2: ("INSERT INTO captions VALUES (1, 'fr', 'manual', 'x'), (2, 'en', 'auto', 'x')", CUES),
    3: ("INSERT INTO captions VALUES (1, 'fr', 'manual', 'x'), (2, 'en', 'auto', 'x')", CUES),
}
every_version = pytest.mark.parametrize("version", list(ROWS))


@every_version
def test_every_version_is_read_alike(make: Callable[..., Path], version: int) -> None:
    make(version, *ROWS[version])
    french = (Said(0.0, 1.5, "Bonjour le monde"), Said(1.5, 2.5, "à bientôt <b>"))
    assert read_captions(ID) == Captions(("fr", "en"), "fr", french)
    assert read_captions(ID, language="EN").cues == (Said(0.0, 0.009, "hello"),)
    assert read_captions(ID, language="xx") == Captions(("fr", "en"))


@every_version
def test_every_version_is_searched_alike(make: Callable[..., Path], version: int) -> None:
    make(version, *ROWS[version])
    (found,) = read_captions(ID, search="BONJOUR mon").cues
    assert found == Said(0.0, 1.5, "Bonjour le monde", "<mark>Bonjour</mark> le <mark>monde</mark>")
    (escaped,) = read_captions(ID, search="bientot").cues
    assert escaped.snippet == "à <mark>bientôt</mark> &lt;b&gt;"
    assert read_captions(ID, search="hello").cues == ()  # another language's
    assert read_captions(ID, language="en", search="hello").cues[0].snippet == "<mark>hello</mark>"


def test_a_language_stands_for_its_regions_and_people_come_before_machines(make: Callable[..., Path]) -> None:
    make(3, "INSERT INTO captions VALUES (1, 'en', 'auto', 'x'), (2, 'pt-BR', 'manual', 'x'), (3, 'en', 'manual', 'x')")
    assert read_captions(ID, language="pt") == Captions(("pt-BR", "en"), "pt-BR")


def test_there_is_nothing_without_a_file_or_in_an_empty_one(path: Path) -> None:
    assert read_captions(ID) == Captions()
    path.parent.mkdir(parents=True)
    path.touch()
    assert read_captions(ID) == Captions()


def test_a_reader_leaves_nothing_beside_the_file(make: Callable[..., Path]) -> None:
    path = make(3, "PRAGMA journal_mode = WAL", *ROWS[3])
    read_captions(ID, search="bonjour")
    assert [entry.name for entry in path.parent.iterdir()] == ["captions.db"]


def test_readers_go_on_while_somebody_writes(make: Callable[..., Path]) -> None:
    path = make(3, "PRAGMA journal_mode = WAL", *ROWS[3])
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM cues")
        assert len(read_captions(ID).cues) == 2
        writer.execute("COMMIT")
        assert read_captions(ID).cues == ()


def test_a_file_that_nobody_else_may_read_now_is_busy(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "READER_PATIENCE_SECONDS", 0.05)
    with closing(sqlite3.connect(make(3), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError):
            read_captions(ID)


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"plain text" * 50])
def test_a_damaged_file_is_an_error_in_words(make: Callable[..., Path], damage: bytes) -> None:
    path = make(3, *ROWS[3])
    path.write_bytes((damage + path.read_bytes()[len(damage) :]) if damage else path.read_bytes()[:5000])
    with pytest.raises(DamagedError, match=r"fleet"):
        read_captions(ID)


def test_a_damaged_full_text_index_is_no_reason_to_salvage(make: Callable[..., Path]) -> None:
    make(3, *ROWS[3], "UPDATE cues_search_data SET block = x'00' WHERE id > 10")
    with pytest.raises(DamagedError, match="fleet repair"):
        read_captions(ID, search="bonjour")


@pytest.mark.parametrize("change", ["DELETE FROM database_metadata", "DROP TABLE database_metadata",
                                    "UPDATE database_metadata SET schema_version = 'abc'"])  # fmt: skip
def test_a_file_that_does_not_say_its_version_is_an_error_in_words(make: Callable[..., Path], change: str) -> None:
    make(3, change)
    with pytest.raises(DamagedError, match="does not say its version"):
        read_captions(ID)


def test_a_version_of_the_future_is_an_error_in_words(make: Callable[..., Path]) -> None:
    make(3, "UPDATE database_metadata SET schema_version = 99")
    with pytest.raises(VersionError, match="newer nisam"):
        read_captions(ID)


def test_odd_values_are_shown_as_far_as_they_can_be(make: Callable[..., Path]) -> None:
    make(1, "INSERT INTO tracks VALUES (1, CAST(x'66ff' AS TEXT), 0, 'x')",
         "INSERT INTO cues VALUES (1, 1, 'soon', x'00', CAST(x'48ff69' AS TEXT)), (2, 1, 5, 6, 7)")  # fmt: skip
    found = read_captions(ID)
    assert (found.language, [cue.text for cue in found.cues]) == ("f\ufffd", ["7", "H\ufffdi"])


def matches(expression: str) -> list[Any]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        connection.execute("INSERT INTO words VALUES ('say \"hello\" world-wide')")
        return connection.execute("SELECT * FROM words WHERE words MATCH ?", (expression,)).fetchall()


@pytest.mark.parametrize("typed", ['"hello', "hello*", "hel\0", "world-wide", "SAY ^hello", "say… —", "(hello)"])
def test_syntax_is_taken_for_words(typed: str) -> None:
    assert matches(match_expression(typed))


@pytest.mark.parametrize("typed", ["hello OR nothing", "hello NOT world", "text:hello", "ello", "NEAR(hello world)"])
def test_syntax_means_nothing(typed: str) -> None:
    assert not matches(match_expression(typed))


@pytest.mark.parametrize("typed", ["", " ", "*", '"', "\0", "… — !"])
def test_without_a_word_there_is_no_question(typed: str) -> None:
    assert match_expression(typed) == ""


@given(st.text(alphabet=st.characters(), max_size=50) | st.text(alphabet='a"*^:(){}-+ \0\ud800'))
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    if expression := match_expression(typed):
        matches(expression)


def test_ten_thousand_characters_are_no_more_than_the_first(make: Callable[..., Path]) -> None:
    make(3, *ROWS[3])
    assert read_captions(ID, search="bonjour " * 1250).cues
    assert len(match_expression("x" * 10_000)) == LONGEST + 3
