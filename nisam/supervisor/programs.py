"""The programs that make up nisam, as children of the supervisor."""

import os
import sys
from collections.abc import Mapping

from nisam.supervisor.processes import Child
from nisam.supervisor.valkey import EmbeddedValkey


def valkey(server: EmbeddedValkey, environment: Mapping[str, str]) -> Child:
    """The embedded server."""
    return Child("valkey", server.command, environment, stop_seconds=5)


def application(environment: Mapping[str, str], *, host: str, port: int, concurrency: int) -> list[Child]:
    """Worker, beat and web. They are stopped in the reverse order."""
    celery = [sys.executable, "-m", "celery", "-A", "nisam"]
    worker = [*celery, "worker", "-Q", "scrape,details,databases,default", "-c", str(concurrency),
              "--without-gossip", "--without-mingle"]  # fmt: skip
    # Without a limit to the graceful shutdown an open event stream would keep the web server for ever.
    web = [sys.executable, "-m", "uvicorn", "nisam.asgi:application", "--host", host, "--port", str(port),
           "--timeout-graceful-shutdown", "3", "--lifespan", "off", "--no-access-log"]  # fmt: skip
    return [
        # Celery waits for its running tasks; they are handed over at once, but each stops only at its next look.
        Child("worker", worker, environment, stop_seconds=12),
        Child("beat", [*celery, "beat"], environment, stop_seconds=5),
        Child("web", web, environment, stop_seconds=5),
    ]


def usual_concurrency() -> int:
    """One worker process a processor, but at least two and at most four."""
    return min(4, max(2, os.cpu_count() or 2))
