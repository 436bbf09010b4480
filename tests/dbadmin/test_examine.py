"""How one database is: real files of every kind, and what is said about them."""

import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dbadmin.change.apply import apply
from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import UnreadableError
from dbadmin.examine import Finding, examine
from dbadmin.salvage.salvage import salvage
from dbadmin.states import Flag, Status
from tests.dbadmin.files import change, content, make_database, make_from, redefine, registry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is; the folder's name has everything that a URI takes for something else."""
    return tmp_path / "a b%3F?#&é" / "captions.db"


def look(path: Path) -> Finding:
    return examine(path, registry())


def verdict(finding: Finding) -> tuple[Status, set[Flag]]:
    return finding.status, set(finding.flags)


def test_a_database_as_it_should_be_is_current(path: Path) -> None:
    finding = look(make_database(path))
    assert (finding.status, finding.flags, finding.version, finding.matches_version) == (
        Status.CURRENT,
        frozenset(),
        3,
        3,
    )
    assert (finding.fingerprint, finding.findings) == (registry().fingerprint(3), ())


def test_its_tables_are_said_with_their_columns(path: Path) -> None:
    tables = {table.name: table.columns for table in look(make_database(path)).tables}
    assert tables["chapters"] == ("id", "caption_id", "title", "start_ms")
    assert tables["captions_search"] == ("body",)


@pytest.mark.parametrize("version", [1, 2])
def test_one_of_an_older_version_is_outdated(path: Path, version: int) -> None:
    assert look(make_database(path, version)).status == Status.OUTDATED


def test_statistics_that_sqlite_gathers_change_nothing(path: Path) -> None:
    finding = look(change(make_database(path), "ANALYZE"))
    assert verdict(finding) == (Status.CURRENT, set())


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TRIGGER captions_deleted", "The trigger 'captions_deleted' of 'captions' is missing."),
        ("DROP INDEX captions_auto", "The index 'captions_auto' of 'captions' is missing."),
        ("DROP VIEW languages", "The view 'languages' is missing."),
        ("DROP TABLE chapters", "The table 'chapters' is missing."),
        ("ALTER TABLE chapters DROP COLUMN caption_id", "The column 'caption_id' of 'chapters' is missing."),
    ],
)
def test_what_lacks_something_of_its_version_is_incomplete(path: Path, statement: str, words: str) -> None:
    finding = look(change(make_database(path), statement))
    assert (*verdict(finding), finding.version) == (Status.INCOMPLETE, {Flag.DRIFTED}, 3)
    assert words in finding.findings
    assert finding.matches_version is None


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("chapters", "CHECK (start_ms >= 0)", "CHECK (start_ms > 0)"),
        ("captions", "COLLATE NOCASE", "COLLATE RTRIM"),
        ("chapters", "AUTOINCREMENT", ""),
        ("captions_auto", "WHERE source = 'auto'", "WHERE source = 'manual'"),
    ],
)
def test_a_constraint_that_differs_makes_it_incomplete(path: Path, name: str, old: str, new: str) -> None:
    assert look(redefine(make_database(path), name, old, new)).status == Status.INCOMPLETE


def test_what_has_more_than_its_version_is_whole_and_drifted(path: Path) -> None:
    finding = look(change(make_database(path), "CREATE TABLE mine (a)", "CREATE INDEX mine_a ON mine (a)"))
    assert verdict(finding) == (Status.CURRENT, {Flag.DRIFTED})
    assert [(one.kind, one.name) for one in finding.differences] == [("extra", "mine"), ("extra", "mine_a")]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_in_another_encoding_its_schema_is_no_other(path: Path, encoding: str) -> None:
    name = f"données in {encoding.lower()}"
    own = f'CREATE TABLE "{name}" (a UNIQUE, b CHECK (b > 0)); CREATE INDEX "of {name}" ON "{name}" (b)'
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA encoding = '{encoding}'; {registry().sql(3)}; {own}")
    finding = look(path)
    tables = {table.name: table.columns for table in finding.tables}
    assert (finding.status, tables[name]) == (Status.UNVERSIONED, ("a", "b"))


def test_columns_in_another_order_are_flagged_only(path: Path) -> None:
    turned = registry().sql(2).replace("    title TEXT NOT NULL,\n", "").replace(">= 0)", ">= 0), title TEXT NOT NULL")
    metadata = f"INSERT INTO database_metadata VALUES (1, 2, '{registry().fingerprint(2)}', '', '', '')"
    usual = look(make_database(path, 2))
    path.unlink()
    finding = look(change(make_from(path, turned), metadata))
    assert finding.fingerprint == usual.fingerprint
    assert verdict(finding) == (Status.OUTDATED, {Flag.COLUMN_ORDER})


def declare(path: Path, *versions: object) -> Path:
    """Let the metadata say these versions, in a row each; the table takes any value then."""
    change(path, "DROP TABLE database_metadata", "CREATE TABLE database_metadata (id, schema_version, schema_checksum)")
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, version in enumerate(versions, 1):
            values = (number, version, registry().fingerprint(version) if version in (1, 2, 3) else "")
            connection.execute("INSERT INTO database_metadata VALUES (?, ?, ?)", values)
    return path


def test_a_checksum_that_is_not_its_versions_is_flagged(path: Path) -> None:
    finding = look(change(make_database(path), "UPDATE database_metadata SET schema_checksum = 'x'"))
    assert verdict(finding) == (Status.CURRENT, {Flag.CHECKSUM_MISMATCH})


@pytest.mark.parametrize("version", [99, 0, -1, 2**62])
def test_a_version_nobody_knows_is_said(path: Path, version: int) -> None:
    finding = look(change(make_database(path), f"UPDATE database_metadata SET schema_version = {version}"))
    assert (finding.status, finding.version, finding.differences) == (Status.UNKNOWN_VERSION, version, ())


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ((), "has no row"),
        ((3, 3), "has more than one row"),
        (("abc",), "is 'abc', which is no whole number"),
        ((None,), "is None"),
        ((2.5,), "is 2.5"),
        ((b"3",), "is b'3'"),
    ],
)
def test_what_does_not_say_one_version_is_unversioned(path: Path, versions: tuple[object, ...], words: str) -> None:
    finding = look(declare(make_database(path), *versions))
    assert (finding.status, finding.version, finding.matches_version) == (Status.UNVERSIONED, None, 3)
    assert words in finding.findings[0]


def test_a_version_that_is_a_book_is_said_in_short(path: Path) -> None:
    finding = look(declare(make_database(path), "x" * 100_000))
    assert finding.findings[0].endswith("xxx…, which is no whole number.")
    assert len(finding.findings[0]) < 200


def test_metadata_that_cannot_be_computed_are_none(path: Path) -> None:
    columns = "schema_version INTEGER NOT NULL", "schema_version INTEGER AS (unheard_of(id))"
    redefine(make_database(path), "database_metadata", *columns)
    found = examine(path, registry())
    assert (found.status, found.matches_version) == (Status.UNVERSIONED, 3)
    assert "unknown function: unheard_of()" in found.findings[0]


def test_without_metadata_it_is_unversioned(path: Path) -> None:
    finding = look(change(make_database(path, 2), "DROP TABLE database_metadata"))
    assert (finding.status, finding.matches_version) == (Status.UNVERSIONED, 2)


def test_a_file_of_0_bytes_is_unversioned(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert (look(path).status, look(path).findings) == (Status.UNVERSIONED, ("The file is empty (0 bytes).",))


def test_a_text_file_is_corrupt(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("These are not the bytes of a database. " * 100)
    finding = look(path)
    assert finding.status == Status.CORRUPT
    assert "is not a SQLite database" in finding.findings[0]


def damage(path: Path, offset: int, raw: bytes) -> Path:
    """Write over a piece of the file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(raw)
    return path


def test_a_file_without_its_first_page_is_corrupt(path: Path) -> None:
    assert look(damage(make_database(path), 0, bytes(4096))).status == Status.CORRUPT


def test_a_schema_that_is_not_sql_is_corrupt(path: Path) -> None:
    finding = look(redefine(make_database(path), "chapters", "CREATE TABLE", "CREATE TABEL"))
    assert finding.status == Status.CORRUPT
    assert "malformed database schema" in finding.findings[0]


def not_understood(path: Path) -> Path:
    """A database of which SQLite reads a statement up to a zero, behind which is no SQL."""
    return redefine(make_database(path), "chapters", "start_ms >= 0)\n)", "start_ms >= 0)\n)\0'")


def test_a_schema_that_only_sqlite_understands_is_unreadable_and_not_corrupt(path: Path) -> None:
    assert content(not_understood(path), "PRAGMA integrity_check") == [("ok",)]
    finding = look(path)
    assert finding.status == Status.UNREADABLE
    assert "SQL that is not understood here" in finding.findings[0]


def test_what_is_not_understood_is_neither_changed_nor_salvaged(path: Path) -> None:
    before = not_understood(path).read_bytes()
    for modify in (
        partial(apply, path, registry(), Snapshots(path.parent)),
        partial(salvage, path, registry(), path.parent),
    ):
        with pytest.raises(UnreadableError, match="not understood here"):
            modify()
    assert path.read_bytes() == before


def test_a_file_format_of_the_future_is_corrupt_in_sqlites_words(path: Path) -> None:
    assert "unsupported file format" in look(damage(make_database(path), 44, bytes([0, 0, 0, 9]))).findings[0]


def _directory(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _symlink(path: Path) -> None:
    path.symlink_to(make_database(path.with_name("elsewhere.db")))


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(path.parent)  # the path of a socket is at most 108 bytes long
        server.bind(path.name)


@pytest.mark.parametrize("make", [_directory, _fifo, _symlink, _socket])
def test_what_is_no_regular_file_is_unreadable_and_nobody_waits_for_it(
    path: Path, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    monkeypatch.chdir(path.parent)
    make(path)
    assert (look(path).status, look(path).findings) == (Status.UNREADABLE, (f"{path} is not a regular file.",))


@pytest.mark.parametrize("make", [_directory, _fifo, _symlink])
def test_a_journal_that_is_no_regular_file_makes_it_unreadable_and_nobody_waits_for_it(
    path: Path, make: Callable[[Path], None]
) -> None:
    make_database(path)
    journal = path.with_name(f"{path.name}-journal")
    make(journal)
    assert (look(path).status, look(path).findings) == (Status.UNREADABLE, (f"{journal} is not a regular file.",))


def test_a_file_that_is_gone_is_unreadable(path: Path) -> None:
    assert look(path).status == Status.UNREADABLE


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may read everything; for this test it is somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


@pytest.fixture
def forbidden() -> Iterator[Path]:
    """A database that nobody may read, in a folder that everybody may."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = make_database(Path(folder) / "captions.db")
        path.chmod(0)
        yield path


def test_a_file_that_may_not_be_read_is_unreadable_not_corrupt(forbidden: Path, nobody: None) -> None:
    finding = look(forbidden)
    assert finding.status == Status.UNREADABLE
    assert "cannot be opened" in finding.findings[0]


def test_a_database_that_somebody_locks_is_unreadable_not_corrupt(path: Path) -> None:
    with closing(sqlite3.connect(make_database(path), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        finding = examine(path, registry(), timeout=0)
    assert finding.status == Status.UNREADABLE
    assert "is locked by another process" in finding.findings[0]


def test_a_lock_is_waited_for_once(path: Path) -> None:
    with closing(sqlite3.connect(make_database(path), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        examine(path, registry(), timeout=1)
    assert 1 <= time.monotonic() - began < 2


def test_what_was_committed_and_lies_in_the_log_only_is_read(path: Path) -> None:
    make_database(path, 2, journal_mode="wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("DROP TABLE chapters")
        assert look(path).status == Status.INCOMPLETE
        writer.execute("BEGIN")
        writer.execute("DROP TABLE captions")
        assert [one.name for one in look(path).differences] == ["chapters"]


def test_a_log_whose_writer_was_killed_is_read_and_left(path: Path, tmp_path: Path) -> None:
    make_database(path, 2, journal_mode="wal")
    killed = tmp_path / "killed.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("DROP TABLE chapters")
        for name in ("", "-wal"):
            shutil.copy(f"{path}{name}", f"{killed}{name}")
    before = Path(f"{killed}-wal").read_bytes()
    assert look(killed).status == Status.INCOMPLETE
    assert Path(f"{killed}-wal").read_bytes() == before


def test_a_change_that_was_killed_in_its_middle_is_undone_by_the_look(path: Path, tmp_path: Path) -> None:
    killed = tmp_path / "killed.db"
    with closing(sqlite3.connect(make_database(path), isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute("CREATE TABLE mine AS SELECT a.body, randomblob(5000) FROM captions a, captions, captions")
        for name in ("", "-journal"):
            shutil.copy(f"{path}{name}", f"{killed}{name}")
    assert killed.read_bytes() != path.read_bytes()
    assert verdict(look(killed)) == (Status.CURRENT, set())


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_look_leaves_the_file_and_its_folder_as_they_were(path: Path, journal_mode: str) -> None:
    make_database(path, journal_mode=journal_mode)
    before = (path.read_bytes(), path.stat().st_mtime_ns, os.listdir(path.parent))  # noqa: PTH208 - names only
    examine(path, registry(), deep=True)
    assert (path.read_bytes(), path.stat().st_mtime_ns, os.listdir(path.parent)) == before  # noqa: PTH208
