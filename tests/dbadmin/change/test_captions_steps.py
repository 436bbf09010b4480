"""The steps of the built-in fleet, with rows as an operator's files have them."""

from pathlib import Path

import pytest

from dbadmin.change.errors import ConsentNeededError
from dbadmin.examine import examine
from dbadmin.fleets import get_fleet
from dbadmin.states import Status
from tests.dbadmin.change.changing import changed, planned
from tests.dbadmin.change.dumps import rows_of
from tests.dbadmin.files import change, content, make_from


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A captions database of version 1 with a machine's captions and a person's."""
    registry, path = get_fleet("captions").registry, tmp_path / "ab" / "abc" / "captions.db"
    path.parent.mkdir(parents=True)
    make_from(path, registry.sql(1))
    return change(
        path,
        f"INSERT INTO database_metadata VALUES (1, 1, '{registry.fingerprint(1)}', '2025-01-01T00:00:00Z', NULL, NULL)",
        "INSERT INTO tracks (id, lang, auto, fetched_at)"
        " VALUES (3, 'en', 1, 't'), (5, 'en', 0, 't'), (8, 'de', 0, 't')",
        "INSERT INTO cues (id, track_id, start_ms, end_ms, text) VALUES (4, 3, 0, 900, 'hello'), (9, 5, 5, 9, 'there')",
        "INSERT INTO chapters (position, start_ms, title) VALUES (1, 0, 'Beginning')",
    )


def test_rows_of_version_1_go_up_as_declared(database: Path) -> None:
    registry = get_fleet("captions").registry
    plan = changed(database, registry=registry).plan
    assert (plan.losses, plan.blocked) == ({}, {})
    assert content(database, "SELECT id, language, source FROM captions ORDER BY id") == [
        (3, "en", "auto"), (5, "en", "manual"), (8, "de", "manual")
    ]  # fmt: skip
    assert content(database, "SELECT id, caption_id, start_ms, end_ms FROM cues ORDER BY id") == [
        (4, 3, 0, 900), (9, 5, 5, 9)
    ]  # fmt: skip
    assert content(database, "SELECT rowid FROM cues_search WHERE cues_search MATCH 'there'") == [(9,)]
    finding = examine(database, registry, deep=True)
    assert (finding.status, finding.flags) == (Status.CURRENT, frozenset())


def test_values_that_a_version_refuses_give_way_only_with_consent(database: Path) -> None:
    registry = get_fleet("captions").registry
    changed(database, registry=registry, to_version=2)
    change(
        database,
        "UPDATE captions SET source = 'machine' WHERE id = 3",
        "UPDATE cues SET start_ms = -5, end_ms = -9 WHERE id = 9",
        "INSERT INTO statistics (taken_at, views, likes) VALUES ('t', -5, 7), ('u', NULL, 0)",
    )
    before = rows_of(database)
    plan = planned(database, registry=registry)
    assert plan.losses == {
        f"{column} (written over)": 1
        for column in ("captions.source", "cues.start_ms", "cues.end_ms", "statistics.views")
    }
    with pytest.raises(ConsentNeededError):
        changed(database, registry=registry)
    assert rows_of(database) == before
    changed(database, registry=registry, consent=plan.hash)
    assert content(database, "SELECT source FROM captions WHERE id = 3") == [("auto",)]
    assert content(database, "SELECT start_ms, end_ms FROM cues WHERE id = 9") == [(0, 0)]
    assert content(database, "SELECT views, likes FROM statistics ORDER BY id") == [(None, 7), (None, 0)]


def test_values_that_are_refused_two_versions_later_are_told_from_the_start(database: Path) -> None:
    change(database, "UPDATE cues SET start_ms = -5, end_ms = -9 WHERE id = 9")
    plan = planned(database, registry=get_fleet("captions").registry)
    assert plan.losses == {"cues.start_ms (written over)": 1, "cues.end_ms (written over)": 1}


def test_down_and_up_again_loses_what_was_told_and_nothing_else(database: Path) -> None:
    registry = get_fleet("captions").registry
    changed(database, registry=registry)
    change(
        database,
        "INSERT INTO statistics (taken_at, views) VALUES ('t', 7)",
        "INSERT INTO revisions (taken_at, title, description) VALUES ('t', 'a', 'b'), ('u', 'c', 'd')",
    )
    before = rows_of(database)
    plan = planned(database, registry=registry, to_version=1)
    assert plan.losses == {"revisions": 2, "statistics": 1}
    changed(database, registry=registry, to_version=1, consent=plan.hash)
    assert examine(database, registry).status == Status.OUTDATED
    changed(database, registry=registry)
    for table in ("captions", "cues", "chapters"):
        assert rows_of(database)[table] == before[table]
