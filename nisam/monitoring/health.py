"""Whether what nisam stands on is there: each part is asked once, and how long that took.

A part that is away is an answer, not an exception. No sentence names an address: whoever asks need not log in.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from redis import Redis, RedisError

from nisam.jobs.broker import queue_length
from nisam.presence.look import look

# A cache that has not answered by then is down; what needs it does without it sooner.
CACHE_SECONDS = 1.0
_NO_REDIS = "REDIS_URL is not set: set it, or start everything with `manage.py run`."


class Part(NamedTuple):
    """What a part answered: `problem` is a sentence, empty when all is well."""

    name: str
    problem: str
    milliseconds: float


def ask_all() -> list[Part]:
    """The database, cache, broker, worker and scheduler, one after another.

    Of the last two the database tells; without it nobody knows.
    """
    database = _ask("database", _database)
    parts = [database, _ask("cache", _cache), _ask("broker", _broker)]
    if database.problem:
        unknown = "It is not known whether one is alive: the database tells."
        return [*parts, *(Part(name, unknown, 0.0) for name in ("worker", "scheduler"))]
    now = timezone.now()
    return [
        *parts,
        _ask("worker", lambda: look(now).worker_problem),
        _ask("scheduler", lambda: look(now).beat_problem),
    ]


def _ask(name: str, problem_of: Callable[[], str]) -> Part:
    began = time.perf_counter()
    problem = problem_of()
    return Part(name, problem, 1000 * (time.perf_counter() - began))


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "The database does not answer: start it, or correct DATABASE_URL."
    return ""


def _cache() -> str:
    if not settings.REDIS_URL:
        return _NO_REDIS
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=CACHE_SECONDS, socket_connect_timeout=CACHE_SECONDS
        ) as client:
            client.ping()
    except (RedisError, OSError):
        return "Redis does not answer, so every answer is built anew: start it, or correct REDIS_URL."
    return ""


def _broker() -> str:
    if not settings.REDIS_URL:
        return _NO_REDIS
    if queue_length("default") is None:
        return "The broker cannot be asked, so no worker is woken: start Redis, or correct REDIS_URL."
    return ""
