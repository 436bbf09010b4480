"""The thread beside a running item: renews its lease, and stops it when it is cancelled, lost or stalled."""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connection

from nisam.jobs.claim import LeaseLostError, renew
from nisam.jobs.models import JobItem
from nisam.jobs.run import CancelledRun, LostRun, Run, StalledError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


@contextmanager
def heartbeat(run: Run) -> Iterator[None]:
    """Keep the lease of `run` alive inside the block; a stop that is wished for interrupts a wait within a second."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(run, stop), name=f"heartbeat-{run.item.pk}", daemon=True)
    with _interrupts(run):
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def _interrupts(run: Run) -> Iterator[None]:
    """SIGUSR2 raises the interruption in the middle of a wait. Only a main thread can be interrupted like this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if run.in_wait:
            run.check()

    before = signal.signal(signal.SIGUSR2, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR2, before)


def _beat(run: Run, stop: threading.Event) -> None:
    next_renewal = time.monotonic() + settings.JOB_LEASE_SECONDS / 4
    try:
        while not stop.wait(LOOK_SECONDS):
            try:
                run.interruption = _reason_to_stop(run)
                if run.interruption is None and time.monotonic() >= next_renewal:
                    renew(run.item)
                    next_renewal = time.monotonic() + settings.JOB_LEASE_SECONDS / 4
            except LeaseLostError:
                run.interruption = LostRun
            except DatabaseError as error:
                # The database is away: the lease decides whether this attempt survives it.
                logger.warning("heartbeat of %s: %s", run.item.pk, error)
                connection.close()
            if run.interruption and run.main_thread == threading.main_thread().ident:
                signal.pthread_kill(run.main_thread, signal.SIGUSR2)
    finally:
        connection.close()


def _reason_to_stop(run: Run) -> type[BaseException] | None:
    held = JobItem.objects.held_by(run.item).values_list("job__cancel_requested_at", flat=True)
    try:
        cancel_requested_at = held.get()
    except JobItem.DoesNotExist:
        return LostRun
    if cancel_requested_at:
        return CancelledRun
    if time.monotonic() - run.last_step > settings.JOB_STALL_SECONDS:
        return StalledError
    return None
