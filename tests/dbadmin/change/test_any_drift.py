"""Whatever became of a schema, a change makes it what it should be or says what is in the way; twice is once."""

import random
import sqlite3
from pathlib import Path

import pytest

from dbadmin.change.errors import BlockedError
from dbadmin.examine import examine
from tests.dbadmin.change.changing import changed, made, planned
from tests.dbadmin.change.dumps import rows_of
from tests.dbadmin.files import change, registry

DRIFT = (
    "DROP INDEX chapters_start",
    "DROP VIEW languages",
    "DROP TRIGGER captions_updated",
    "DROP TABLE chapters",
    "DROP TABLE captions_search",
    "DELETE FROM captions_search_data",
    "ALTER TABLE captions DROP COLUMN created_at",
    "ALTER TABLE captions ADD COLUMN created_at TEXT",
    "ALTER TABLE captions ADD COLUMN extra TEXT DEFAULT 'e'",
    "ALTER TABLE chapters ADD COLUMN extra INT NOT NULL DEFAULT 3",
    "ALTER TABLE chapters RENAME COLUMN title TO heading",
    "ALTER TABLE tracks DROP COLUMN auto",
    "ALTER TABLE tracks ADD COLUMN extra",
    "CREATE TABLE notes (a)",
    "CREATE TABLE captions_before (a)",
    "CREATE INDEX of_words ON captions (body)",
    "CREATE INDEX of_tracks ON tracks (lang)",
    "CREATE VIEW languages AS SELECT 1",
    "CREATE VIEW of_bodies AS SELECT body FROM captions",
    "CREATE TRIGGER at_updates AFTER UPDATE OF body ON captions BEGIN DELETE FROM notes; END",
    "UPDATE chapters SET caption_id = 99",
    "UPDATE database_metadata SET schema_checksum = 'x'",
    "ALTER TABLE database_metadata DROP COLUMN verified_at",
)


@pytest.mark.parametrize("seed", range(24))
def test_any_drift_is_repaired_or_told(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = made(tmp_path, chance.choice((1, 2, 3)), chance.choice((0, 3)))
    for statement in chance.sample(DRIFT, chance.randint(1, 8)):
        _try(path, statement)
    before, version, keep_extra = rows_of(path), chance.choice((1, 2, 3)), chance.random() < 0.5
    plan = planned(path, to_version=version, keep_extra=keep_extra)
    if plan.blocked:
        with pytest.raises(BlockedError):
            changed(path, to_version=version, consent=plan.hash)
        assert rows_of(path) == before
        return
    changed(path, to_version=version, consent=plan.hash)
    finding = examine(path, registry(), deep=True)
    assert finding.version == version
    assert {difference.kind for difference in finding.differences} <= ({"extra"} if keep_extra else set())
    assert planned(path, to_version=version, keep_extra=keep_extra).is_empty


def _try(path: Path, statement: str) -> None:
    """Run a statement, if the schema is one that it can be run on."""
    try:
        change(path, statement)
    except sqlite3.Error:
        return
