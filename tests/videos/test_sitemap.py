"""What search engines read."""

from urllib.robotparser import RobotFileParser

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client

from videos.sitemap import PAGES

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}url/{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def robots(client: Client) -> RobotFileParser:
    parser = RobotFileParser()
    answer = client.get("/robots.txt", headers={"host": "localhost:8000"})
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    parser.parse(answer.content.decode().splitlines())
    return parser


@pytest.mark.parametrize(
    ("path", "allowed"), [("/", True), ("/feeds/videos.atom", True), ("/admin/", False), ("/api/videos", False)]
)
def test_robots_may_read_pages_and_nothing_else(path: str, allowed: bool, robots: RobotFileParser) -> None:
    assert robots.can_fetch("anybody", path) is allowed


def test_robots_are_shown_the_sitemap(robots: RobotFileParser) -> None:
    assert robots.site_maps() == ["http://localhost:8000/sitemap.xml"]


@pytest.mark.django_db
def test_every_page_of_the_sitemap_can_be_opened(client: Client) -> None:
    answer = client.get("/sitemap.xml", headers={"host": "localhost:8000"})
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/xml", "public, no-cache")
    pages = [loc.text or "" for loc in fromstring(answer.content).findall(LOC)]
    assert len(pages) == len(PAGES)
    assert all(page.startswith("http://localhost:8000/") for page in pages)
    assert {client.get(page.removeprefix("http://localhost:8000")).status_code for page in pages} == {200}
