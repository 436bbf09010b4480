"""The OpenAPI schema is true: schemathesis asks every operation what fits it and what does not."""

import copy
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import schemathesis
import yaml
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils.timezone import now
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, settings
from rest_framework.authtoken.models import Token
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig

from nisam.jobs.models import Job, JobItem
from nisam.lib.schema_pages import schema
from nisam.session.api import GuessesOfManyNames, GuessesOfOneName
from tests.builders import make_channel, make_entry, make_tab
from videos.api.reactions import ReactionThrottle
from videos.ingest import ingest
from videos.models import Category, FormerSlug, Tag, Video

ROW = UUID("0190a000-0000-7000-8000-000000000001")
TOKEN = "a" * 40
CSRF = "c" * 32
HEADERS = {"Authorization": f"Token {TOKEN}", "X-CSRFToken": CSRF}
COOKIES = {"csrftoken": CSRF}
CONFIG = {
    "seed": 1,
    "generation": {"max-examples": 15, "deterministic": True, "database": "none", "no-shrink": True},
    "phases": {"stateful": {"enabled": False}},
    # 422: an address that fits the schema need not be one of a channel.
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "422"],
        }
    },
}


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The schema with the rows of the test as examples, so that not every id is unknown."""
    document = copy.deepcopy(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["example"] = "music" if parameter["name"] == "slug" else str(ROW)
    return document


api = schemathesis.openapi.from_dict(with_examples(schema()), config=SchemathesisConfig.from_dict(CONFIG))
api.app = WSGIHandler()
with_an_end = api.exclude(path_regex="/stream$")


@pytest.fixture
def in_this_transaction(db: None) -> Iterator[None]:
    """Requests leave the connection of the test open, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def rows(in_this_transaction: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of everything, and nobody who is asked too often."""
    Token.objects.create(key=TOKEN, user=User.objects.create_user("robot", is_staff=True))
    for throttle in (ReactionThrottle, GuessesOfManyNames, GuessesOfOneName):
        monkeypatch.setattr(throttle, "allowed", 10**9)
    channel = make_channel(id=ROW)
    make_tab(channel)
    ingest(channel, [make_entry(f"v{number}") for number in range(2)])
    video = Video.objects.create(
        id=ROW, channel=channel, platform="youtube", external_id="v2", url="https://example.org/v2", published_at=now()
    )
    video.tags.add(Tag.objects.create(name="science"))
    video.categories.add(Category.objects.create(name="Music", slug="music"))
    FormerSlug.objects.create(slug="as-it-was", video=video)
    job = Job.objects.create(id=ROW, type="channel_scan", requested_by="test", total_items=1)
    JobItem.objects.create(id=ROW, job=job, position=0, target="tab:0", target_name="a list")


@with_an_end.parametrize()
@settings(suppress_health_check=list(HealthCheck), deadline=None, derandomize=True, database=None)
def test_an_operation_keeps_what_the_schema_says(case: schemathesis.Case[Any], rows: None) -> None:
    case.call_and_validate(headers=HEADERS, cookies=COOKIES, excluded_checks=not_promised(case))


def not_promised(case: schemathesis.Case[Any]) -> list[CheckFunction]:
    """What no schema can say: which cursors there are, what goes together, and that no text is no filter."""
    query = case.query or {}
    excluded = []
    if "cursor" in query or query.get("sort") == "relevance":
        excluded.append(schemathesis.checks.positive_data_acceptance)
    if isinstance(case.body, dict) and {"ids", "filter"} <= case.body.keys():
        excluded.append(schemathesis.checks.positive_data_acceptance)
    if "" in query.values():
        excluded.append(schemathesis.checks.negative_data_rejection)
    return excluded


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/json"),
        ("", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ("", "application/yaml", "application/yaml"),
        ("?format=yaml", "*/*", "application/yaml"),
        ("?format=json", "text/html, */*", "application/json"),
    ],
)
def test_the_schema_comes_as_json_and_as_yaml(query: str, accept: str, media_type: str, client: Client) -> None:
    answer = client.get(f"/api/schema/{query}", headers={"accept": accept})
    assert answer["Content-Type"].partition(";")[0] == media_type
    assert yaml.safe_load(answer.content) == schema()  # JSON is YAML


def test_another_format_of_the_schema_is_refused(client: Client) -> None:
    assert client.get("/api/schema/?format=xml").json()["details"]["parameter"] == "format"


def test_all_files_of_the_docs_are_our_own(in_this_transaction: None, client: Client) -> None:
    files = re.findall(r'(?:src|href)="([^"]*)"', client.get("/api/docs/").content.decode())
    assert len(files) > 3
    for file in files:
        with closing(client.get(file)) as answer:
            assert (file, answer.status_code) == (file, 200)


def test_the_schema_is_valid() -> None:
    validate_schema(schema())  # type: ignore[no-untyped-call]


def test_the_schema_has_every_path_and_no_other() -> None:
    assert set(schema()["paths"]) == set(paths(get_resolver().url_patterns)) - {"/api/schema/", "/api/docs/"}


def paths(patterns: list[Any], before: str = "/") -> list[str]:
    """The paths below /api/, in the schema's way of writing."""
    found = []
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += paths(pattern.url_patterns, path)
        elif path.startswith("/api/"):
            found.append(re.sub(r"<\w+:(\w+)>", r"{\1}", path))
    return found
