"""Fixtures of the whole suite."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests.backend import RECORDINGS, required
from tests.flushing import Flush
from tests.processes import Worker, start_web, start_worker
from tests.replay_site.replayed_requests import answered

# A shell starts what it puts into the background with Ctrl-C switched off, for all its children too; tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)
# How fast an example is says nothing on a machine that does other things too.
hypothesis_settings.register_profile("nisam", deadline=None)
hypothesis_settings.load_profile("nisam")
# Hundreds of tests make a user. A hash says itself how often it was made, so every process can check these.
PBKDF2PasswordHasher.iterations = 1


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, which tests that commit leave as they found it."""
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":  # for the sessions from now on: no test outlives a power cut
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} SET synchronous_commit = off")
            connection.close()
        flush = Flush()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: flush())
        yield


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of recorded scenarios; skips, or fails where they are required."""
    if not RECORDINGS.is_dir():
        if required("RECORDINGS"):
            pytest.fail(f"The recordings are required but not at {RECORDINGS}.")
        pytest.skip(f"the recordings are not at {RECORDINGS}")
    sys.path.insert(0, str(RECORDINGS))
    return RECORDINGS / "scenarios"


@pytest.fixture
def replaying(recordings: Path) -> Iterator[Callable[..., Any]]:
    """replaying("scenario", …): this process asks the recordings; returns their library (log, faults)."""
    import replay  # noqa: PLC0415 - found only where the recordings are

    with ExitStack() as stack:

        def install(*names: str) -> Any:
            library = stack.enter_context(replay.installed(*(recordings / name for name in names)))
            stack.enter_context(answered(library.find))
            return library

        yield install


@pytest.fixture
def clock() -> Iterator[Callable[[str], Any]]:
    """clock("2026-01-26T17:59:56Z"): freeze time there; returns the traveller (shift, move_to)."""
    with ExitStack() as stack:
        yield lambda moment: stack.enter_context(time_machine.travel(moment, tick=False))


@pytest.fixture
def broker() -> Iterator["redis.Redis"]:
    """The broker, emptied before and after."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """The address of a web process on the test database."""
    with start_web() as address:
        yield address


@pytest.fixture
def worker(
    recordings: Path, transactional_db: None, broker: "redis.Redis", tmp_path: Path
) -> Iterator[Callable[..., Worker]]:
    """worker("scenario", …): a real Celery worker process on the recordings and the test database."""
    with ExitStack() as stack:

        def start(*names: str, concurrency: int = 2, **variables: str) -> Worker:
            dirs = os.pathsep.join(str(recordings / name) for name in names)
            return stack.enter_context(start_worker(tmp_path, concurrency=concurrency, REPLAY_DIRS=dirs, **variables))

        yield start
