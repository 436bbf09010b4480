"""The names under which a change is told. Two installations on one Redis only make each other look once too often."""

import uuid

# The one Redis channel; a message on it is a topic.
REDIS_CHANNEL = "nisam:topics"
_PREFIX = "job-"


def topic_of(job_id: uuid.UUID) -> str:
    """The topic of a job."""
    return f"{_PREFIX}{job_id}"


def job_of(topic: str) -> uuid.UUID:
    """The job of a topic. Raises ValueError where it is none."""
    return uuid.UUID(topic.removeprefix(_PREFIX))
