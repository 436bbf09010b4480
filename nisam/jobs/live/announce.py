"""Telling all web processes, after the commit, that a job has changed. Nothing depends on the message arriving."""

import logging
import time
import uuid

import redis
from django.conf import settings
from django.db import connection, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from nisam.jobs.live.topics import REDIS_CHANNEL, topic_of

SECONDS_TO_ANSWER = 0.25
# After a failure Redis is left alone for so long: a worker must not wait for it at every commit.
REST_SECONDS = 5.0
_logger = logging.getLogger(__name__)


class Announcement:
    """That a job has changed: waits among the transaction's on_commit callbacks, and goes with them if it fails."""

    def __init__(self, job_id: uuid.UUID) -> None:
        self.job_id = job_id
        self.__qualname__ = "Announcement"  # Django wants it of every callback, to log what fails

    def __call__(self) -> None:
        """After the commit."""
        announcer.publish(topic_of(self.job_id))


def announce_after_commit(job_id: uuid.UUID) -> None:
    """Tell of a job's change when the open transaction commits, once for each transaction."""
    waiting = [call for _, call, *_ in connection.run_on_commit]
    if not any(isinstance(call, Announcement) and call.job_id == job_id for call in waiting):
        transaction.on_commit(Announcement(job_id), robust=True)


class Announcer:
    """Publishes topics. When Redis is away the web processes look at the rows by themselves."""

    def __init__(self) -> None:
        self._try_at = 0.0
        self._redis: redis.Redis | None = None

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago."""
        return time.monotonic() < self._try_at

    def publish(self, topic: str) -> None:
        """Tell of a topic; a Redis that is away is logged."""
        if not settings.REDIS_URL or self.is_resting:
            return
        try:
            self._connected().publish(REDIS_CHANNEL, topic)
        except redis.RedisError as error:
            self._try_at = time.monotonic() + REST_SECONDS
            _logger.warning("Streams will look at the rows by themselves, Redis is away: %s", error)

    def _connected(self) -> "redis.Redis":
        if self._redis is None:
            self._redis = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=SECONDS_TO_ANSWER,
                socket_connect_timeout=SECONDS_TO_ANSWER,
                # Once, without a wait: for a connection to a server that was restarted since.
                retry=Retry(NoBackoff(), 1),
            )
        return self._redis


announcer = Announcer()
