"""The statement that writes a page of entries, the same on PostgreSQL and SQLite but for their functions on JSON.

`INSERT … ON CONFLICT DO UPDATE … WHERE something differs RETURNING …`, with the rules of what may overwrite what.
"""

from functools import cache

from django.db import connection

from channels.models import Channel
from videos.models import EDITABLE, Video
from videos.trend import gained_sql, risen_sql

_TABLE = Video._meta.db_table  # noqa: SLF001 - Django's documented Meta API

_CHANNEL = f"(SELECT name FROM {Channel._meta.db_table} c WHERE c.id = {_TABLE}.channel_id)"  # noqa: S608, SLF001 - our own

# What happens to each column of a row that exists: a value that says nothing never overwrites one that does.
_KEEP = "{table}.{column}"
_TEXT = "COALESCE(NULLIF(excluded.{column}, ''), {table}.{column})"
# Lists show the beginning of a description: better than none, and never instead of a whole one.
_DESCRIPTION = (
    "CASE WHEN excluded.{column} = '' OR (%(snippets)s AND {table}.{column} <> '')"
    " THEN {table}.{column} ELSE excluded.{column} END"
)
# "video" is the least that can be said of a kind: it never overwrites "short" or "live".
_KIND = "CASE WHEN excluded.{column} = 'video' THEN {table}.{column} ELSE excluded.{column} END"
_NUMBER = "COALESCE(excluded.{column}, {table}.{column})"
_BETTER_DATE = (
    "CASE WHEN excluded.published_precision > {table}.published_precision"
    " OR (excluded.published_precision = 3 AND {table}.published_precision = 3)"
    " THEN excluded.{column} ELSE {table}.{column} END"
)
# A broadcast that began or ended is looked at anew; else whatever was planned stays planned.
_LOOK_AGAIN = (
    "CASE WHEN excluded.live_status <> '' AND excluded.live_status <> {table}.live_status"
    " THEN excluded.updated_at ELSE {table}.{column} END"
)
_COLUMNS = {
    "id": _KEEP,
    "channel_id": _KEEP,
    "platform": _KEEP,
    "external_id": _KEEP,
    "slug": _KEEP,
    "url": _KEEP,
    "title": _TEXT,
    "description": _DESCRIPTION,
    "thumbnail_url": _TEXT,
    "kind": _KIND,
    "live_status": _TEXT,
    "availability": _TEXT,
    "duration_seconds": _NUMBER,
    "view_count": _NUMBER,
    "like_count": _NUMBER,
    "own_views": _KEEP,
    "own_likes": _KEEP,
    "trend": "",  # the vendors' functions on times differ: see _trend_sql
    "featured_at": _KEEP,
    "published_at": _BETTER_DATE,
    "published_precision": _BETTER_DATE,
    "published_source": _BETTER_DATE,
    "created_at": _KEEP,
    "updated_at": "excluded.{column}",
    "deleted_at": _KEEP,
    "upstream": "",  # the vendors' JSON functions differ: see _upstream_sql
    "chapters": _KEEP,
    "caption_languages": _KEEP,
    "unavailable_code": _KEEP,
    "unavailable_reason": _KEEP,
    "details_due_at": _LOOK_AGAIN,
    "details_at": _KEEP,
    "details_failures": _KEEP,
}

# What is the same for every row of a page.
_OF_ALL = {
    "channel_id": "%(channel_id)s",
    "platform": "%(platform)s",
    "created_at": "%(now)s",
    "updated_at": "%(now)s",
    "deleted_at": "NULL",
    "own_views": "0",
    "own_likes": "0",
    "featured_at": "NULL",
    "upstream": "'{}'",
    "chapters": "'[]'",
    "caption_languages": "'{}'",
    "unavailable_code": "''",
    "unavailable_reason": "''",
    "details_at": "NULL",
    "details_failures": "0",
}


@cache
def upsert_sql(vendor: str) -> str:
    """The statement: the same for every page, because the page is one JSON parameter."""
    new = {column: rule.format(table=_TABLE, column=column) for column, rule in _COLUMNS.items()}
    for column in EDITABLE:
        new[column] = f"CASE WHEN {_locked_sql(vendor, column)} THEN {_TABLE}.{column} ELSE {new[column]} END"
    new["upstream"] = _upstream_sql(vendor)
    new["trend"] = _trend_sql(vendor)
    written = [column for column, rule in _COLUMNS.items() if rule != _KEEP]
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    compared = [column for column in written if column not in {"updated_at", "upstream", "trend"}]
    differences = [f"{_TABLE}.{name} {differs} {new[name]}" for name in compared]
    # Compared value by value: the same JSON can be written in several ways.
    differences += [f"{_news_sql(vendor, name)} {differs} {_kept_sql(vendor, name)}" for name in EDITABLE]
    return (
        f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) {_rows_sql(vendor)}"
        f" ON CONFLICT (platform, external_id) DO UPDATE SET {', '.join(f'{name} = {new[name]}' for name in written)}"
        # Where anybody can claim any id, a channel's list changes that channel's videos only.
        f" WHERE {_TABLE}.deleted_at IS NULL AND (%(ids_are_safe)s OR {_TABLE}.channel_id = excluded.channel_id)"
        f" AND ({' OR '.join(differences)}) RETURNING id, external_id, title, {_CHANNEL}"
    )


def _kept_sql(vendor: str, column: str) -> str:
    """What `upstream` has of a column, as text; NULL of one that no operator has edited."""
    if vendor == "postgresql":
        return f"{_TABLE}.upstream ->> '{column}'"
    return f"json_extract({_TABLE}.upstream, '$.{column}')"


def _news_sql(vendor: str, column: str) -> str:
    """What `upstream` is to have of a column; NULL of one that no operator has edited."""
    said = {
        "description": "CASE WHEN NOT %(snippets)s THEN NULLIF(excluded.description, '') END",
        "kind": "NULLIF(excluded.kind, 'video')",
    }.get(column, f"NULLIF(excluded.{column}, '')")
    return f"CASE WHEN {_locked_sql(vendor, column)} THEN COALESCE({said}, {_kept_sql(vendor, column)}) END"


def _trend_sql(vendor: str) -> str:
    """The score after the views gained since the row was last written; it changes with the number of views only."""
    before, after = f"{_TABLE}.view_count", "excluded.view_count"
    times = "excluded.updated_at", f"{_TABLE}.updated_at"
    if vendor == "postgresql":
        seconds = f"EXTRACT(EPOCH FROM {times[0]} - {times[1]})"
    else:
        seconds = f"((julianday({times[0]}) - julianday({times[1]})) * 86400)"
    risen = risen_sql(f"{_TABLE}.trend", gained_sql(before, after, seconds), "%(half_lives)s")
    return (
        # Where the platform tells no views, this site's own may have made a score already.
        f"CASE WHEN {before} IS NULL AND excluded.trend > {_TABLE}.trend THEN excluded.trend"
        f" WHEN {after} > {before} THEN {risen} ELSE {_TABLE}.trend END"
    )


def _locked_sql(vendor: str, column: str) -> str:
    """Whether an operator has edited a column: then `upstream` keeps what the platform says of it."""
    return f"{_kept_sql(vendor, column)} IS NOT NULL"


def _upstream_sql(vendor: str) -> str:
    """`upstream` with what the platform says now of the columns that it holds, and of no other."""
    pairs = ", ".join(f"'{name}', {_news_sql(vendor, name)}" for name in EDITABLE)
    if vendor == "postgresql":
        return f"{_TABLE}.upstream || jsonb_strip_nulls(jsonb_build_object({pairs}))"
    # In a patch, null takes a key away: harmless where there is none.
    return f"json_patch({_TABLE}.upstream, json_object({pairs}))"


def _rows_sql(vendor: str) -> str:
    """A SELECT of the page's rows: what differs between them from JSON, what does not from parameters."""
    own = [column for column in _COLUMNS if column not in _OF_ALL]
    if vendor == "postgresql":
        types = {field.column: field.db_type(connection) for field in Video._meta.concrete_fields}  # noqa: SLF001
        source = f"json_to_recordset(%(rows)s) AS page ({', '.join(f'{name} {types[name]}' for name in own)})"
        values = {name: name for name in own} | {name: f"CAST({_OF_ALL[name]} AS {types[name]})" for name in _OF_ALL}
    else:
        source = "json_each(%(rows)s) WHERE true"  # without a WHERE, the ON that follows would be a join's
        values = {name: f"json_extract(value, '$.{name}')" for name in own} | _OF_ALL
    return f"SELECT {', '.join(values[name] for name in _COLUMNS)} FROM {source}"  # noqa: S608 - our own columns
