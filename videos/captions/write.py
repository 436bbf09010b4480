"""Writing what a look told into a video's own database: one transaction, and nothing a second time."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from videos.captions.create import create_if_empty, stamp
from videos.captions.cues import LONGEST_MS, storable
from videos.captions.database import opened, version_of
from videos.captions.errors import BusyError, translated
from videos.captions.look import Look, Track
from videos.captions.paths import path_of
from videos.captions.versions import refuse_other_versions

# Counts that stay as they are get a row a day, so that a gap says that nobody looked.
STATISTICS_AT_LEAST = timedelta(days=1)
# The largest number that SQLite keeps as such.
MOST = 2**63 - 1


@dataclass(frozen=True)
class Written:
    """What a look changed in the file: so many tracks; `captions_at` is when its newest came, as `stamp` writes it."""

    tracks: int
    captions_at: str


def write_look(video_id: UUID, look: Look) -> Written:
    """Write a look into the video's database, which is made if need be.

    A file that is not of the latest version stays as it is. Raises CaptionsError; nothing of the look is kept then.
    """
    path = path_of(video_id)
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        before = _identity(path)
    with opened(path, write=True) as connection:
        create_if_empty(connection, look.taken_at)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if before is not None and _identity(path) != before:
                raise BusyError(f"{path} was replaced by a repaired one at this moment.")
            refuse_other_versions(version_of(connection))
            changed = sum([_write_track(connection, track, look.taken_at) for track in look.tracks])
            _write_chapters(connection, look)
            _write_statistics(connection, look)
            _write_revision(connection, look)
            written = Written(changed, _captions_at(connection))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    return written


def _identity(path: Path) -> int | None:
    """Which file is there: a salvage puts a new one in the place of a damaged one, while writers wait for that."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _write_track(connection: sqlite3.Connection, track: Track, now: datetime) -> bool:
    """Whether its cues changed. Captions that come without a single cue replace none."""
    if not track.cues:
        return False
    connection.execute(
        "INSERT INTO captions (language, source, fetched_at) VALUES (?, ?, ?)"
        " ON CONFLICT (language, source) DO UPDATE SET fetched_at = excluded.fetched_at",
        (track.language, track.source, stamp(now)),
    )
    (caption_id,) = connection.execute(
        "SELECT id FROM captions WHERE language = ? AND source = ?", (track.language, track.source)
    ).fetchone()
    query = "SELECT start_ms, end_ms, text FROM cues WHERE caption_id = ? ORDER BY start_ms, end_ms, text"
    if connection.execute(query, (caption_id,)).fetchall() == [tuple(cue) for cue in sorted(track.cues)]:
        return False
    connection.execute("DELETE FROM cues WHERE caption_id = ?", (caption_id,))
    connection.executemany(
        "INSERT INTO cues (caption_id, start_ms, end_ms, text) VALUES (?, ?, ?, ?)",
        ((caption_id, *cue) for cue in track.cues),
    )
    return True


def _write_chapters(connection: sqlite3.Connection, look: Look) -> None:
    told = [
        (position, _milliseconds(chapter["start"]) or 0, _milliseconds(chapter["end"]), storable(chapter["title"]))
        for position, chapter in enumerate(look.chapters)
    ]
    known = connection.execute("SELECT position, start_ms, end_ms, title FROM chapters ORDER BY position").fetchall()
    if told and told != known:
        connection.execute("DELETE FROM chapters")
        connection.executemany("INSERT INTO chapters (position, start_ms, end_ms, title) VALUES (?, ?, ?, ?)", told)


def _write_statistics(connection: sqlite3.Connection, look: Look) -> None:
    """A row when a count changed, and one a day; what was not said is NULL, not as it was."""
    told = (_count(look.views), _count(look.likes))
    if told == (None, None):
        return
    # SQLite takes bytes in any column, which come after all times.
    query = (
        "SELECT taken_at, views, likes FROM statistics WHERE typeof(taken_at) = 'text' ORDER BY taken_at DESC LIMIT 1"
    )
    last = connection.execute(query).fetchone()
    if last and last[1:] == told and last[0] > stamp(look.taken_at - STATISTICS_AT_LEAST):
        return
    connection.execute(
        "INSERT INTO statistics (taken_at, views, likes) VALUES (?, ?, ?)"
        " ON CONFLICT (taken_at) DO UPDATE SET views = excluded.views, likes = excluded.likes",
        (stamp(look.taken_at), *told),
    )


def _write_revision(connection: sqlite3.Connection, look: Look) -> None:
    last = connection.execute("SELECT title, description FROM revisions ORDER BY id DESC LIMIT 1").fetchone()
    known_title, known_description = last or ("", "")
    told = (storable(look.title) or known_title, storable(look.description) or known_description)
    if any(told) and told != last:
        connection.execute(
            "INSERT INTO revisions (taken_at, title, description) VALUES (?, ?, ?)", (stamp(look.taken_at), *told)
        )


def _captions_at(connection: sqlite3.Connection) -> str:
    (newest,) = connection.execute("SELECT max(CAST(fetched_at AS TEXT)) FROM captions").fetchone()
    return newest or ""


def _milliseconds(seconds: Any) -> int | None:
    """None for what is no time either."""
    is_number = isinstance(seconds, int | float)
    return round(seconds * 1000) if is_number and 0 <= seconds <= LONGEST_MS / 1000 else None


def _count(number: int | None) -> int | None:
    """None for what no video can have."""
    return number if number is not None and 0 <= number <= MOST else None
