"""python -m benchmarks.fleet_worker floor|scan ROOT PLACE PROCESSES [ITEM …]: a process of a first scan, or its floor.

It says `ready`, waits for a line, does its part, and says how many seconds of the processor that took. Its part of the
floor is the PLACEth of PROCESSES; of a scan each item is whose who claims it first, as among workers.
"""

import gc
import os
import sys
import time
from pathlib import Path

import django


def main(what: str, root: str, place: int, processes: int, items: list[str]) -> None:
    """Wait, then work."""
    django.setup()
    from benchmarks.fleet import read_as_floor  # noqa: PLC0415 - needs Django
    from benchmarks.fleet_files import use_folder  # noqa: PLC0415
    from nisam.jobs.models import JobItem  # noqa: PLC0415
    from nisam.jobs.runner import run_item  # noqa: PLC0415

    fleet = use_folder(Path(root))
    assert fleet.registry.latest  # read before the time is taken
    JobItem.objects.first()
    gc.freeze()  # as a worker does, too
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    if what == "scan":
        for item in items:
            run_item(item, worker=f"benchmark-{os.getpid()}")
    else:
        for shard in sorted(os.listdir(root))[place::processes]:  # noqa: PTH208
            for folder in os.scandir(f"{root}/{shard}"):
                read_as_floor(f"{folder.path}/captions.db")
    print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
