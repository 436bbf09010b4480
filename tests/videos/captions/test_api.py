"""GET /api/videos/{id or slug}/captions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from nisam.freshness.models import Group
from nisam.freshness.touch import touch
from tests.builders import make_channel, make_entry
from tests.freshness.asking import ask, state
from tests.processes import start_web
from videos.captions.cues import Cue
from videos.captions.look import Look, Track
from videos.captions.paths import path_of
from videos.captions.write import write_look
from videos.ingest import ingest
from videos.models import Video

LOOK = Look(
    datetime(2026, 1, 26, tzinfo=UTC),
    tracks=[Track("de", "manual", [Cue(0, 1500, "Guten <b>Tag</b>")]), Track("en", "auto", [Cue(5, 6, "Hello")])],
)


@pytest.fixture
def video(db: None, settings: Settings, tmp_path: Path) -> Video:
    settings.CAPTIONS_ROOT = tmp_path
    ingest(make_channel(), [make_entry("a", title="A video")])
    return Video.objects.get()


def test_captions_are_shown_in_seconds_the_first_language_by_itself(client: Client, video: Video) -> None:
    write_look(video.pk, LOOK)
    german = {
        "languages": ["de", "en"],
        "language": "de",
        "cues": [{"start": 0.0, "end": 1.5, "text": "Guten <b>Tag</b>"}],
    }
    assert client.get(f"/api/videos/{video.pk}/captions").json() == german
    assert client.get(f"/api/videos/{video.slug}/captions?lang=de").json() == german
    english = client.get(f"/api/videos/{video.pk}/captions?lang=EN").json()
    assert (english["language"], english["cues"]) == ("en", [{"start": 0.005, "end": 0.006, "text": "Hello"}])


def test_what_is_searched_for_is_marked_and_everything_else_escaped(client: Client, video: Video) -> None:
    write_look(video.pk, LOOK)
    (cue,) = client.get(f"/api/videos/{video.pk}/captions?search=tag").json()["cues"]
    assert cue["snippet"] == "Guten &lt;b&gt;<mark>Tag</mark>&lt;/b&gt;"
    assert client.get(f"/api/videos/{video.pk}/captions?search=hello").json()["cues"] == []


@pytest.mark.parametrize("search", ['"', "*", 'a" OR "b', "text:x", "NEAR(", "( AND )", "—", "x" * 200])
def test_nothing_that_is_typed_is_an_error(client: Client, video: Video, search: str) -> None:
    write_look(video.pk, LOOK)
    answer = client.get(f"/api/videos/{video.pk}/captions", {"search": search})
    assert (answer.status_code, answer.json()["cues"]) == (200, [])


@pytest.mark.parametrize("query", ["search=a%00b", f"search={'x' * 10_000}", "lang=%00", "language=en"])
def test_what_cannot_be_used_is_a_400_that_says_what_can(client: Client, video: Video, query: str) -> None:
    answer = client.get(f"/api/videos/{video.pk}/captions?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_PARAMETER")


def test_there_are_none_before_anybody_looked(client: Client, video: Video) -> None:
    answer = client.get(f"/api/videos/{video.pk}/captions")
    assert answer.json() == {"languages": [], "language": None, "cues": []}


def test_a_video_that_is_not_there_is_a_404(client: Client, video: Video) -> None:
    write_look(video.pk, LOOK)
    Video.objects.all().tombstone()
    for key in (video.pk, "nothing"):
        assert client.get(f"/api/videos/{key}/captions").status_code == 404


def test_a_damaged_file_is_a_503_that_names_no_path(client: Client, video: Video, tmp_path: Path) -> None:
    write_look(video.pk, LOOK)
    path_of(video.pk).write_bytes(b"no database" * 1000)
    answer = client.get(f"/api/videos/{video.pk}/captions")
    assert (answer.status_code, answer.json()["code"]) == (503, "CAPTIONS_DAMAGED")
    assert int(answer["Retry-After"]) > 0
    assert str(tmp_path) not in answer.content.decode()


def test_the_catalogue_is_asked_once(
    client: Client, video: Video, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write_look(video.pk, LOOK)
    with django_assert_num_queries(1):
        client.get(f"/api/videos/{video.pk}/captions")


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_kept_until_the_databases_change_and_a_damaged_one_never(
    settings: Settings, tmp_path: Path
) -> None:
    settings.CAPTIONS_ROOT = tmp_path
    ingest(make_channel(), [make_entry("a")])
    video = Video.objects.get()
    path = f"/api/videos/{video.pk}/captions"
    with start_web(NISAM_CAPTIONS_ROOT=str(tmp_path)) as site:
        assert [state(ask(site, path)) for _ in range(2)] == ["MISS", "HIT"]
        write_look(video.pk, LOOK)
        with transaction.atomic():
            touch(Group.DATABASES)
        shown = ask(site, path)
        assert (state(shown), shown.json()["languages"]) == ("MISS", ["de", "en"])
        path_of(video.pk).write_bytes(b"no database" * 1000)
        with transaction.atomic():
            touch(Group.DATABASES)
        assert [ask(site, path).status_code for _ in range(2)] == [503, 503]
        path_of(video.pk).unlink()
        write_look(video.pk, LOOK)
        assert ask(site, path).status_code == 200
