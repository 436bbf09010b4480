"""What users asked for: a scrape succeeds, and the site shows it at once."""

from collections.abc import Callable
from typing import Any

from channels.follow import follow, scan
from nisam.jobs.models import Job
from tests.freshness.asking import ask, state, titles
from tests.processes import until
from videos.models import Video

KURZGESAGT = "youtube-kurzgesagt-videos-2026-01"
LIST, FRONT = "/api/videos?limit=100", "/api/videos/carousels"


def test_a_scrape_shows_at_once_in_lists_and_carousels_and_is_then_kept(site: str, worker: Callable[..., Any]) -> None:
    for path in (LIST, FRONT):
        assert [state(ask(site, path)) for _ in range(2)] == ["MISS", "HIT"]
    before = Video.objects.count()

    worker(KURZGESAGT)
    job = scan([follow("@kurzgesagt")], requested_by="test").job
    until(lambda: Job.objects.get(pk=job.pk).status == "completed")

    assert Video.objects.count() == before + 60
    shown, front = ask(site, LIST), ask(site, FRONT)
    assert (state(shown), state(front)) == ("MISS", "MISS")
    assert len(titles(shown)) == 60
    assert front.json()["recent"][0]["title"] == titles(shown)[0] == "We Made A New Channel!"
    assert [state(ask(site, path)) for path in (LIST, FRONT)] == ["HIT", "HIT"]
