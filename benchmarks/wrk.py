"""Many clients at once: wrk, which takes less of the processor than a server does."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.database import CannotRunError

CLIENTS = 16
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    """What a run of wrk came to; the last three only where answers were counted by X-Cache."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failures: int
    hit: int
    miss: int
    bypass: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def require_wrk() -> None:
    """Raise CannotRunError where wrk is not installed."""
    if shutil.which("wrk") is None:
        raise CannotRunError("The API is measured with wrk: apt-get install wrk (brew install wrk).")


def load(port: int, path: str, *, seconds: float, headers: Mapping[str, str], count_states: bool = False) -> Load:
    """Let `CLIENTS` clients ask for a path again and again. Raises RuntimeError when an answer was an error."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT), *given]
    states = ["--", "x-cache"] if count_states else []
    ran = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}", *states], capture_output=True, text=True, check=True
    )
    found = Load(**json.loads(ran.stdout.splitlines()[-1]))
    if found.failures or not found.requests:
        raise RuntimeError(f"{found.failures} of {found.requests} requests for {path} failed.")
    return found
