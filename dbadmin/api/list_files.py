"""A saved list's databases as a file, some thousand rows in memory at a time."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from dbadmin.api.list_serializers import ExportedSerializer
from dbadmin.models import DatabaseRecord, SavedList
from dbadmin.selection import pages

_BATCH = 5000
_COLUMNS = ("database_id", "status", "version", "size", "scanned_at")


def _as_json(saved: SavedList) -> Iterator[bytes]:
    """An array."""
    before = b"["
    for rows in _batches(saved):
        yield before + orjson.dumps(rows, option=orjson.OPT_UTC_Z)[1:-1]
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _as_csv(saved: SavedList) -> Iterator[bytes]:
    """A header and a row a database."""
    yield _written([ExportedSerializer.Meta.fields])
    for rows in _batches(saved):
        cells = map(dict.values, rows)
        yield _written([*values, f"{scanned_at:%Y-%m-%dT%H:%M:%SZ}"] for *values, scanned_at in cells)


FORMS: dict[str, tuple[str, Callable[[SavedList], Iterator[bytes]]]] = {
    "json": ("application/json", _as_json),
    "csv": ("text/csv; charset=utf-8", _as_csv),
}


def _batches(saved: SavedList) -> Iterator[list[dict[str, Any]]]:
    """By id, not by a cursor of the database: no transaction stays open for as long as somebody reads."""
    records = DatabaseRecord.objects.of(saved.fleet).filter(lists=saved).only(*_COLUMNS)
    for page in pages(records, size=_BATCH):
        yield list(map(ExportedSerializer().to_representation, page))


def _written(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
