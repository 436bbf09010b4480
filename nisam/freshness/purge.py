"""After a commit: the memory of answers that nobody will ask for again is freed. Nothing depends on it being done."""

from collections.abc import Iterable

from django.conf import settings
from django_redis import get_redis_connection

# The names of the hashes that hold a group's answers; each name carries the versions they were made of.
INDEX = "nisam:pages:of:{}"


def purge(groups: Iterable[str], *, keep: str) -> None:
    """Delete the stored answers that show one of these groups, but those that carry the version `keep`.

    Raises redis.RedisError when the cache is away; the answers then go when their time is over.
    """
    if not settings.REDIS_URL:
        return
    client = get_redis_connection("default")
    indexes = [INDEX.format(group) for group in groups]
    stored: set[bytes] = set(client.sunion(indexes))
    dead = [name for name in stored if keep.encode() not in name]
    if dead:
        with client.pipeline(transaction=False) as pipeline:
            pipeline.unlink(*dead)
            for index in indexes:
                pipeline.srem(index, *dead)
            pipeline.execute()
