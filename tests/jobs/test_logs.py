"""A job's log over REST: some lines, or all of them as a file."""

import csv
import io
import json
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from rest_framework.authtoken.models import Token

from nisam.jobs.events import Event, record
from nisam.jobs.models import Job, Level
from nisam.jobs.start import Target, start
from tests.builders import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def write(job: Job, *events: Event, item: Any = None) -> None:
    with transaction.atomic():
        record(job.pk, item and item.pk, events)


def path(job: Job) -> str:
    return f"/api/automation/jobs/{job.pk}/logs"


def read(client: Client, job: Job, **params: Any) -> list[int]:
    answer = client.get(path(job), params)
    assert answer.status_code == 200, answer.content
    return [entry["sequence"] for entry in answer.json()]


def file(client: Client, job: Job, **params: Any) -> str:
    return b"".join(client.get(path(job), params).streaming_content).decode()  # type: ignore[attr-defined]


def test_lines_come_in_order_after_a_sequence(staff: Client) -> None:
    job = make_job()
    write(job, *(Event("log", f"line {number}") for number in range(4)))
    assert read(staff, job) == [1, 2, 3, 4, 5]
    assert read(staff, job, after=2, limit=2) == [3, 4]
    assert read(staff, job, after=5) == []


def test_a_level_is_that_level_and_what_is_worse(staff: Client) -> None:
    job = make_job()
    write(job, *(Event("log", "x", level) for level in Level))
    assert read(staff, job, level="warning") == [4, 5]
    assert read(staff, job, level="debug") == [1, 2, 3, 4, 5]


def test_lines_are_chosen_by_the_channel_they_are_about(staff: Client) -> None:
    one, other = uuid4(), uuid4()
    job = start("channel_scan", [Target("tab:a", "a", one, "One"), Target("tab:b", "b", other)], requested_by="t").job
    for item in job.items.order_by("position"):
        write(job, Event("log", "about it"), item=item)
    answer = staff.get(path(job), {"channelId": str(one)}).json()
    assert [(entry["sequence"], entry["channelId"], entry["channelName"]) for entry in answer] == [(2, str(one), "One")]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("after", "-1"), ("after", "9" * 30), ("level", "bad"), ("channelId", "x"), ("limit", "1001"), ("format", "xml"),
     ("cursor", "x")],
)  # fmt: skip
def test_a_bad_parameter_is_named(parameter: str, value: str, staff: Client) -> None:
    answer = staff.get(path(make_job()), {parameter: value})
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, parameter)


def test_as_ndjson_every_line_is_an_object_of_the_same_form(staff: Client) -> None:
    job = make_job()
    write(job, *(Event("log", f"line {number}", data={"number": number}) for number in range(2500)))
    lines = [json.loads(line) for line in file(staff, job, format="ndjson").splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, 2502))
    assert lines[:200] == staff.get(path(job)).json()


def test_as_csv_there_is_a_row_for_every_line_and_no_formula(staff: Client) -> None:
    job = make_job()
    write(job, Event("video_saved", '=HYPERLINK("http://evil")', data={"title": "a, “b”\nc"}))
    rows = list(csv.DictReader(io.StringIO(file(staff, job, format="csv"))))
    assert [row["sequence"] for row in rows] == ["1", "2"]
    assert rows[1]["message"] == '\'=HYPERLINK("http://evil")'
    assert json.loads(rows[1]["data"]) == {"title": "a, “b”\nc"}


def test_a_file_is_filtered_and_limited_as_the_lines_are(staff: Client) -> None:
    job = make_job()
    write(job, *(Event("log", "x", level) for level in (Level.ERROR, Level.INFO) * 1500))
    lines = file(staff, job, format="ndjson", level="error", after=3, limit=1000).splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == list(range(4, 2004, 2))


@pytest.mark.django_db(transaction=True)
def test_a_web_process_sends_a_file_without_having_it_all(site: str, admin_user: User) -> None:
    job = make_job()
    write(job, *(Event("log", "x" * 500) for _ in range(5000)))
    headers = {"Authorization": f"Token {Token.objects.create(user=admin_user).key}"}
    with requests.get(f"{site}{path(job)}?format=csv", headers=headers, stream=True, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "Content-Length" not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert b"".join(answer.iter_content(10_000)).count(b"\r\n") == 5002  # a header, the first line, and these
