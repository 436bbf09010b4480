"""Reading a video's own database, of whatever version it is."""

import html
import sqlite3
from dataclasses import dataclass
from uuid import UUID

from videos.captions.database import opened, version_of
from videos.captions.errors import translated
from videos.captions.match import match_expression
from videos.captions.paths import path_of
from videos.captions.shapes import Shape, shape_of
from videos.captions.versions import refuse_other_versions

# Between characters that no text has: what is between them is escaped before they become tags.
_MARKS = ("\x02", "\x03")
# SQLite takes anything in any column: made what it should be here, not where it is used.
_SAID = "start_ms / 1000.0, end_ms / 1000.0, CAST(cues.text AS TEXT)"


@dataclass(frozen=True)
class Said:
    """A cue, in seconds; `snippet` is its text as HTML with <mark> where it was searched for."""

    start: float
    end: float
    text: str
    snippet: str = ""


@dataclass(frozen=True)
class Captions:
    """The languages there are, people's before machines', and the cues of one of them."""

    languages: tuple[str, ...] = ()
    language: str | None = None
    cues: tuple[Said, ...] = ()


def read_captions(video_id: UUID, *, language: str = "", search: str = "") -> Captions:
    """The cues of a language (the first one, if none is named) in their order, or those in which every word is.

    Empty where there is no file yet. Raises CaptionsError when it cannot be read.
    """
    path = path_of(video_id)
    with translated(path):
        if not path.exists():
            return Captions()
    with opened(path) as connection:
        connection.execute("BEGIN")  # all is of one moment
        version = version_of(connection)
        if version is None:
            return Captions()
        shape = shape_of(version)
        tracks = _tracks(connection, shape)
        languages = tuple(dict.fromkeys(name for _, name in tracks))
        chosen = _chosen(languages, language)
        if chosen is None:
            return Captions(languages)
        track_id = next(track_id for track_id, name in tracks if name == chosen)
        found = _found(connection, shape, track_id, search) if search.strip() else _all(connection, shape, track_id)
        return Captions(languages, chosen, found)


def held_since(video_id: UUID, moment: str) -> frozenset[tuple[str, str]]:
    """(language, source) of the captions that were fetched since a moment, as `stamp` writes it.

    Raises CaptionsError, VersionError also for a version that is not written any more.
    """
    path = path_of(video_id)
    with translated(path):
        if not path.exists():
            return frozenset()
    with opened(path) as connection:
        version = version_of(connection)
        if version is None:
            return frozenset()
        refuse_other_versions(version)
        query = "SELECT language, source FROM captions WHERE fetched_at >= ?"
        return frozenset(connection.execute(query, (moment,)).fetchall())


def _tracks(connection: sqlite3.Connection, shape: Shape) -> list[tuple[int, str]]:
    """(id, language) of all captions: those of people first, then in the order in which they were fetched first."""
    query = f"SELECT id, CAST(language AS TEXT) FROM {shape.captions} ORDER BY source <> 'manual', id"  # noqa: S608 - our own words
    return connection.execute(query).fetchall()


def _chosen(languages: tuple[str, ...], wanted: str) -> str | None:
    """The language itself, else the first of its regions: “en” finds “en-GB”."""
    if not wanted:
        return next(iter(languages), None)
    exact = (name for name in languages if name.lower() == wanted.lower())
    regions = (name for name in languages if name.lower().startswith(f"{wanted.lower()}-"))
    return next(exact, None) or next(regions, None)


def _all(connection: sqlite3.Connection, shape: Shape, track_id: int) -> tuple[Said, ...]:
    query = f"SELECT {_SAID} FROM cues WHERE {shape.link} = ? ORDER BY start_ms, id"  # noqa: S608 - our own words
    return tuple(Said(*row) for row in connection.execute(query, (track_id,)))


def _found(connection: sqlite3.Connection, shape: Shape, track_id: int, search: str) -> tuple[Said, ...]:
    expression = match_expression(search)
    if not expression:
        return ()
    if not shape.is_searchable:
        _index_for_now(connection)
    query = (  # CROSS: the index first, instead of asking it about each cue of the language
        f"SELECT {_SAID}, highlight(cues_search, 0, ?, ?) FROM cues_search"  # noqa: S608 - our own words
        f" CROSS JOIN cues ON cues.id = cues_search.rowid WHERE cues_search MATCH ? AND {shape.link} = ?"
        " ORDER BY start_ms, cues.id"
    )
    rows = connection.execute(query, (*_MARKS, expression, track_id))
    return tuple(Said(start, end, text, _marked(marked)) for start, end, text, marked in rows)


def _index_for_now(connection: sqlite3.Connection) -> None:
    """The index that later versions have, for this connection only."""
    connection.execute("PRAGMA query_only = OFF")  # of temporary tables as well
    connection.execute(
        "CREATE VIRTUAL TABLE temp.cues_search USING fts5(text, tokenize='unicode61 remove_diacritics 2')"
    )
    connection.execute("INSERT INTO cues_search (rowid, text) SELECT id, text FROM cues")


def _marked(text: str) -> str:
    return html.escape(text).replace(_MARKS[0], "<mark>").replace(_MARKS[1], "</mark>")
