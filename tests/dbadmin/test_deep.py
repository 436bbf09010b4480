"""The deep check: what is damage, and what is only a rule that rows break."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbadmin.examine import Finding, examine
from dbadmin.states import Flag, Status
from tests.dbadmin.disks import small_disk
from tests.dbadmin.files import change, lose_pages_of, make_database, redefine, registry, rename_bytes
from tests.processes import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of the latest version with three rows in each table."""
    return make_database(tmp_path / "captions.db")


def look(path: Path) -> Finding:
    return examine(path, registry(), deep=True)


def verdict(finding: Finding) -> tuple[Status, set[Flag]]:
    return finding.status, set(finding.flags)


def test_a_sound_database_has_nothing_but_its_rows_counted(path: Path) -> None:
    finding = look(path)
    assert (finding.status, finding.flags, finding.findings) == (Status.CURRENT, frozenset(), ())
    assert {table.name: table.rows for table in finding.tables} == {
        "database_metadata": 1,
        "captions": 3,
        "chapters": 3,
        "captions_search": None,
    }


def test_rows_that_break_a_check_are_no_corruption(path: Path) -> None:
    change(path, "PRAGMA ignore_check_constraints = ON", "UPDATE chapters SET start_ms = -5")
    finding = look(path)
    assert verdict(finding) == (Status.CURRENT, {Flag.CONSTRAINT_VIOLATIONS})
    assert finding.findings[0] == "CHECK constraint failed in chapters"


def test_rows_without_a_value_that_must_be_are_no_corruption(path: Path) -> None:
    redefine(path, "chapters", "title TEXT NOT NULL", "title TEXT")
    change(path, "UPDATE chapters SET title = NULL WHERE id = 1")
    redefine(path, "chapters", "title TEXT", "title TEXT NOT NULL")
    assert verdict(look(path)) == (Status.CURRENT, {Flag.CONSTRAINT_VIOLATIONS})


def test_an_index_that_lacks_rows_is_flagged(path: Path) -> None:
    redefine(path, "chapters_start", "(start_ms", "(abs(start_ms)")
    change(path, "PRAGMA ignore_check_constraints = ON", "UPDATE chapters SET start_ms = -5 WHERE id = 1")
    redefine(path, "chapters_start", "(abs(start_ms)", "(start_ms")
    change(path, "UPDATE chapters SET caption_id = 2")
    finding = look(path)
    assert verdict(finding) == (Status.CURRENT, {Flag.INDEX_DAMAGE, Flag.CONSTRAINT_VIOLATIONS})


def test_rows_that_refer_to_nothing_are_flagged(path: Path) -> None:
    finding = look(change(path, "DELETE FROM captions WHERE id > 1"))
    assert verdict(finding) == (Status.CURRENT, {Flag.FK_VIOLATIONS})
    assert finding.findings == ("Rows of 'chapters' refer to rows of 'captions' that are not there: 2.",)


def test_a_reference_to_what_is_no_key_is_said(path: Path) -> None:
    finding = look(change(path, "CREATE TABLE mine (a REFERENCES captions (body))", "INSERT INTO mine VALUES (1)"))
    assert Flag.FK_VIOLATIONS in finding.flags
    assert 'foreign key mismatch - "mine"' in finding.findings[0]


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_full_text_index_that_is_not_what_its_content_says_is_flagged(path: Path, journal_mode: str) -> None:
    trigger = registry().schema(3).triggers["captions_updated"].sql
    change(path, f"PRAGMA journal_mode = {journal_mode}", "DROP TRIGGER captions_updated")
    finding = look(change(path, "UPDATE captions SET body = 'other'", trigger))
    assert verdict(finding) == (Status.CURRENT, {Flag.FTS_DAMAGE})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE captions_search_data SET block = zeroblob(20)",
        "DELETE FROM captions_search_data",
        "DROP TABLE captions_search_config",
    ],
)
def test_a_garbled_full_text_index_is_no_corruption_of_the_file(path: Path, statement: str) -> None:
    finding = look(change(path, statement))
    assert verdict(finding) == (Status.CURRENT, {Flag.FTS_DAMAGE})
    assert examine(path, registry()).status == Status.CURRENT


_FILLED = "INSERT INTO mine (rowid, body) SELECT id, body FROM captions"


@pytest.mark.parametrize(
    "arguments",
    [
        "fts4 (content='', body)",
        'fts4 (body, content="")',
        "fts4 (content=, body, languageid='language')",
        "fts4 (content='captions', body)",
        "fts4 (content='bodies', body)",
        "fts4 (body)",
        "fts5 (body, content='')",
        "fts5 (body, content='', columnsize=0, detail='none')",
        "fts5 (body, content='captions', content_rowid='id')",
        "fts5 (body, content='bodies', content_rowid='rowid')",
    ],
)
def test_a_sound_full_text_index_is_not_flagged_wherever_its_text_is(path: Path, arguments: str) -> None:
    change(path, "CREATE VIEW bodies AS SELECT id AS rowid, body FROM captions")
    change(path, f"CREATE VIRTUAL TABLE mine USING {arguments}", _FILLED)
    finding = look(path)
    assert verdict(finding) == (Status.CURRENT, {Flag.DRIFTED})
    assert all("is not in the schema of its version" in sentence for sentence in finding.findings)


@pytest.mark.parametrize("garble", ["UPDATE mine_segdir SET root = zeroblob(20)", "DROP TABLE mine_segdir"])
def test_a_garbled_index_that_keeps_no_text_is_flagged(path: Path, garble: str) -> None:
    change(path, "CREATE VIRTUAL TABLE mine USING fts4 (content='', body)", _FILLED, garble)
    assert verdict(look(path)) == (Status.CURRENT, {Flag.DRIFTED, Flag.FTS_DAMAGE})


@pytest.mark.parametrize("module", ["fts4", "fts5"])
@pytest.mark.parametrize("lost", ["DROP TABLE texts", "ALTER TABLE texts RENAME COLUMN body TO other"])
def test_an_index_whose_text_is_not_there_any_more_is_not_called_damaged(path: Path, module: str, lost: str) -> None:
    change(path, "CREATE TABLE texts (body)", f"CREATE VIRTUAL TABLE mine USING {module} (body, content='texts')", lost)
    finding = look(path)
    assert verdict(finding) == (Status.CURRENT, {Flag.DRIFTED})
    assert "'mine' cannot be compared with its content: no such" in finding.findings[0]


_ON_A_FULL_DISK = """
import sys
from pathlib import Path
from dbadmin.examine import examine
from tests.dbadmin.files import registry
found = examine(Path(sys.argv[1]), registry(), deep=True)
print(found.status, *sorted(found.flags), *found.findings)
"""


def test_no_room_for_temporary_files_says_nothing_of_the_file(tmp_path: Path) -> None:
    path = make_database(tmp_path / "captions.db", rows=20_000)
    with small_disk(tmp_path) as disk:
        command = [sys.executable, "-c", _ON_A_FULL_DISK, str(path)]
        environment = {**os.environ, "SQLITE_TMPDIR": str(disk)}
        said = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    assert said.startswith("unreadable Full text could not be checked: the disk of SQLite's temporary files is full.")


def test_pages_that_cannot_be_read_are_corruption_and_what_was_read_is_kept(path: Path) -> None:
    finding = look(lose_pages_of(path, "chapters"))
    assert (finding.status, finding.version, examine(path, registry()).status) == (Status.CORRUPT, 3, Status.CURRENT)


def test_pages_that_contradict_each_other_are_corruption(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(36)  # the number of free pages, of which there are none
        file.write(bytes([0, 0, 0, 2]))
    assert look(path).status == Status.CORRUPT


def test_text_that_is_no_utf_8_stays_text(path: Path) -> None:
    change(path, "UPDATE captions SET body = CAST(x'ff61' AS TEXT) WHERE id = 1")
    assert verdict(look(path)) == (Status.CURRENT, set())


def test_names_that_are_no_utf_8_are_read(path: Path) -> None:
    change(path, "CREATE TABLE mine (a, b UNIQUE)", "CREATE INDEX mine_a ON mine (a)")
    finding = look(rename_bytes(path, b"mine", b"min\xff"))
    assert verdict(finding) == (Status.CURRENT, {Flag.DRIFTED})
    assert "min\udcff" in {table.name for table in finding.tables}


def test_an_index_of_a_table_whose_name_is_no_utf_8_cannot_be_compared(path: Path) -> None:
    change(path, "CREATE TABLE mine (a)", "CREATE VIRTUAL TABLE search USING fts5 (a, content = 'mine')")
    finding = look(rename_bytes(path, b"mine", b"min\xff"))
    assert verdict(finding) == (Status.CURRENT, {Flag.DRIFTED})
    assert "'search' cannot be compared with its content: it has a name that is not UTF-8" in finding.findings[0]


def test_a_function_that_is_not_there_ends_the_check_and_is_said(path: Path) -> None:
    finding = look(redefine(path, "chapters_start", "lower(title)", "flower(title)"))
    assert (finding.status, finding.tables[0].rows) == (Status.INCOMPLETE, None)
    assert finding.findings[0] == "The deep check could not be finished: unknown function: flower()."


@cache
def sound() -> bytes:
    """The bytes of a database as it should be."""
    with TemporaryDirectory() as folder:
        return make_database(Path(folder) / "captions.db").read_bytes()


@given(st.lists(st.tuples(st.integers(0, 2**14), st.integers(0, 255)), min_size=1), st.booleans())
def test_no_damage_is_an_exception(damage: list[tuple[int, int]], deep: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "captions.db"
        raw = bytearray(sound())
        for place, value in damage:
            raw[place % len(raw)] = value
        path.write_bytes(raw)
        assert examine(path, registry(), deep=deep).status in Status


def test_a_thousand_broken_rows_are_a_few_sentences(path: Path) -> None:
    rows = "SELECT value FROM json_each('[' || trim(replace(hex(zeroblob(500)), '0', '7,'), ',') || ']')"
    change(
        path,
        "PRAGMA ignore_check_constraints = ON",
        f"INSERT INTO chapters (title, start_ms) SELECT 'x', -value FROM ({rows})",
    )
    assert len(look(path).findings) == 20
