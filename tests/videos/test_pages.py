"""What visitors see."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Precision, Video

pytestmark = pytest.mark.django_db


def test_an_empty_catalogue_says_what_to_do(client: Client) -> None:
    assert "Follow a channel" in client.get("/").content.decode()


def test_the_newest_videos_are_shown_with_channel_and_duration(client: Client) -> None:
    ingest(make_channel(name="A channel"), [make_entry("a", title="<b>Bold</b>", duration_seconds=3723)])
    page = client.get("/").content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "A channel" in page
    assert "1:02:03" in page


@pytest.mark.parametrize(("precision", "words"), [(Precision.EXACT, "20 Jan 2026"), (Precision.APPROXIMATE, "about")])
def test_a_date_is_marked_where_it_is_not_exact(precision: Precision, words: str, client: Client) -> None:
    published = datetime(2026, 1, 20, tzinfo=UTC)
    ingest(make_channel(), [make_entry("a", published_at=published, published_precision=precision)])
    assert words in client.get("/").content.decode()


def test_deleted_videos_are_not_shown(client: Client) -> None:
    ingest(make_channel(), [make_entry("a", title="Gone")])
    Video.objects.all().tombstone()
    assert "Gone" not in client.get("/").content.decode()


@pytest.mark.parametrize("page", ["", "2", "999", "-1", "x", "\x00"])
def test_any_page_number_shows_a_page(page: str, client: Client) -> None:
    ingest(make_channel(), [make_entry() for _ in range(30)])
    assert client.get("/", {"page": page}).status_code == 200


def test_the_number_of_statements_does_not_grow_with_the_page(
    client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    ingest(make_channel(), [make_entry() for _ in range(24)])
    with django_assert_num_queries(2):
        client.get("/")
