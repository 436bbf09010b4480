"""Writing a job's log: every event takes its number under the job row's lock, in the transaction of its data."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from nisam.jobs.live.announce import announce_after_commit
from nisam.jobs.models import Job, JobEvent, Level
from nisam.lib.updates import Plus, update_returning


@dataclass(frozen=True)
class Event:
    """An event that has no number yet."""

    name: str
    message: str = ""
    level: Level = Level.INFO
    data: dict[str, Any] = field(default_factory=dict)


def numbering(job_id: uuid.UUID, count: int, returning: str, **changes: Any) -> tuple[str, list[Any]]:
    """The statement that reserves `count` sequence numbers of a job, the last of them being its new `last_sequence`.

    It applies `changes` (values, Plus, IfNull) to the row as well. Must run inside a transaction: it holds the job's
    row until the commit, so that nobody else's numbers can be committed in between and a reader that follows the
    numbers never skips one.
    """
    return update_returning(Job, {"pk": job_id}, {"last_sequence": Plus(count), **changes}, returning)


def locked_sequence(job_id: uuid.UUID, count: int, **changes: Any) -> int:
    """Reserve `count` sequence numbers of a job, which `numbering` explains, and return the first."""
    with connection.cursor() as cursor:
        cursor.execute(*numbering(job_id, count, "last_sequence", **changes))
        return int(cursor.fetchone()[0]) - count + 1


def record(job_id: uuid.UUID, item_id: uuid.UUID | None, events: Sequence[Event], **changes: Any) -> None:
    """Append `events` to a job's log and apply `changes` to its row: see `numbering`. Must run inside a transaction.

    The streams are told after the commit.
    """
    announce_after_commit(job_id)
    first = locked_sequence(job_id, len(events), **changes)
    if events:
        append(job_id, item_id, events, first)


def append(job_id: uuid.UUID, item_id: uuid.UUID | None, events: Sequence[Event], first: int) -> None:
    """Write lines of a job's log whose numbers, from `first` on, the transaction has reserved."""
    lines = [{"level": e.level, "name": e.name, "message": e.message, "data": e.data} for e in events]
    parameters = {
        "job": job_id.hex,
        "item": item_id.hex if item_id else None,
        "first": first,
        "now": connection.ops.adapt_datetimefield_value(timezone.now()),
        # Platforms' words may hold what no database does: NUL, and halves of characters.
        "lines": json.dumps(lines, ensure_ascii=False).replace("\\u0000", "").encode("utf-8", "replace").decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(connection.vendor), parameters)


@cache
def _insert_sql(vendor: str) -> str:
    """One statement for any number of lines, given as JSON: a step's log is half of what a job costs."""
    if vendor == "postgresql":
        keys = "CAST(%(job)s AS uuid), CAST(%(item)s AS uuid), %(first)s + place - 1"
        named = (f"line ->> '{name}'" for name in ("level", "name", "message"))
        values = f"CAST(%(now)s AS timestamptz), {', '.join(named)}, line -> 'data'"
        source = "jsonb_array_elements(%(lines)s) WITH ORDINALITY AS listed (line, place)"
    else:
        keys = "%(job)s, %(item)s, %(first)s + key"
        named = (f"json_extract(value, '$.{name}')" for name in ("level", "name", "message", "data"))
        values, source = f"%(now)s, {', '.join(named)}", "json_each(%(lines)s)"
    columns = "job_id, item_id, sequence, time, level, name, message, data"
    return f"INSERT INTO {JobEvent._meta.db_table} ({columns}) SELECT {keys}, {values} FROM {source}"  # noqa: S608, SLF001 - our own table
