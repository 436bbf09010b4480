"""Captions that come with a video's page: which are asked for, and what happens where they do not come."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings

from nisam.freshness.models import Group, Version
from nisam.jobs.inline import work_off
from nisam.jobs.models import Job, JobItem, Level, Status
from nisam.jobs.runner import run_item
from scraping.captions import fetch_captions
from scraping.door import Door
from scraping.models import Host
from scraping.schedule import dispatch_details
from scraping.sources.source import CaptionFile, Details
from tests.builders import make_channel, make_entry
from tests.recorded import SCENARIOS
from tests.scraping.conftest import Site
from videos.captions.cues import Cue
from videos.captions.paths import path_of
from videos.captions.read import read_captions
from videos.captions.versions import statements
from videos.ingest import ingest
from videos.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker", "databases")]

NAME = "youtube-video-copyrightx"  # people's captions in English, and heard ones
SAID = {"events": [{"tStartMs": 1000, "dDurationMs": 2000, "segs": [{"utf8": "Copyright"}]}]}
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n\nbroken\n"


@pytest.fixture
def databases(settings: Settings, tmp_path: Path) -> None:
    settings.CAPTIONS_ROOT = tmp_path


@pytest.fixture
def library(replaying: Callable[..., Any], clock: Callable[[str], Any]) -> Any:
    """The video's recorded page, and captions for it; the video is in the catalogue."""
    found = replaying(NAME)
    found.time = clock(SCENARIOS[NAME]["recorded_at"])
    request = {"method": "GET", "url": "https://www.youtube.com/api/timedtext", "match": {"query": {"fmt": "json3"}}}
    found.said = {"status": 200, "headers": {}, "json": SAID}
    found.scenarios[0].index["exchanges"].append({"request": request, "response": found.said})
    url = SCENARIOS[NAME]["url"]
    ingest(make_channel(), [make_entry(url.rpartition("=")[2], url=url)])
    return found


def look() -> Job:
    """The video's page is read."""
    Video.objects.update(details_due_at=timezone.now())
    job = dispatch_details()
    assert job
    return work_off(job.pk, worker="test")


def warnings(job: Job) -> list[str]:
    return list(job.events.filter(level=Level.WARNING).values_list("message", flat=True))


def version() -> str:
    return Version.objects.get(group=Group.DATABASES).token


def texts(language: str = "") -> list[str]:
    return [cue.text for cue in read_captions(Video.objects.get().pk, language=language).cues]


def rows(query: str) -> list[Any]:
    with closing(sqlite3.connect(path_of(Video.objects.get().pk))) as connection:
        return connection.execute(query).fetchall()


def test_a_look_fills_the_videos_database(library: Any) -> None:
    before = version()
    job, video = look(), Video.objects.get()
    assert (job.status, job.requests, warnings(job)) == (Status.COMPLETED, 2, [])
    assert rows("SELECT language, source FROM captions") == [("en", "manual")]
    assert texts() == ["Copyright"]
    assert rows("SELECT title, description FROM revisions") == [(video.title, video.description)]
    assert rows("SELECT views, likes FROM statistics") == [(video.view_count, video.like_count)]
    chapters = [(chapter["start"] * 1000, chapter["title"]) for chapter in video.chapters]
    assert rows("SELECT start_ms, title FROM chapters") == chapters
    assert version() != before


def test_captions_that_are_there_are_not_asked_for_again_for_a_day(library: Any) -> None:
    look()
    before = version()
    assert look().requests == 1
    assert version() == before
    library.time.shift(timedelta(days=1, seconds=1))
    assert look().requests == 2


@pytest.mark.parametrize("status", [429, 503])
def test_captions_that_the_host_refuses_now_are_a_warning_and_tried_again(library: Any, status: int) -> None:
    library.fail_next("timedtext", status)
    job, video = look(), Video.objects.get()
    assert (job.status, video.details_at) == (Status.COMPLETED, timezone.now())
    assert "captions in en could not be fetched" in warnings(job)[0]
    assert video.details_due_at
    assert video.details_due_at > timezone.now()
    assert rows("SELECT count(*) FROM revisions") == [(1,)]
    library.time.shift(timedelta(hours=1))
    look()
    assert texts() == ["Copyright"]
    assert (Video.objects.get().details_due_at, Video.objects.get().details_failures) == (None, 0)


def test_a_host_that_refuses_captions_is_still_asked_for_pages(library: Any) -> None:
    library.fail_next("timedtext", 429)
    look()
    resting = Host.objects.exclude(open_until=None)
    assert [host.name for host in resting] == ["youtube.com/captions"]


def test_each_further_failure_waits_longer(library: Any) -> None:
    library.fail_next("timedtext", 503, times=9)
    waits = []
    for _ in range(3):
        look()
        due = Video.objects.get().details_due_at
        assert due
        waits.append(due - timezone.now())
        library.time.shift(timedelta(hours=1))
    assert waits == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]


def test_captions_that_are_not_there_are_a_warning_and_not_tried_by_themselves(library: Any) -> None:
    library.fail_next("timedtext", 404)
    job = look()
    assert (job.status, len(warnings(job))) == (Status.COMPLETED, 1)
    assert Video.objects.get().details_due_at is None


def test_captions_that_come_empty_replace_none(library: Any) -> None:
    look()
    library.time.shift(timedelta(days=2))
    library.said["json"] = {}
    assert "0 cues read" in warnings(look())[0]
    assert texts() == ["Copyright"]


def test_what_a_worker_wrote_that_lost_its_lease_is_shown_with_the_next_look(library: Any) -> None:
    recorded = library.scenarios[0].find

    def find(method: str, url: str, *rest: Any) -> Any:
        if "timedtext" in url:
            JobItem.objects.update(attempt=F("attempt") + 1)
        return recorded(method, url, *rest)

    library.scenarios[0].find = find
    before, job = version(), dispatch_details()
    assert job
    assert run_item(job.items.get().pk, worker="test") is None
    assert texts() == ["Copyright"]
    assert (Video.objects.get().details_at, version()) == (None, before)

    library.scenarios[0].find = recorded
    job.delete()
    assert look().requests == 1  # the captions are there
    assert version() != before


def make_old(version: int) -> None:
    path = path_of(Video.objects.get().pk)
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements(version))
        connection.execute("INSERT INTO database_metadata VALUES (1, ?, '', '', NULL, NULL)", (version,))
        connection.commit()


def test_a_database_of_an_old_version_says_what_to_do_and_the_video_is_looked_at_again(library: Any) -> None:
    make_old(1)
    job, video = look(), Video.objects.get()
    assert (job.status, job.requests, video.details_at) == (Status.COMPLETED, 1, timezone.now())
    assert "fleet migrate" in warnings(job)[0]
    assert video.details_due_at == timezone.now() + timedelta(days=1)
    path_of(video.pk).unlink()
    library.time.shift(timedelta(days=1))
    look()
    assert texts() == ["Copyright"]


@pytest.mark.parametrize("content", [b"no database" * 1000, b""])
def test_a_damaged_database_fails_no_look_and_an_empty_one_is_filled(library: Any, content: bytes) -> None:
    path = path_of(Video.objects.get().pk)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    job = look()
    assert job.status == Status.COMPLETED
    assert bool(warnings(job)) == bool(content)
    if content:
        assert path.read_bytes() == content


def test_captions_are_read_from_any_site_as_webvtt(site: Site) -> None:
    url = site.put("/en.vtt", VTT)
    ingest(make_channel(), [make_entry("a")])
    details = Details(make_entry("a"), caption_files=[CaptionFile("en", "manual", "vtt", url)])
    fetched = fetch_captions(Video.objects.get().pk, details, Door())
    assert [track.cues for track in fetched.tracks] == [(Cue(1000, 2000, "Hello"),)]
    assert [problem.message for problem in fetched.problems] == ["captions in en: 1 cues read, 1 could not be"]


def test_a_video_on_peertube_gets_its_captions(site: Site) -> None:
    host = site.url.removeprefix("http://")
    site.put("/en.vtt", VTT)
    owner = {"name": "films", "host": host}
    site.put("/api/v1/videos/a", json.dumps({"uuid": "a", "name": "A film", "channel": owner}))
    captions = {"data": [{"language": {"id": "en"}, "captionPath": "/en.vtt"}]}
    site.put("/api/v1/videos/a/captions", json.dumps(captions))
    ingest(make_channel(platform="peertube"), [make_entry("a", url=f"{site.url}/w/a")])
    assert (look().status, texts("en")) == (Status.COMPLETED, ["Hello"])


def test_captions_on_a_private_network_are_not_asked_for(site: Site, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = []
    files = [CaptionFile("en", "manual", "vtt", site.put("/en.vtt", VTT))]
    (problem,) = fetch_captions(uuid4(), Details(make_entry("a"), caption_files=files), Door()).problems
    assert "private network" in problem.message
    assert site.asked == []


def test_a_broadcast_that_is_not_over_is_asked_for_none(site: Site) -> None:
    files = [CaptionFile("en", "manual", "vtt", site.put("/en.vtt", VTT))]
    details = Details(make_entry("a", live_status="is_live"), caption_files=files)
    assert fetch_captions(uuid4(), details, Door()).tracks == []
    assert site.asked == []
