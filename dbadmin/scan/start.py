"""Starting a scan, or joining the one that runs."""

from collections.abc import Sequence
from zlib import crc32

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.walk import estimate_files
from dbadmin.selection import Selection, check_ids, check_list
from nisam.jobs.models import Job
from nisam.jobs.start import Started, Target, start

SCAN = "database_scan"
# An item walks about so many files, and remembers half as many again at once, some megabytes: one whose shards happen
# to be the larger ones need not begin anew for the last of them.
FILES_OF_PART = 20_000
FILES_AT_ONCE = 30_000
# Fewer where each has to be read, so that all workers have something to do.
FILES_OF_READ_PART = 5_000
MOST_PARTS = 64


def start_scan(fleet: Fleet, *, requested_by: str, deep: bool = False, wake_workers: bool = True) -> Started:
    """Scan a fleet in parts that workers share; `deep` checks thoroughly what was not checked so for long.

    While one runs it is joined. Raises NothingToDoError for a fleet without parts.
    """
    if running := running_scan(fleet.name, deep=deep):
        return Started(running, created=False)
    known = DatabaseRecord.objects.of(fleet.name)
    if files := known.count():
        of_part = FILES_OF_READ_PART if deep else FILES_OF_PART
        shards = known.order_by().values("shard").distinct().count()
    else:
        of_part, (files, shards) = FILES_OF_READ_PART, estimate_files(fleet)
    parts = min(MOST_PARTS, max(1, round(files / of_part)))
    options = {
        "fleet": fleet.name,
        "deep": deep,
        "files": files,
        "shardsAtOnce": max(1, FILES_AT_ONCE * shards // max(1, files)),
    }
    kind = "check" if deep else "scan"
    targets = [Target(f"{kind}:{fleet.name}:{part}/{parts}", f"{fleet.name}, part {part + 1}") for part in range(parts)]
    return start(SCAN, targets, requested_by=requested_by, options=options, wake_workers=wake_workers)


def start_look(
    fleet: Fleet, selection: Selection, *, requested_by: str, deep: bool = False, wake_workers: bool = True
) -> Started:
    """Read the selected databases anew, changed or not; `deep` checks all of them thoroughly, whenever that was last.

    Raises InvalidIdError, UnknownDatabaseError and UnknownListError.
    """
    check_ids(fleet, selection.ids)
    check_list(fleet, selection.list_id)
    options = {"fleet": fleet.name, "selection": selection.as_data(), "deep": deep}
    key = f"look:{fleet.name}:{crc32(repr(options).encode()):08x}"
    targets = [Target(key, f"{fleet.name}, selected")]
    return start(SCAN, targets, requested_by=requested_by, options=options, wake_workers=wake_workers)


def running_scan(fleet: str, *, deep: bool | None = None) -> Job | None:
    """The scan of a whole fleet that waits or runs; with `deep` only one that is, or is not, thorough."""
    scans = Job.objects.active().filter(type=SCAN, options__fleet=fleet, options__has_key="files")
    if deep is not None:
        scans = scans.filter(options__deep=deep)
    return scans.order_by("created_at").first()


def part_of(target_id: str, shards: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether an item is a scan's first, and which of these shards are its own; each is one item's, in every order."""
    part, parts = map(int, target_id.rpartition(":")[2].split("/"))
    return part == 0, [shard for shard in shards if crc32(shard.encode()) % parts == part]
