"""SIGKILL before every single write of a change: the file is the old one or the new one, never anything else."""

import re
import shutil
from pathlib import Path

import pytest

from dbadmin.change.apply import apply
from dbadmin.change.snapshots import Snapshots
from dbadmin.examine import examine
from dbadmin.states import Status
from tests.dbadmin.change.dumps import is_whole, rows_of, schema_of
from tests.dbadmin.files import make_database, registry
from tests.killing import CAN_TRACE, kill_at_write

pytestmark = pytest.mark.skipif(not CAN_TRACE, reason="needs ptrace of Linux on x86-64 or arm64")


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_killed_change_leaves_the_old_or_the_new_file(tmp_path: Path, journal_mode: str) -> None:
    original = make_database(tmp_path / "ab" / "original" / "captions.db", version=1, journal_mode=journal_mode)
    before = rows_of(original), schema_of(original)
    expected = shutil.copytree(original.parent, tmp_path / "ab" / "expected") / "captions.db"
    apply(expected, registry(), Snapshots(tmp_path / "expected"))
    after = rows_of(expected), schema_of(expected)
    outcomes, killed, number = set(), True, 0
    while killed:
        number += 1
        path = shutil.copytree(original.parent, tmp_path / "ab" / str(number)) / "captions.db"
        snapshots = Snapshots(tmp_path / "snapshots")
        killed = kill_at_write(lambda: apply(path, registry(), snapshots), number)
        found = rows_of(path), schema_of(path)
        assert is_whole(path)
        assert _times_apart(found) in (_times_apart(before), _times_apart(after)), f"killed at write {number}"
        outcomes.add(found[1] == before[1])
        apply(path, registry(), snapshots)
        assert _times_apart((rows_of(path), schema_of(path))) == _times_apart(after)
        assert examine(path, registry()).status == Status.CURRENT
        assert not list(snapshots.folder.glob(f"{number}/*.part*"))
    assert outcomes == {True, False}
    assert number > 20


def _times_apart(found: object) -> str:
    """A text to compare by, without the times that a default put in."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "time", repr(found))
