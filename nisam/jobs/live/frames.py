"""What goes over the wire: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import uuid
from typing import Any

from django_eventstream.utils import sse_encode_event

from nisam.lib.rendering import OrjsonRenderer

# Milliseconds until a browser comes back after its connection broke.
RETRY = b"retry: 2000\n\n"
HEARTBEAT = b": still here\n\n"


def frame(name: str, data: Any, sequence: int | None = None) -> bytes:
    """One event. A snapshot has no number: it is no line of the log to go on from."""
    encoded: str = sse_encode_event(name, OrjsonRenderer().render(data).decode(), event_id=sequence)
    return encoded.encode()


def with_job(entry: bytes, sequence: int, job_id: uuid.UUID) -> bytes:
    """An entry's frame whose id also names the job, for a stream whose next connection may meet another job."""
    return entry.replace(b"\nid: %d\n" % sequence, b"\nid: %d:%s\n" % (sequence, str(job_id).encode()), 1)
