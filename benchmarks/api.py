"""The public API at a million videos: cached, not modified, built, deep, filtered, sorted, searched, all at once.

The server is started as the Procfile does, with PostgreSQL and a database of Redis of its own (NISAM_BENCH_REDIS).
Speeds under load are a part of those of a bare ASGI hello, served in the same way by as many processes.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import redis

from benchmarks.api_builds import one_build
from benchmarks.api_latency import deep, every_question, first_page
from benchmarks.api_load import under_load
from benchmarks.catalogue import catalogue
from benchmarks.database import CannotRunError
from benchmarks.server import HELLO, NISAM, serving
from benchmarks.writer import writer
from benchmarks.wrk import require_wrk

REDIS = os.environ.get("NISAM_BENCH_REDIS", "redis://127.0.0.1:6379/7")


def run() -> bool:
    """All of it; True when every target is met."""
    require_wrk()
    with ExitStack() as stack:
        url = stack.enter_context(catalogue())
        stack.enter_context(_empty_redis())
        services = {"DATABASE_URL": url, "REDIS_URL": REDIS, "NISAM_SECRET_KEY": "of the benchmarks"}
        commits = stack.enter_context(writer(services))
        with serving(NISAM, services) as port:
            with serving(HELLO, {}) as hello:
                passed = under_load(port, hello, commits)
            first, is_first_fast = first_page(port, commits, url)
            passed &= is_first_fast
            passed &= deep(port, commits)
            passed &= every_question(port, commits, first)
            with serving(NISAM, services) as other:
                return one_build((port, other), commits) and passed


@contextmanager
def _empty_redis() -> Iterator[None]:
    client = redis.Redis.from_url(REDIS)
    try:
        client.flushdb()
    except redis.ConnectionError as error:
        raise CannotRunError(f"Redis cannot be used: {error}") from error
    yield
    client.flushdb()
    client.close()
