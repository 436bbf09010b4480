"""SIGKILL at every step of a salvage: what is there is always the whole old file or the whole new one."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbadmin.examine import examine
from dbadmin.salvage.image import open_image
from dbadmin.salvage.salvage import salvage
from dbadmin.sqlite_file.wal import read_wal
from dbadmin.states import Status
from tests.dbadmin.files import make_database, registry
from tests.dbadmin.salvage.damage import MEMORY, counts, overwrite, unfinished_log
from tests.processes import ROOT

ROWS = 120


@pytest.fixture(scope="module", params=["delete", "wal"])
def tries(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder with the original and what each kill left."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        path = make_database(folder / "original" / "ab" / "abc" / "captions.db", rows=ROWS, journal_mode=request.param)
        if request.param == "wal":
            with unfinished_log(path) as connection:
                connection.execute("UPDATE chapters SET start_ms = 5")
        overwrite(path, 1)
        subprocess.run([sys.executable, "-m", "tests.dbadmin.salvage.killed_salvage", folder], check=True, cwd=ROOT)
        yield folder


def copies(folder: Path) -> list[Path]:
    """The database of every try, in the order of their steps."""
    numbered = sorted(folder.glob("[0-9]*"), key=lambda copy: int(copy.name))
    return [next(copy.glob("*/*/captions.db")) for copy in numbered]


def meaning(path: Path) -> list[bytes]:
    """The pages of a database as SQLite would see them."""
    with path.open("rb") as file:
        log = Path(f"{path}-wal")
        image = open_image(file.fileno(), [read_wal(log.read_bytes()) if log.exists() else None])
        return [image.page(number) for number in range(1, image.count + 1)]


def is_new(path: Path) -> bool:
    """Whether the file is the new one, and whole."""
    found = examine(path, registry(), deep=True)
    return (found.status, found.flags) == (Status.CURRENT, frozenset()) and counts(path)["captions"] == ROWS


def beside(path: Path) -> dict[str, bytes]:
    """The bytes of a database and its log."""
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if file.name.endswith((".db", "-wal"))}


def test_every_step_leaves_the_whole_old_or_the_whole_new_file(tries: Path) -> None:
    old = meaning(next(tries.glob("original/*/*/captions.db")))
    states = ["old" if meaning(path) == old else "new" if is_new(path) else "neither" for path in copies(tries)]
    assert set(states) == {"old", "new"}
    assert states == sorted(states, reverse=True)


def test_the_quarantine_is_complete_before_anything_changes(tries: Path) -> None:
    original = beside(next(tries.glob("original/*/*/captions.db")))
    changed = [path for path in copies(tries) if beside(path) != original]
    assert changed
    for path in changed:
        kept = next(path.parents[2].glob(".quarantine/abc/*Z"))
        assert {name: (kept / name).read_bytes() for name in original} == original
        assert {"manifest.json", "report.json", "lost_and_found.db"} < {file.name for file in kept.iterdir()}


def test_salvage_succeeds_when_it_is_run_again(tries: Path) -> None:
    old = [path for path in copies(tries) if not is_new(path)]
    for path in [*old[::8], old[-1]]:
        again = shutil.copytree(path.parents[2], tries / f"again-{path.parents[2].name}") / "ab" / "abc" / "captions.db"
        report = salvage(again, registry(), again.parents[2] / ".quarantine")
        assert is_new(again)
        assert report.tables["captions"].recovered == ROWS
        assert [file.name for file in again.parent.iterdir()] == ["captions.db"]
        assert not list(report.quarantined.parent.glob("*.part"))
