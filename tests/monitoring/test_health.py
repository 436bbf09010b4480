"""What watches nisam is told what is down."""

from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from nisam.presence.look import QUEUES
from nisam.presence.models import GONE_AFTER, Process
from tests.processes import free_port, start_web

READY = "/health/ready"


def alive(*queues: str) -> None:
    now = timezone.now()
    Process.objects.create(name="beat", kind=Process.Kind.BEAT, seen_at=now)
    Process.objects.create(name="worker", kind=Process.Kind.WORKER, queues=list(queues), seen_at=now)


@pytest.mark.django_db
def test_a_process_that_answers_is_live_whatever_else_is_down(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_where_everything_answers_it_is_ready_and_tells_how_fast(client: Client) -> None:
    alive(*QUEUES)
    response = client.get(READY)
    answer = response.json()
    assert (response.status_code, answer["status"], answer["down"]) == (200, "ok", [])
    assert list(answer["checks"]) == ["database", "cache", "broker", "worker", "scheduler"]
    assert all(0 < check["latencyMs"] < 10_000 for check in answer["checks"].values())


@pytest.mark.django_db
def test_an_answer_about_health_is_kept_by_nobody(client: Client) -> None:
    assert "no-store" in client.get(READY)["Cache-Control"]


@pytest.mark.django_db
def test_a_queue_without_a_worker_is_named(client: Client) -> None:
    alive("scrape", "details", "default")
    response = client.get(READY)
    assert (response.status_code, response.json()["down"]) == (503, ["worker"])
    assert "takes from databases" in response.json()["checks"]["worker"]["message"]


@pytest.mark.django_db
def test_a_scheduler_that_was_not_heard_of_for_long_is_down(client: Client) -> None:
    alive(*QUEUES)
    Process.objects.filter(name="beat").update(seen_at=timezone.now() - GONE_AFTER)
    assert client.get(READY).json()["down"] == ["scheduler"]


@pytest.mark.django_db
def test_without_redis_cache_and_broker_are_down(client: Client, settings: Any) -> None:
    alive(*QUEUES)
    settings.REDIS_URL = ""
    assert client.get(READY).json()["down"] == ["cache", "broker"]


@pytest.mark.django_db(transaction=True)
def test_where_nothing_answers_the_process_lives_and_names_all_of_it() -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with start_web(DATABASE_URL=f"postgres://{nobody}/nisam", REDIS_URL=f"redis://{nobody}/0") as site:
        response = requests.get(site + READY, timeout=60)
        assert requests.get(site + "/health", timeout=5).ok
    assert (response.status_code, len(response.json()["down"])) == (503, 5)
    assert nobody not in response.text
