"""SIGKILL before every single write of a change: the file is the old one or the new one, never anything else."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from dbadmin.change.apply import apply
from dbadmin.change.rollback import restore
from dbadmin.change.snapshots import Snapshots
from dbadmin.examine import examine
from dbadmin.states import Status
from tests.dbadmin.change.dumps import is_whole, rows_of, schema_of
from tests.dbadmin.files import change, make_database, registry
from tests.killing import CAN_TRACE, kill_at_write

pytestmark = pytest.mark.skipif(not CAN_TRACE, reason="needs ptrace of Linux on x86-64 or arm64")


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_killed_change_leaves_the_old_or_the_new_file(in_memory: Path, journal_mode: str) -> None:
    original = make_database(in_memory / "ab" / "original" / "captions.db", version=1, journal_mode=journal_mode)
    before = rows_of(original), schema_of(original)
    expected = shutil.copytree(original.parent, in_memory / "ab" / "expected") / "captions.db"
    apply(expected, registry(), Snapshots(in_memory / "expected"))
    after = rows_of(expected), schema_of(expected)
    outcomes, killed, number = set(), True, 0
    while killed:
        number += 1
        path = shutil.copytree(original.parent, in_memory / "ab" / str(number)) / "captions.db"
        snapshots = Snapshots(in_memory / "snapshots")
        killed = kill_at_write(partial(apply, path, registry(), snapshots), number)
        found = rows_of(path), schema_of(path)
        assert is_whole(path)
        assert _times_apart(found) in (_times_apart(before), _times_apart(after)), f"killed at write {number}"
        outcomes.add(found[1] == before[1])
        apply(path, registry(), snapshots)
        assert _times_apart((rows_of(path), schema_of(path))) == _times_apart(after)
        assert examine(path, registry()).status == Status.CURRENT
        assert not list(snapshots.folder.glob(f"{number}/*.part*"))
        shutil.rmtree(path.parent)
    assert outcomes == {True, False}
    assert number > 20


@pytest.mark.parametrize(
    ("journal_mode", "page_size"), [("delete", 4096), ("delete", 1024), ("wal", 4096), ("wal", 1024)]
)
def test_a_killed_restoring_leaves_the_old_or_the_new_file(in_memory: Path, journal_mode: str, page_size: int) -> None:
    fleet = in_memory / "fleet"
    path = make_database(fleet / "ab" / "abc" / "captions.db", version=1, rows=100, journal_mode=journal_mode)
    old = rows_of(path), schema_of(path)
    snapshot = apply(path, registry(), Snapshots(fleet / "snapshots")).snapshot
    assert snapshot is not None
    change(path, "PRAGMA journal_mode = DELETE", f"PRAGMA page_size = {page_size}", "VACUUM")
    change(path, f"PRAGMA journal_mode = {journal_mode}")
    new = rows_of(path), schema_of(path)
    outcomes, killed, number = [], True, 0
    while killed:
        number += 1
        copy = shutil.copytree(fleet, in_memory / str(number))
        path, snapshots = copy / "ab" / "abc" / "captions.db", Snapshots(copy / "snapshots")
        killed = kill_at_write(partial(restore, path, registry(), snapshots, snapshot.id, consent=True), number)
        outcomes.append((rows_of(path), schema_of(path)))
        assert outcomes[-1] in (old, new), f"killed at write {number}"
        assert is_whole(path)
        shutil.rmtree(copy)
    assert old in outcomes
    assert new in outcomes


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder that is quick to write to: a killed process loses there what it would lose on a disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def _times_apart(found: object) -> str:
    """A text to compare by, without the times that a default put in."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "time", repr(found))
