"""The signs of life that workers and Beat give: a row each, written by their main process.

A worker's goes with Celery's own heartbeat, which stops with the connection to the broker: a worker that cannot be
woken is of no use to anybody.
"""

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any

from celery import current_app
from celery.signals import heartbeat_sent, worker_ready, worker_shutting_down
from django.db import DatabaseError, connection
from django.utils import timezone

from nisam.presence.models import SIGN_EVERY, Process

logger = logging.getLogger(__name__)

# Rows of processes that were killed are forgotten after so long.
FORGET_AFTER = timedelta(days=1)


@dataclass
class Signs:
    """What one process tells of itself; `name` is empty while there is nothing to tell."""

    kind: Process.Kind
    name: str = ""
    children: int = 0
    _last: float = 0.0

    def begin(self, children: int = 0) -> None:
        """The first sign."""
        self.name, self.children = f"{self.kind} {socket.gethostname()}:{os.getpid()}", children
        self._write()

    def go_on(self) -> None:
        """Another one, when it is time: may be called far more often than is needed."""
        if self.name and time.monotonic() - self._last >= SIGN_EVERY.total_seconds():
            self._write()

    def end(self) -> None:
        """A process that stops is gone at once."""
        name, self.name = self.name, ""
        with _own_connection():
            Process.objects.filter(name=name).delete()

    def _write(self) -> None:
        self._last, now = time.monotonic(), timezone.now()
        queues = sorted(current_app.amqp.queues.consume_from) if self.kind == Process.Kind.WORKER else []
        told = {"kind": self.kind, "queues": queues, "children": self.children, "seen_at": now}
        # Not in this thread: a signal that stops the process interrupts it here, and its receivers, which write too,
        # would wait for the connection's lock, which this thread has, for ever.
        writing = Thread(target=_put, args=(self.name, told), daemon=True)
        writing.start()
        writing.join()


def _put(name: str, told: dict[str, Any]) -> None:
    with _own_connection():
        _, is_new = Process.objects.update_or_create(name=name, defaults=told)
        if is_new:
            Process.objects.filter(seen_at__lt=told["seen_at"] - FORGET_AFTER).delete()


@contextmanager
def _own_connection() -> Iterator[None]:
    """A connection that is closed again, so that none is ever carried across a fork; its errors are logged."""
    try:
        yield
    except DatabaseError as error:
        logger.warning("No sign of life could be written: %s", error)
    finally:
        connection.close()


_worker = Signs(Process.Kind.WORKER)


@worker_ready.connect
def _worker_came(sender: Any, **_: Any) -> None:
    _worker.begin(children=sender.controller.concurrency)


@heartbeat_sent.connect
def _worker_lives(**_: Any) -> None:
    _worker.go_on()


@worker_shutting_down.connect
def _worker_leaves(**_: Any) -> None:
    _worker.end()
