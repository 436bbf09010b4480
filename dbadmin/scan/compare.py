"""The files of some shards against their rows: which are unchanged, which are to be read, which are gone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, F, Q, Value, When

from dbadmin.errors import UnreadableError
from dbadmin.fleets import SHARD_LENGTH, Fleet, is_name
from dbadmin.models import DatabaseRecord, DatabaseRecordQuerySet
from dbadmin.scan.read import to_come
from dbadmin.scan.signature import examiner
from dbadmin.scan.walk import walk
from dbadmin.sqlite_file.look import look


@dataclass
class Compared:
    """Ids of what is to be read, and of what of it has no row: whether there is a file in those folders, the reading
    finds out; ids of rows without a file; what lies elsewhere; trouble by shard."""

    unchanged: int = 0
    strays: int = 0
    to_read: list[str] = field(default_factory=list)
    new: set[str] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def compare(
    fleet: Fleet, shards: Sequence[str], progress: Callable[[int], None], *, deep_before: datetime | None = None
) -> Compared:
    """Walk shards and compare. With `deep_before`, what was not checked deeply since then counts as changed.

    `progress` is told after each shard how many are unchanged so far, and may interrupt.
    """
    rows = DatabaseRecord.objects.of(fleet.name).order_by()
    own = rows.filter(shard__in=shards)  # no range: what is between two names depends on the database's language
    known = _known(own.present(), examiner(fleet.registry), deep_before)
    found = Compared()
    for shard in shards:
        try:
            _walk(fleet, shard, known, found)
        except UnreadableError as error:
            found.problems[shard] = str(error)
            for database_id in rows.filter(shard=shard).values_list("database_id", flat=True):
                known.pop(database_id, None)
        progress(found.unchanged)
    if found.new:
        found.new.difference_update(own.filter(missing_since__isnull=False).values_list("database_id", flat=True))
    found.gone = list(known)
    return found


def _known(rows: DatabaseRecordQuerySet, reader: str, deep_before: datetime | None) -> dict[str, str]:
    """The signature of each row, empty where it is not to be trusted.

    Two columns of a row and nothing made of them: this is all that most files ever cost.
    """
    is_trusted = Q(examiner=reader) & (Q(deep_checked_at__range=(deep_before, to_come())) if deep_before else Q())
    signature = Case(When(is_trusted, then=F("signature")), default=Value(""))
    return dict(rows.values_list("database_id", signature))


def _walk(fleet: Fleet, shard: str, known: dict[str, str], found: Compared) -> None:
    for database_id, path, folder in walk(fleet, shard):
        if database_id[:SHARD_LENGTH] != shard or not is_name(database_id):
            found.strays += look(path, folder) is not None
        elif database_id not in known:
            found.to_read.append(database_id)
            found.new.add(database_id)
        elif seen := look(path, folder):
            if known.pop(database_id) == seen.signature != "":
                found.unchanged += 1
            else:
                found.to_read.append(database_id)
