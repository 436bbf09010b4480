"""Whatever is done to a file: salvage makes a sound one, or says why not and leaves it alone."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dbadmin.errors import FleetError
from dbadmin.examine import examine
from dbadmin.salvage.salvage import salvage
from dbadmin.states import Status
from tests.dbadmin.files import make_database, registry
from tests.dbadmin.salvage.damage import MEMORY, PAGE, counts

_PLACES = st.floats(0, 1, exclude_max=True)
_PAGES = st.tuples(_PLACES, st.sampled_from([bytes(PAGE), b"\x0d" * PAGE, b"\xff" * PAGE]))
_PIECES = st.tuples(_PLACES, st.binary(min_size=1, max_size=60))


@settings(max_examples=30)
@given(pages=st.lists(_PAGES, max_size=2), pieces=st.lists(_PIECES, max_size=3), length=st.just(1.0) | _PLACES)
def test_after_any_damage(pages: list[tuple[float, bytes]], pieces: list[tuple[float, bytes]], length: float) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        path = make_database(Path(name) / "ab" / "abc" / "captions.db", rows=80)
        data = bytearray(path.read_bytes())
        for place, page in pages:
            start = int(place * len(data)) // PAGE * PAGE
            data[start : start + PAGE] = page
        for place, piece in pieces:
            start = int(place * (len(data) - len(piece)))
            data[start : start + len(piece)] = piece
        path.write_bytes(data[: int(len(data) * length)])
        check_salvage(path)


def check_salvage(path: Path) -> None:
    """Salvage, and look at what is there then."""
    before = path.read_bytes()
    try:
        report = salvage(path, registry(), path.parents[2] / ".quarantine")
    except FleetError:
        assert path.read_bytes() == before
        return
    found = examine(path, registry(), deep=True)
    assert (found.status, found.flags) == (Status.CURRENT, frozenset())
    # A metadata row that was lost is written anew, and is not one that was recovered.
    for table, count in counts(path).items():
        assert report.tables[table].recovered == count or table == "database_metadata"
    assert (report.quarantined / path.name).read_bytes() == before
