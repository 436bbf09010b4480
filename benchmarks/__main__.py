"""python -m benchmarks [name …]: measure and compare with the targets; exits 1 on a miss, 2 when it cannot run."""

import importlib
import signal
import sys
import tempfile
import time
from pathlib import Path

import django

from benchmarks.database import CannotRunError, scratch

NAMES = ("ingest", "due", "bookkeeping", "scan", "details", "memory", "stream", "api", "fleet", "fleet_repair")


def main(names: list[str]) -> int:
    """Run the named benchmarks, all if none is named; returns the exit code."""
    if unknown := set(names) - set(NAMES):
        print(f"No benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    # A terminated run drops its database too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory(prefix="nisam-bench-") as folder, scratch(Path(folder)):
            return 0 if _run_all(names or list(NAMES)) else 1
    except CannotRunError as error:
        print(error, file=sys.stderr)
        return 2


def _run_all(names: list[str]) -> bool:
    django.setup()
    # Nothing that needs Django can be imported before its settings know the scratch database.
    from benchmarks.setting import describe, empty_database, migrate  # noqa: PLC0415

    migrate()
    print(describe())
    passed = True
    for name in names:
        empty_database()
        print(f"\n== {name}", flush=True)
        began = time.perf_counter()
        passed = importlib.import_module(f"benchmarks.{name}").run() and passed
        print(f"   ({time.perf_counter() - began:.0f} s)", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
