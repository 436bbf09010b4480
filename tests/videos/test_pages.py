"""What visitors see."""

import re
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


def linked(client: Client, address: str, relation: str) -> str:
    """Where a page's link of this relation leads; empty when it has none."""
    found = re.search(rf'<a rel="{relation}" href="([^"]*)"', client.get(address).content.decode())
    return f"/{found[1]}" if found else ""


def test_links_lead_through_all_pages_and_back(client: Client) -> None:
    ingest(make_channel(), [make_entry(title=f"Number {number};") for number in range(60)])
    addresses, shown = ["/"], []
    while addresses[-1]:
        shown += re.findall(r"Number \d+;", client.get(addresses[-1]).content.decode())
        addresses.append(linked(client, addresses[-1], "next"))
    assert (len(shown), len(set(shown)), len(addresses)) == (60, 60, 4)
    first = linked(client, linked(client, addresses[2], "prev"), "prev")
    assert "Number 0;" in client.get(first).content.decode()
    assert linked(client, first, "prev") == ""


@pytest.mark.parametrize("at", ["2", "x", "\x00", "WyJ4IiwxLCJ5IiwwXQ"])
def test_a_place_that_cannot_be_used_leads_to_the_first_page(at: str, client: Client) -> None:
    assert client.get("/", {"at": at}).headers["Location"] == "/"


def test_the_number_of_statements_does_not_grow_with_the_page(
    client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    ingest(make_channel(), [make_entry() for _ in range(24)])
    with django_assert_num_queries(1):
        client.get("/")
