"""After a commit: the memory of answers that nobody will ask for again is freed. Nothing depends on it being done."""

import logging
import time
from collections.abc import Iterable

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

# The names of the hashes that hold a group's answers; each name carries the versions they were made of.
INDEX = "nisam:pages:of:{}"
# After a failure Redis is left alone for so long: a writer must not wait for it at every commit.
REST_SECONDS = 5.0
_logger = logging.getLogger(__name__)


class Purger:
    """Deletes stored answers; when Redis is away they go by themselves when their time is over."""

    def __init__(self) -> None:
        self._try_at = 0.0

    def purge(self, groups: Iterable[str], *, keep: str) -> None:
        """Delete the answers that show one of these groups, but those that carry the version `keep`."""
        if not settings.REDIS_URL or time.monotonic() < self._try_at:
            return
        try:
            _delete([INDEX.format(group) for group in groups], keep.encode())
        except RedisError as error:
            self._try_at = time.monotonic() + REST_SECONDS
            _logger.warning("Old answers stay in Redis until their time is over: %s", error)


def _delete(indexes: list[str], keep: bytes) -> None:
    client = get_redis_connection("default")
    stored: set[bytes] = set(client.sunion(indexes))
    dead = [name for name in stored if keep not in name]
    if dead:
        with client.pipeline(transaction=False) as pipeline:
            pipeline.unlink(*dead)
            for index in indexes:
                pipeline.srem(index, *dead)
            pipeline.execute()


purger = Purger()
