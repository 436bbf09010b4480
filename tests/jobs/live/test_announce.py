"""Telling the web processes that a job has changed."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction

from nisam.jobs.events import Event, record
from nisam.jobs.live.announce import Announcer
from nisam.jobs.live.topics import REDIS_CHANNEL, topic_of
from nisam.jobs.models import Job
from tests.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told() -> Iterator["redis.client.PubSub"]:
    with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub(ignore_subscribe_messages=True) as listening:
        listening.subscribe(REDIS_CHANNEL)
        listening.get_message(timeout=5)
        yield listening


def topics(told: "redis.client.PubSub", job: Job) -> list[str]:
    """What was told of a job; other runs of the suite may share the server."""
    found = []
    while message := told.get_message(timeout=0.3):
        found.append(message["data"].decode())
    return [topic for topic in found if topic == topic_of(job.pk)]


def write(job: Job) -> None:
    record(job.pk, None, [Event("log", "a line")])


def test_a_transaction_is_told_once_and_after_its_commit(told: "redis.client.PubSub") -> None:
    job = make_job()
    assert len(topics(told, job)) == 1
    with transaction.atomic():
        write(job)
        write(job)
        assert topics(told, job) == []
    assert len(topics(told, job)) == 1


def test_what_is_rolled_back_is_not_told_and_what_is_done_again_is(told: "redis.client.PubSub") -> None:
    job = make_job()
    topics(told, job)
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - what happens inside is the point
            write(job)
            raise ZeroDivisionError
        write(job)
    assert len(topics(told, job)) == 1


def test_a_redis_that_is_away_is_left_alone_for_a_moment_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    announcer = Announcer()
    monkeypatch.setattr("nisam.jobs.live.announce.announcer", announcer)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    job = make_job()
    assert announcer.is_resting
    assert job.events.count() == 1
