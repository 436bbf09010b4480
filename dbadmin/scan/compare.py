"""The files of some shards against their rows: which are unchanged, which are to be read, which are gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from dbadmin.errors import UnreadableError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.signature import examiner
from dbadmin.scan.walk import walk


@dataclass
class Compared:
    """`to_read` and `gone` are ids; `strays` counts what the fleet keeps elsewhere, `problems` are by shard."""

    unchanged: int = 0
    strays: int = 0
    to_read: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def compare(fleet: Fleet, shards: Sequence[str], *, deep_before: datetime | None = None) -> Compared:
    """Walk shards and compare. With `deep_before`, what was not checked deeply since then counts as changed."""
    rows = DatabaseRecord.objects.of(fleet.name).present().filter(shard__in=shards).order_by()
    trusted = Q(examiner=examiner(fleet.registry))
    if deep_before:
        trusted &= Q(deep_checked_at__gte=deep_before)
    # Two columns of a row and nothing made of them: this is all that most files ever cost.
    known: dict[str, str] = dict(rows.filter(trusted).values_list("database_id", "signature"))
    known |= dict.fromkeys(rows.filter(~trusted).values_list("database_id", flat=True), "")
    found = Compared()
    for shard in shards:
        try:
            _walk(fleet, shard, known, found)
        except UnreadableError as error:
            found.problems[shard] = str(error)
            for database_id in rows.filter(shard=shard).values_list("database_id", flat=True):
                known.pop(database_id, None)
    found.gone = list(known)
    return found


def _walk(fleet: Fleet, shard: str, known: dict[str, str], found: Compared) -> None:
    for database_id, seen in walk(fleet, shard):
        if not (database_id.startswith(shard) and database_id.isprintable()):
            found.strays += 1
        elif known.pop(database_id, "") == seen.signature and seen.signature and not seen.has_journal:
            found.unchanged += 1
        else:
            found.to_read.append(database_id)
