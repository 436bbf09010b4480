"""A job's whole log as a file, a thousand lines in memory at a time."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from nisam.jobs.models import JobEventQuerySet
from nisam.jobs.serializers import LogEntrySerializer

_BATCH = 1000
# What a spreadsheet would take for a formula; titles of videos are anybody's words.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def ndjson(lines: JobEventQuerySet, most: int | None) -> Iterator[bytes]:
    """A JSON object a line; `lines` are in the order of their sequence, and all of them are written, or `most`."""
    for batch in _batches(lines, most):
        yield b"".join(orjson.dumps(entry, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE) for entry in batch)


def csv_rows(lines: JobEventQuerySet, most: int | None) -> Iterator[bytes]:
    """A header and a row a line, as RFC 4180 has it; `data` is JSON."""
    yield _row(LogEntrySerializer.Meta.fields)
    for batch in _batches(lines, most):
        yield b"".join(_row([_cell(value) for value in entry.values()]) for entry in batch)


FORMS: dict[str, tuple[str, Callable[[JobEventQuerySet, int | None], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", csv_rows),
    "ndjson": ("application/x-ndjson", ndjson),
}


def _batches(lines: JobEventQuerySet, most: int | None) -> Iterator[list[dict[str, Any]]]:
    """By sequence, not by a cursor of the database: no transaction stays open for as long as somebody reads."""
    last, left = 0, sys.maxsize if most is None else most
    while batch := list(lines.filter(sequence__gt=last)[: min(_BATCH, left)]):
        entries: Any = LogEntrySerializer(batch, many=True).data
        yield entries
        last, left = batch[-1].sequence, left - len(batch)


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode() if value else ""
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


def _row(cells: object) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)  # type: ignore[arg-type]
    return written.getvalue().encode()
